"""The addresses of the room. Those of machines stand under the door of FHIR, which they open."""

from django.urls import path

from cordee.partners.views import machine

app_name = "partners"
urlpatterns = [
    path("fhir/.well-known/smart-configuration", machine.discovery, name="discovery"),
    path("fhir/oauth/jwks", machine.jwks, name="jwks"),
    path("fhir/oauth/token", machine.token, name="token"),
    path("fhir/oauth/revoke", machine.revoke, name="revoke"),
    path("fhir/oauth/introspect", machine.introspect, name="introspect"),
]
