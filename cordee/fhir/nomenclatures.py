"""French nomenclatures, and the small shapes that what comes from the national directory shares.

Sources : nomenclatures des objets de santé (NOS) de l’Agence du numérique en santé ; `v3-ActReason`
de HL7 pour ce qui n’est que d’essai.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db.models import Func, Q, Value
from django.http import Http404

from cordee.directory import selectors as directory
from cordee.directory.kinds import FICTITIOUS
from cordee.directory.models import Commune
from cordee.fhir import france
from cordee.fhir.datatypes import coding, extension, filled
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import NOTHING, Asking, Made

NOS = "https://mos.esante.gouv.fr/NOS/"
SPECIALTIES = NOS + "TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"

MADE_UP = {"security": [coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST")]}
"""What is said in `meta` of whom nobody stands behind: a number that no register gives."""


def made_up(path: str) -> dict[str, Q]:
    """The same as a search has it: the rows to which it is said, by the number they bear."""
    (one,) = MADE_UP["security"]
    return {f"security|{one['system']}|{one['code']}": Q(**{f"{path}__startswith": FICTITIOUS})}


def insee(code: str) -> Json:
    """The commune of an address, as FR Core writes it."""
    return extension(france.INSEE_CODE, "Coding", coding(france.COMMUNES, code))


def address_of(row: Any, use: str = "work") -> list[Json]:
    """The address of a row that has a line, a postal code and a commune; none when all are empty.

    The commune is read: `select_related("commune")`.
    """
    commune = row.commune
    if not (row.address or row.postal_code or commune):
        return []
    return [
        filled(
            {
                "extension": [insee(commune.pk)] if commune else [],
                "use": use,
                "line": [row.address] if row.address else [],
                "city": commune.name if commune else "",
                "postalCode": row.postal_code,
                "country": "FR",
            }
        )
    ]


def commune_meant(address: Json) -> Commune | None:
    """The commune of an address, by its Insee code, else by its name and postal code.

    None: none is meant, or nothing tells which of several.
    """
    told = (one for one in address.get("extension", []) if one.get("url") == france.INSEE_CODE)
    if code := next((one.get("valueCoding", {}).get("code", "") for one in told), ""):
        with suppress(Http404):
            return directory.get_commune(code)
    named = f"{address.get('postalCode', '')} {address.get('city', '')}"
    return directory.the_one_named(directory.communes_matching(named))


def coded(path: str, system: str) -> Made:
    """A token whose codes are those of a nomenclature, kept as they come in a field."""

    def build(value: str, asking: Asking) -> Q:
        named, bar, code = value.rpartition("|")
        if bar and named != system:
            return Q(pk__in=[])
        return Q(**{path: code}) if code else ~Q(**{path: ""})

    return Made("token", build, path)


def of_commune(build: Callable[[str], Q]) -> Made:
    """A token that is the Insee code of a commune, with its system or without."""

    def asked(value: str, asking: Asking) -> Q:
        system, bar, code = value.rpartition("|")
        known = not bar or system == france.COMMUNES
        return build(code) if known and code else NOTHING

    return Made("token", asked)


def begins(*keys: str, folded_by: str = "cordee_fold") -> Any:
    """A condition that the index of folded names serves: one of the keys begins by the text."""

    def near(text: str) -> Q:
        found = Q(pk__in=[])
        for key in keys:
            found |= Q(**{f"{key}__startswith": Func(Value(text[:80]), function=folded_by)})
        return found

    return near
