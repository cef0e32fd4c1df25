"""National health identity (INS): the number, its key, its registries and its statuses.

Sources :
- le matricule INS est le NIR ou le NIA de la personne, toujours transporté avec sa clé (IHE
  France, PAM 2.11.2, PID-3) ;
- clé = 97 − (numéro modulo 97) ; en Corse, 2A devient 19 et 2B devient 18 (Insee) ;
- le NIA est un numéro d’attente : l’immatriculation achevée, un NIR le remplace, et la personne a
  porté les deux (de mémoire, non relu dans un texte) ;
- OID : IHE France, types de données 1.8.2 ; profil FR Core Patient INS ;
- statuts et attributs : référentiel national d’identitovigilance (RNIV). La matrice de passage
  d’un statut à l’autre n’a pas été relue dans le texte : c’est un paramètre daté, `verified=False`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cordee.people.rules.labels import Coded
from cordee.people.rules.readings import Reading

OID = "1.2.250.1.213.1.4."
NUMBER = re.compile(r"[1-8]\d{4}(?:\d{2}|2[AB])\d{6}")


class Registry(Coded):
    """Where the number comes from: the OID says whether it is real."""

    NIR = OID + "8", "INS-NIR"
    NIA = OID + "9", "INS-NIA"
    TEST = OID + "10", "INS-NIR de test"
    DEMONSTRATION = OID + "11", "INS-NIR de démonstration"


REGISTRIES_OF_MODE = {
    "production": frozenset({Registry.NIR, Registry.NIA}),
    "demonstration": frozenset({Registry.TEST, Registry.DEMONSTRATION}),
}


class Status(Coded):
    """How far the identity can be trusted (RNIV)."""

    PROVISIONAL = "provisoire", "provisoire"
    RETRIEVED = "recuperee", "récupérée"
    VALIDATED = "validee", "validée"
    QUALIFIED = "qualifiee", "qualifiée"


class Attribute(Coded):
    """What must be known of an identity besides its status (RNIV)."""

    HOMONYM = "homonyme", "homonyme"
    DOUBTFUL = "douteuse", "douteuse"
    FICTITIOUS = "fictive", "fictive"


class Event(Coded):
    """What can happen to an identity."""

    INSI_FOUND = "insi", "identité récupérée auprès d’INSi"
    PAPER_CHECKED = "papier", "pièce d’identité de confiance vérifiée"
    TRAITS_CHANGED = "traits", "traits stricts modifiés"
    INS_REMOVED = "retrait", "matricule retiré"


@dataclass(frozen=True)
class StatusRules:
    """One dated version of the matrix that leads from a status to the next."""

    valid_from: date
    source: str
    verified: bool
    transitions: dict[tuple[Status, Event], Status]


_P, _R, _V, _Q = Status.PROVISIONAL, Status.RETRIEVED, Status.VALIDATED, Status.QUALIFIED
STATUS_RULES = (
    StatusRules(
        valid_from=date(2021, 1, 1),
        source="RNIV, de mémoire ; à confirmer par la cellule d’identitovigilance",
        verified=False,
        transitions={
            (_P, Event.INSI_FOUND): _R,
            (_P, Event.PAPER_CHECKED): _V,
            (_R, Event.INSI_FOUND): _R,
            (_R, Event.PAPER_CHECKED): _Q,
            (_V, Event.PAPER_CHECKED): _V,
            (_V, Event.INSI_FOUND): _Q,
            (_Q, Event.INSI_FOUND): _Q,
            (_Q, Event.PAPER_CHECKED): _Q,
            **{(status, Event.TRAITS_CHANGED): _P for status in Status},
            (_P, Event.INS_REMOVED): _P,
            (_R, Event.INS_REMOVED): _P,
            (_V, Event.INS_REMOVED): _V,
            (_Q, Event.INS_REMOVED): _V,
        },
    ),
)
FORBID_VALIDATION = frozenset({Attribute.DOUBTFUL, Attribute.FICTITIOUS})
READINGS = tuple(
    Reading("D’un statut d’identité au suivant", rules.source, rules.verified)
    for rules in STATUS_RULES
)


def rules_on(day: date) -> StatusRules:
    """Choose the matrix in force on that day."""
    return max(
        (rules for rules in STATUS_RULES if rules.valid_from <= day),
        key=lambda rules: rules.valid_from,
    )


def status_after(
    status: Status, event: Event, attributes: Iterable[Attribute], day: date
) -> Status:
    """Say the status that follows.

    Source : les attributs « douteuse » et « fictive » interdisent la validation (RNIV).
    """
    reached = rules_on(day).transitions[status, event]
    if reached != trusted(reached, attributes):
        return trusted(status, attributes)
    return reached


def trusted(status: Status, attributes: Iterable[Attribute]) -> Status:
    """Bring a validated identity back to provisional when it is doubtful or fictitious."""
    validated = status in (Status.VALIDATED, Status.QUALIFIED)
    return _P if validated and FORBID_VALIDATION & set(attributes) else status


def normalised(text: str) -> str:
    """Take the spaces and dots out of a number as people write it."""
    return re.sub(r"[\s.\-\u00a0\u202f]", "", text).upper()


def key_of(number: str) -> str:
    """Compute the two digits that follow the thirteen characters.

    Source : 97 − (N mod 97), 2A → 19, 2B → 18 (Insee).
    """
    digits = number[:5] + number[5:7].replace("2A", "19").replace("2B", "18") + number[7:]
    return f"{97 - int(digits) % 97:02d}"


def is_number(text: str) -> bool:
    """Say whether thirteen characters have the shape of a NIR or NIA."""
    return text.isascii() and NUMBER.fullmatch(text) is not None


def is_ins(text: str) -> bool:
    """Say whether fifteen characters have the shape of an INS, whatever the key."""
    return is_number(text[:13]) and len(text) == 15 and text[13:].isdigit() and text.isascii()


def key_matches(ins: str) -> bool:
    """Say whether the key is right; on an imported number a wrong key is only a warning."""
    return is_ins(ins) and key_of(ins[:13]) == ins[13:]


def registry_allowed(oid: str, mode: str) -> bool:
    """Say whether an instance of this mode may hold a number of this registry.

    Source : une instance de production refuse .10 et .11 ; une instance de test refuse .8 et .9
    (profil FR Core Patient INS).
    """
    return oid in REGISTRIES_OF_MODE[mode]


def same_kind(oid: str, other: str) -> bool:
    """Say whether two registries number persons once each: only two numbers of one kind that differ
    are two persons. A NIA gives way to a NIR."""
    return (oid == Registry.NIA.value) == (other == Registry.NIA.value)


def may_leave(status: Status) -> bool:
    """Say whether the number may be shown or sent: only when qualified (PAM France)."""
    return status == Status.QUALIFIED


class Doubt(Coded):
    """What looks wrong in a number and must be read again, without stopping anyone."""

    KEY = "cle", "La clé ne correspond pas au numéro."
    SEX = "sexe", "Le premier chiffre ne correspond pas au sexe."
    BIRTH = "naissance", "L’année ou le mois du numéro ne correspond pas à la date de naissance."


def warnings(ins: str, *, sex: str = "", birth_date: date | None = None) -> list[Doubt]:
    """List what a human should read again in a number and its traits."""
    found = []
    if not key_matches(ins):
        found.append(Doubt.KEY)
    if ins[0] in "12" and sex in ("M", "F") and {"1": "M", "2": "F"}[ins[0]] != sex:
        found.append(Doubt.SEX)
    if birth_date is not None and ins[1:3].isdigit() and _born_otherwise(ins, birth_date):
        found.append(Doubt.BIRTH)
    return found


def _born_otherwise(ins: str, birth_date: date) -> bool:
    year, month = int(ins[1:3]), int(ins[3:5])
    known_month = 1 <= month <= 12  # 20–42 and 50–99 stand for an unknown month
    return year != birth_date.year % 100 or (known_month and month != birth_date.month)
