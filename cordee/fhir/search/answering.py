"""The answer to a search: a Bundle of what was found, what it brings along, and where to go on."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl
from uuid import UUID

from django.db.models import QuerySet

from cordee.access import trace
from cordee.fhir.assembly import assembled, trimmed
from cordee.fhir.call import Call
from cordee.fhir.caller import Caller
from cordee.fhir.contract import Mapping, Told
from cordee.fhir.outcome import Issue, Json, Refusal, outcome
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import (
    Compiled,
    compiled,
    order_of,
    refuse_the_unknown,
    sortable,
)
from cordee.fhir.search.includes import leading_nowhere, led_to, referring_by
from cordee.fhir.search.numbered import numbered
from cordee.fhir.search.paging import (
    Order,
    Place,
    after,
    first_of,
    opened,
    ordered,
    place_of,
    sealed,
)
from cordee.fhir.search.parameters import Asking
from cordee.fhir.search.words import Include, Wanted, understood
from cordee.fhir.selectors import Body
from cordee.kernel.once import asked_once

MOST_BROUGHT = 1_000  # resources that come along with a page
ROUNDS = 4  # times that what was brought brings more
FEW = 50  # persons whom a figure is still about: it answers a question about each


@dataclass
class Page:
    """What a search found, and what comes with it: rows by type, each once."""

    mapping: Mapping
    rows: list[Any]
    order: Order = ()
    ignored: list[Issue] = field(default_factory=list)
    kept: Mapped[Any, Body] | None = None
    """What is kept around the rows, where it came along with them; a line of trace tells of them
    then."""
    brought: dict[str, dict[Any, Any]] = field(default_factory=dict)
    is_cut: bool = False
    """Whether what comes along was more than is brought."""

    @property
    def left(self) -> int:
        """How many resources may still come along."""
        return MOST_BROUGHT - sum(len(rows) for rows in self.brought.values())

    def keys(self, type_name: str) -> set[Any]:
        """The keys of the resources of a type that are there already."""
        found = set(self.brought.get(type_name, {}))
        return found | {row.pk for row in self.rows if self.mapping.type == type_name}

    def some(self, mapping: Mapping, rows: QuerySet[Any]) -> list[Any]:
        """The rows that may still come along and are not there yet; more than that is a cut."""
        new = rows.exclude(pk__in=self.keys(mapping.type)).order_by("pk")
        found = list(new[: self.left + 1])
        self.is_cut = self.is_cut or len(found) > self.left
        return found[: self.left]


def searched(call: Call, mapping: Mapping, pairs: Sequence[tuple[str, str]]) -> Json:
    """Answer a search. Queries: one for the page, one for what is kept, those of the mapping.

    Raises Refusal (400, 403).
    """
    call.require(mapping.type, "s")
    wanted, place = wanted_by(call.caller, mapping.type, pairs)
    nowhere = leading_nowhere(mapping, wanted)
    told = None if nowhere and call.is_strict else _at_once(call, mapping, wanted, place)
    if told is not None:
        made = [mapping.row_of(one) for one in told]
        page = Page(mapping, [row for row, _ in made], ignored=nowhere)
        page.kept = {row.pk: body for row, body in made if body}
        return _answered(call, page, wanted, place)
    asking = call.asking(mapping.type)
    with asked_once():
        found = [compiled(one, wanted, asking, at_once=True) for one in mapping.tables]
    found[0].ignored += nowhere
    if call.is_strict:
        refuse_the_unknown(found[0].ignored)
    if wanted.summary == "count" or wanted.count == 0:
        order_of(mapping, wanted)
        return _counted(call, mapping, wanted, found)
    some = _some(asking, list(zip(mapping.tables, found, strict=True)), wanted, place)
    page = Page(mapping, some, order_of(mapping, wanted), found[0].ignored)
    total = {}
    if wanted.total != "none":
        total["total"] = sum(one.rows.count() for one in found)
    return _answered(call, page, wanted, place) | total


def _at_once(call: Call, mapping: Mapping, wanted: Wanted, place: Place) -> list[Told] | None:
    """What is told of the rows of a usual search, and the line of trace, by one statement."""
    is_whole = call.caller.patient_id is None and call.is_whole(mapping.type, "s")
    if mapping.quick_page is None or not (is_whole and is_a_page(wanted)):
        return None
    return mapping.quick_page(call.actor, wanted, place.after[-1] if place.after else None)


def is_a_page(wanted: Wanted) -> bool:
    """Whether a search wants resources, and no figure of them."""
    return wanted.total == "none" and wanted.summary != "count" and wanted.count > 0


def _answered(call: Call, page: Page, wanted: Wanted, place: Place) -> Json:
    """The bundle of a page, whose last row but for those wanted begins the next one."""
    goes_on = len(page.rows) > wanted.count
    page.rows = page.rows[: wanted.count]
    _bring(call, page, wanted)
    _tell(call, page)
    onward = None
    if goes_on:
        last = page.rows[-1]
        several = page.mapping.also
        order = order_of(page.mapping.table_of(last), wanted) if several else page.order
        onward = Place(wanted.query, place_of(last, order))
    bundle = bundle_of(call, page.mapping.type, place, onward)
    told = [*page.ignored, *([CUT] if page.is_cut else [])]
    entries = [*_entries(call, page, wanted), *said(told)]
    return bundle | ({"entry": entries} if entries else {})


def _some(
    asking: Asking, found: Sequence[tuple[Mapping, Compiled]], wanted: Wanted, place: Place
) -> list[Any]:
    """The rows of a page, and one more when others follow."""
    parts = []
    for table, one in found:
        order = order_of(table, wanted)
        rows = ordered(sortable(one.rows, order, asking), order)
        parts.append((rows.filter(after(order, place.after)) if place.after else rows, order))
    return first_of(parts, wanted.count + 1)


def matching(call: Call, mapping: Mapping, query: str, most: int = 2) -> list[Any]:
    """The first rows that a conditional request asks for, traced: whatever comes of it tells that
    they are there. Raises Refusal: not understood."""
    rows = numbered(call, mapping, query, most)
    if rows is not None:
        _listed(call, mapping.apart(rows))
        return rows
    wanted = understood(parse_qsl(query, keep_blank_values=True))
    asking = call.asking(mapping.type)
    found = [compiled(one, wanted, asking) for one in mapping.tables]
    refuse_the_unknown(found[0].ignored)
    if not wanted.asked:
        raise Refusal(412, [NO_CRITERION])
    rows = first_of([(one.rows.order_by("pk"), ()) for one in found], most)
    _listed(call, mapping.apart(rows))
    return rows


NO_CRITERION = Issue(
    "required",
    "search.no_criterion",
    "Cette demande conditionnelle ne dit pas à quelle condition.",
    "The conditional request holds no criterion.",
)


CUT = Issue(
    "too-costly",
    "search.cut",
    f"Cette page apporte {MOST_BROUGHT} ressources liées au plus : il en manque. Demandez des "
    "pages plus courtes (_count).",
    f"At most {MOST_BROUGHT} included resources come with a page: some are missing.",
    severity="warning",
)


def wanted_by(
    caller: Caller, type_name: str, pairs: Sequence[tuple[str, str]]
) -> tuple[Wanted, Place]:
    """What the words of a search ask, and where its page begins. Raises Refusal (400)."""
    wanted = understood(pairs)
    if not wanted.cursor:
        return wanted, Place(wanted.query)
    place = opened(wanted.cursor, caller, type_name)
    return understood(parse_qsl(place.query, keep_blank_values=True)), place


def _counted(call: Call, mapping: Mapping, wanted: Wanted, found: Sequence[Compiled]) -> Json:
    bundle = bundle_of(call, mapping.type, Place(wanted.query))
    bundle["total"] = sum(one.rows.count() for one in found)
    _tell_counted(call, mapping, found if bundle["total"] else [])
    ignored = said(found[0].ignored)
    return bundle | ({"entry": ignored} if ignored else {})


def _tell_counted(call: Call, mapping: Mapping, found: Sequence[Compiled]) -> None:
    """One line of trace, with whom the figure is about as long as they are few."""
    persons: set[UUID] = set()
    for table, one in zip(mapping.tables, found, strict=False):
        persons |= _some_persons(table, one.rows)
    if 0 < len(persons) <= FEW:
        trace.listed(call.actor, mapping.model._meta.label_lower, persons)
    else:
        trace.counted(call.actor, mapping.model._meta.label_lower)


def _some_persons(table: Mapping, rows: QuerySet[Any]) -> set[UUID]:
    """Whom rows are about: all of them as long as they are few, else more than a few."""
    if path := table.person_lookup:
        whose = rows.order_by().values_list(path, flat=True).distinct()
        return set(filter(None, whose[: FEW + 1]))
    return set(table.concerned(list(rows.order_by("pk")[: FEW + 1])))


class Reached(Protocol):
    """Who is answered, and at which address of the door."""

    @property
    def base(self) -> str:
        """The address of the door, with its last slash."""

    @property
    def caller(self) -> Caller:
        """Who calls."""


def bundle_of(at: Reached, type_name: str, place: Place, onward: Place | None = None) -> Json:
    """The bundle of a page, before its entries: where it is, and where the next one begins."""
    links = [_link(at, type_name, "self", place)]
    if onward is not None:
        links.append(_link(at, type_name, "next", onward))
    return {"resourceType": "Bundle", "type": "searchset", "link": links}


def _link(at: Reached, type_name: str, relation: str, place: Place) -> Json:
    cursor = sealed(place, at.caller, type_name)
    return {"relation": relation, "url": f"{at.base}{type_name}?_cursor={cursor}"}


def _entries(call: Call, page: Page, wanted: Wanted) -> Iterable[Json]:
    resources = assembled(page.mapping, page.rows, call.seeing, page.kept)
    for one in resources:
        shown = trimmed(one, page.mapping, wanted.summary, wanted.elements)
        yield _entry(call, shown, "match")
    for type_name, rows in page.brought.items():
        mapping = mappings()[type_name]
        for one in assembled(mapping, list(rows.values()), call.seeing):
            yield _entry(call, one, "include")


def _entry(call: Call, resource: Json, mode: str) -> Json:
    return entry_of(call.base, (resource["resourceType"], resource["id"]), resource, mode)


def entry_of(base: str, named: tuple[str, Any], resource: Any, mode: str = "match") -> Json:
    """One resource of a page, whose type and identifier are named."""
    address = f"{base}{named[0]}/{named[1]}"
    return {"fullUrl": address, "resource": resource, "search": {"mode": mode}}


def said(issues: list[Issue]) -> list[Json]:
    """The entry of a bundle that says what it leaves aside, if it does."""
    if not issues:
        return []
    return [{"resource": outcome(issues), "search": {"mode": "outcome"}}]


def _tell(call: Call, page: Page) -> None:
    """One line of trace by type, with whom it concerned, but of whom one tells already."""
    shown = page.mapping.apart(page.rows) if page.kept is None else []
    for name, brought in page.brought.items():
        shown += mappings()[name].apart(list(brought.values()))
    _listed(call, shown)


def _listed(call: Call, shown: Iterable[tuple[Mapping, list[Any]]]) -> None:
    for mapping, rows in shown:
        trace.listed(call.actor, mapping.model._meta.label_lower, mapping.concerned(rows))


def _bring(call: Call, page: Page, wanted: Wanted) -> None:
    """Bring along what is asked for, and what that brings when it goes on."""
    fresh: dict[str, list[Any]] = {page.mapping.type: page.rows}
    for turn in range(ROUNDS):
        met: dict[str, list[Any]] = {}
        for include in wanted.includes:
            if turn == 0 or include.goes_on:
                _merge(met, _included(call, page, fresh, include))
        for include in wanted.revincludes:
            if turn == 0 or include.goes_on:
                _merge(met, _referring(call, page, fresh, include))
        fresh = _new(page, met)
        if not fresh:
            return


def _merge(met: dict[str, list[Any]], more: dict[str, list[Any]]) -> None:
    for name, rows in more.items():
        met.setdefault(name, []).extend(rows)


def _new(page: Page, met: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What was met and is not there yet, each once: what was deleted is not brought."""
    fresh: dict[str, list[Any]] = {}
    for name, rows in met.items():
        mapping, known = mappings()[name], page.keys(name)
        for row in {row.pk: row for row in rows}.values():
            if row.pk in known or mapping.table_of(row).is_gone(row):
                continue
            if not page.left:
                page.is_cut = True
                return fresh
            page.brought.setdefault(name, {})[row.pk] = row
            fresh.setdefault(name, []).append(row)
    return fresh


