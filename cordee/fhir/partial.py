"""What a Patient that comes in leaves out, or says by half: it takes nothing from the house.

Silence is not a removal, but for who names the version that they read (`If-Match`, a patch).
Source: règle de la maison, « rien de ce qu’un partenaire envoie n’est perdu ni cru sans examen ».
"""

from collections.abc import Iterable
from datetime import date

from cordee.fhir.outcome import Json, Refusal, unprocessable
from cordee.fhir.search.dates import WHOLE_DAY, day_said

TOGETHER = (
    ("birth_name",),
    ("first_names",),
    ("used_name", "used_first_name"),
    ("birth_place_code",),
    ("phone", "other_phone"),
    ("email",),
)
"""What is said by one element: one of them said, the others are said to be empty."""


def completed(resource: Json, said: Json, former: Json, *, names_version: bool) -> Json:
    """What is said of somebody, with what the house knew where nothing is said of it.

    Three dictionaries by field of an identity, but for the resource. A year or a month is the
    known day said by half, and an address whose commune is not understood moves nobody. Raises
    Refusal (422): what is said by half contradicts what is known.
    """
    kept = {} if names_version else {name: former[name] for name in _unsaid(resource, said)}
    born = resource.get("birthDate", "")
    if 0 < len(born) < WHOLE_DAY:
        kept["birth_date"] = _known_day(born, former["birth_date"])
    if resource.get("address") and not said["commune_code"] and _names_a_place(resource):
        kept["commune_code"] = former["commune_code"]
    return said | kept


def _unsaid(resource: Json, said: Json) -> Iterable[str]:
    for names in TOGETHER:
        if not any(said[name] for name in names):
            yield from names
    if "gender" not in resource:
        yield "sex"
    if "birthDate" not in resource:
        yield "birth_date"
    if "address" not in resource:
        yield from ("address", "commune_code")


def _names_a_place(resource: Json) -> bool:
    return any(one.get(word) for one in resource["address"] for word in ("city", "postalCode"))


def _known_day(text: str, known: date | None) -> date | None:
    if known and not known.isoformat().startswith(text):
        raise unprocessable(
            "patient.another_birth",
            "L’année ou le mois de naissance envoyés ne sont pas ceux de la date connue ici : "
            "envoyez le jour entier. Rien n’a été modifié.",
            "The year or month of birth contradicts the known date: send the whole day.",
            "Patient.birthDate",
        )
    return known


def whole_day(text: str, where: str) -> date | None:
    """A whole day, or that of a moment in France; of a year or a month alone, nothing is made up.
    Raises Refusal (422)."""
    if len(text) < WHOLE_DAY:
        return None
    try:
        return date.fromisoformat(day_said(text))
    except ValueError:
        raise unprocessable(
            "patient.date", "Cette date n’existe pas.", "The date does not exist.", where
        ) from None


def day_of_death(resource: Json, known: date | None) -> date | None:
    """The day that is said; None: nothing is, or what is known already. Raises Refusal (422)."""
    text = resource.get("deceasedDateTime", "")
    day = whole_day(text, "Patient.deceased")
    if day or not (text or resource.get("deceasedBoolean")):
        return day
    if known and known.isoformat().startswith(text):
        return None
    raise _no_day()


def _no_day() -> Refusal:
    return unprocessable(
        "patient.death_without_a_day",
        "Un décès s’enregistre avec son jour (« deceasedDateTime ») : sans lui, rien n’est arrêté "
        "pour cette personne. Rien n’a été enregistré.",
        "A death is recorded with its day (deceasedDateTime). Nothing was stored.",
        "Patient.deceased",
    )


def told_by_the_house(resource: Json) -> Json:
    """What was sent but for the state of the record, and a death said by half."""
    half = len(resource.get("deceasedDateTime", "")) < WHOLE_DAY
    left_out = {"active", "deceasedBoolean"} | ({"deceasedDateTime"} if half else set())
    return {name: value for name, value in resource.items() if name not in left_out}
