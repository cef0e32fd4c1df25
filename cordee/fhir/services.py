"""What comes in: the room's own service, then what it did not understand, in one transaction."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as replace_in
from datetime import datetime
from typing import Any

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.records import insert_rows
from cordee.fhir.caller import Caller
from cordee.fhir.contract import Mapping, Seeing, Writing
from cordee.fhir.datatypes import filled
from cordee.fhir.facts import RECEIVED
from cordee.fhir.misshapen import what_changes_meaning
from cordee.fhir.models import KeptBody
from cordee.fhir.outcome import Issue, Json, Refusal, refused, unprocessable
from cordee.fhir.registry import mapping_of
from cordee.fhir.rules.bodies import MOST_WEIGHED, TooMany, kept_from, longest, restored
from cordee.fhir.rules.sensitivity import protected_in, still_labelled
from cordee.fhir.rules.unproved import unproved
from cordee.fhir.search.compiler import let_through
from cordee.fhir.search.parameters import Asking
from cordee.fhir.selectors import body_of, labels_of, version_now
from cordee.fhir.versions import version_of
from cordee.fhir.writing import encoded
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.identifiers import uuid7
from cordee.partners.oauth.server import addresses
from cordee.people.models import Person
from cordee.people.rules.sharing import Category

NOT_ASKED = "the router lets through what the mapping does, and nothing else"


@action("fhir.receive", on=None)
def receive(
    *,
    actor: Actor,
    mapping: Mapping,
    resource: Json,
    now: datetime,
    caller: Caller,
) -> Any:
    """Create what a partner sends. Gives the row. Raises Refusal, DomainError, Forbidden.

    `caller`: through which application, bound perhaps to one person.
    """
    if mapping.create is None:
        raise TypeError(NOT_ASKED)
    patient_id = caller.patient_id
    writing = Writing(actor, now, resource, patient_id, caller=caller)
    with _at_its_place(mapping):
        row = mapping.create(writing)
    if patient_id is not None and mapping.person_of(row) != patient_id:
        raise Refusal(403, [ABOUT_ANOTHER])
    _keep(writing, mapping, row)
    _refuse_beyond(writing, mapping, [row], "c")
    return row


class NotASet(Exception):  # noqa: N818 — what it says
    """Some of what comes in was there already: it is to be received one by one."""


@action("fhir.receive_many", on=None)
def receive_many(
    *,
    actor: Actor,
    mapping: Mapping,
    resources: Sequence[Json],
    now: datetime,
    caller: Caller,
) -> list[Any]:
    """Create many resources of one type in one set. Gives the rows, in their order.

    Raises Refusal, DomainError, Forbidden, NotASet; whatever it is, nothing is left.
    """
    if mapping.create_many is None:
        raise TypeError(NOT_ASKED)
    patient_id = caller.patient_id
    writings = [Writing(actor, now, one, patient_id, caller=caller) for one in resources]
    rows = mapping.create_many(writings)
    if patient_id is not None and any(mapping.person_of(row) != patient_id for row in rows):
        raise Refusal(403, [ABOUT_ANOTHER])
    bases = mapping.to_fhir(rows, Seeing(actor, now, whole=True))
    kept = insert_rows(
        KeptBody,
        (
            {"id": uuid7(), "kind": mapping.type, "resource_id": row.pk}
            | _body_of(writing, mapping, row, base)
            for writing, row, base in zip(writings, rows, bases, strict=True)
        ),
        unless=KEPT,
    )
    if len(kept.keys()) < len(rows):
        raise NotASet
    _refuse_beyond(writings[0], mapping, rows, "c")
    return rows


@contextmanager
def _at_its_place(mapping: Mapping) -> Iterator[None]:
    """Say of what a room refuses which element is why, where the mapping knows it."""
    try:
        yield
    except DomainError as error:
        if error.code not in mapping.places:
            raise
        raise refused(error, f"{mapping.type}.{mapping.places[error.code]}") from error


def _refuse_beyond(writing: Writing, mapping: Mapping, rows: Sequence[Any], letter: str) -> None:
    """Refuse what is written beyond the parts of the scopes. Raises Refusal (403): it is not found
    among what they let through; neither is what its own writer may not see."""
    caller = writing.caller
    if caller is None or not caller.scopes.parts(mapping.type, letter):
        return
    base, who = f"{addresses()['base']}/", (caller.scopes, caller.patient_id)
    asking = Asking(writing.actor, mapping.type, base, writing.now, *who)
    keys = {row.pk for row in rows}
    found = let_through(mapping, asking, letter).filter(pk__in=keys).order_by()
    if found.values("pk").distinct().count() < len(keys):
        raise Refusal(403, [BEYOND])


BEYOND = Issue(
    "forbidden",
    "caller.part",
    "L’autorisation donnée à ce système ne vaut que pour une part de ce type, et ceci n’en est "
    "pas. Rien n’a été enregistré.",
    "The scopes hold for a part of the type, and this is not of it. Nothing was stored.",
)
ABOUT_ANOTHER = Issue(
    "forbidden",
    "caller.one_person",
    "Cette autorisation ne vaut que pour une personne. Rien n’a été enregistré.",
    "The authorization holds for one patient only. Nothing was stored.",
)


@dataclass(frozen=True)
class Received:
    """What is kept whole: a document or a message, what it tells, and what a search finds of it."""

    kind: str
    category: Category
    text: str
    labels: tuple[str, ...]


@action("fhir.keep_whole", on="person")
def keep_whole(
    *, actor: Actor, person: Person, said: Received, now: datetime, caller: Caller
) -> tuple[KeptBody, bool]:
    """Keep what a partner sent as it is, and say so on the thread. Whether it is new: what the same
    sender sent already is not kept twice. Raises Refusal (403), Forbidden."""
    if caller.patient_id not in (None, person.pk):
        raise Refusal(403, [ABOUT_ANOTHER])
    mine = KeptBody.objects.visible_to(actor).filter(person=person, author_id=actor.account_id)
    same = mine.filter(kind=said.kind, labels__contains=[said.labels[-1]], sent=said.text)
    if (before := same.order_by("pk").first()) is not None:
        return before, False
    key = uuid7()
    row = KeptBody.objects.create(
        pk=key,
        resource_id=key,
        kind=said.kind,
        category=said.category.value,
        person=person,
        author_id=actor.account_id,
        sent=said.text,
        base="",
        labels=sorted(said.labels),
        received_at=now,
    )
    _refuse_beyond(Writing(actor, now, {}, caller=caller), mapping_of("Bundle"), [row], "c")
    publish(RECEIVED[said.category](person_id=person.pk, document_id=key, form=said.kind))
    return row, True


@action("fhir.replace", on="row")
def replace(
    *,
    actor: Actor,
    mapping: Mapping,
    row: Any,
    writing: tuple[Json, str],
    now: datetime,
    caller: Caller,
) -> Any:
    """Replace a resource by what a partner sends, and the version that it read, if it says so.

    Whoever names the version says that they read it, and what they leave out goes; else what
    Cordée never understood of the former one stays around the new one, and is told to whom it was
    told. Raises Refusal (412): it was replaced meanwhile; (428): it does not say which version was
    read; (403): it is about another than the one person that the caller is bound to.
    """
    resource, expected = writing
    if mapping.update is None:
        raise TypeError(NOT_ASKED)
    kept = KeptBody.objects.select_for_update(of=("self",))
    former = kept.filter(kind=mapping.type, resource_id=row.pk).first()
    seen = former and KeptBody.objects.visible_to(actor).filter(pk=former.pk).exists()
    if mapping.is_of_several:  # its parts too are read again, once nobody else writes them
        row = mapping.rows(actor).filter(pk=row.pk).first() or row
    _refuse_the_late(mapping, row, former if seen else None, expected)
    _refuse_another(actor, mapping, row)
    was: Json = {"former_version": row.version}
    if former is not None and former.person_id:
        was["person_id"] = former.person_id
    said = Writing(actor, now, resource, actor.only_person, bool(expected), caller)
    with _at_its_place(mapping):
        again = mapping.update(said, row)
    _refuse_another(actor, mapping, again)
    if former is not None and not seen:
        _keep_unseen(said, mapping, again, former, was)
    else:
        kept_around = _over(said, mapping, former) if former and not expected else said
        _keep(kept_around, mapping, again, was)
    _refuse_beyond(said, mapping, [again], "u")
    return again


def _over(writing: Writing, mapping: Mapping, former: KeptBody) -> Writing:
    """What is written, and what it leaves of the former one: not its narrative, which told it, and
    with its labels, which say who reads it.

    Nothing is left of what was kept, before such were refused, under an element that changes the
    meaning of the rest: who writes now did not say it so. It stays in the history.
    """
    body = body_of(former)
    if what_changes_meaning({"resourceType": mapping.type} | body.sent):
        return writing
    new = mapping.answered_for(writing.resource)
    sent = {key: value for key, value in body.sent.items() if key != "text"}
    try:
        merged = kept_from(sent, body.base, new)
    except TooMany:
        raise TOO_MANY from None
    return replace_in(writing, resource=still_labelled(body.sent, merged))


def _keep_unseen(writing: Writing, mapping: Mapping, row: Any, former: KeptBody, was: Json) -> None:
    """Keep what is written with what its writer was not told, and still is not.

    Nothing is answered by what hides. What does not go with it (it says another protected
    category, or lists too long to tell what changed) is kept apart: in the history, under its own
    category and name; the former stays around the row.
    """
    try:
        joined = _over(writing, mapping, former)
        _keep(joined, mapping, row, was | {"author_id": former.author_id})
    except Refusal:  # raised before anything of it is written
        _keep(writing, mapping, row, was)
        back = {name: getattr(former, name) for name in OF_A_SENDER}
        KeptBody.objects.filter(pk=former.pk).update(**back)


OF_A_SENDER = ("sent", "base", "category", "labels", "author_id", "received_at")


@action("fhir.remove", on="row")
def remove(*, actor: Actor, mapping: Mapping, row: Any, expected: str, now: datetime) -> None:
    """End what a partner deletes. Raises Refusal (412, 428, 403), DomainError, Forbidden."""
    if mapping.delete is None:
        raise TypeError(NOT_ASKED)
    former = KeptBody.objects.visible_to(actor).filter(kind=mapping.type, resource_id=row.pk)
    _refuse_the_late(mapping, row, former.first(), expected)
    _refuse_another(actor, mapping, row)
    mapping.delete(Writing(actor, now, {}, actor.only_person), row)


def _refuse_another(actor: Actor, mapping: Mapping, row: Any) -> None:
    if actor.only_person is not None and mapping.person_of(row) != actor.only_person:
        raise Refusal(403, [ABOUT_ANOTHER])


def _refuse_the_late(mapping: Mapping, row: Any, kept: KeptBody | None, expected: str) -> None:
    if mapping.asks_version and not expected:
        raise Refusal(428, [NOT_NAMED])
    if expected and expected != version_of(mapping, row, body_of(kept) if kept else None):
        raise Refusal(412, [REPLACED_MEANWHILE])


REPLACED_MEANWHILE = Issue(
    "conflict",
    "version.replaced",
    "Cette ressource a changé depuis que vous l’avez lue. Rien n’a été modifié : relisez-la.",
    "The resource changed since it was read (If-Match). Nothing was changed.",
)
# FHIR R4, ResourceVersionPolicy, « versioned-update »; RFC 6585, 3: « the "lost update" problem ».
NOT_NAMED = Issue(
    "required",
    "version.unnamed",
    "Dites quelle version vous avez lue (« If-Match ») : ceci s’écrit en entier, et ce qui a "
    "changé depuis serait défait. Rien n’a été modifié.",
    "Say which version was read (If-Match): it is written whole, and what changed since would be "
    "undone. Nothing was changed.",
)

TOO_MANY = unprocessable(
    "body.too_many",
    "Une liste est trop longue pour que Cordée sache ce qui y a changé : envoyez-la en plusieurs "
    "fois. Rien n’a été enregistré.",
    "A list is too long to tell what changed in it: send it in parts. Nothing was stored.",
)


def _keep(writing: Writing, mapping: Mapping, row: Any, was: Json | None = None) -> None:
    """Keep what was sent beside what the house made of it, all rights aside.

    `was`: what stays of the former body, and the version of the row that it is written over. A
    person who was known stays known: what is kept is read, and erased, as what is known of them.
    """
    if was is not None or not mapping.may_go_in_a_set(writing.resource):
        row.version = version_now(row)
    (base,) = mapping.to_fhir([row], Seeing(writing.actor, writing.now, whole=True))
    said = _body_of(writing, mapping, row, base) | (was or {})
    said["person_id"] = mapping.person_of(row) or said["person_id"]
    key = {"kind": mapping.type, "resource_id": row.pk}
    if was is None and insert_rows(KeptBody, [{"id": uuid7()} | key | said], unless=KEPT).keys():
        return
    KeptBody.objects.update_or_create(**key, defaults=said)


KEPT = "ON CONFLICT (kind, resource_id) DO NOTHING"


def _body_of(writing: Writing, mapping: Mapping, row: Any, base: Json) -> Json:
    """What is kept of a resource, by column."""
    base.pop("meta", None)
    sent = _sent(writing, mapping)
    texts = {"sent": encoded(sent).decode(), "base": encoded(base).decode()}
    if math.prod(one.count(",") + 1 for one in texts.values()) > MOST_WEIGHED:
        _refuse_the_endless(sent, base)
    return texts | {
        "category": _category(texts["sent"], mapping.category_of(row)),
        "labels": labels_of(sent),
        "received_at": writing.now,
        "row_version": row.version,
        "former_version": 0,
        "author_id": writing.actor.account_id,
        "person_id": mapping.person_of(row),
    }


def _category(sent: str, usual: str) -> str:
    """Under which category what was sent is read: the protected one that it says, if it does.
    Raises Refusal (422): it says two, which the same persons do not read."""
    protected = protected_in(sent)
    if len(protected) > 1:
        raise TWO_CATEGORIES
    return next(iter(protected)).value if protected else usual


TWO_CATEGORIES = unprocessable(
    "body.categories",
    "Ceci porte deux catégories d’information protégées, que ne lisent pas les mêmes personnes : "
    "envoyez-les à part. Rien n’a été enregistré.",
    "It says two protected categories of information: send them apart. Nothing was stored.",
)


def _sent(writing: Writing, mapping: Mapping) -> Json:
    owned = unproved(mapping.answered_for(writing.resource))
    sent = {key: value for key, value in owned.items() if key not in ("id", "resourceType")}
    sent["meta"] = _meta_of(writing.resource)
    return filled(sent)


def _refuse_the_endless(sent: Json, base: Json) -> None:
    """Refuse what could never be put back around what the house says. Raises Refusal (422)."""
    if longest(sent) * longest(base) <= MOST_WEIGHED:
        return
    try:
        restored(sent, base, base)
    except TooMany:
        raise TOO_MANY from None


def _meta_of(resource: Json) -> Json:
    """What a partner says of a resource in `meta`, but for what the server says."""
    meta = resource.get("meta")
    owned = ("versionId", "lastUpdated")
    return {k: v for k, v in meta.items() if k not in owned} if isinstance(meta, dict) else {}
