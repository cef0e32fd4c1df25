"""The end of duty: how what is owed is kept until morning, counted by way of keeping."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.sight import by_the_house
from cordee.directory.models import Membership, Pole
from cordee.directory.selectors import current_memberships
from cordee.intake import rules
from cordee.intake.models import CareRequest, Telling
from cordee.intake.selectors.requests import SHOWN
from cordee.intake.selectors.service import morning_of

A_SHIFT = timedelta(hours=12)
LOOKED_AT = 100
COUNTED = 1000
WAY = ("keeper_id", "keeping", "kept_until", "told")
Way = tuple[UUID | None, str, datetime | None, bool]
NOBODY: Way = (None, "", None, False)


def kept_of(actor: Actor, organization_id: UUID, now: datetime) -> dict[Way, rules.Kept]:
    """Say how what a service owes is kept, and how many requests each way keeps. Two queries."""
    owed = _owed(CareRequest.objects.visible_to(actor), organization_id, now)
    return _kept(owed, organization_id)


def alone_of(
    actor: Actor, organization_id: UUID, until: datetime, now: datetime
) -> list[CareRequest]:
    """List the requests of a service that would be alone before that moment. Three queries."""
    owed = _owed(CareRequest.objects.visible_to(actor), organization_id, now)
    alone = _alone(_kept(owed, organization_id), until)
    return list(_kept_by(alone, owed).order_by("pk"))


def come_unkept(
    actor: Actor, organization_id: UUID, since: datetime, closing: datetime
) -> QuerySet[CareRequest]:
    """List what came to a service since its duty ended, is owed, and nobody keeps. One query.

    Not what somebody has had in hand since well before closing: its duty was ended early, or by
    mistake, and they work on."""
    owed = CareRequest.objects.visible_to(actor).owed().filter(organization=organization_id)
    is_left = Q(owner=None) | Q(received_at__gt=closing - rules.LAST_CALLS)
    return owed.filter(is_left, keeper=None, received_at__gte=since).order_by("pk")


@by_the_house
def _ways(organization_id: UUID, now: datetime) -> dict[Way, rules.Kept]:
    """Say in which ways the requests of a service may be kept. Two queries.

    Kept by nobody is one of them, and is not looked for: a desk may owe tens of thousands so.
    By the house: it only says where to look. Nothing of it is shown; judged one by one before
    they are found, those of a large desk would take seconds.
    """
    named = CareRequest.objects.filter(keeper__isnull=False)
    kept = _kept(_owed(named, organization_id, now), organization_id)
    return kept | {NOBODY: rules.Kept(keeper_id=None, how=None, until=None)}


def _kept(owed: Any, organization_id: UUID) -> dict[Way, rules.Kept]:
    ways = list(owed.order_by().values_list(*WAY).annotate(requests=Count("pk")))
    gone = _gone_by_morning(organization_id, ways)
    return {
        (keeper, how, until, told): rules.Kept(
            keeper_id=keeper,
            how=rules.Keeping(how) if how else None,
            until=until,
            told_since=told,
            is_gone=keeper in gone,
            requests=requests,
        )
        for keeper, how, until, told, requests in ways
    }


def _owed(requests: Any, organization_id: UUID, now: datetime) -> Any:
    """What a service owes, and whether the requester was told since of what was to be told."""
    reached = Telling.objects.filter(
        Q(request__outcome_at=None) | Q(at__gte=F("request__outcome_at")),
        request=OuterRef("pk"),
        at__gte=now - A_SHIFT,
        result=Telling.Result.REACHED,
    )
    by_a_call = When(keeping=rules.Keeping.CALLER_TOLD.value, then=Exists(reached))
    owed = requests.owed().filter(organization=organization_id)
    return owed.annotate(told=Case(by_a_call, default=Value(False)))


def _gone_by_morning(organization_id: UUID, ways: Iterable[tuple[Any, ...]]) -> set[UUID]:
    """Of those who are named, who will have left the service, or lost their account. One query."""
    until = max((way[2] for way in ways if way[2]), default=None)
    if until is None:
        return set()
    held = Membership.objects.filter(organization=organization_id, account=OuterRef("pk"))
    named = Account.objects.filter(pk__in={way[0] for way in ways if way[0]})
    left = Exists(held) & ~Exists(held.filter(current_memberships(until)))
    return set(named.filter(left | Q(is_active=False)).values_list("pk", flat=True))


def _alone(kept: dict[Way, rules.Kept], morning: datetime) -> dict[Way, str]:
    found = {way: rules.why_alone(one, morning) for way, one in kept.items()}
    return {way: why for way, why in found.items() if why}


def _kept_by(ways: Iterable[Way], owed: Any) -> Any:
    """Narrow to what is kept in one of these ways."""
    moments: defaultdict[tuple[Any, ...], list[datetime]] = defaultdict(list)
    wanted = Q(pk__in=[])
    for keeper, how, until, told in ways:
        if until is None:  # nobody keeps it (a constraint)
            wanted |= Q(keeper=None)
        else:
            moments[keeper, how, told].append(until)
    for (keeper, how, told), ends in moments.items():
        by_them = Q(keeper=keeper, keeping=how, kept_until__in=ends)
        wanted |= by_them & Q(told=told) if how == rules.Keeping.CALLER_TOLD else by_them
    return owed.filter(wanted)


class Counted(NamedTuple):
    """A number, as far as a screen tells, and whether there are more."""

    number: int
    beyond: bool = False


@dataclass(frozen=True)
class Evening:
    """The end of duty: what is kept, what would be alone, until which morning.

    `requests` are as many as one looks at, those that would be alone first; `unseen` counts the
    others. `alone` says why, of those that are looked at; `lonely` counts all of them.
    """

    requests: list[CareRequest]
    alone: dict[UUID, str]
    morning: datetime
    lonely: Counted
    unseen: Counted = Counted(0)


def evening_of(actor: Actor, organization_id: UUID, pole: Pole | None, now: datetime) -> Evening:
    """Return the end-of-duty table of a service. Five queries at most."""
    morning = morning_of(pole, now)
    ways = _ways(organization_id, now)
    alone = _alone(ways, morning)
    owed = _owed(CareRequest.objects.visible_to(actor), organization_id, now)
    lonely = _kept_by(alone, owed)
    shown = _first(lonely, LOOKED_AT)
    count = _up_to(lonely, shown)
    shown += _first(_kept_by(ways.keys() - alone.keys(), owed), LOOKED_AT - len(shown))
    whole = count if count.beyond else _up_to(owed, shown)
    kept = {one.pk: (one.keeper_id, one.keeping, one.kept_until, one.told) for one in shown}
    return Evening(
        requests=sorted(shown, key=_pressing),
        alone={pk: alone[way] for pk, way in kept.items() if way in alone},
        morning=morning,
        lonely=count,
        unseen=whole._replace(number=whole.number - len(shown)),
    )


def _up_to(requests: Any, shown: list[CareRequest]) -> Counted:
    """Count what is more than a page, and no further than one cares to know. One query, or none."""
    if len(shown) < LOOKED_AT:
        return Counted(len(shown))
    found = requests.order_by()[: COUNTED + 1].count()
    return Counted(min(found, COUNTED), found > COUNTED)


def _first(requests: Any, count: int) -> list[Any]:
    return list(requests.select_related(*SHOWN).order_by("due_at", "received_at", "pk")[:count])


def _pressing(request: CareRequest) -> tuple[Any, ...]:
    return (request.due_at is None, request.due_at, request.received_at, request.pk)
