"""Protected lines of plans and of meetings, as the conductor hears of them: of what they say,
nothing is told."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.kernel.queue import job
from cordee.meetings import selectors as meetings
from cordee.meetings import services as settling
from cordee.pathways import decided, planned
from cordee.plans import selectors as plans
from cordee.plans import services


@listens("plans.line_to_follow", "plans.plan_to_follow")
def on_line(*, fact: StoredFact) -> None:
    """Something protected begins, moves or stops: who may read it is asked, without a word; what a
    plan asks for stands on the worklist, whatever moved it."""
    planned.follow(SYSTEM, fact, timezone.now())


@listens("directory.membership_ended")
def on_author_left(*, fact: StoredFact) -> None:
    """Who was alone to read a line works there no more: who leads is asked to give it."""
    author, now = UUID(fact.data["account_id"]), timezone.now()
    try:
        planned.look_at_lines_of(SYSTEM, author, now)
    finally:
        decided.look_at_lines_of(SYSTEM, author, now)


@job(queue="facts")
def give_action(*, line_id: str) -> None:
    """Have those of her circle who may read an action follow it: its structure said so."""
    if activity := plans.action_now(UUID(line_id)):
        services.give(actor=SYSTEM, activity=activity, now=timezone.now())


@job(queue="facts")
def give(*, activity_id: str) -> None:
    """The same, as it was asked before 29 November 2026: what waited for a worker is not lost."""
    if activity := plans.action_now(UUID(activity_id)):
        services.give(actor=SYSTEM, activity=activity, now=timezone.now())


@job(queue="facts")
def give_decision(*, line_id: str) -> None:
    """Have those of her circle who may read a decision follow it: its structure said so."""
    if decision := meetings.decision_now(UUID(line_id)):
        settling.give(actor=SYSTEM, decision=decision, now=timezone.now())


@job(queue="facts", every="40 3 * * *")
def look_again() -> None:
    """What is protected and under way waits on a list, also what began before it asked for one."""
    try:
        planned.look_again(SYSTEM, timezone.now())
    finally:
        decided.look_again(SYSTEM, timezone.now())