def _included(
    call: Call, page: Page, fresh: dict[str, list[Any]], include: Include
) -> dict[str, list[Any]]:
    """What rows refer to, by one parameter or by all of them (`*`)."""
    found: dict[str, list[Any]] = {}
    kind = mappings().get(include.source)
    for source, rows in kind.apart(fresh.get(include.source, [])) if kind else ():
        for type_name, path in led_to(source, include):
            if not call.caller.scopes.allow(type_name, "r"):
                continue
            referring = call.rows(source, "").filter(pk__in=[row.pk for row in rows])
            keys = referring.order_by().values_list(path, flat=True)
            wanted = [pk for pk in keys.distinct() if pk]
            for target in mappings()[type_name].tables:
                some = page.some(target, call.rows(target).filter(pk__in=wanted))
                found.setdefault(type_name, []).extend(some)
    return found


def _referring(
    call: Call, page: Page, fresh: dict[str, list[Any]], include: Include
) -> dict[str, list[Any]]:
    """What refers to rows, by one parameter of another type."""
    kind = mappings().get(include.source)
    if kind is None or not call.caller.scopes.allow(kind.type, "r"):
        return {}
    found: list[Any] = []
    for source in kind.tables:
        for type_name, path in referring_by(source, include).items():
            if rows := fresh.get(type_name, []):
                referring = source.found(call.rows(source))
                wanted = referring.filter(**{f"{path}__in": [row.pk for row in rows]})
                found += page.some(source, wanted)
    return {kind.type: found} if found else {}
