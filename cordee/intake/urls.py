"""The addresses of the intake room: no name, no care in any of them."""

from django.urls import path

from cordee.intake.views import (
    begun,
    desk,
    editing,
    evening,
    grids,
    public,
    requests,
    retriage,
    stopped,
)

app_name = "intake"
urlpatterns = [
    path("appels/nouveau", desk.desk, name="desk"),
    path("appels/fin-de-service", evening.evening, name="evening"),
    path("appels/fin-de-service/toutes", evening.keep_all, name="keep_all"),
    path("appels/fin-de-service/<uuid:pk>", evening.keep, name="keep"),
    path("appels/<uuid:pk>", desk.draft, name="draft"),
    path("appels/<uuid:pk>/commencer", begun.begin, name="begin"),
    path("appels/<uuid:pk>/suite", begun.begun, name="begun"),
    path("appels/<uuid:pk>/brouillon", desk.save, name="save"),
    path("appels/<uuid:pk>/resume", desk.summary, name="summary"),
    path("appels/<uuid:pk>/15", desk.samu, name="samu"),
    path("appels/<uuid:pk>/ordonnance", desk.attach, name="attach"),
    path("appels/<uuid:pk>/ecarter", desk.discard, name="discard"),
    path("appels/<uuid:pk>/reprendre", desk.take_over, name="take_draft"),
    path("appels/<uuid:pk>/remettre", desk.restore, name="restore"),
    path("demandes/", requests.queue, name="queue"),
    path("demandes/tri", grids.grids, name="grids"),
    path("demandes/tri/proposer", grids.propose, name="propose_grid"),
    path("demandes/tri/<uuid:pk>/signer", grids.sign, name="sign_grid"),
    path("demandes/tri/<uuid:pk>/retirer", grids.retire, name="retire_grid"),
    path("demandes/ordonnance/<uuid:pk>", requests.document, name="document"),
    path("personnes/<uuid:pk>/demandes/etat", requests.person_panel, name="person_panel"),
    path("demandes/<uuid:pk>/arretee", stopped.stopped, name="stopped"),
    path("demandes/<uuid:pk>", requests.request_page, name="request"),
    path("demandes/<uuid:pk>/ordonnance", requests.add_document, name="add_document"),
    path("demandes/<uuid:pk>/besoin", editing.edit, name="edit"),
    path("demandes/<uuid:pk>/tri", retriage.retriage, name="retriage"),
    path("demandes/<uuid:pk>/rendre/<str:before>", requests.give_back, name="give_back"),
    path("demandes/<uuid:pk>/<slug:gesture>", requests.act, name="act"),
    path("demande/nouvelle", public.knock, name="online"),
    path("demande/code", public.code, name="online_code"),
    path("demande/formulaire", public.ask, name="online_form"),
    path("suivi/<str:secret>", public.status, name="status"),
    path("suivi/<str:secret>/lu", public.status_read, name="status_read"),
]
