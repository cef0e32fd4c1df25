"""The entries of a transaction that are written together: a run of one type, in one set."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Mapped
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction

from cordee.access.policy import seen_among
from cordee.fhir import services
from cordee.fhir.alone import hold
from cordee.fhir.bundles.entries import Entry
from cordee.fhir.bundles.inside import Done
from cordee.fhir.bundles.links import needed_by, rewritten
from cordee.fhir.call import Call
from cordee.fhir.contract import Mapping
from cordee.fhir.misshapen import refuse_misled, refuse_what_changes_meaning
from cordee.fhir.outcome import Refusal
from cordee.fhir.policy import told_to_their_sender
from cordee.fhir.registry import mappings
from cordee.fhir.search.numbered import label_of
from cordee.fhir.selectors import kept_under, labels_of
from cordee.fhir.versions import version_with
from cordee.fhir.writing import etag
from cordee.kernel.errors import DomainError, Forbidden

LEAST = 2  # entries below which a set costs more than it spares


def in_sets(call: Call, entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut entries, in their order, into runs that may be written together, and others alone."""
    urls = frozenset(one.url for one in entries if one.url)
    run: list[Entry] = []
    made: set[str] = set()  # by the run: whatever speaks of it comes after it
    for one in entries:
        together = _goes_in_a_set(call, one)
        joins = together and one.type == run[0].type if run else True
        if not joins or (run and not made.isdisjoint(needed_by(one.places, urls))):
            yield run
            run, made = [], set()
        run.append(one)
        made.add(one.url)
        if not together:
            yield run
            run, made = [], set()
    if run:
        yield run


def _goes_in_a_set(call: Call, entry: Entry) -> bool:
    """Whether an entry only adds, and wants nothing back."""
    mapping = mappings().get(entry.type)
    if mapping is None or entry.method != "POST":
        return False
    is_plain = not (entry.rest or entry.query) and _minimal(call)
    resource = entry.resource
    known = isinstance(resource, dict) and resource.get("resourceType") == entry.type
    return is_plain and known and _is_held(mapping, entry) and mapping.may_go_in_a_set(resource)


def _is_held(mapping: Mapping, entry: Entry) -> bool:
    """Whether it comes under no condition, or unless an identifier of its sender’s own is here."""
    with suppress(Refusal):
        return not entry.headers or bool(_label(mapping, entry))
    return False


def _label(mapping: Mapping, entry: Entry) -> str:
    """Under which label what an entry must not double is kept; nothing under any other condition.
    Raises Refusal."""
    return label_of(mapping, entry.headers[UNLESS]) if entry.headers.keys() == {UNLESS} else ""


UNLESS = "HTTP_IF_NONE_EXIST"


def _minimal(call: Call) -> bool:
    return not call.prefers or "return=minimal" in call.prefers


def written_together(
    call: Call, entries: Sequence[Entry], known: Mapped[str, str]
) -> list[Done | None] | None:
    """Write a run in one set, and give the answers in its order; None for one that what is here
    answers already, which is to be asked alone.

    None in place of them all when one is refused, or was there already: they are to be asked one by
    one, which says where and why.
    """
    needed = "cs" if any(one.headers for one in entries) else "c"
    allowed = all(call.caller.scopes.allow(entries[0].type, one) for one in needed)
    if len(entries) < LEAST or not allowed:
        return None
    with suppress(Refusal, DomainError, Forbidden, IntegrityError, services.NotASet):
        try:
            return _written(call, entries, known)
        except services.NotASet:  # what knows itself again came again: the others are a set
            return _written(call, entries, known, came_again=True)
    return None


def _written(
    call: Call, entries: Sequence[Entry], known: Mapped[str, str], *, came_again: bool = False
) -> list[Done | None]:
    mapping = mappings()[entries[0].type]
    with transaction.atomic():
        fresh = _fresh(call, mapping, entries, came_again=came_again)
        if len(fresh) < LEAST:
            return [None] * len(entries)
        resources = [one.linked(known) for one in fresh]
        for entry, one in zip(fresh, resources, strict=True):
            refuse_misled(one, rewritten(entry.places))  # it was right as it came
            refuse_what_changes_meaning(one)
        rows = services.receive_many(
            actor=call.actor,
            mapping=mapping,
            resources=resources,
            now=call.now,
            caller=call.caller,
        )
    ranks = [one.rank for one in fresh]
    told = dict(zip(ranks, _answered(call, mapping, rows), strict=True))
    return [told.get(one.rank) for one in entries]


def _fresh(
    call: Call, mapping: Mapping, entries: Sequence[Entry], *, came_again: bool
) -> list[Entry]:
    """The entries that nothing here answers, nor one before them: what they must not double is held
    until the end, so that nobody else brings it meanwhile."""
    held = [one.headers[UNLESS] for one in entries if one.headers]
    labels = {one.rank: {_label(mapping, one)} for one in entries if one.headers}
    if came_again:
        labels |= {one.rank: _numbers(one) for one in entries if not one.headers}
    if not labels:
        return list(entries)
    if held:
        hold(mapping.type, held)
    met = set(kept_under(call.actor, mapping.type, sorted(set().union(*labels.values()))))
    fresh = []
    for one in entries:
        if met.isdisjoint(labels.get(one.rank, ())):
            fresh.append(one)
            met.update(labels_of(one.resource))
    return fresh


def _numbers(entry: Entry) -> set[str]:
    """The labels of the identifiers of an entry, each with its system."""
    found = (one for one in labels_of(entry.resource) if one.startswith("identifier|"))
    return {one for one in found if not one.startswith("identifier|*|")}


def _answered(call: Call, mapping: Mapping, rows: Sequence[Any]) -> list[Done]:
    """Say where each row is, and which version to who may see it: nothing is read back, one of
    those that are seen alike is asked for all, and what is kept of them begins with this set."""
    kinds = [mapping.seen_alike(row) for row in rows]
    persons = [mapping.person_of(row) for row in rows]
    alike = dict(zip(kinds, (row.pk for row in rows), strict=True))
    seen = seen_among(call.actor, mapping.model, alike.values())
    told = told_to_their_sender(call.actor, persons)
    is_seen = {kind: pk in seen for kind, pk in alike.items()}
    answers = []
    for row, kind, person in zip(rows, kinds, persons, strict=True):
        headers = {"Location": f"{call.base}{mapping.type}/{row.pk}"}
        if is_seen[kind]:
            version = version_with(mapping, row, 1 if person in told else None)
            headers["Location"] += f"/_history/{version}"
            headers["ETag"] = etag(version)
        answers.append(Done(201, headers))
    return answers
