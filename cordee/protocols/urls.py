"""The addresses of the room. « protocole/… » is public; « protocoles/… » asks to sign in.

Those of a person on a pathway say no name, and no word of it.
"""

from django.urls import path

from cordee.protocols.views import approving, pathways, reading, ruptures, trying, ways, writing

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
    path("personnes/<uuid:pk>/parcours/etat", pathways.person_panel, name="person_panel"),
    path("personnes/<uuid:pk>/parcours/entrer", pathways.enter, name="enter"),
    path("parcours/<uuid:pk>", pathways.pathway, name="pathway"),
    path("parcours/<uuid:pk>/sortir", pathways.leave, name="leave"),
    path("parcours/<uuid:pk>/version/<uuid:target>", pathways.migrate, name="migrate"),
    path("chemins", ways.ways, name="ways"),
    path("ruptures", ruptures.register, name="register"),
    path("ruptures/<uuid:pk>", ruptures.rupture, name="rupture"),
]
