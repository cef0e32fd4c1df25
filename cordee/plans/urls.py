"""The addresses of the room: no name, no word of a plan in any of them."""

from django.urls import path

from cordee.plans.views import agreeing, begun, doing, lines, plans

app_name = "plans"
urlpatterns = [
    path("personnes/<uuid:pk>/plan/etat", plans.person_panel, name="person_panel"),
    path("personnes/<uuid:pk>/plan/ouvrir", plans.open_plan, name="open_for_person"),
    path("personnes/<uuid:pk>/plan/action/<uuid:action>", begun.begin, name="begin_action"),
    path("plans/actions/<uuid:pk>/etat", begun.begun, name="begun"),
    path("plans/actions/<uuid:pk>", plans.action, name="action"),
    path("plans/<uuid:pk>", plans.plan_page, name="plan"),
    path("plans/<uuid:pk>/mots", lines.words, name="words"),
    path("plans/<uuid:pk>/ligne/<slug:kind>", lines.add, name="add"),
    path("plans/<uuid:pk>/ligne/<slug:kind>/<uuid:line>", lines.edit, name="edit"),
    path("plans/<uuid:pk>/ligne/<slug:kind>/<uuid:line>/retirer", lines.take_away, name="take"),
    path("plans/<uuid:pk>/besoins-repris", lines.take_up, name="take_up"),
    path("plans/<uuid:pk>/proposer", agreeing.propose, name="propose"),
    path("plans/<uuid:pk>/accord", agreeing.agreement, name="agreement"),
    path("plans/<uuid:pk>/mettre-en-oeuvre", agreeing.activate, name="activate"),
    path("plans/<uuid:pk>/versions", agreeing.versions, name="versions"),
    path("plans/<uuid:pk>/versions/<int:number>", agreeing.version, name="version"),
    path("plans/<uuid:pk>/actions/<uuid:line>/reponse", doing.answer, name="answer"),
    path("plans/<uuid:pk>/actions/<uuid:line>/faite", doing.done, name="done"),
    path("plans/<uuid:pk>/actions/<uuid:line>/arreter", doing.stop, name="stop"),
    path("plans/<uuid:pk>/objectifs/<uuid:line>", doing.settle, name="settle"),
    path("plans/<uuid:pk>/revision", doing.review, name="review"),
    path("plans/<uuid:pk>/terminer", plans.close, name="close"),
    path("plans/<uuid:pk>/papier", plans.paper, name="paper"),
    path("plans/<uuid:pk>/feuille", plans.sheet, name="sheet"),
]
