"""A version as it is read, what was said of it, and what it changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cordee.access.actor import Actor, Role
from cordee.access.policy import is_allowed
from cordee.people.models import Relative
from cordee.people.selectors import own_spaces_of_account
from cordee.plans.models import Agreement, CarePlan, PlanVersion, Review
from cordee.plans.rules import agreement, versions
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.states import OFFERED, State
from cordee.plans.selectors.content import Part, current_parts, frozen_parts
from cordee.plans.selectors.numbers import numbers_of
from cordee.plans.selectors.plans import lines_going_on, versions_of, words_of

NOT_READ = "Un objectif que vous ne pouvez pas lire"
"""What is said in place of an objective of another, under which one wrote an action."""


@dataclass
class Goal:
    """An objective of a version, with its actions."""

    id: str
    title: str
    told: dict[str, str]
    actions: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Shown:
    """A version as its reader may read it, whole, in the order of the page."""

    version: PlanVersion
    digest: str
    changed: bool
    """Whether the plan is written otherwise by now, as its reader reads it."""
    words: list[tuple[str, str]]
    needs: list[dict[str, Any]]
    goals: list[Goal]
    alerts: list[dict[str, Any]]


def shown_of(actor: Actor, plan: CarePlan, number: int | None = None) -> Shown | None:
    """Read a version, the latest by default; None when there is none. Seven queries."""
    rows = versions_of(actor, plan)
    version = (rows if number is None else rows.filter(number=number)).first()
    if version is None:
        return None
    now = {part.digest for part in current_parts(actor, plan)}
    return _shown(version, frozen_parts(actor, version), now)


def agreed_of(actor: Actor, plan: CarePlan) -> Shown | None:
    """Read what the person agreed to and is being done; None before anything is. Nine queries.

    The parts that were shown to who agreed; without the objectives that are settled by now, nor
    the actions that stopped.
    """
    if plan.in_force is None:
        return None
    version = versions_of(actor, plan).get(number=plan.in_force)
    covered = agreement.covered(
        [frozenset(said.covers) for said in words_of(version) if said.decision == Decision.AGREED]
    )
    parts = [part for part in frozen_parts(actor, version) if part.digest in covered]
    found = _shown(version, parts, {part.digest for part in current_parts(actor, plan)})
    pursued, running = lines_going_on(actor, plan)
    found.goals = [goal for goal in found.goals if goal.id in pursued]
    for goal in found.goals:
        goal.actions = [action for action in goal.actions if action["id"] in running]
    return found


def _shown(version: PlanVersion, parts: list[Part], now: set[str]) -> Shown:
    digests = {part.digest for part in parts}
    return Shown(
        version=version,
        digest=versions.digest_of_all(digests),
        changed=digests != now,
        words=_words(parts),
        needs=_all(parts, "needs"),
        goals=_goals(parts),
        alerts=_all(parts, "alerts"),
    )


def _all(parts: list[Part], kind: str) -> list[dict[str, Any]]:
    return [line for part in parts for line in part.content.get(kind, ())]


def _words(parts: list[Part]) -> list[tuple[str, str]]:
    said = {name: words for part in parts for name, words in part.content.get("plan", {}).items()}
    return [(label, said[name]) for name, label in versions.PLAN_LABELS.items() if said.get(name)]


def _goals(parts: list[Part]) -> list[Goal]:
    goals = {
        line["id"]: Goal(line["id"], line["title"], line["told"]) for line in _all(parts, "goals")
    }
    for action in _all(parts, "activities"):  # agreed to with its part: never left out
        unread = Goal(action["goal"], NOT_READ, {})
        goals.setdefault(action["goal"], unread).actions.append(action)
    return list(goals.values())


@dataclass
class Past:
    """One version in the history, as its reader tells it apart: since when, what was said of it
    however often it was proposed, and what it changed."""

    number: int
    version: PlanVersion
    words: list[Agreement]
    differences: list[versions.Difference]


def history_of(actor: Actor, plan: CarePlan, numbers: Mapping[int, int]) -> list[Past]:
    """List the versions, the latest first, each with what it changed; `numbers`: as its reader is
    told them. One query a version."""
    same = _alike(actor, plan, numbers)
    first = {told: ones[-1] for told, ones in same.items()}
    read = {
        told: [part.content for part in frozen_parts(actor, one)] for told, one in first.items()
    }
    return [
        Past(
            told,
            first[told],
            _told_of(actor, plan, ones),
            versions.differences(read[told - 1], read[told]) if told - 1 in read else [],
        )
        for told, ones in same.items()
    ]


def words_told(
    actor: Actor, plan: CarePlan, numbers: Mapping[int, int], told: int
) -> list[Agreement]:
    """List what was said of the versions that go by a number for the actor. Two queries."""
    return _told_of(actor, plan, _alike(actor, plan, numbers).get(told, []))


def last_word(
    actor: Actor, plan: CarePlan, numbers: Mapping[int, int], latest: PlanVersion | None
) -> Agreement | None:
    """Give what was said last of the latest version: to who takes no answer, of those that are one
    with it for them. Two queries at most."""
    if latest is None:
        return None
    if is_allowed(actor, "plans.say", plan):
        return next(iter(words_of(latest)), None)
    return next(iter(words_told(actor, plan, numbers, numbers.get(latest.number, 0))), None)


def agreements_told(actor: Actor, plan: CarePlan) -> list[Agreement]:
    """List what was said of every version, as the actor is told it. Four queries."""
    same = _alike(actor, plan, numbers_of(actor, plan))
    return [said for ones in same.values() for said in _told_of(actor, plan, ones)]


def _alike(
    actor: Actor, plan: CarePlan, numbers: Mapping[int, int]
) -> dict[int, list[PlanVersion]]:
    """The versions that go by each number for the actor, the latest first."""
    found: dict[int, list[PlanVersion]] = defaultdict(list)
    for one in versions_of(actor, plan):
        if one.number in numbers:  # else it was proposed since they were told apart
            found[numbers[one.number]].append(one)
    return found


def _told_of(actor: Actor, plan: CarePlan, alike: list[PlanVersion]) -> list[Agreement]:
    """What was said of versions that are one for the actor. While an agreement stands, an answer
    that nothing was written of speaks of what they do not read: it is told to who takes answers.
    """
    every = [(one.number, said) for one in alike for said in words_of(one)]
    if is_allowed(actor, "plans.say", plan):
        return [said for _, said in every]
    told, agreed = set(), None
    for number, said in sorted(every, key=lambda one: (one[1].said_at, one[1].pk)):
        is_another = agreed is not None and number > agreed
        if is_another and not said.words and said.decision != Decision.WITHDRAWN:
            continue
        told.add(said.pk)
        if said.decision == Decision.AGREED:
            agreed = agreed or number
        elif said.decision == Decision.WITHDRAWN:
            agreed = None
        elif said.decision == Decision.REFUSED and not is_another:
            agreed = None  # of a version after it, what was agreed to stands
    return [said for _, said in every if said.pk in told]


def as_told(actor: Actor, plan: CarePlan) -> CarePlan:
    """Give a plan where it stands for its reader: a next version that changes nothing of what they
    read waits for nobody’s answer but with who takes it, and moves nothing. Four queries at most.
    """
    if plan.in_force is None or plan.state not in (*OFFERED, State.AGREED, State.ACTIVE):
        return plan
    if is_allowed(actor, "plans.say", plan):
        return plan
    reviewed = _reviewed(actor, plan)
    if plan.state == State.ACTIVE and not reviewed:
        return plan
    told = numbers_of(actor, plan)
    standing = told[plan.in_force]
    if told[max(told)] == standing:
        is_reviewed = standing in {told.get(one) for one in reviewed}
        plan.state = (State.REVIEWED if is_reviewed else State.ACTIVE).value
    return plan


def _reviewed(actor: Actor, plan: CarePlan) -> set[int]:
    """Name the versions that were reviewed since an agreement was last taken back."""
    withdrawn = Agreement.objects.filter(frozen__plan=plan, decision=Decision.WITHDRAWN.value)
    latest = withdrawn.order_by("-created_at", "-pk").values_list("created_at", flat=True).first()
    rows = Review.objects.visible_to(actor).filter(plan=plan)
    rows = rows.filter(created_at__gte=latest) if latest else rows
    return set(rows.values_list("number", flat=True))


def decisions_for(plan: CarePlan) -> list[Decision]:
    """List what may be said of the plan where it stands.

    Before anything began, an agreement is taken back; with a former version under way, the next
    one may also be refused alone, and the former stays.
    """
    found = []
    if plan.state in OFFERED:
        found = [Decision.AGREED, Decision.DISCUSSED, Decision.REFUSED]
    elif plan.state == State.AGREED:
        found = [Decision.AGREED]
        if plan.in_force is not None:
            found.append(Decision.REFUSED)
    if plan.in_force is not None or plan.state == State.AGREED:
        found.append(Decision.WITHDRAWN)
    return found


def number_spoken_of(plan: CarePlan) -> int | None:
    """Say which version is to be shown to who answers: the latest (None), or what is under way."""
    waits = plan.state in (*OFFERED, State.AGREED)
    return None if waits else plan.in_force


def voices_of(actor: Actor, relatives: Iterable[Relative]) -> list[Relative]:
    """List who may have spoken; from their own space, a relative speaks as themselves."""
    if actor.role is not Role.RELATIVE or actor.account_id is None:
        return list(relatives)
    own = set(own_spaces_of_account(actor.account_id).values_list("relative_id", flat=True))
    return [one for one in relatives if one.pk in own]
