"""Choice of a person on one cell of sharing ⇄ Consent: which information, for whom, by which means.

Sources : code de la santé publique, L.1110-4 (information et opposition dans l’équipe de soins,
consentement au-delà) et D.1110-3-1 à -3. A choice is never rewritten: the next one ends it.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localtime

from cordee.access.actor import Actor
from cordee.fhir.choices import (
    DENY,
    HOW,
    LAW,
    OTHERS,
    PERMIT,
    PROVISIONS,
    consent,
    searched,
)
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import concept, filled, identifier
from cordee.fhir.outcome import Json, Refusal, unprocessable
from cordee.fhir.search.dates import day_said
from cordee.fhir.search.parameters import Code, Parameter
from cordee.fhir.systems import STRUCTURES, ours, told, worded
from cordee.people import services
from cordee.people.models import Person, Relative, Sharing
from cordee.people.rules.notices import How
from cordee.people.rules.sharing import SPOKEN_BY, Audience, Category, Choice, Medium, Speaker

RECIPIENT = ("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "destinataires")
CATEGORIES = ours("information-category")
AUDIENCES = ours("audience")
MEDIUM = "medium"
"""An extension of the house, with the list of codes of the same name."""
TYPES = {Choice.CONSENTED: PERMIT, Choice.OPPOSED: DENY}


def rows(actor: Actor) -> QuerySet[Sharing]:
    """The choices of those whose help the actor organises, past ones too. One query."""
    return Sharing.objects.visible_to(actor).select_related("relative")


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Sharing], seeing: Seeing) -> list[Json]:
    """Choices, each with who made it and how. No query."""
    return [_consent(one) for one in rows]


def _consent(one: Sharing) -> Json:
    holds = one.until is None and one.choice in TYPES
    return consent(one, holds=holds, law=LAW, provision=_provision(one))


def _provision(one: Sharing) -> Json:
    medium, category, audience = Medium(one.medium), Category(one.category), Audience(one.audience)
    return filled(
        {
            "extension": [told(MEDIUM, medium.value, medium.label)],
            "type": TYPES.get(Choice(one.choice), ""),
            "actor": [
                {
                    "role": worded(*RECIPIENT),
                    "reference": {
                        "identifier": identifier(AUDIENCES, audience.value),
                        "display": audience.label,
                    },
                }
            ],
            "code": [concept(CATEGORIES, category.value, category.label)],
        }
    )


# --- in ----------------------------------------------------------------------------------------


def create(writing: Writing) -> Sharing:
    """Write down a choice on one cell; the former one on that cell ends."""
    person = writing.refers("patient", "Patient")
    if person is None:
        raise _unsaid("patient", "patient")
    chosen = _chosen(writing.resource, writing.now)
    (row,) = services.choose_sharing(
        actor=writing.actor,
        person=person,
        chosen=chosen,
        told=_told(writing, person),
        now=writing.now,
    )
    return row


READ_OF_A_PROVISION = frozenset({"type", "period", "actor", "code", "extension", "id"})
"""What a cell of sharing can say; what narrows a choice otherwise is never heard wider."""


def _refuse_narrower(resource: Json, provision: Json, now: datetime) -> None:
    """Refuse what one cell cannot hold, and the end of a choice of the past. Raises Refusal."""
    lasts = provision.get("period", {})
    if unread := sorted(provision.keys() - READ_OF_A_PROVISION):
        raise _narrower(f"provision.{unread[0]}")
    starts_later = _day(lasts.get("start", "")) > localtime(now).date().isoformat()
    if resource.get("status") == "active" and ("end" in lasts or starts_later):
        raise _narrower("provision.period")
    if resource.get("status") == "inactive" and ("end" in lasts or "type" in provision):
        raise _narrower("status")


def _day(text: str) -> str:
    try:
        return day_said(text)
    except ValueError:
        raise _narrower("provision.period") from None


def _narrower(where: str) -> Refusal:
    return unprocessable(
        "consent.narrower",
        "Ici, un choix de partage vaut dès maintenant et jusqu’au prochain, pour toute une "
        "catégorie d’information : celui-ci dit autre chose, et l’entendre plus largement "
        "trahirait ce qui a été dit. Rien n’a été enregistré.",
        "A choice holds from now until the next one, on a whole category: nothing narrower, and "
        f"nothing past, is taken ({where}). Nothing was stored.",
        f"Consent.{where}",
    )


def _chosen(resource: Json, now: datetime) -> services.Chosen:
    provision = resource.get("provision", {})
    _refuse_narrower(resource, provision, now)
    recipients = [
        one.get("reference", {}).get("identifier", {}) for one in provision.get("actor", [])
    ]
    codes = [one for code in provision.get("code", []) for one in code.get("coding", [])]
    return services.Chosen(
        choice=_choice(resource, provision),
        category=Category(_one(codes, CATEGORIES, "code", Category, "provision.code")),
        audience=Audience(_one(recipients, AUDIENCES, "value", Audience, "provision.actor")),
        media=(Medium(_extended(provision, MEDIUM, Medium, "provision.extension")),),
    )


def _choice(resource: Json, provision: Json) -> Choice:
    """What was decided: said and active, or neither of both any more."""
    kinds = {word: choice for choice, word in TYPES.items()}
    match resource.get("status"):
        case "active" if provision.get("type") in kinds:
            return kinds[provision["type"]]
        case "inactive":
            return Choice.NEUTRAL
    raise _unsaid("status", "provision.type")


def _told(writing: Writing, person: Person) -> services.Told:
    """Who spoke and how it was collected: the quality of a relative is that of the circle."""
    resource = writing.resource
    how = How(_extended(resource, HOW, How, "extension"))
    document = resource.get("sourceAttachment", {}).get("title", "")
    spoke = writing.refers("performer[0]", "Patient", "RelatedPerson")
    if spoke is None or isinstance(spoke, Person) and spoke.pk != person.pk:
        raise _unsaid("performer", "performer")
    if isinstance(spoke, Person):
        return services.Told(Speaker.PERSON, how, None, document)
    return services.Told(_speaker(spoke), how, spoke, document)


def _speaker(relative: Relative) -> Speaker:
    for speaker, quality in SPOKEN_BY.items():
        if getattr(relative, quality):
            return speaker
    raise unprocessable(
        "consent.speaker",
        "Ce proche n’est noté ni personne de confiance, ni représentant : il ne parle pas pour la "
        "personne. Rien n’a été enregistré.",
        "The related person has no quality to speak for the patient. Nothing was stored.",
        "Consent.performer[0]",
    )


def _extended(holder: Json, name: str, known: type[StrEnum], where: str) -> str:
    said_here = [one for one in holder.get("extension", []) if one.get("url") == STRUCTURES + name]
    codes = [one.get("valueCoding", {}) for one in said_here]
    return _one(codes, ours(name), "code", known, where)


def _one(codes: Sequence[Json], system: str, key: str, known: type[StrEnum], where: str) -> str:
    """The one code of a system that is said. Raises Refusal: none, several, or unknown."""
    found = [one.get(key) for one in codes if one.get("system") == system]
    if len(found) != 1 or found[0] not in list(known):
        raise _unsaid(system.rpartition("/")[2], where)
    return str(found[0])


def _unsaid(code: str, where: str) -> Refusal:
    return unprocessable(
        f"consent.{code.replace('-', '_')}",
        "Un choix de partage dit une catégorie d’information, une catégorie de destinataires, un "
        "support, qui a parlé, comment, et s’il permet ou refuse : il manque l’un d’eux, ou il "
        "n’est pas lisible. Rien n’a été enregistré.",
        f"One value known here is expected at {where}. Nothing was stored.",
        f"Consent.{where}",
    )


# --- search ------------------------------------------------------------------------------------


def _codes(path: str, known: type[StrEnum], system: str) -> Any:
    return Code(path, {one.value: one.value for one in known}, system)


HOLDS = Q(until=None, choice__in=list(TYPES))
SEARCH: dict[str, Parameter] = searched(
    HOLDS,
    Code("choice", {word: choice.value for choice, word in TYPES.items()}, PROVISIONS),
    audience=_codes("audience", Audience, AUDIENCES),
    information=_codes("category", Category, CATEGORIES),
    medium=_codes("medium", Medium, ours(MEDIUM)),
)

MAPPING = Mapping(
    type="Consent",
    model=Sharing,
    rows=rows,
    to_fhir=to_fhir,
    create=create,
    search=SEARCH,
    lines=("people.sharing_id",),
    summary=("identifier", "status", "scope", "category", "patient", "dateTime"),
    places={"people.speaker": "performer", "people.not_informed": "patient"},
    also=OTHERS,
    note="One per category, audience and medium of sharing, which alone is written (no update: the "
    "next choice ends the former); and, only read, what data are used for, the refusal of "
    "emergency access, and whether one may say that a record is shown in part. audience, "
    "information, medium and type are parameters of ours. A relative reads those of whom they hold "
    "the voice, and that a record may be said to be partial.",
)
