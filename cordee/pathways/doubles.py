"""Records that look alike, or that nobody brought together, on the worklists of who may judge them.

One line a desk for all the pairs that it can see: a line for each would tell of the half of a pair
that is hidden. It is there as long as there is one to judge.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.directory import selectors as directory
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.selectors import open_about
from cordee.people import selectors as people
from cordee.people.policy import MERGING

PAIRS = "people/pairs/"


def keep_comparisons(actor: Actor, now: datetime, among: Collection[UUID] | None = None) -> None:
    """Have the line « compare » stand where there is a pair to judge, and nowhere else."""
    opened = open_about(PAIRS, "compare_records")
    if among is not None:
        opened = opened.filter(organization__in=among)
    held = {(task.organization_id, task.role): task for task in opened}
    wanted = set(_seats(people.desks_with_pairs(among), now))
    for seat in sorted(held.keys() - wanted):
        services.drop(actor=actor, task=held[seat], now=now)
    for desk, role in sorted(wanted - held.keys()):
        ask = services.Ask(kind="compare_records", origin=PAIRS, organization_id=desk, role=role)
        services.open_task(actor=actor, ask=ask, now=now)


def follow(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Have the lines agree with a pair that was judged, or that a desk sees no more."""
    person = UUID(fact.data["person_id"])
    if fact.kind == "people.merge_undone":
        ask_each(actor, UUID(fact.data["merge_id"]), person, now)
        for task in open_about(f"people/merge/{fact.data['merge_id']}", "review_merge"):
            services.drop(actor=actor, task=task, now=now)
    if fact.kind == "people.merged_unattended" and fact.data["survivor_id"] == str(person):
        ask_to_reread(actor, fact.data["merge_id"], person, now)
    desks = people.desks_around(person)
    if left := fact.data.get("organization_id"):
        desks.add(UUID(left))
    keep_comparisons(actor, now, desks)


def ask_to_reread(actor: Actor, merge_id: str, survivor: UUID, now: datetime) -> None:
    """Have what nobody decided read again by who coordinates for the person."""
    for desk, role in sorted(_seats(people.desks_of(survivor), now)):
        ask = services.Ask(
            kind="review_merge",
            origin=f"people/merge/{merge_id}",
            organization_id=desk,
            person_id=survivor,
            role=role,
        )
        services.open_task(actor=actor, ask=ask, now=now)


def ask_each(actor: Actor, merge_id: UUID, person: UUID, now: datetime) -> None:
    """Have somebody ask one of two persons what she wants, where a choice was written down while
    their records were one: it stays with one of them, and nobody knows whose word it was."""
    if people.is_deceased(person) or not people.chose_while_one(merge_id):
        return
    for desk in sorted(people.desks_of(person)):
        ask = services.Ask(
            kind="ask_choices",
            origin=f"people/person/{person}",
            organization_id=desk,
            person_id=person,
        )
        services.open_task(actor=actor, ask=ask, now=now)


def _seats(desks: Iterable[UUID], now: datetime) -> Iterable[tuple[UUID, str]]:
    """Structure and role of those who judge pairs there."""
    held = directory.at_work(now).filter(organization__in=list(desks), role__in=MERGING)
    return held.order_by().values_list("organization", "role").distinct()
