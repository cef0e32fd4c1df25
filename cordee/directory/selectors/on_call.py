"""Who is on call, and who may be texted. A number is read by its owner, and by what texts."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.policy import visible
from cordee.directory.models import CallMobile, Cover, Membership, Organization, Shift
from cordee.directory.rules import PARIS, stands_in_for
from cordee.directory.selectors.organizations import (
    colleagues_in,
    covers_at,
    memberships_not_over,
    on_duty,
)

AHEAD = timedelta(days=14)
"""How far ahead the roster is looked at for somebody on call who cannot be texted."""


def own_call_mobile(actor: Actor) -> CallMobile | None:
    """The mobile that the actor gave, proved or not. One query."""
    found: CallMobile | None = (
        visible(CallMobile.objects.all(), actor).filter(account=actor.account_id).first()
    )
    return found


def call_numbers_of(accounts: Collection[UUID]) -> dict[UUID, str]:
    """The proved mobiles of accounts that are open, by account. One query."""
    rows = CallMobile.objects.filter(account__in=accounts, account__is_active=True)
    return dict(rows.exclude(number="").values_list("account_id", "number"))


def on_call_begins(
    organization: Organization | UUID, after: datetime, before: datetime
) -> datetime | None:
    """Say when the next turn of on-call begins, between two moments. One query."""
    holder = organization.pk if isinstance(organization, Organization) else organization
    turns = Shift.objects.filter(pole__organization=holder, kind=Shift.Kind.ON_CALL)
    coming = turns.filter(starts_at__gt=after, starts_at__lt=before)
    return coming.order_by("starts_at", "pk").values_list("starts_at", flat=True).first()


def standing_by(
    organization: Organization | UUID, at: datetime, *, on_call_first: bool
) -> list[UUID]:
    """List who is on the roster at a moment, each replaced by who covers them.

    Members of the structure alone: a turn may outlive a membership. Three queries.
    """
    order = [Shift.Kind.ON_CALL, Shift.Kind.DESK] if on_call_first else [*Shift.Kind]
    shifts = sorted(on_duty(organization, at), key=lambda one: order.index(Shift.Kind(one.kind)))
    inside, covers = (
        set(colleagues_in(organization, at).values_list("pk", flat=True)),
        covers_at(at),
    )
    there = (_standing(one.account_id, covers, inside) for one in shifts)
    return [pk for pk in dict.fromkeys(there) if pk]


def _standing(
    account: UUID, covers: Collection[tuple[UUID, UUID]], inside: Collection[UUID]
) -> UUID | None:
    """Who is really there for a turn: the last who covers it, among members of the structure."""
    chain = [account, *stands_in_for(covers, account)]
    return next((pk for pk in reversed(chain) if pk in inside), None)


def on_call_without_mobile(organization: Organization | UUID, now: datetime) -> list[Account]:
    """List who is on the roster now or in the days to come and cannot be texted, first come first.

    At the desk or on call, each replaced by who covers them then; a turn that no member of the
    structure holds is named by who was to. Nothing of a number is read: only that there is one.
    Five queries.
    """
    holder = organization.pk if isinstance(organization, Organization) else organization
    shifts = Shift.objects.filter(
        pole__organization=holder, ends_at__gt=now, starts_at__lt=now + AHEAD
    ).order_by("starts_at", "pk")
    away = Cover.objects.filter(since__lt=now + AHEAD).exclude(until__lte=now)
    covers = list(away.order_by("since", "pk"))
    there = Q(account__is_active=True, account__is_machine=False)
    members = Membership.objects.filter(memberships_not_over(now) & there, organization=holder)
    inside = list(members.values_list("account_id", "since", "until"))
    turns = [(one.account_id, _standing_at(one, covers, inside, now)) for one in shifts]
    proved = CallMobile.objects.filter(account__in=[there for _, there in turns], number__gt="")
    reached = set(proved.values_list("account_id", flat=True))
    named = dict.fromkeys(there or held for held, there in turns if there not in reached)
    accounts = Account.objects.in_bulk(named)
    return [accounts[pk] for pk in named]


def _standing_at(
    shift: Shift,
    covers: Collection[Cover],
    members: Collection[tuple[UUID, date, date | None]],
    now: datetime,
) -> UUID | None:
    at = max(now, shift.starts_at)
    day = at.astimezone(PARIS).date()
    under_way = [
        (one.absent_id, one.cover_id)
        for one in covers
        if one.since <= at and (one.until is None or one.until > at)
    ]
    inside = {
        pk for pk, since, until in members if since <= day and (until is None or day <= until)
    }
    return _standing(shift.account_id, under_way, inside)
