"""The addresses of the room: no name, no word of a note in any of them."""

from django.urls import path

from cordee.liaison import views

app_name = "liaison"
urlpatterns = [
    path("personnes/<uuid:pk>/cahier/etat", views.person_panel, name="person_panel"),
    path("personnes/<uuid:pk>/cahier", views.notebook, name="notebook"),
    path("personnes/<uuid:pk>/cahier/ecrire", views.write, name="write_for_person"),
    path("personnes/<uuid:pk>/cahier/brouillon", views.save_draft, name="save_draft"),
    path("personnes/<uuid:pk>/cahier/lu", views.mark_all_read, name="mark_all_read"),
    path("personnes/<uuid:pk>/contact", views.contact, name="contact_with_person"),
    path("contacts/<uuid:pk>/reprendre", views.take_back_contact, name="take_back_contact"),
    path("cahier/<uuid:pk>", views.note, name="note"),
    path("cahier/<uuid:pk>/repondre", views.answer, name="answer"),
    path("cahier/<uuid:pk>/brouillon", views.save_answer, name="save_answer"),
    path("cahier/<uuid:pk>/corriger", views.correct, name="correct"),
    path("cahier/<uuid:pk>/retirer", views.withdraw, name="withdraw"),
    path("cahier/<uuid:pk>/lu", views.mark_read, name="mark_read"),
]
