"""Who is on call, and who may be texted. A number is read by its owner, and by what texts."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.policy import visible
from cordee.directory.models import CallMobile, Cover, Organization, Shift
from cordee.directory.rules import stands_in_for
from cordee.directory.selectors.organizations import accounts_covering, colleagues_in, on_duty

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


def standing_by(
    organization: Organization | UUID, at: datetime, *, on_call_first: bool
) -> list[UUID]:
    """List who is on the roster at a moment, each replaced by who covers them.

    Members of the structure alone: a turn may outlive a membership. Two queries, and two for each
    turn.
    """
    order = [Shift.Kind.ON_CALL, Shift.Kind.DESK] if on_call_first else [*Shift.Kind]
    shifts = sorted(on_duty(organization, at), key=lambda one: order.index(Shift.Kind(one.kind)))
    inside = set(colleagues_in(organization, at).values_list("pk", flat=True))
    chains = (
        [one.account_id, *(cover.pk for cover in accounts_covering(one.account_id, at))]
        for one in shifts
    )
    there = (next((pk for pk in reversed(chain) if pk in inside), None) for chain in chains)
    return [pk for pk in dict.fromkeys(there) if pk]


def on_call_without_mobile(organization: Organization | UUID, now: datetime) -> list[Account]:
    """List who is on the roster now or in the days to come and gave no mobile, first come first.

    At the desk or on call, each replaced by who covers them then. Nothing of a number is read: only
    that there is one. Three queries.
    """
    holder = organization.pk if isinstance(organization, Organization) else organization
    shifts = Shift.objects.filter(
        pole__organization=holder, ends_at__gt=now, starts_at__lt=now + AHEAD
    ).order_by("starts_at", "pk")
    away = Cover.objects.filter(since__lt=now + AHEAD).exclude(until__lte=now)
    covers = list(away.order_by("since", "pk"))
    coming = dict.fromkeys(_really_there(one, covers, now) for one in shifts)
    without = Account.objects.filter(pk__in=coming).exclude(call_mobile__number__gt="")
    accounts = without.in_bulk()
    return [accounts[pk] for pk in coming if pk in accounts]


def _really_there(shift: Shift, covers: Collection[Cover], now: datetime) -> UUID:
    at = max(now, shift.starts_at)
    under_way = [
        (one.absent_id, one.cover_id)
        for one in covers
        if one.since <= at and (one.until is None or one.until > at)
    ]
    return [shift.account_id, *stands_in_for(under_way, shift.account_id)][-1]
