"""What is written of a person: identity and contacts as a form, a call or a partner gives them."""

import re
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from cordee.people.rules import identity, traits
from cordee.people.rules.identity import Registry

STRICT = (
    "birth_name",
    "first_names",
    "first_name",
    "birth_date",
    "sex",
    "birth_place_code",
    "ins",
    "ins_oid",
)
LENGTHS = {
    "birth_name": 120,
    "first_names": 160,
    "used_name": 120,
    "used_first_name": 80,
    "email": 254,
    "address": 240,
    "home_access": 240,
}
# Code officiel géographique (Insee) : 01 à 95, 2A et 2B, 97x et 98x outre-mer, 99 et le pays pour
# l’étranger ; 20 (Corse avant 1976) et 96 (Maroc et Tunisie d’avant 1956) restent de qui y est né.
# Aucune commune n’a le rang 000, qui est celui des codes postaux.
BIRTH_PLACE = re.compile(r"(?!\d\d000)(?:0[1-9]|[1-9]\d|2[AB])\d{3}")
INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Identity:
    """Identity and contacts; what is not known stays empty."""

    birth_name: str
    first_names: str = ""
    used_name: str = ""
    used_first_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    birth_place_code: str = ""
    ins: str = ""
    ins_oid: str = ""
    phone: str = ""
    other_phone: str = ""
    email: str = ""
    address: str = ""
    home_access: str = ""
    commune_code: str = ""
    ald: bool = False
    protection: str = "none"
    unable_since: date | None = None
    is_homonym: bool = False
    is_doubtful: bool = False
    is_fictitious: bool = False

    @property
    def first_name(self) -> str:
        """The first of the birth given names: a strict trait of the INS."""
        return re.split(r"[\s,]+", self.first_names.strip(), maxsplit=1)[0][:80]

    @property
    def traits(self) -> traits.Traits:
        """The identity, as the duplicate rules compare it."""
        return traits.Traits(
            birth_name=self.birth_name,
            used_name=self.used_name,
            first_names=self.first_names,
            used_first_name=self.used_first_name,
            birth_date=self.birth_date,
            sex=self.sex,
            ins=self.ins,
            ins_oid=self.ins_oid,
            phones=frozenset({self.phone, self.other_phone} - {""}),
            commune_code=self.commune_code,
        )


def tidied(written: Identity) -> Identity:
    """Take away what nobody typed on purpose: invisible characters and double spaces.

    Directional marks could make one name read as another; letters, signs and emoji stay.
    """
    changes: dict[str, Any] = {}
    for column in fields(written):
        value = getattr(written, column.name)
        if isinstance(value, str):
            changes[column.name] = re.sub(r"\s+", " ", INVISIBLE.sub("", value)).strip()
    changes["ins"] = identity.normalised(changes["ins"])
    changes["birth_place_code"] = changes["birth_place_code"].replace(" ", "").upper()
    for column_name in ("phone", "other_phone"):
        typed = changes[column_name]
        changes[column_name] = (traits.phone_number(typed) or typed) if typed else ""
    return replace(written, **changes)  # type: ignore[arg-type]


def faults(written: Identity, *, mode: str, today: date) -> dict[str, str]:
    """Say what cannot be in a tidied identity: column → sentence."""
    found = {}
    if not written.birth_name:
        found["birth_name"] = "Écrivez au moins un nom, même incertain."
    for column, longest in LENGTHS.items():
        if len(getattr(written, column)) > longest:
            found[column] = f"{longest}\u00a0caractères au plus\u00a0: raccourcissez."
    found |= _birth_faults(written, today)
    for column in ("phone", "other_phone"):
        typed = getattr(written, column)
        if typed and traits.phone_number(typed) is None:
            found[column] = "Ce numéro ne peut pas exister\u00a0: relisez-le chiffre par chiffre."
    return found | _number_faults(written, mode)


def _birth_faults(written: Identity, today: date) -> dict[str, str]:
    found = {}
    born, unable, place = written.birth_date, written.unable_since, written.birth_place_code
    if born and (fault := traits.birth_date_fault(born, today)):
        found["birth_date"] = fault
    if unable and unable > today:
        found["unable_since"] = "Cette date est dans l’avenir\u00a0: vérifiez l’année."
    elif unable and born and unable < born:
        found["unable_since"] = (
            "Cette date est avant la naissance\u00a0: vérifiez l’une et l’autre."
        )
    if place and not BIRTH_PLACE.fullmatch(place):
        found["birth_place_code"] = (
            "Un code Insee a cinq caractères\u00a0: celui de la commune (05061, 2A004, 97105), ou "
            "99 et le pays (99352). Un code postal n’en est pas un."
        )
    return found


def _number_faults(written: Identity, mode: str) -> dict[str, str]:
    if not written.ins:
        return {"ins_oid": "Indiquez aussi le matricule."} if written.ins_oid else {}
    if not identity.is_ins(written.ins):
        return {"ins": "Un matricule INS a treize caractères et deux chiffres de clé."}
    oid = written.ins_oid or default_registry(mode)
    if not identity.registry_allowed(oid, mode):
        return {
            "ins": "Ce matricule vient d’un registre que cette instance refuse "
            "(test en production, ou l’inverse)."
        }
    return {}


def default_registry(mode: str) -> str:
    """Say which registry a number typed by hand belongs to."""
    return (Registry.NIR if mode == "production" else Registry.TEST).value
