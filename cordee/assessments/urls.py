"""The addresses of the room: no name, no instrument and no answer in any of them."""

from django.urls import path

from cordee.assessments.views import evaluations, filling, parts, questionnaires, team

app_name = "assessments"
PERSON = "personnes/<uuid:pk>"
ONE = "evaluations/<uuid:pk>"
urlpatterns = [
    path(f"{PERSON}/evaluations", evaluations.listing, name="list"),
    path(f"{PERSON}/evaluations/commencer/<uuid:questionnaire>", filling.begin, name="begin"),
    path(f"{PERSON}/evaluations/suivi/<uuid:questionnaire>", evaluations.history, name="history"),
    path(f"{PERSON}/evaluations/demander/<uuid:questionnaire>", parts.ask, name="ask"),
    path(f"{PERSON}/volets/evaluations", evaluations.person_panel, name="person_panel"),
    path(ONE, evaluations.result, name="result"),
    path(f"{ONE}/remplir", filling.fill, name="fill"),
    path(f"{ONE}/reponses", filling.save, name="save"),
    path(f"{ONE}/terminer", filling.complete, name="complete"),
    path(f"{ONE}/donner-ma-part", filling.complete_part, name="complete_part"),
    path(f"{ONE}/corriger", filling.correct, name="correct"),
    path(f"{ONE}/retirer", filling.withdraw, name="withdraw"),
    path(f"{ONE}/regards", team.side_by_side, name="team"),
    path(f"{ONE}/trancher", team.settle, name="settle"),
    path(f"{ONE}/effacer", filling.discard, name="discard"),
    path("evaluations/parts/<uuid:pk>", parts.part, name="part"),
    path("evaluations/parts/<uuid:pk>/remplir", parts.begin, name="begin_part"),
    path("evaluations/parts/<uuid:pk>/retirer", parts.end, name="end_part"),
    path("questionnaires/", questionnaires.listing, name="questionnaires"),
    path("questionnaires/apporter", questionnaires.bring, name="bring"),
    path("questionnaires/<uuid:pk>", questionnaires.questionnaire, name="questionnaire"),
    path("questionnaires/<uuid:pk>/publier", questionnaires.publish, name="publish"),
    path("questionnaires/<uuid:pk>/comparable", questionnaires.compare, name="compare"),
    path("questionnaires/<uuid:pk>/retirer", questionnaires.retire, name="retire"),
]
