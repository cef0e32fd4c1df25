"""What a request becomes in the broker's words, and who reviews an emergency access."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from cordee.access.actor import Role
from cordee.broker import selectors as broker
from cordee.broker.rules import Proposal as Alternative
from cordee.broker.rules import SearchOrder, Urgency
from cordee.directory import selectors as directory
from cordee.directory.kinds import profession_of
from cordee.directory.models import Membership
from cordee.intake import selectors as intake
from cordee.intake.models import CareRequest, Proposal, Risk, Wish
from cordee.intake.rules import Delay, begins_at
from cordee.kernel.facts import StoredFact
from cordee.people import selectors as people
from cordee.people.models import CircleMember

URGENCY: dict[str, Urgency] = {
    Delay.TONIGHT: Urgency.TONIGHT,
    Delay.H24: Urgency.DAY,
    Delay.H72: Urgency.THREE_DAYS,
    Delay.PLANNED: Urgency.PLANNED,
}
MORNING = time(7)
PROPOSALS = {
    Alternative.LATER_OFFERS: Proposal.LATER,
    Alternative.SHIFT_HOURS: Proposal.SHIFT_HOURS,
    Alternative.WIDEN_ZONE: Proposal.WIDEN,
    Alternative.OTHER_PROFESSION: Proposal.OTHER_PROFESSION,
    Alternative.LIFT_CAP: Proposal.LIFT_CAP,
    Alternative.PHONE_LIST: Proposal.PHONE,
}


def order_for(request: CareRequest, now: datetime) -> SearchOrder | None:
    """The search that a request wants; None when it lacks a person, a place or a kind of care."""
    return next(orders_for([request], now), None)


def orders_for(requests: Sequence[CareRequest], now: datetime) -> Iterator[SearchOrder]:
    """The searches that requests want, in their order, for those that lack nothing. Three queries.

    The usual nurse is the one that the call said, else the one of the circle: the desk may meet the
    person for the first time, and her nurse is asked first all the same.
    """
    wishes: defaultdict[UUID, list[Wish]] = defaultdict(list)
    for wish in Wish.objects.filter(request__in=requests).order_by("pk"):
        wishes[wish.request_id].append(wish)
    handed = {
        one.pk: f"intake/request/{one.handed_from_id}" for one in requests if one.handed_from_id
    }
    lessons = broker.lessons_among(list(handed.values())) if handed else {}
    nurses = people.usual_nurses_of([one.person_id for one in requests if one.person_id])
    for request in requests:
        if request.person_id and request.commune_id and request.kind:
            place = (request.person_id, request.commune_id)
            known = lessons.get(handed.get(request.pk, ""), broker.Lessons())
            order = _order(request, place, wishes[request.pk], known, now)
            declined = sorted(known.declined(broker.asked_of(order, now)))
            order = replace(order, declined=tuple(declined))
            if not order.usual_practitioner_id and not request.chooses_nobody:
                hers = nurses.get(request.person_id)
                order = _with_her_nurse(order, wishes[request.pk], hers)
            yield order


def _with_her_nurse(order: SearchOrder, wishes: list[Wish], nurse_id: UUID | None) -> SearchOrder:
    """The usual nurse of the circle, unless she is not wanted, or not to be asked first."""
    if nurse_id in (*order.excluded, *_chosen(wishes, Wish.Choice.ORDINARY)):
        return order
    return replace(order, usual_practitioner_id=nurse_id)


def _order(
    request: CareRequest,
    place: tuple[UUID, str],
    wishes: list[Wish],
    known: broker.Lessons,
    now: datetime,
) -> SearchOrder:
    person_id, commune_code = place
    return SearchOrder(
        origin=f"intake/request/{request.pk}",
        person_id=person_id,
        organization_id=request.organization_id,
        kinds=(request.kind, *request.other_kinds),
        profession=request.profession or profession_of(request.kind, *request.other_kinds),
        commune_code=commune_code,
        urgency=URGENCY.get(request.delay, Urgency.PLANNED),
        begins_at=begins_at(request.begins_on, now),
        moments=tuple(request.visit_times),
        deadline_at=request.due_at if request.due_at and request.due_at > now else None,
        wanted_on=_wanted_on(request),
        usual_practitioner_id=next(iter(_chosen(wishes, Wish.Choice.USUAL)), None),
        preferred=_chosen(wishes, Wish.Choice.PREFER),
        excluded=(*_chosen(wishes, Wish.Choice.EXCLUDE), *sorted(known.gone)),
        arrival_notes=arrival_notes(request),
        visit_notes=visit_notes(request),
    )


def _wanted_on(request: CareRequest) -> date | None:
    """The last day that was asked for a first visit: when it begins, or is due, if later."""
    due_on = timezone.localdate(request.due_at) if request.due_at else None
    return max(filter(None, (request.begins_on, due_on)), default=None)


def _chosen(wishes: list[Wish], choice: str) -> tuple[UUID, ...]:
    """The person's free choice (CSP, art. L.1110-8)."""
    return tuple(wish.practitioner_id for wish in wishes if wish.choice == choice)


