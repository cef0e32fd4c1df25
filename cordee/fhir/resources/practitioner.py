"""Professional of the national directory → Practitioner. The directory alone writes them."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.directory.models import Practitioner
from cordee.fhir import france
from cordee.fhir.contract import Mapping, Seeing
from cordee.fhir.datatypes import coding, concept, filled, identifier, period
from cordee.fhir.nomenclatures import MADE_UP, SPECIALTIES, begins, made_up
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Choice, Identifier, Parameter, Text
from cordee.fhir.systems import PROFESSIONS

RPPS_DIGITS = 11
IDNPS_OF_RPPS, IDNPS_OF_ADELI = "8", "0"
"""What the national identifier puts before a number, by register (types de données IHE France)."""


def rows(actor: Actor) -> QuerySet[Practitioner]:
    """The whole directory, for whoever is signed in. One query."""
    return Practitioner.objects.visible_to(actor)


def to_fhir(rows: Sequence[Practitioner], seeing: Seeing) -> list[Json]:
    """Professionals as the national directory says them. No query."""
    return [_practitioner(one) for one in rows]


def _practitioner(one: Practitioner) -> Json:
    return filled(
        {
            "meta": MADE_UP if one.is_synthetic else {},
            "identifier": numbers(one),
            "active": one.closed_on is None,
            "name": [
                filled(
                    {
                        "use": "official",
                        "text": str(one),
                        "family": one.last_name,
                        "given": [one.first_name] if one.first_name else [],
                        "prefix": [one.civility] if one.civility else [],
                    }
                )
            ],
            "qualification": [
                filled({"code": code, "period": period(None, one.closed_on)})
                for code in (profession(one), specialty(one))
                if code
            ],
        }
    )


def numbers(one: Practitioner) -> list[Json]:
    """The RPPS number and the national identifier; of an ADELI number, the second alone."""
    is_rpps = len(one.rpps) == RPPS_DIGITS
    before = IDNPS_OF_RPPS if is_rpps else IDNPS_OF_ADELI
    rpps = identifier(france.RPPS, one.rpps if is_rpps else "", "official", _kind("RPPS"))
    national = identifier(france.IDNPS, before + one.rpps, "official", _kind("IDNPS"))
    return [found for found in (rpps, national) if found]


def _kind(code: str) -> Json:
    return concept(france.IDENTIFIER_TYPE, code)


def profession(one: Practitioner) -> Json:
    """The profession, in the national nomenclature and in our words."""
    name = one.get_profession_display()
    known = one.profession and {"coding": [coding(PROFESSIONS, one.profession, name)]}
    return filled({**(known or {}), "text": name})


def specialty(one: Practitioner) -> Json:
    """The ordinal specialty, when there is one."""
    name = one.specialty_name.lower()
    known = one.specialty and {"coding": [coding(SPECIALTIES, one.specialty, name)]}
    return filled({**(known or {}), "text": name})


def _by_national(value: str) -> Q:
    """By the national identifier: its first digit says of which register the rest is."""
    register, number = value[:1], value[1:]
    if register == IDNPS_OF_RPPS and len(number) == RPPS_DIGITS:
        return Q(rpps=number)
    return Q(rpps=number) if register == IDNPS_OF_ADELI and number else Q(pk__in=[])


SEARCH: dict[str, Parameter] = {
    "active": Choice({"true": Q(closed_on=None), "false": Q(closed_on__isnull=False)}),
    "family": Text("last_name", near=begins("search_key")),
    "given": Text("first_name", near=begins("reverse_key")),
    "identifier": Identifier({france.RPPS: "rpps", france.IDNPS: _by_national}),
    "name": Text("last_name", "first_name", near=begins("search_key", "reverse_key")),
}

MAPPING = Mapping(
    type="Practitioner",
    model=Practitioner,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    labels=made_up("rpps"),
    summary=("identifier", "active", "name"),
    note="Written by the national extraction alone; a name is found by its beginning.",
)
