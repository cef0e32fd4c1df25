"""ProtocolVersion ⇄ PlanDefinition: the protocols that structures write, approve and follow.

The translation is that of the files that are exchanged (`protocols/rules/plan_definition`). What
comes in is a draft of the caller’s structure: people here read it, mend it, and another than its
author approves it. What has no place in a protocol is kept around it by the door, and is not
followed.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor, Role
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import filled
from cordee.fhir.outcome import Json
from cordee.fhir.search.parameters import Asking, Choice, Identifier, Made, Text
from cordee.fhir.writing import encoded
from cordee.protocols import forms, selectors, services
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.rules.plan_definition import OURS, exported

State = ProtocolVersion.State
STATUSES = {
    "draft": (State.DRAFT, State.PROPOSED),
    "active": (State.APPROVED,),
    "retired": (State.RETIRED,),
}
SAID = {one: word for word, many in STATUSES.items() for one in many}
PUBLICATION = "http://hl7.org/fhir/publication-status"
OF_THE_HOUSE = ("status", "approvalDate", "publisher")


def rows(actor: Actor) -> QuerySet[Any]:
    """Every version that one may read, text included."""
    known = selectors.versions(actor).defer(None).select_related(None)
    return known.select_related("organization")


# --- out ---------------------------------------------------------------------------------------


def to_fhir(rows: Sequence[ProtocolVersion], seeing: Seeing) -> list[Json]:
    """Versions as FHIR has them; of a draft that cannot be read yet, its heading. No query."""
    return [_plan(one) for one in rows]


def _plan(row: ProtocolVersion) -> Json:
    protocol = selectors.protocol_if_readable(row)
    told = exported(protocol) if protocol else _heading(row)
    for name in ("resourceType", "id"):
        told.pop(name, None)
    return filled(
        told
        | {
            "status": SAID[State(row.state)],
            "publisher": row.organization.name if row.organization else "Cordée",
            "approvalDate": row.approved_at.date().isoformat() if row.approved_at else "",
        }
    )


def _heading(row: ProtocolVersion) -> Json:
    return {"url": OURS + row.name, "version": row.edition, "title": row.title}


# --- in ----------------------------------------------------------------------------------------


def create(writing: Writing) -> ProtocolVersion:
    """Begin a draft from what was sent. It need not be a whole protocol yet."""
    begun: ProtocolVersion = services.begin(
        actor=writing.actor, text=_text(writing.resource), now=writing.now
    )
    return begun


def update(writing: Writing, row: ProtocolVersion) -> ProtocolVersion:
    """Write a draft again; what was proposed or approved does not change."""
    typed = services.Typed(_text(writing.resource), uuid4(), row.version)
    saved: ProtocolVersion = services.save(
        actor=writing.actor, version=row, typed=typed, now=writing.now
    )
    return saved


def _text(resource: Json) -> str:
    """The text of the protocol, by the reader of files: its name is that of its address here."""
    content = {key: one for key, one in resource.items() if key not in ("meta", *OF_THE_HOUSE)}
    url = str(content.get("url", ""))
    if url.startswith(OURS):
        content["id"] = url.removeprefix(OURS)
    elif _is_of_a_server(str(content.get("id", ""))):
        content.pop("id", None)
    return forms.read_file(encoded(content)).text


def _is_of_a_server(pk: str) -> bool:
    try:
        UUID(pk)
    except ValueError:
        return False
    return True


def answered_for(resource: Json) -> Json:
    """Whether it is in use, since when and where, is said by who approves it here."""
    return {key: one for key, one in resource.items() if key not in OF_THE_HOUSE}


def past(row: ProtocolVersion, actor: Actor) -> bool:
    """A draft is read by who approves and by its structure alone (`protocols.policy.protocols`)."""
    if row.state in STATUSES["active"] + STATUSES["retired"] or row.organization_id is None:
        return True
    if actor.role in (Role.SYSTEM, Role.ADMINISTRATOR):
        return True
    return actor.role is Role.COORDINATOR and row.organization_id in actor.organizations


# --- search ------------------------------------------------------------------------------------


def _by_url(value: str, asking: Asking) -> Q:
    url, _, edition = value.partition("|")
    wanted = Q(name=url.removeprefix(OURS)) if url.startswith(OURS) else Q(pk__in=[])
    return wanted & Q(edition=edition) if edition else wanted


def _by_version(value: str, asking: Asking) -> Q:
    return Q(edition=value.rpartition("|")[2])


MAPPING = Mapping(
    type="PlanDefinition",
    model=ProtocolVersion,
    rows=rows,
    to_fhir=to_fhir,
    create=create,
    update=update,
    search={
        "identifier": Identifier(),
        "publisher": Text("organization__name"),
        "status": Choice({word: Q(state__in=many) for word, many in STATUSES.items()}, PUBLICATION),
        "title": Text("title"),
        "url": Made("uri", _by_url),
        "version": Made("token", _by_version),
    },
    summary=("url", "version", "name", "title", "status", "publisher"),
    person_of=lambda row: None,
    past=past,
    answered_for=answered_for,
    note=(
        "What comes in is a draft: what has no place in a protocol is kept around it and not "
        "followed. Somebody else than its author approves it in Cordée."
    ),
)
