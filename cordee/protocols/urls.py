"""The addresses of the room. « protocole/… » is public; « protocoles/… » asks to sign in."""

from django.urls import path

from cordee.protocols.views import approving, reading, trying, writing

app_name = "protocols"
ONE = "protocoles/<uuid:pk>"
urlpatterns = [
    path("protocole/<uuid:pk>", reading.public, name="public"),
    path("protocoles/", reading.listing, name="list"),
    path("protocoles/commencer", writing.begin, name="begin"),
    path("protocoles/importer", writing.bring, name="bring"),
    path("protocoles/verifier", writing.check, name="check"),
    path(ONE, reading.version, name="version"),
    path(f"{ONE}/yaml", reading.as_yaml, name="yaml"),
    path(f"{ONE}/plan-definition", reading.as_fhir, name="fhir"),
    path(f"{ONE}/essai", trying.trial, name="trial"),
    path(f"{ONE}/comparer/<uuid:other>", trying.comparison, name="compare"),
    path(f"{ONE}/texte", writing.edit, name="edit"),
    path(f"{ONE}/proposer", approving.propose, name="propose"),
    path(f"{ONE}/rendre", approving.send_back, name="send_back"),
    path(f"{ONE}/approuver", approving.approve, name="approve"),
    path(f"{ONE}/retirer", approving.retire, name="retire"),
    path(f"{ONE}/effacer", approving.discard, name="discard"),
]
