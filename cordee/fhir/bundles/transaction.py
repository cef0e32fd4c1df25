"""A transaction: every entry in one transaction of the database, or nothing at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Any

import orjson
from django.db import OperationalError, transaction
from django.http import HttpResponse

from cordee.access import trace
from cordee.fhir.bundles.entries import MOST_BYTES, TURNS, Entry, Writers, in_turn
from cordee.fhir.bundles.inside import Answer, asked, made, met
from cordee.fhir.bundles.links import CONDITIONAL, needed_by, references
from cordee.fhir.bundles.sets import in_sets, written_together
from cordee.fhir.call import Call
from cordee.fhir.outcome import Issue, Refusal

CREATED = 201
TRIES = 3  # of a transaction that met others: each time, nothing of it was left
# Deadlock, and what could not be made serial (PostgreSQL, appendix A).
MET_OTHERS = ("40P01", "40001")


@dataclass
class Undone(Exception):
    """A transaction that left nothing: the status, and what was wrong, at its place."""

    status: int
    issues: Sequence[Issue]

    def __str__(self) -> str:
        return f"{self.status} {', '.join(one.code for one in self.issues)}"


def done_together(call: Call, entries: Sequence[Entry]) -> list[Answer]:
    """Do every entry, and return the answers in the order of the bundle.

    Raises Undone: one was refused, and nothing of the others is left but the trace of what was read
    meanwhile: which entry is refused tells of it. Refusal (400).
    """
    Writers(entries)  # before anything is done
    with trace.looks_that_last():
        return _tried(call, entries)


def _tried(call: Call, entries: Sequence[Entry]) -> list[Answer]:
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _done(call, entries)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in MET_OTHERS:
                raise
            if attempt == TRIES:
                raise Undone(409, [MET]) from error
        except Undone as undone:
            if undone.status in (403, 404):  # what was traced inside was undone with the rest
                trace.refused(call.actor, "fhir.transaction", reason=undone.issues[0].code)
            raise
    raise AssertionError("unreachable")


def _done(call: Call, entries: Sequence[Entry]) -> list[Answer]:
    writers = Writers(entries)
    known = _named_before(call, entries, writers)
    answers: dict[int, Answer] = {}
    weight = 0
    for run in in_sets(call, _in_order(entries, known)):
        together = written_together(call, run, known)
        for place, entry in enumerate(run):
            answer = (together and together[place]) or _one(call, entry, known, writers)
            answers[entry.rank] = answer
            weight += len(answer.content)
            if weight > MOST_BYTES:
                raise Undone(413, [replace(TOO_LONG, where=f"Bundle.entry[{entry.rank}]")])
            address = made(call, answer)
            _tell_what_is_written(writers, entry, answer, address)
            if entry.url and address:
                known[entry.url] = address
    return [answers[one.rank] for one in entries]


def _named_before(call: Call, entries: Sequence[Entry], writers: Writers) -> dict[str, str]:
    """Return the addresses known at once: entries that name a resource, and conditions met.

    What an entry writes under a condition is claimed before anything is done: one done before it
    may put that out of its reach, and it would create it again. Raises Undone.
    """
    known = {one.url: one.target for one in entries if one.url and one.target}
    for entry in entries:
        if entry.method in ("DELETE", "PUT", "PATCH") and not entry.rest:
            found = _searched(call, entry.type, entry.query, entry.rank)
            _claim(writers, entry, found)
            if entry.url and found:
                known[entry.url] = found
        for link in references(entry.places):
            asked_of = CONDITIONAL.fullmatch(link) if "?" in link else None
            if asked_of is None or link in known:
                continue
            found = _searched(call, asked_of[1], asked_of[2], entry.rank)
            if not found:
                raise Undone(412, [replace(NOT_FOUND, where=f"Bundle.entry[{entry.rank}]")])
            known[link] = found
    return known


def _searched(call: Call, type_name: str, query: str, rank: int) -> str:
    """Return the address of the one resource that a condition names, or nothing."""
    try:
        return met(call, type_name, query)
    except Refusal as refusal:
        where = f"Bundle.entry[{rank}]"
        issues = [replace(one, where=one.where or where) for one in refusal.issues]
        raise Undone(refusal.status, issues) from None


def _in_order(entries: Sequence[Entry], known: Mapping[str, str]) -> list[Entry]:
    """Return the entries turn by turn, each after those it speaks of. Raises Undone: a circle.

    Each is read once: how many others it waits for is counted down as they are placed.
    """
    turned = in_turn(entries)
    makers: dict[str, list[int]] = {}
    for place, one in enumerate(turned):
        if one.url and one.url not in known:
            makers.setdefault(one.url, []).append(place)
    waits, freed = _waits(turned, makers)
    ready = [place for place, count in enumerate(waits) if not count]  # sorted: a heap
    order: list[int] = []
    while ready:
        order.append(heappop(ready))
        for place in freed[order[-1]]:
            waits[place] -= 1
            if not waits[place]:
                heappush(ready, place)
    _refuse_circles(turned, order)
    return [turned[place] for place in order]


def _waits(
    turned: Sequence[Entry], makers: Mapping[str, list[int]]
) -> tuple[list[int], list[list[int]]]:
    """Return for how many entries each waits, and which ones each frees once it is done."""
    waits = [0] * len(turned)
    freed: list[list[int]] = [[] for _ in turned]
    urls = frozenset(makers)
    for place, one in enumerate(turned):
        for url in needed_by(one.places, urls) - {one.url}:
            waits[place] += len(makers[url])
            for maker in makers[url]:
                freed[maker].append(place)
    return waits, freed


def _refuse_circles(turned: Sequence[Entry], order: Sequence[int]) -> None:
    """Refuse entries that wait for each other, or for one of a later turn. Raises Undone."""
    turns = [TURNS[turned[place].method] for place in order]
    back = (at for at in range(1, len(turns)) if turns[at] < turns[at - 1])
    placed = next(back, len(order))
    if placed < len(turned):
        left = sorted(set(range(len(turned))) - set(order[:placed]))
        where = f"Bundle.entry[{turned[left[0]].rank}]"
        raise Undone(422, [replace(CIRCLE, where=where)])


def _tell_what_is_written(writers: Writers, entry: Entry, answer: Answer, address: str) -> None:
    """Say what an entry wrote without naming it. Raises Undone: another wrote it, or its condition
    named something else before."""
    if entry.method == "POST" and answer.status_code == CREATED:
        writers.add(address)
    elif entry.method in ("PUT", "PATCH") and not entry.rest:
        _claim(writers, entry, address)


def _claim(writers: Writers, entry: Entry, address: str) -> None:
    """Say that an entry writes what has an address. Raises Undone: it may not."""
    try:
        writers.claim(entry, address)
    except Refusal as refusal:
        raise Undone(refusal.status, refusal.issues) from None


def _one(call: Call, entry: Entry, known: Mapping[str, str], writers: Writers) -> HttpResponse:
    """Ask one entry. Raises Undone: it was refused."""
    if entry.method == "DELETE" and not entry.rest:  # its answer will not say what it ended
        _claim(writers, entry, _searched(call, entry.type, entry.query, entry.rank))
    try:
        answer = asked(call, entry, entry.linked(known))
    except Refusal as refusal:
        raise Undone(refusal.status, refusal.issues) from None
    if answer.status_code >= 400:
        raise Undone(answer.status_code, _issues_of(answer, entry))
    return answer


def _issues_of(answer: HttpResponse, entry: Entry) -> list[Issue]:
    """Return what was wrong with an entry, at its place in the bundle."""
    said: list[dict[str, Any]] = orjson.loads(answer.content)["issue"]
    return [
        Issue(
            kind=one["code"],
            code=one["details"]["coding"][0]["code"],
            french=one["details"]["text"],
            english=one["diagnostics"],
            where=_placed(one.get("expression", [""])[0], entry),
            severity=one["severity"],
        )
        for one in said
    ]


def _placed(where: str, entry: Entry) -> str:
    here = f"Bundle.entry[{entry.rank}]"
    rest = where.removeprefix(entry.type)
    return f"{here}.resource{rest}" if where.startswith(entry.type) else here


MET = Issue(
    "lock-error",
    "bundle.busy",
    "D’autres écrivent les mêmes ressources au même moment : recommencez. Rien n’a été modifié.",
    "The same resources are being written: try again. Nothing was changed.",
)
TOO_LONG = Issue(
    "too-costly",
    "bundle.too_long",
    "Les réponses de cette transaction sont trop longues : coupez-la en plusieurs, ou demandez-en "
    "moins en retour (« Prefer: return=minimal »). Rien n’a été modifié.",
    "The answers of the transaction are too long. Nothing was changed.",
)
NOT_FOUND = Issue(
    "not-found",
    "bundle.condition",
    "Aucune ressource, parmi celles qui vous sont confiées, ne répond à cette référence. Rien n’a "
    "été modifié.",
    "No resource that the caller may see matches the conditional reference.",
)
CIRCLE = Issue(
    "business-rule",
    "bundle.circle",
    "Ces demandes se citent en rond : aucune ne peut être faite la première. Rien n’a été modifié.",
    "The entries refer to each other in a circle. Nothing was changed.",
)
