"""What was kept of the resources that partners sent."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from django.db.models import OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, JSONObject

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.fetched import Fetch
from cordee.access.policy import SomeAbout
from cordee.access.records import Record
from cordee.access.sight import by_the_house
from cordee.access.stencil import Stencil, Word, filled_up
from cordee.access.versions import latest_states_of, row_of, states_of
from cordee.fhir.models import ABOUT_NOBODY, WHOLE, KeptBody
from cordee.fhir.outcome import Json
from cordee.fhir.policy import is_told
from cordee.fhir.rules.sensitivity import protected_in
from cordee.kernel.base import any_of
from cordee.people.models import Person
from cordee.people.policy import knows
from cordee.people.rules.sharing import Category


@dataclass(frozen=True)
class Body:
    """What was sent of a resource, and what Cordée made of it then."""

    sent_text: str
    base_text: str
    version: int
    received_at: datetime
    former_version: int = 0
    row_version: int = 1

    @cached_property
    def sent(self) -> Json:
        """What was sent, decimals to the digit."""
        found: Json = json.loads(self.sent_text, parse_float=Decimal)
        return found

    @cached_property
    def base(self) -> Json:
        """What Cordée made of it then."""
        found: Json = json.loads(self.base_text, parse_float=Decimal)
        return found


@by_the_house
def was_sent_by(actor: Actor, kind: str, key: UUID) -> bool:
    """Say whether somebody sent a resource, whoever wrote it since. Two queries.

    By the house: who sent it may know nothing more of the person, and is told no more here.
    """
    row = KeptBody.objects.filter(kind=kind, resource_id=key).first()
    if row is None or actor.account_id is None:
        return False
    former = [row_of(KeptBody, one) for one in states_of(KeptBody, [row.pk]).get(row.pk, [])]
    return any(one.author_id == actor.account_id for one in [*former, row])


def latest_documents(actor: Actor, person: Person, limit: int) -> list[KeptBody]:
    """The latest of what was kept whole about somebody, as far as the actor may read it.

    Two queries, planned once; one where there is nothing."""
    latest = _latest(actor, person.pk, limit=limit)
    return _documents.in_order(pk for (pk,) in latest)


def _whole(rows: QuerySet[KeptBody], limit: int | None) -> QuerySet[KeptBody, Any]:
    latest = rows.filter(kind__in=WHOLE).order_by("-received_at", "-pk")
    return latest.values_list("pk")[:limit]


_latest = SomeAbout(KeptBody, "person_id", _whole)
_documents = Fetch(lambda: KeptBody.objects.select_related("author").defer("base"))


def received(person: Person) -> QuerySet[KeptBody]:
    """What was kept whole about somebody, the latest first: not narrowed to a reader yet."""
    rows = KeptBody.objects.filter(person=person, kind__in=WHOLE).select_related("author")
    return rows.order_by("-received_at", "-pk")


def documents_of(actor: Actor, person: Person) -> QuerySet[KeptBody]:
    """What was kept whole about somebody, as far as the actor may read it. Two queries; one, that
    is planned once, where there is nothing."""
    keys = [pk for (pk,) in _latest(actor, person.pk, limit=None)]
    return received(person).filter(pk__in=keys).defer("base")


def body_of(row: KeptBody) -> Body:
    """A row of the table, as the door uses it."""
    return Body(
        row.sent, row.base, row.version, row.updated_at, row.former_version, row.row_version
    )


def bodies(actor: Actor, kind: str, ids: Sequence[UUID]) -> Mapping[UUID, Body]:
    """What was kept of some resources of one type, as far as the actor may read it. One query."""
    return {resource_id: Body(*told) for resource_id, *told in _kept(actor, kind, ids, OF_A_BODY)}


def versions_kept(actor: Actor, kind: str, ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """The same, of which the versions alone are wanted."""
    return dict(_kept(actor, kind, ids, ("version",)))


def _kept(
    actor: Actor, kind: str, ids: Sequence[UUID], told: tuple[str, ...]
) -> list[tuple[Any, ...]]:
    wanted = [one for one in ids if isinstance(one, UUID)]
    if not wanted:  # the lines of the thread and of the trace are numbered: nothing is kept there
        return []
    room = next((size for size in SIZES if size >= len(wanted)), len(wanted))
    wanted += [NOBODY] * (room - len(wanted))  # few lengths, hence few statements to plan
    return _bodies(actor=actor, kind=kind, ids=wanted, told=told)


SIZES = (1, 20, 200, 1_200)
NOBODY = UUID(int=0)


@Stencil
def _bodies(
    actor: Actor, kind: str, ids: list[UUID], told: tuple[str, ...]
) -> QuerySet[KeptBody, Any]:
    rows = KeptBody.objects.visible_to(actor).filter(kind=kind, resource_id__in=any_of(ids, "uuid"))
    return rows.order_by("pk").values_list("resource_id", *told)


def version_now(row: Record) -> int:
    """The version that the database counts of a row just written. One query, planned once."""
    ((version,),) = _version(model=type(row), pk=row.pk)
    return int(version)


@Stencil
def _version(model: type[Record], pk: UUID) -> QuerySet[Any, Any]:
    return model._base_manager.filter(pk=pk).values_list("version")


OF_A_BODY = ("sent", "base", "version", "updated_at", "former_version", "row_version")


def kept_beside(kind: str) -> Subquery:
    """What is kept of each row of a query about a person: for `body_told`, which says to whom.

    The conditions of sight stand once in such a query, on the person: said again of what is kept,
    for each category, they would cost twice what all the rest does.
    """
    rows = KeptBody.objects.filter(kind=kind, resource_id=OuterRef("pk"))
    told = JSONObject(
        sent="sent",
        base="base",
        version="version",
        since="updated_at",
        category="category",
        author="author",
    )
    return Subquery(rows.order_by().values(told=Cast(told, TextField()))[:1])


def body_told(told: Any, actor: Actor, known: Collection[Category]) -> Body | None:
    """A body as `kept_beside` tells it, to who knows these categories of the person."""
    if not told:
        return None
    kept = orjson.loads(told)
    author = UUID(kept["author"]) if kept["author"] else None
    if not is_told(actor, Category(kept["category"]), author, known):
        return None
    since = datetime.fromisoformat(kept["since"])
    return Body(kept["sent"], kept["base"], kept["version"], since)


def former_bodies(actor: Actor, kind: str, ids: Sequence[UUID]) -> Mapping[UUID, list[Body]]:
    """Every version of what was kept of some resources that may still be read, the oldest first.

    Two queries, and one by person and category of information that is no longer theirs.
    """
    rows = KeptBody.objects.visible_to(actor).filter(kind=kind, resource_id__in=ids)
    current = {row.pk: row for row in rows.order_by("pk")}
    states = states_of(KeptBody, current)
    found = {}
    for pk, row in current.items():
        before = [row_of(KeptBody, state) for state in states.get(pk, [])]
        told = [one for one in before if _is_told(actor, one, row)]
        found[row.resource_id] = [body_of(one) for one in [*told, row]]
    return found


def latest_bodies(
    actor: Actor, kind: str, pk: UUID, upto: int | None, limit: int
) -> tuple[list[Body], int]:
    """Of one resource, the latest of these up to a version of the body, the oldest first; and the
    version of the row that the first state read came with, nothing (0) when none is before it."""
    rows = KeptBody.objects.visible_to(actor).filter(kind=kind, resource_id=pk)
    today = rows.order_by("pk").first()
    if today is None:
        return [], 0
    most = today.version if upto is None else upto
    states = latest_states_of(KeptBody, today.pk, most, limit)
    before = [row_of(KeptBody, one) for one in reversed(states)]
    told = [one for one in before if _is_told(actor, one, today)]
    told += [today] if today.version <= most else []
    return [body_of(one) for one in told], before[0].row_version if len(before) == limit else 0


def _is_told(actor: Actor, then: KeptBody, today: KeptBody) -> bool:
    """Say whether a state is read, as the room's policy reads a row: by its own category, its own
    author; of the person of today."""
    same = (then.category, then.author_id) == (today.category, today.author_id)
    if same or actor.role is Role.SYSTEM:
        return True
    if then.author_id == actor.account_id and actor.purpose is not Purpose.EMERGENCY:
        return True
    if today.person_id is None:
        return today.kind in ABOUT_NOBODY
    # Before labels were looked at, it was kept under a wider category than it says.
    told = {Category(then.category), *protected_in(then.sent)}
    return all(knows(actor, today.person_id, one) for one in sorted(told))


def labelled(actor: Actor, kind: str, labels: Iterable[str]) -> Q:
    """The rows of a type around which a body with all these labels is kept and may be read."""
    rows = _under(actor, kind, "fhir_bodies_labelled", labels)
    return Q(pk__in=rows.order_by().values("resource_id"))


def labelled_by_any(actor: Actor, kind: str, labels: Iterable[str]) -> Q:
    """The same, with one of these labels at least."""
    rows = _under(actor, kind, BY_ANY, labels)
    return Q(pk__in=rows.order_by().values("resource_id"))


BEARERS = {"Patient": "person_id"}
"""The column that names who bears a number that a partner gave, where it is not `resource_id`: the
numbers of a record that another absorbed are those of who is left, until the merge is undone. What
else was said of that record (a tag, a profile) stays with it."""


def _bearer(kind: str) -> str:
    return BEARERS.get(kind, "resource_id")


def identified(actor: Actor, kind: str, number: str) -> Q:
    """The rows of a type that bear an identifier, by what is kept and may be read."""
    rows = _under(actor, kind, "fhir_bodies_labelled", [number])
    return Q(pk__in=rows.order_by().values(_bearer(kind)))


def bearing_for(actor: Actor, kind: str, pk: UUID, labels: Iterable[str]) -> set[UUID]:
    """The records by whose bodies a row bears one of some numbers: itself, or those that it
    absorbed. One query."""
    rows = _under(actor, kind, BY_ANY, labels).filter(**{_bearer(kind): pk})
    return set(rows.order_by().values_list("resource_id", flat=True))


def met_under(number: str, after: UUID) -> QuerySet[KeptBody, tuple[UUID]]:
    """The keys of the persons who bear an identifier, after one: for a search that judges each."""
    rows = KeptBody.objects.filter(kind="Patient", labels__contains=[number])
    bearer = _bearer("Patient")
    return rows.filter(**{f"{bearer}__gt": after}).order_by().values_list(bearer)


def kept_under(actor: Actor, kind: str, labels: Collection[str]) -> dict[str, list[UUID]]:
    """Say which rows of a type bear some identifiers, by what is kept that the actor may read: by
    label, of those under which there is any. One query, planned once for a few lengths."""
    found: dict[str, list[UUID]] = {}
    for key, some in _kept_under(actor=actor, kind=kind, labels=filled_up(map(Word, labels))):
        for one in set(some).intersection(labels):
            found.setdefault(one, []).append(key)
    return found


@Stencil
def _kept_under(actor: Actor, kind: str, labels: list[str]) -> QuerySet[KeptBody, Any]:
    return _under(actor, kind, BY_ANY, labels).order_by("pk").values_list(_bearer(kind), "labels")


BY_ANY = "fhir_bodies_labelled_by_any"


def _under(
    actor: Actor, kind: str, function: str, labels: Iterable[str]
) -> QuerySet[KeptBody, KeptBody]:
    """What is kept of a type under labels: met by their index, then read by who may."""
    met = RawSQL(f"SELECT {function}(%s, %s)", [kind, list(labels)])  # noqa: S608, S611
    return KeptBody.objects.visible_to(actor).filter(kind=kind, pk__in=met)


def touched_around(actor: Actor, kind: str) -> Subquery:
    """When what is kept of each row of a query last changed, as far as the actor may read it."""
    rows = KeptBody.objects.visible_to(actor).filter(kind=kind, resource_id=OuterRef("pk"))
    return Subquery(rows.order_by().values("updated_at")[:1])


def kept_since(actor: Actor, kind: str, moment: datetime) -> Q:
    """The rows of a type around which something was kept since a moment, and may be read."""
    rows = KeptBody.objects.visible_to(actor).filter(kind=kind, updated_at__gte=moment)
    return Q(pk__in=rows.order_by().values("resource_id"))


def labels_of(resource: Json) -> list[str]:
    """What a search will look for in a resource that is kept: identifiers, tags, profiles."""
    meta: Any = resource.get("meta") if isinstance(resource.get("meta"), dict) else {}
    found = set()
    for kind, many in (
        ("identifier", resource.get("identifier")),
        ("identifier", resource.get("masterIdentifier")),
        ("tag", meta.get("tag")),
        ("security", meta.get("security")),
    ):
        for one in many if isinstance(many, list) else [many]:  # some types have one identifier
            found |= _labels(kind, one)
    profiles = meta.get("profile")
    for one in profiles if isinstance(profiles, list) else []:
        found.add(f"profile|*|{one}")
    return sorted(found)


def _labels(kind: str, one: Any) -> set[str]:
    if not isinstance(one, dict):
        return set()
    system, code = one.get("system") or "", one.get("value" if kind == "identifier" else "code")
    return {f"{kind}|*|{code}", f"{kind}|{system}|{code}"} if code else set()
