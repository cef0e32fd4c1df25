"""Somebody close to a person ⇄ RelatedPerson: family, neighbour, trusted person, representative."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import coding, filled, identifier, period, reference, telecom, texts
from cordee.fhir.outcome import Json, unprocessable
from cordee.fhir.search.either import Either
from cordee.fhir.search.parameters import (
    Asking,
    Choice,
    Identifier,
    Made,
    Parameter,
    Reference,
    Text,
)
from cordee.fhir.systems import ours, worded
from cordee.people import services
from cordee.people.models import Person, Relative
from cordee.people.rules.traits import phone_number
from cordee.people.services import RelativeSaid

ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
CONTACT_ROLE = "http://terminology.hl7.org/CodeSystem/v2-0131"
QUALITIES = ours("relative-quality")
EMERGENCY_CONTACT = "C"
LINKS = {
    Relative.Link.SPOUSE: "SPS",
    Relative.Link.CHILD: "CHILD",
    Relative.Link.PARENT: "PRN",
    Relative.Link.SIBLING: "SIB",
    Relative.Link.FAMILY: "FAMMEMB",
    Relative.Link.NEIGHBOUR: "NBOR",
    Relative.Link.FRIEND: "FRND",
}
OUR_LINKS = ours("relative-link")
"""The links that HL7 has no word for: `v3-RoleCode` knows families and neighbours."""
SAID_AS = {
    "is_trusted": ("trusted", "personne de confiance"),
    "has_parental_authority": ("parental-authority", "titulaire de l’autorité parentale"),
    "is_representative": ("representative", "représentant légal"),
}


def rows(actor: Actor) -> QuerySet[Relative]:
    """The relatives of those whose help the actor organises. One query."""
    return Relative.objects.visible_to(actor)


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[Relative], seeing: Seeing) -> list[Json]:
    """Relatives as they were written down. No query."""
    return [_relative(one) for one in rows]


def _relative(one: Relative) -> Json:
    reached = (telecom("phone", one.phone), telecom("email", one.email))
    return filled(
        {
            "identifier": [identifier("urn:ietf:rfc:3986", f"urn:uuid:{one.pk}")],
            "active": one.ended_at is None,
            "patient": reference("Patient", one.person_id),
            "relationship": list(_qualities(one)),
            "name": [{"text": one.name}],
            "telecom": [found for found in reached if found],
            "period": period(None, one.ended_at),
        }
    )


def _qualities(one: Relative) -> Iterable[Json]:
    link = Relative.Link(one.link)
    if link in LINKS:
        yield worded(ROLE_CODE, LINKS[link], link.label)
    else:
        yield {"coding": [coding(OUR_LINKS, link.value, link.label)], "text": link.label}
    for name, (word, label) in SAID_AS.items():
        if getattr(one, name):
            yield {"coding": [coding(QUALITIES, word, label)], "text": label}
    if one.is_called_first:
        yield worded(CONTACT_ROLE, EMERGENCY_CONTACT, "à prévenir en premier")


# --- in ----------------------------------------------------------------------------------------


def create(writing: Writing) -> Relative:
    """Write a relative down in the circle of somebody."""
    person = _patient(writing)
    return services.note_relative(
        actor=writing.actor, person=person, said=_said(writing.resource), now=writing.now
    )


def create_many(writings: Sequence[Writing]) -> list[Relative]:
    """Write relatives down, those of each person in one set."""
    persons: dict[str, Person] = {}
    said: dict[str, list[RelativeSaid]] = {}
    places = []
    for writing in writings:
        patient = str(writing.resource.get("patient", {}).get("reference", ""))
        if patient not in persons:
            persons[patient] = _patient(writing)
        some = said.setdefault(patient, [])
        places.append((patient, len(some)))
        some.append(_said(writing.resource))
    first = writings[0]
    written = {
        patient: services.note_relatives(
            actor=first.actor, person=persons[patient], said=some, now=first.now
        )
        for patient, some in said.items()
    }
    return [written[patient][place] for patient, place in places]


def update(writing: Writing, row: Relative) -> Relative:
    """Correct what was written of a relative; whose relative they are does not change. Silence is
    not a removal, but for who names the version that they read."""
    person = _patient(writing)
    if person.pk != row.person_id:
        raise unprocessable(
            "related_person.another_patient",
            "Un proche reste celui de la même personne : écrivez-le à nouveau pour une autre.",
            "A related person stays that of one patient.",
            "RelatedPerson.patient",
        )
    return services.note_relative(
        actor=writing.actor,
        person=person,
        said=_said(writing.resource, known=None if writing.names_version else row),
        relative=row,
        now=writing.now,
    )


def delete(writing: Writing, row: Relative) -> None:
    """Take a relative away, with their place in the circle and their access."""
    services.end_relative(actor=writing.actor, relative=row, now=writing.now)


def _patient(writing: Writing) -> Person:
    found: Person | None = writing.refers("patient", "Patient")
    if found is None:
        raise unprocessable(
            "related_person.patient",
            "Dites de qui c’est un proche : « patient » est obligatoire.",
            "RelatedPerson.patient is required.",
            "RelatedPerson.patient",
        )
    return found


def _said(resource: Json, known: Relative | None = None) -> RelativeSaid:
    """What is said of a relative, with what is known of them where nothing is said of it."""
    codes = {
        (one.get("system"), one.get("code"))
        for concept in resource.get("relationship", [])
        for one in concept.get("coding", [])
    }
    said: dict[str, Any] = {
        "name": _name(resource),
        "link": _link(codes),
        "phone": _value(resource, "phone"),
        "email": _value(resource, "email"),
        "is_called_first": (CONTACT_ROLE, EMERGENCY_CONTACT) in codes,
        **{name: (QUALITIES, word) in codes for name, (word, _) in SAID_AS.items()},
    }
    if known is not None:
        said |= {name: getattr(known, name) for name, value in said.items() if not value}
    return RelativeSaid(**said | {"link": said["link"] or Relative.Link.OTHER.value})


def _link(codes: set[tuple[Any, Any]]) -> str:
    for link in Relative.Link:
        if (OUR_LINKS, link.value) in codes or (ROLE_CODE, LINKS.get(link)) in codes:
            return link.value
    return ""


def _name(resource: Json) -> str:
    """The name as one would say it: the usual one, else the first."""
    names = [one for one in resource.get("name", []) if one.get("use") != "old"]
    usual = [one for one in names if one.get("use") in ("usual", "official")]
    said: Json = [*usual, *names, {}][0]
    return said.get("text") or " ".join([*texts(said, "given")[:1], said.get("family", "")])


def _value(resource: Json, system: str) -> str:
    known = [one for one in resource.get("telecom", []) if one.get("system") == system]
    return next((one["value"] for one in known if one.get("value") and one.get("use") != "old"), "")


# --- search ------------------------------------------------------------------------------------


def _by_phone(value: str, asking: Asking) -> Q:
    number = value.rpartition("|")[2]
    return Q(phone__in={number, phone_number(number) or number})


def _by_key(value: str) -> Q:
    text = value.removeprefix("urn:uuid:")
    return Q(pk=key) if (key := MAPPING.key_of(text)) else Q(pk__in=[])


def _relationships() -> Either:
    links = {code: Q(link=link.value) for link, code in LINKS.items()}
    house = {one.value: Q(link=one.value) for one in Relative.Link if one not in LINKS}
    qualities = {word: Q(**{name: True}) for name, (word, _) in SAID_AS.items()}
    return Either(
        Choice(links, ROLE_CODE),
        Choice(house, OUR_LINKS),
        Choice(qualities, QUALITIES),
        Choice({EMERGENCY_CONTACT: Q(is_called_first=True)}, CONTACT_ROLE),
    )


SEARCH: dict[str, Parameter] = {
    "active": Choice({"true": Q(ended_at=None), "false": Q(ended_at__isnull=False)}),
    "identifier": Identifier({"urn:ietf:rfc:3986": _by_key}),
    "name": Text("name"),
    "patient": Reference({"Patient": "person"}),
    "phone": Made("token", _by_phone),
    "relationship": _relationships(),
    "telecom": Made("token", _by_phone),
}

MAPPING = Mapping(
    type="RelatedPerson",
    model=Relative,
    rows=rows,
    found=lambda rows: rows.filter(ended_at=None),
    to_fhir=to_fhir,
    create=create,
    create_many=create_many,
    update=update,
    delete=delete,
    search=SEARCH,
    is_gone=lambda row: row.ended_at is not None,
    lines=("people.relative_id",),
    summary=("identifier", "active", "patient", "relationship", "name", "telecom"),
    note="Qualities that only France has (trusted person…) are codes of ours, in relationship.",
)
