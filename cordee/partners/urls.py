"""The addresses of the room. Those of machines stand under the door of FHIR, which they open."""

from django.urls import path

from cordee.partners.views import (
    administration,
    consent,
    machine,
    mine,
    opening,
    subscriptions,
)

app_name = "partners"
urlpatterns = [
    path("fhir/.well-known/smart-configuration", machine.discovery, name="discovery"),
    path("fhir/.well-known/openid-configuration", machine.openid, name="openid"),
    path("fhir/oauth/jwks", machine.jwks, name="jwks"),
    path("fhir/oauth/token", machine.token, name="token"),
    path("fhir/oauth/revoke", machine.revoke, name="revoke"),
    path("fhir/oauth/introspect", machine.introspect, name="introspect"),
    path("applications/", mine.applications, name="mine"),
    path("applications/autoriser", consent.authorize, name="authorize"),
    path("applications/<uuid:pk>/retrait", mine.take_back, name="take_back"),
    path("applications/<uuid:pk>/appels", mine.calls, name="calls"),
    path("personnes/<uuid:pk>/applications/etat", opening.person_panel, name="person_panel"),
    path("personnes/<uuid:pk>/applications/<uuid:app>", opening.open_beside, name="open_beside"),
    path("administration/applications/", administration.clients, name="clients"),
    path("administration/applications/nouvelle", administration.register, name="register"),
    path("administration/applications/<uuid:pk>/", administration.client, name="client"),
    path("administration/applications/<uuid:pk>/cles", administration.change_keys, name="keys"),
    path(
        "administration/applications/<uuid:pk>/contact",
        administration.name_contact,
        name="contact",
    ),
    path(
        "administration/applications/<uuid:pk>/ouverture",
        administration.offer_beside,
        name="offer_beside",
    ),
    path("administration/applications/<uuid:pk>/suspendre", administration.suspend, name="suspend"),
    path(
        "administration/applications/<uuid:pk>/abonnements",
        subscriptions.subscriptions,
        name="subscriptions",
    ),
    path(
        "administration/applications/<uuid:pk>/abonnements/renvoi",
        subscriptions.retry_all,
        name="retry_all",
    ),
    path("administration/notifications/<uuid:pk>/renvoi", subscriptions.retry, name="retry"),
    path("administration/notifications/<uuid:pk>/abandon", subscriptions.give_up, name="give_up"),
    path("administration/applications/<uuid:pk>/reprendre", administration.resume, name="resume"),
]
