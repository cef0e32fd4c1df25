"""The addresses of the room: no name, no word of a meeting in any of them."""

from django.urls import path

from cordee.meetings.views import decisions, dilemmas, meetings, seats

app_name = "meetings"
urlpatterns = [
    path("personnes/<uuid:pk>/reunions/etat", meetings.person_panel, name="person_panel"),
    path("personnes/<uuid:pk>/reunions/prevoir", meetings.call, name="call_for_person"),
    path("personnes/<uuid:pk>/notes-de-reflexion", dilemmas.write, name="reflect_on_person"),
    path("reunions/decisions/<uuid:pk>", decisions.decision, name="decision"),
    path("reunions/<uuid:pk>", meetings.meeting, name="meeting"),
    path("reunions/<uuid:pk>/deplacer", meetings.move, name="move"),
    path("reunions/<uuid:pk>/annuler", meetings.cancel, name="cancel"),
    path("reunions/<uuid:pk>/participants", seats.invite, name="invite"),
    path("reunions/<uuid:pk>/participants/annuaire", seats.outside, name="outside"),
    path("reunions/<uuid:pk>/envoyer", seats.send, name="send"),
    path("reunions/<uuid:pk>/participants/<uuid:line>", seats.uninvite, name="uninvite"),
    path("reunions/<uuid:pk>/ordre-du-jour", meetings.judge, name="judge"),
    path("reunions/<uuid:pk>/ordre-du-jour/ajouter", meetings.add_topic, name="add_topic"),
    path("reunions/<uuid:pk>/ecrire", decisions.write, name="write"),
    path("reunions/<uuid:pk>/decisions", decisions.decide, name="decide"),
    path("reunions/<uuid:pk>/decisions/<uuid:line>", decisions.settle, name="settle"),
    path("reunions/<uuid:pk>/compte-rendu", meetings.minutes, name="minutes"),
    path("reunions/<uuid:pk>/invitation", meetings.calendar, name="calendar"),
    path("notes-de-reflexion/<uuid:pk>", dilemmas.dilemma, name="dilemma"),
    path("notes-de-reflexion/<uuid:pk>/modifier", dilemmas.rewrite, name="rewrite_dilemma"),
]
