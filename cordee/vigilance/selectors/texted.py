"""Who on call was texted of what waits at a desk, and whether it arrived; never at which number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.directory import selectors as directory
from cordee.kernel.base import any_of
from cordee.messaging.models import Message
from cordee.vigilance.models import Alert

ON_CALL = "vigilance.on_call"
ABOUT = "vigilance/call/"


@dataclass(frozen=True, slots=True)
class Texted:
    """A text to somebody on call: whose, when, and what became of it."""

    name: str
    at: datetime
    state: Message.State

    @property
    def is_lost(self) -> bool:
        """Whether it will not arrive."""
        return self.state == Message.State.FAILED

    def tells(self, alert: Alert) -> bool:
        """Whether it left while an alert waited: one text is for all that waits.

        Of one that was seen and is confirmed since: what did not arrive since it was seen, as it
        may have been confirmed several times; what arrived, only after the last.
        """
        if alert.is_waiting:
            if alert.seen_at is None:
                return self.at >= alert.raised_at
            return self.at >= (alert.seen_at if self.is_lost else alert.latest_at)
        return alert.seen_at is None or alert.raised_at <= self.at <= alert.seen_at


def about_on_call(desk: UUID, account: UUID) -> str:
    """Name what texts to somebody on call are about: what waits at one desk. Who answers for two,
    as a cover may, is texted by each: they look at one at a time."""
    return f"{ABOUT}{desk.hex}/{account.hex}"


def who_was_on_call(origin: str) -> UUID | None:
    """Say whom a message was for, when it was for somebody on call."""
    return UUID(origin.rpartition("/")[2]) if origin.startswith(ABOUT) else None


def texted_of(actor: Actor, alert: Alert, now: datetime) -> list[Texted]:
    """List the texts to who was on call while an alert waited, to read at the desk that answers.

    Two queries; none elsewhere.
    """
    if alert.organization_id not in actor.organizations:
        return []
    written = _texted(alert.organization_id, alert.raised_at, now)
    return [one for one in written if one.tells(alert)]


def reached_nobody(actor: Actor, alerts: Iterable[Alert], now: datetime) -> list[Alert]:
    """Keep the alerts that wait though texts left: none arrived. Two queries for each desk."""
    by_desk: dict[UUID, list[Alert]] = {}
    for one in alerts:
        if one.is_waiting and one.organization_id in actor.organizations:
            by_desk.setdefault(one.organization_id, []).append(one)
    lost = []
    for desk, waiting in by_desk.items():
        written = _texted(desk, min(one.raised_at for one in waiting), now)
        for alert in waiting:
            fates = {one.is_lost for one in written if one.tells(alert)}
            if fates == {True}:
                lost.append(alert)
    return lost


def _texted(desk: UUID, since: datetime, now: datetime) -> list[Texted]:
    names = {
        about_on_call(desk, pk): name
        for pk, name in directory.colleagues_in(desk, now).values_list("pk", "name")
    }
    rows = Message.objects.filter(
        origin__in=any_of(list(names), "text"), template=ON_CALL, created_at__gte=since
    )
    written = rows.order_by("created_at", "pk").values_list("origin", "created_at", "state")
    return [Texted(names[origin], at, Message.State(state)) for origin, at, state in written]
