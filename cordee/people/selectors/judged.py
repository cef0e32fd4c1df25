"""Pairs of records that somebody judged: what the rules of a site are measured on."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from cordee.access import trace
from cordee.access.actor import Actor
from cordee.people.labelled import Pair
from cordee.people.models import Candidate, MergeStep, Person

AT_ONCE = 500
JUDGED = (Candidate.State.MERGED, Candidate.State.NOT_SAME)


def judged_pairs(actor: Actor) -> Iterator[Pair]:
    """Give each pair that a human judged with its answer, the first judged first; traced.

    A record that absorbed others is given as it was before: what a merge copied proves nothing.
    For a command of the house; no screen offers it.
    """
    pairs = Candidate.objects.filter(state__in=JUDGED).exclude(judged_by=None)
    found = iter(pairs.select_related("one", "other").order_by("judged_at", "pk"))
    while some := list(islice(found, AT_ONCE)):
        persons = {person.pk: person for pair in some for person in (pair.one, pair.other)}
        trace.listed(actor, "people.candidate", persons)
        before = _before_merges(list(persons))
        for pair in some:
            one, other = (_as_it_was(who, before[who.pk]) for who in (pair.one, pair.other))
            made_up = any(who.is_demonstration or who.is_fictitious for who in (one, other))
            same = pair.state == Candidate.State.MERGED
            yield Pair(one.traits, other.traits, same=same, made_up=made_up)


def _before_merges(persons: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """What each record said before the first merge that changed it, of those that stand."""
    steps = MergeStep.objects.filter(
        table=Person._meta.db_table, row__in=persons, merge__undone_at=None
    )
    before: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for step in steps.order_by("-merge__merged_at", "-order", "-pk"):
        before[step.row] |= step.before
    return before


def _as_it_was(person: Person, before: dict[str, Any]) -> Person:
    for name, value in before.items():
        setattr(person, name, Person._meta.get_field(name).to_python(value))  # type: ignore[union-attr]
    return person
