"""What signs the messages of a structure, and the communes that words name."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.conf import settings

from cordee.directory import rules
from cordee.directory.models import Commune, Organization

# Communes whose name is an ordinary word of a message, and would refuse every one of them.
COMMON = {
    *("bois", "bonne", "bonnes", "champs", "charge", "chemin", "cours", "eu", "lien", "mer"),
    *("mont", "montagne", "nous", "part", "place", "plus", "pont", "port", "rue", "sans"),
    *("us", "vers", "ville", "y"),
}


def places_named_in(*texts: str) -> list[rules.Place]:
    """Find the communes that words name, ordinary words left out. One query."""
    wanted = {run for text in texts for run in rules.runs(text)} - COMMON
    named = Commune.objects.filter(search_key__in=wanted, is_current=True).order_by("code")
    return [rules.Place(*one) for one in named.values_list("name", "departement", "population")]


def signature_faults(words: str, seat: Commune | None) -> list[str]:
    """Say in French what forbids words to sign the messages of a structure. One query."""
    return rules.signature_faults(words, _villages(words, _of(seat), places_named_in(words)))


def signing_names(organizations: Collection[UUID | str]) -> defaultdict[str, str | None]:
    """Say what signs for structures, by identifier; None for who is unknown. Two queries."""
    rows = Organization.objects.filter(pk__in=organizations).values_list(
        "pk", "name", "signature", "commune__departement"
    )
    known: list[Any] = list(rows)
    places = places_named_in(*(name for _, name, signature, _ in known if not signature))
    found: defaultdict[str, str | None] = defaultdict(lambda: None)
    for pk, name, signature, departement in known:
        found[str(pk)] = rules.signing(name, signature, _villages(name, departement or "", places))
    return found


def signing_name(organization: Organization) -> str:
    """Say what signs for one structure. Two queries."""
    return signing_names([organization.pk])[str(organization.pk)] or rules.NEUTRAL_NAME


def _of(seat: Commune | None) -> str:
    return seat.departement if seat else ""


def _villages(words: str, departement: str, places: list[rules.Place]) -> list[str]:
    return rules.villages_in(words, places, departement, settings.CORDEE.min_area_residents)
