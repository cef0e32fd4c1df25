"""Texts to a team, and to who is on call: one for all that waits, never one for each alert."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.directory.selectors import call_numbers_of
from cordee.kernel.errors import DomainError
from cordee.messaging.models import Message
from cordee.messaging.selectors import messages_about
from cordee.messaging.services import When, send_text
from cordee.vigilance.selectors import ON_CALL, about_on_call

log = logging.getLogger(__name__)
TO_A_TEAM = "vigilance.alert"
WINDOW = timedelta(minutes=10)
"""Between two texts of a desk to a number, arrived or not; what comes meanwhile waits."""
EXPIRES = timedelta(hours=4)
MOST_TRIES = 3
"""Texts that may fail at one number before nobody tries it again for the same alert."""
State = Message.State


@action("vigilance.tell_team", on=None)
def tell_team(
    *, actor: Actor, organization: Organization, number: str, since: datetime, now: datetime
) -> datetime | None:
    """Text the number that a team chose, unless a text left since; returns when to look again.

    A number that is refused is told by the outbox; the worklist says the alert all the same.
    """
    wanted = {"to": number, "template": TO_A_TEAM, "context": {"organization_id": organization.pk}}
    return _text(actor, wanted | {"origin": _team(organization)}, since, now)


@action("vigilance.tell_on_call", on=None)
def tell_on_call(
    *,
    actor: Actor,
    accounts: Sequence[UUID],
    organization: Organization,
    number: str,
    since: datetime,
    now: datetime,
) -> datetime | None:
    """Text the first of the roster who proved a mobile, or the next when a text failed there;
    returns when to look again.

    It is signed by Cordée alone: no structure finds that number among what it wrote. When the text
    of the team leaves to the very same `number`, one is enough.
    """
    numbers = call_numbers_of(accounts)
    seen_from = since - WINDOW  # a number that has just failed is not the first tried
    about = {pk: about_on_call(organization.pk, pk) for pk in accounts if pk in numbers}
    lost = {pk: _lost(origin, seen_from) for pk, origin in about.items()}
    holder = min(lost, key=lambda pk: lost[pk], default=None)  # the first of those who are equal
    if holder is None:
        return None
    if numbers[holder] == number and _team_is_told(organization, number, since, now):
        return None
    wanted = {"to": numbers[holder], "template": ON_CALL, "context": {}}
    return _text(actor, wanted | {"origin": about[holder]}, since, now)


def _lost(origin: str, since: datetime) -> int:
    """Count the texts to who is on call that did not arrive since a moment."""
    lost = messages_about(origin, ON_CALL).filter(state=State.FAILED, created_at__gte=since)
    return lost.count()


def _is_given_up(written: QuerySet[Message]) -> bool:
    """Say whether texts failed too often, or met a STOP: the next would too."""
    why = list(written.filter(state=State.FAILED).values_list("reason", flat=True))
    return len(why) >= MOST_TRIES or "messaging.stopped" in why


def _team_is_told(organization: Organization, number: str, since: datetime, now: datetime) -> bool:
    """Say whether the text of the team leaves, or left, to its number."""
    written = messages_about(_team(organization), TO_A_TEAM).exclude(state=State.FAILED)
    return written.filter(to=number, created_at__gte=min(since, now - WINDOW)).exists()


def _team(organization: Organization) -> str:
    return f"vigilance/desk/{organization.pk}"


def _text(actor: Actor, wanted: dict[str, Any], since: datetime, now: datetime) -> datetime | None:
    origin, template = wanted["origin"], wanted["template"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [origin])
    latest = messages_about(origin, template).order_by("-created_at", "-pk")
    since_then = latest.filter(created_at__gte=since)
    if since_then.exclude(state=State.FAILED).exists() or _is_given_up(since_then):
        return None
    last = latest.values_list("created_at", flat=True).first()
    if last and now < last + WINDOW:
        return last + WINDOW
    try:
        send_text(actor=actor, when=When(expires_at=now + EXPIRES), now=now, **wanted)
    except DomainError as refused:
        log.error("nobody is texted of an alert: %s", refused.code)  # noqa: TRY400 — no words
    return None
