"""Texts to a team, and to who is on call: one for all that waits, never one for each alert."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.directory.selectors import call_number_of
from cordee.kernel.errors import DomainError
from cordee.messaging.selectors import messages_about
from cordee.messaging.services import When, send_text
from cordee.vigilance.selectors import number_of

log = logging.getLogger(__name__)
TO_A_TEAM, ON_CALL = "vigilance.alert", "vigilance.on_call"
WINDOW = timedelta(minutes=10)
"""Between two texts to a team, or to somebody on call; what comes meanwhile waits for the next."""
EXPIRES = timedelta(hours=4)


@action("vigilance.tell_team", on=None)
def tell_team(
    *, actor: Actor, organization: Organization, since: datetime, now: datetime
) -> datetime | None:
    """Text the number that a team chose, unless a text left since; returns when to look again.

    A number that is refused is told by the outbox; the worklist says the alert all the same.
    """
    number = number_of(organization.pk)
    origin = f"vigilance/desk/{organization.pk}"
    wanted = {"to": number, "template": TO_A_TEAM, "context": {"organization_id": organization.pk}}
    return _text(actor, wanted | {"origin": origin}, since, now) if number else None


@action("vigilance.tell_on_call", on=None)
def tell_on_call(
    *, actor: Actor, account: UUID, organization: Organization, since: datetime, now: datetime
) -> datetime | None:
    """Text the mobile that who is on call gave and proved; returns when to look again.

    It is signed by Cordée alone: no structure finds that number among what it wrote. When the team
    is told at the very same number, one text is enough.
    """
    number = call_number_of(account)
    if not number or number == number_of(organization.pk):
        return None
    wanted = {"to": number, "template": ON_CALL, "context": {}}
    return _text(actor, wanted | {"origin": f"vigilance/on_call/{account}"}, since, now)


def _text(actor: Actor, wanted: dict[str, Any], since: datetime, now: datetime) -> datetime | None:
    origin, template = wanted["origin"], wanted["template"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [origin])
    latest = messages_about(origin, template).order_by("-created_at", "-pk")
    last = latest.values_list("created_at", flat=True).first()
    if last and last >= since:
        return None
    if last and now < last + WINDOW:
        return last + WINDOW
    try:
        send_text(actor=actor, when=When(expires_at=now + EXPIRES), now=now, **wanted)
    except DomainError as refused:
        log.error("nobody is texted of an alert: %s", refused.code)  # noqa: TRY400 — no words
    return None