# What a risk says of a health is care; what may hurt whoever comes is told with the address.
OF_HEALTH = frozenset({Risk.SMOKE, Risk.CONTAGION})


def arrival_notes(request: CareRequest) -> str:
    """Where and how to come, and what may hurt: told to who comes, with how to reach the person."""
    minutes = f"{request.visit_minutes} min par passage" if request.visit_minutes else ""
    moments = intake.words_of(request).moments
    return _listed(
        ("Lieu du soin", _place(request)),
        ("Accès", request.access_notes),
        ("Passages", ", ".join(filter(None, [moments, minutes]))),
        ("Prudence", _risks(request, set(request.risks) - OF_HEALTH)),
    )


def _place(request: CareRequest) -> str:
    """Where the care is: its address and its commune, unless it is where the person lives."""
    home = request.person.commune_id if request.person else None
    if not request.commune or (not request.address and request.commune_id == home):
        return ""
    return ", ".join(filter(None, [request.address, request.commune.name]))


def visit_notes(request: CareRequest) -> str:
    """What the care is, shown to who comes unless the person keeps it from them."""
    health = _risks(request, OF_HEALTH & set(request.risks))
    return _listed(
        ("Besoin", request.need),
        ("Rythme", request.get_frequency_display() if request.frequency else ""),
        ("Précautions", ", ".join(filter(None, [health, request.risk_notes]))),
    )


def _risks(request: CareRequest, kept: Set[str]) -> str:
    return ", ".join(Risk(code).label for code in request.risks if code in kept)


def _listed(*lines: tuple[str, str]) -> str:
    return "\n".join(f"{name}\u00a0: {text}" for name, text in lines if text)


def morning_of(day: date) -> datetime:
    """The day of a first visit that was said without its hour: in its morning."""
    return datetime.combine(day, MORNING, tzinfo=timezone.get_current_timezone())


def proposals(found: list[Alternative]) -> list[str]:
    """What the broker proposes, in the words of intake."""
    return [PROPOSALS[one].value for one in found]


def who_reviews(fact: StoredFact, now: datetime) -> Iterator[tuple[UUID, str, UUID | None]]:
    """Organisation, role and account of those who examine an emergency access.

    The coordinator of reference; else the coordinators of the structure of reference. And every
    DPO of the circle, or of the house when the circle has none; without any, the coordinators of
    the single number that the access names. Nobody else is given what they could not do: when
    there is nobody at all, it waits for the DPO that administration is asked to name.
    """
    circle = CircleMember.objects.current().filter(person=fact.thread_id)
    coordinator = fact.data.get("coordinator_account_id")
    memberships = directory.at_work(now)
    holds = memberships.filter(account=coordinator, role=Role.COORDINATOR).order_by("pk").first()
    reference = circle.filter(is_reference=True).exclude(organization=None).first()
    if coordinator and holds:
        yield holds.organization_id, "", UUID(coordinator)
    elif reference:
        yield reference.organization_id, Role.COORDINATOR.value, None
    yield from ((one, Role.DPO.value, None) for one in _with_a_dpo(circle, memberships))
    if examiner := fact.data.get("examiner_id"):
        yield UUID(examiner), Role.COORDINATOR.value, None


def who_names_reviewers(fact: StoredFact, now: datetime) -> list[tuple[UUID, str]]:
    """Structure and address of each administrator where who opened an access works; without any,
    of the house. Two queries."""
    account = fact.data.get("account_id")
    where = directory.at_work(now).filter(account=account).values("organization")
    everybody = administrators(now)
    near = everybody.filter(organization__in=where)
    found = near if near.exists() else everybody
    return list(found.values_list("organization", "account__email"))


def administrators(now: datetime) -> QuerySet[Membership]:
    """Those who set up the house."""
    return directory.at_work(now).filter(role=Role.ADMINISTRATOR).order_by("pk")


def is_held(organization_id: UUID, role: str, now: datetime) -> bool:
    """Say whether somebody holds a role in a structure; a task of no role is the coordination’s."""
    held = directory.with_role(role or Role.COORDINATOR, now)
    return held.filter(organization=organization_id).exists()


def _with_a_dpo(circle: QuerySet[CircleMember], memberships: QuerySet[Membership]) -> list[UUID]:
    held = memberships.filter(role=Role.DPO)
    near = held.filter(organization__in=circle.exclude(organization=None).values("organization"))
    found = near if near.exists() else held
    return sorted(set(found.values_list("organization", flat=True)))
