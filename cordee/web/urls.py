"""The human door."""

from django.urls import path, re_path

from cordee.web import gallery
from cordee.web.views import (
    administration,
    condition,
    filters,
    guide,
    home,
    invitations,
    person,
    sign_on,
    spaces,
    traces,
    winner,
)

app_name = "web"
urlpatterns = [
    path("", home.home, name="home"),
    path("apparence", gallery.show, name="gallery"),
    path("aller", home.palette, name="palette"),
    path("personnes/<uuid:pk>/", person.person, name="person"),
    path("personnes/<uuid:pk>/espace", spaces.panel, name="spaces_panel"),
    path("personnes/<uuid:pk>/espace/ouvrir", spaces.offer, name="offer_space"),
    path("personnes/<uuid:pk>/espace/liens/<uuid:offer>", spaces.withdraw, name="withdraw_space"),
    path("personnes/<uuid:pk>/espace/acces/<uuid:space>", spaces.close, name="close_space"),
    path("compte/invitation/<str:secret>", spaces.accept, name="accept_space"),
    path("r/<str:secret>/ordonnances/", winner.documents, name="winner_documents"),
    path("r/<str:secret>/ordonnances/<uuid:pk>", winner.document, name="winner_document"),
    path(
        "recherches/mes-sollicitations/<uuid:pk>/place/ordonnances/",
        winner.own_documents,
        name="own_documents",
    ),
    path(
        "recherches/mes-sollicitations/<uuid:pk>/place/ordonnances/<uuid:document>",
        winner.own_document,
        name="own_document",
    ),
    path("aide", guide.show, name="guide"),
    path("aide/<slug:slug>", guide.show, name="guide_page"),
    path("etat", condition.status, name="condition"),
    path("traces/", traces.traces, name="traces"),
    path("traces/comptes", traces.whose, name="traces_whose"),
    path("filtres/", filters.filters, name="filters"),
    path("filtres/<uuid:pk>/", filters.open_filter, name="open_filter"),
    path("filtres/<uuid:pk>/oubli", filters.forget_filter, name="forget_filter"),
    path("compte/roles", home.hats, name="hats"),
    path("compte/roles/changer", home.change_hat, name="change_hat"),
    path("compte/oidc/<slug:provider_id>/login/", sign_on.leave, name="sign_on"),
    path(
        "compte/oidc/<slug:provider_id>/login/callback/",
        sign_on.come_back,
        name="back_from_sign_on",
    ),
    path("compte/exercices/<uuid:pk>/lien", sign_on.tie_by_sign_on, name="tie_by_sign_on"),
    path("administration/", administration.overview, name="administration"),
    path("administration/comptes/", administration.accounts, name="accounts"),
    path("administration/comptes/<uuid:pk>/", administration.account, name="account"),
    path("administration/comptes/<uuid:pk>/roles", administration.give_role, name="give_role"),
    path("administration/comptes/<uuid:pk>/fermer", administration.revoke, name="revoke"),
    path(
        "administration/comptes/<uuid:pk>/sessions",
        administration.close_sessions,
        name="close_sessions",
    ),
    path(
        "administration/comptes/<uuid:pk>/second-facteur",
        administration.ask_reset,
        name="ask_reset",
    ),
    path("administration/roles/<uuid:pk>/fin", administration.end_role, name="end_role"),
    path("administration/invitations/", invitations.invitations, name="invitations"),
    path(
        "administration/invitations/<uuid:pk>/annuler",
        invitations.revoke,
        name="revoke_invitation",
    ),
    path("invitation/<str:secret>", invitations.accept, name="accept_invitation"),
    re_path(r"^compte/(?P<key>[0-9a-f]{32}-[\w-]{6,60})$", invitations.reset_link, name="reset"),
    path("administration/seconds-facteurs/", administration.resets, name="resets"),
    path(
        "administration/seconds-facteurs/<uuid:pk>/approuver",
        administration.approve_reset,
        name="approve_reset",
    ),
    path(
        "compte/seconds-facteurs/<uuid:pk>/retrait",
        administration.withdraw_reset,
        name="withdraw_reset",
    ),
]
