"""The addresses of the room. Those of the phone stand apart: it opens them without a session."""

from django.urls import path

from cordee.vigilance.views import alerts, board, equipment, phone, reinforced, service, visits

app_name = "vigilance"
urlpatterns = [
    path("visites/", phone.page, name="phone"),
    path("visites/agent.js", phone.worker, name="phone_worker"),
    path("visites/application.webmanifest", phone.manifest, name="phone_manifest"),
    path("visites/telephone", phone.enrol, name="enrol"),
    path("visites/envoi", phone.sync, name="sync"),
    path("visites/efface", phone.wiped, name="wiped"),
    path("personnes/<uuid:pk>/visites/etat", visits.person_panel, name="person_panel"),
    path("personnes/<uuid:pk>/visites/", visits.visits, name="visits_of_person"),
    path("personnes/<uuid:pk>/visites/noter", visits.mark, name="mark_for_person"),
    path("personnes/<uuid:pk>/visites/besoin", visits.need, name="need_for_person"),
    path("a-domicile/visites/<uuid:pk>", visits.visit, name="visit"),
    path("a-domicile/visites/<uuid:pk>/vue", visits.see, name="see"),
    path("a-domicile/visites/<uuid:pk>/suite", visits.answer, name="answer"),
    path("a-domicile/telephones/", service.phones, name="phones"),
    path("a-domicile/telephones/<uuid:pk>/retrait", service.revoke, name="revoke"),
    path("a-domicile/mis-de-cote/", service.aside, name="aside"),
    path("a-domicile/mis-de-cote/<uuid:pk>/suite", service.answer_aside, name="answer_aside"),
    path("alertes/", alerts.board, name="alerts"),
    path("alertes/budget", alerts.budget, name="budget"),
    path("alertes/<uuid:pk>", alerts.alert, name="alert"),
    path("alertes/<uuid:pk>/vue", alerts.see, name="see_alert"),
    path("alertes/<uuid:pk>/fait", alerts.act, name="act_on_alert"),
    path("alertes/<uuid:pk>/close", alerts.close, name="close_alert"),
    path("a-domicile/planning", service.planning, name="planning"),
    path("a-domicile/bilan/", board.board, name="board"),
    path("a-domicile/bilan/export.csv", board.export, name="board_export"),
    path("suivi-renforce/", reinforced.cohort, name="cohort"),
    path("suivi-renforce/<uuid:pk>/", reinforced.reinforced, name="reinforced"),
    path("suivi-renforce/<uuid:pk>/point", reinforced.review, name="review_reinforced"),
    path("suivi-renforce/<uuid:pk>/fin", reinforced.end, name="end_reinforced"),
    path("personnes/<uuid:pk>/materiel/demander", equipment.ask, name="ask_equipment"),
    path("personnes/<uuid:pk>/petite-action/essayer", equipment.begin_trial, name="try_action"),
    path("materiel/<uuid:pk>/", equipment.equipment, name="equipment"),
    path("materiel/<uuid:pk>/etape", equipment.move, name="move_equipment"),
    path("petite-action/<uuid:pk>/", equipment.trial, name="trial"),
    path("petite-action/<uuid:pk>/revue", equipment.review, name="review_trial"),
    path("personnes/<uuid:pk>/suivi-renforce/", reinforced.reinforce, name="reinforce"),
]
