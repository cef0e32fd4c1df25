"""What comes in: the room's own service, then what it did not understand, in one transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.models import KeptBody
from cordee.fhir.outcome import Issue, Json, Refusal
from cordee.fhir.rules.bodies import kept_from
from cordee.fhir.selectors import body_of, labels_of
from cordee.fhir.versions import version_of
from cordee.fhir.writing import encoded

NOT_ASKED = "the router lets through what the mapping does, and nothing else"


@action("fhir.receive", on=None)
def receive(
    *,
    actor: Actor,
    mapping: Mapping,
    resource: Json,
    now: datetime,
    patient_id: UUID | None = None,
) -> Any:
    """Create what a partner sends. Gives the row. Raises Refusal, DomainError, Forbidden.

    `patient_id`: the one person that the partner is bound to.
    """
    if mapping.create is None:
        raise TypeError(NOT_ASKED)
    writing = Writing(actor, now, resource, patient_id)
    row = mapping.create(writing)
    if patient_id is not None and mapping.person_of(row) != patient_id:
        raise Refusal(403, [ABOUT_ANOTHER])
    _keep(writing, mapping, row, 0)
    return row


ABOUT_ANOTHER = Issue(
    "forbidden",
    "caller.one_person",
    "Cette autorisation ne vaut que pour une personne. Rien n’a été enregistré.",
    "The authorization holds for one patient only. Nothing was stored.",
)


@action("fhir.replace", on="row")
def replace(
    *, actor: Actor, mapping: Mapping, row: Any, writing: tuple[Json, str], now: datetime
) -> Any:
    """Replace a resource by what a partner sends, and the version that it read, if it says so.

    Whoever names the version says that they read it, and what they leave out goes; else what
    Cordée never understood of the former one stays around the new one. Raises Refusal (412): it was
    replaced meanwhile.
    """
    resource, expected = writing
    if mapping.update is None:
        raise TypeError(NOT_ASKED)
    kept = KeptBody.objects.select_for_update(of=("self",))
    former = kept.filter(kind=mapping.type, resource_id=row.pk).first()
    seen = former and KeptBody.objects.visible_to(actor).filter(pk=former.pk).exists()
    _refuse_the_late(mapping, row, former if seen else None, expected)
    former_version = row.version
    again = mapping.update(Writing(actor, now, resource, names_version=bool(expected)), row)
    if former is not None and not (expected and seen):
        body = body_of(former)
        resource = kept_from(body.sent, body.base, mapping.answered_for(resource))
    _keep(Writing(actor, now, resource), mapping, again, former_version)
    return again


@action("fhir.remove", on="row")
def remove(*, actor: Actor, mapping: Mapping, row: Any, expected: str, now: datetime) -> None:
    """End what a partner deletes. Raises Refusal (412), DomainError, Forbidden."""
    if mapping.delete is None:
        raise TypeError(NOT_ASKED)
    former = KeptBody.objects.visible_to(actor).filter(kind=mapping.type, resource_id=row.pk)
    _refuse_the_late(mapping, row, former.first(), expected)
    mapping.delete(Writing(actor, now, {}), row)


def _refuse_the_late(mapping: Mapping, row: Any, kept: KeptBody | None, expected: str) -> None:
    if expected and expected != version_of(mapping, row, body_of(kept) if kept else None):
        raise Refusal(412, [REPLACED_MEANWHILE])


REPLACED_MEANWHILE = Issue(
    "conflict",
    "version.replaced",
    "Cette ressource a changé depuis que vous l’avez lue. Rien n’a été modifié : relisez-la.",
    "The resource changed since it was read (If-Match). Nothing was changed.",
)


def _keep(writing: Writing, mapping: Mapping, row: Any, former_version: int) -> None:
    """Keep what was sent beside what the house made of it, all rights aside."""
    resource = writing.resource
    row.refresh_from_db(fields=["version"])  # the database counts them
    (base,) = mapping.to_fhir([row], Seeing(writing.actor, writing.now, whole=True))
    base.pop("meta", None)
    owned = mapping.answered_for(resource)
    sent = {key: value for key, value in owned.items() if key not in ("id", "resourceType")}
    sent["meta"] = _meta_of(resource)
    KeptBody.objects.update_or_create(
        kind=mapping.type,
        resource_id=row.pk,
        defaults={
            "person_id": mapping.person_of(row),
            "category": mapping.category_of(row),
            "sent": encoded({key: value for key, value in sent.items() if value}).decode(),
            "base": encoded(base).decode(),
            "labels": labels_of(sent),
            "author_id": writing.actor.account_id,
            "received_at": writing.now,
            "former_version": former_version,
            "row_version": row.version,
        },
    )


def _meta_of(resource: Json) -> Json:
    """What a partner says of a resource in `meta`, but for what the server says."""
    meta = resource.get("meta")
    owned = ("versionId", "lastUpdated")
    return {k: v for k, v in meta.items() if k not in owned} if isinstance(meta, dict) else {}
