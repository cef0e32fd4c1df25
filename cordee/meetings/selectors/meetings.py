"""The meetings of a person as screens read them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible, is_allowed
from cordee.meetings.models import Decision, Meeting, Seat, Topic
from cordee.meetings.rules import agenda, states
from cordee.meetings.rules.states import State
from cordee.people.models import Person
from cordee.plans import selectors as plans
from cordee.plans.models import Activity, Goal
from cordee.plans.rules.domains import ON_THE_THREAD
from cordee.plans.rules.lines import Phase, Stage, may_rewrite

_STAY = (
    *("member__practitioner", "member__organization", "member__relative", "member__account"),
    "account",
)
KINDS: dict[str, Any] = {"seat": Seat, "topic": Topic, "decision": Decision}


def meetings_of(actor: Actor, person: Person) -> list[Meeting]:
    """List the meetings about somebody, the latest first. Two queries, planned once."""
    return _meetings(actor, person.pk)


_meetings = FetchAbout(
    lambda: Meeting.objects.select_related("organization").order_by("-starts_at", "pk")
)


def open_meetings_of(persons: list[UUID] | None) -> QuerySet[Meeting]:
    """List what is planned, or has decisions to be done, for the house that ends them."""
    rows = Meeting.objects.filter(state=State.PLANNED) | Meeting.objects.filter(
        decisions__phase="open"
    )
    if persons is not None:
        rows = rows.filter(person__in=persons)
    return rows.select_related("person").distinct().order_by("pk")


def planned_with(account_id: UUID, organization_id: UUID) -> QuerySet[Meeting]:
    """List what a structure has planned with somebody of its team, for the house. One query."""
    rows = Meeting.objects.filter(state=State.PLANNED, organization=organization_id)
    return rows.filter(seats__account=account_id).order_by("pk")


def meeting_now(pk: UUID) -> Meeting | None:
    """Fetch a meeting for the conductor, as it stands. One query."""
    found: Meeting | None = Meeting.objects.filter(pk=pk).first()
    return found


def decision_now(pk: UUID) -> Decision | None:
    """Fetch a decision for the conductor, as it stands. One query."""
    rows = Decision.objects.select_related("meeting", "member__practitioner")
    found: Decision | None = rows.filter(pk=pk).first()
    return found


def protected_now(**about: UUID) -> list[Decision]:
    """List the open decisions that the worklist tells of nobody: all, or those about a person
    (`meeting__person`), or of one `author`. One query."""
    rows = Decision.objects.filter(phase=states.Phase.OPEN.value, **about)
    rows = rows.exclude(category__in=ON_THE_THREAD)
    return list(rows.select_related("meeting", "member__practitioner").order_by("pk"))


def astray_of(persons: list[UUID]) -> QuerySet[Decision]:
    """List open decisions given to a stay in the circle of another record, for the house. One
    query."""
    rows = Decision.objects.filter(
        meeting__person__in=persons, member__isnull=False, phase=states.Phase.OPEN.value
    ).exclude(member__person=F("meeting__person"))
    return rows.select_related("meeting", "member").order_by("pk")


def is_told(line: Topic | Decision) -> bool:
    """Say whether the thread may tell of it, and the worklist name whose it is."""
    return line.category in ON_THE_THREAD


def rewrites(actor: Actor, line: Topic | Decision) -> bool:
    """Say whether the actor may write under a line: a protected one is read by its author."""
    return may_rewrite(line.category, line.author_id, actor.account_id)


def get_meeting(actor: Actor, pk: UUID) -> Meeting:
    """Fetch one meeting. Raises Http404, traced. Two queries."""
    rows = Meeting.objects.select_related("person__commune", "organization", "called_by")
    return get_visible(actor, rows, pk)


def get_decision(actor: Actor, pk: UUID) -> Decision:
    """Fetch one decision, of whatever meeting. Raises Http404, traced. Two queries."""
    return get_visible(actor, Decision, pk)


def get_line(actor: Actor, meeting: Meeting, kind: str, pk: UUID) -> Any:
    """Fetch a seat, a topic or a decision of a meeting. Raises Http404, traced. Two queries."""
    return get_visible(actor, KINDS[kind].objects.filter(meeting=meeting), pk)


@dataclass
class Page:
    """A meeting as its reader may read it."""

    meeting: Meeting
    seats: list[Seat]
    topics: list[Topic]
    """Kept, in the order in which they were."""
    left_out: list[Topic]
    decisions: list[Decision]
    """Of no line of the agenda, or of one that is not shown."""
    settles: frozenset[UUID]
    """Which decisions the reader may say done."""

    @property
    def is_written(self) -> bool:
        """Whether something was written of what was said."""
        return bool(self.meeting.words or any(topic.said for topic in self.topics))

    def written_by(self, actor: Actor) -> list[Topic]:
        """Of which lines the actor may write what was said."""
        return [topic for topic in self.topics if rewrites(actor, topic)]

    def set_aside_of(self, actor: Actor) -> list[Topic]:
        """Under which lines that are set aside the actor may have been writing."""
        return [topic for topic in self.left_out if rewrites(actor, topic)]


def page_of(actor: Actor, meeting: Meeting) -> Page:
    """Read a meeting whole. Some eight queries, and one rule for each decision to be done."""
    decided = Decision.objects.visible_to(actor).select_related(*_STAY).order_by("pk")
    topics = list(
        Topic.objects.visible_to(actor)
        .filter(meeting=meeting)
        .prefetch_related(Prefetch("decisions", decided, "made"))
        .order_by("pk")
    )
    shown = {topic.pk for topic in topics if topic.kept}
    decisions = list(decided.filter(meeting=meeting))
    return Page(
        meeting=meeting,
        seats=list(_seats(actor, meeting)),
        topics=[topic for topic in topics if topic.kept],
        left_out=[topic for topic in topics if not topic.kept],
        decisions=[one for one in decisions if one.topic_id not in shown],
        settles=_settled_by(actor, meeting, decisions),
    )


def _seats(actor: Actor, meeting: Meeting) -> QuerySet[Seat]:
    rows = Seat.objects.visible_to(actor).filter(meeting=meeting)
    return rows.select_related(*_STAY, "practitioner").order_by("pk")


def _settled_by(actor: Actor, meeting: Meeting, decisions: list[Decision]) -> frozenset[UUID]:
    found = set()
    for decision in decisions:
        decision.meeting = meeting
        if decision.is_open and is_allowed(actor, "meetings.settle", decision):
            found.add(decision.pk)
    return frozenset(found)


def proposals_for(actor: Actor, meeting: Meeting, today: date) -> list[agenda.Proposal]:
    """List what the plans of the person propose to the agenda, and nobody judged yet.

    Some twenty queries for each plan that is under way.
    """
    judged = set(
        Topic.objects.visible_to(actor).filter(meeting=meeting).values_list("origin", flat=True)
    )
    actions: list[agenda.Line] = []
    goals: list[agenda.Line] = []
    for plan in plans.plans_of(actor, meeting.person):
        if plan.is_under_way:
            page = plans.page_of(actor, plan)
            actions += [_of_action(one) for one in page.actions if one.phase == Phase.ACTIVE]
            felt = _felt(page)
            goals += [_of_goal(one, felt) for one in page.goals if one.stage == Stage.PURSUED]
    return [one for one in agenda.proposed(actions, goals, today) if one.line.origin not in judged]


def _felt(page: plans.Page) -> dict[UUID, tuple[str, str]]:
    """What each side felt of each objective at its last review: reviews come the last first."""
    found: dict[UUID, tuple[str, str]] = {}
    for review in page.reviews:
        for one in getattr(review, "effects", []):
            found.setdefault(one.goal_id, (one.person_effect, one.team_effect))
    return found


def _of_action(activity: Activity) -> agenda.Line:
    said = getattr(activity, "said", [])
    return agenda.Line(
        origin=f"plans/action/{activity.pk}",
        words=activity.words,
        category=activity.category,
        author=activity.author_id,
        due_on=activity.next_on,
        answer=said[0].answer if said else "",
    )


def _of_goal(goal: Goal, felt: dict[UUID, tuple[str, str]]) -> agenda.Line:
    return agenda.Line(
        origin=f"plans/goal/{goal.pk}",
        words=goal.words,
        category=goal.category,
        author=goal.author_id,
        due_on=goal.review_on,
        effects=felt.get(goal.pk, ("", "")),
    )
