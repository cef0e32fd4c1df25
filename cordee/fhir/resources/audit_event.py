"""Line of the trace → AuditEvent: who looked or acted, when, why; to the person and the DPO.

Source : traçabilité des évènements de l’ANS (TdE 2.0.0), `tde-auditevent` et ses critères de
recherche. Each line holds what that profile asks, and claims it.

As on the screens: no word tells what was done where something may be hidden from who reads, a
person is named to themself alone, and who audits is told the gesture and how many, never which.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.models import Trace
from cordee.fhir.contract import Mapping, Seeing, by_number, by_uuid
from cordee.fhir.datatypes import coding, filled, reference, said
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import (
    Asking,
    Choice,
    Code,
    Made,
    Moment,
    Parameter,
    Reference,
)
from cordee.fhir.systems import ours, told
from cordee.people import selectors
from cordee.people.selectors import Opening

PROFILE = "https://interop.esante.gouv.fr/ig/fhir/tde/StructureDefinition/tde-auditevent"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
KINDS = ours("trace-kind")
ROLES = ours("role")
REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
PERSON = coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "1")
PATIENT = coding("http://terminology.hl7.org/CodeSystem/object-role", "1")
RECORD = coding(DICOM, "110110")  # Patient Record
SIGN_IN = coding(DICOM, "110114")  # User Authentication
ACTIONS = {Trace.Kind.READ: "R", Trace.Kind.LIST: "R", Trace.Kind.ACT: "U", Trace.Kind.SESSION: "E"}
DONE, NOT_DONE = "0", "4"
PURPOSES = {
    Purpose.CARE: "TREAT",
    Purpose.COORDINATION: "CAREMGT",
    Purpose.OWN: "PATRQT",
    Purpose.ADMINISTRATION: "HSYSADMIN",
    Purpose.AUDIT: "HCOMPL",
    Purpose.EMERGENCY: "ETREAT",
}


def to_fhir(rows: Sequence[Trace], seeing: Seeing) -> list[Json]:
    """Lines of the trace. Three queries, and one for each person whose voice the actor is."""
    own = _own(seeing.actor)
    looks = selectors.openings(rows)
    return [_event(row, one, own, seeing.actor) for row, one in zip(rows, looks, strict=True)]


def _own(actor: Actor) -> dict[UUID, UUID]:
    """The actor’s own persons, by each record that they absorbed; bound to one, that one alone."""
    known = actor.person_ids
    if actor.only_person is not None:
        known &= {actor.only_person}
    return {pk: own for own in sorted(known) for pk in selectors.family(own)}


def _event(row: Trace, one: Opening, own: dict[UUID, UUID], actor: Actor) -> Json:
    kind = Trace.Kind(row.kind)
    audits = actor.role is Role.DPO
    purpose = PURPOSES.get(Purpose(row.purpose), "")
    return filled(
        {
            "meta": {"profile": [PROFILE]},
            "extension": [told("trace-verb", row.verb, "")] if audits else [],
            "type": SIGN_IN if kind is Trace.Kind.SESSION else RECORD,
            "subtype": [coding(KINDS, kind.value, kind.label)],
            "action": ACTIONS.get(kind, ""),
            "period": {"start": said(row.at)},
            "recorded": said(row.at),
            "outcome": NOT_DONE if one.refused else DONE,
            "outcomeDesc": one.what,
            "purposeOfEvent": [
                filled({"coding": [coding(REASONS, purpose)] if purpose else [], "text": one.why})
            ]
            if one.why
            else [],
            "agent": _agents(row, one),
            "source": {"observer": {"display": "Cordée"}},
            "entity": _how_many(one) if audits else _themselves(row, own),
        }
    )


def _agents(row: Trace, one: Opening) -> list[Json]:
    role = Role(row.role)
    who = reference("Practitioner", row.practitioner_id, one.who) or {"display": one.who}
    house = reference("Organization", row.organization_id, one.organization)
    acted = {
        "role": [{"coding": [coding(ROLES, role.value, role.label)], "text": role.label}],
        "who": who,
        "name": one.who,
        "requestor": True,
    }
    return [acted, {"who": house, "requestor": False}] if house else [acted]


def _themselves(row: Trace, own: dict[UUID, UUID]) -> list[Json]:
    met = sorted({own[pk] for pk in row.persons if pk in own})
    return [{"what": reference("Patient", pk), "type": PERSON, "role": PATIENT} for pk in met]


def _how_many(one: Opening) -> list[Json]:
    if not one.persons:
        return []
    count = {"type": "personnes concernées", "valueString": str(one.persons)}
    return [{"type": PERSON, "role": PATIENT, "detail": [count]}]


# --- search ------------------------------------------------------------------------------------


def _about(value: str, asking: Asking) -> Q:
    key = by_uuid(value.rpartition("/")[2])
    return _about_person(key) if key else Q(pk__in=[])


def _about_person(key: UUID) -> Q:
    return Q(pk__in=selectors.lines_about(key))


def _of_key(value: str, asking: Asking) -> Q:
    key = by_number(value)
    return Q(pk=key) if key is not None else Q(pk__in=[])


def rows(actor: Actor) -> QuerySet[Trace]:
    """The lines that the actor may be told. One query."""
    return selectors.lines_told(actor)


def _whom(row: Any) -> UUID | None:
    """Whom a line is about, when it is about one: a list is told by the house alone."""
    return row.persons[0] if len(row.persons) == 1 else None


SEARCH: dict[str, Parameter] = {
    "_id": Made("token", _of_key, "pk"),
    "action": Choice(
        {
            "R": Q(kind__in=["read", "list"]),
            "U": Q(kind="act"),
            "E": Q(kind="session"),
        },
        "http://hl7.org/fhir/audit-event-action",
    ),
    "agent": Reference({"Practitioner": "practitioner_id", "Organization": "organization_id"}),
    "agent-role": Code("role", {role.value: role.value for role in Role}, ROLES),
    "date": Moment("at"),
    "outcome": Choice(
        {NOT_DONE: Q(kind="refused"), DONE: ~Q(kind="refused")},
        "http://hl7.org/fhir/audit-event-outcome",
    ),
    "patient": Made("reference", _about),
    "period-start": Moment("at"),
    "subtype": Code("kind", {kind.value: kind.value for kind in Trace.Kind}, KINDS),
}

MAPPING = Mapping(
    type="AuditEvent",
    model=Trace,
    rows=rows,
    to_fhir=to_fhir,
    search=SEARCH,
    profiles=(PROFILE,),
    labels={f"profile||{PROFILE}": Q(pk__isnull=False)},
    key_of=by_number,
    version_of=lambda row: "1",
    moment="at",
    person_of=_whom,
    within=_about_person,
    summary=("type", "subtype", "action", "recorded", "outcome", "agent", "source"),
    note="For the person, who speaks for them, and the DPO; a line never changes.",
)
