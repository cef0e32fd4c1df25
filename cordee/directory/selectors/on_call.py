"""Who is on call, and who may be texted. A number is read by its owner, and by what texts."""

from datetime import datetime, timedelta
from uuid import UUID

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.access.policy import visible
from cordee.directory.models import CallMobile, Organization, Shift

AHEAD = timedelta(days=14)
"""How far ahead the roster is looked at for somebody on call who cannot be texted."""


def own_call_mobile(actor: Actor) -> CallMobile | None:
    """The mobile that the actor gave, proved or not. One query."""
    found: CallMobile | None = (
        visible(CallMobile.objects.all(), actor).filter(account=actor.account_id).first()
    )
    return found


def call_number_of(account: UUID) -> str:
    """The proved mobile of an account that is open; nothing when there is none. One query."""
    rows = CallMobile.objects.filter(account=account, account__is_active=True)
    return rows.values_list("number", flat=True).first() or ""


def on_call_without_mobile(organization: Organization | UUID, now: datetime) -> list[Account]:
    """List who is on call now or in the days to come and gave no mobile, first come first.

    Nothing of a number is read: only that there is one. Two queries.
    """
    holder = organization.pk if isinstance(organization, Organization) else organization
    shifts = Shift.objects.filter(
        pole__organization=holder,
        kind=Shift.Kind.ON_CALL,
        ends_at__gt=now,
        starts_at__lt=now + AHEAD,
    ).select_related("account")
    coming = {one.account_id: one.account for one in shifts.order_by("starts_at", "pk")}
    proved = CallMobile.objects.filter(account__in=coming).exclude(number="")
    reached = set(proved.values_list("account_id", flat=True))
    return [one for pk, one in coming.items() if pk not in reached]
