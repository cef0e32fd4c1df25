"""Texts to a team: one for all that waits, never one for each alert."""

import logging
from datetime import datetime, timedelta

from django.db import connection

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory.models import Organization
from cordee.kernel.errors import DomainError
from cordee.messaging.selectors import messages_about
from cordee.messaging.services import When, send_text
from cordee.vigilance.selectors import number_of

log = logging.getLogger(__name__)
TEMPLATE = "vigilance.alert"
WINDOW = timedelta(minutes=10)
"""Between two texts to a team; what comes meanwhile waits for the next."""
EXPIRES = timedelta(hours=4)


@action("vigilance.tell_team", on=None)
def tell_team(
    *, actor: Actor, organization: Organization, since: datetime, now: datetime
) -> datetime | None:
    """Text the number that a team chose, unless a text left since; returns when to look again.

    A number that is refused is told by the outbox; the worklist says the alert all the same.
    """
    number = number_of(organization.pk)
    if not number:
        return None
    origin = f"vigilance/desk/{organization.pk}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [origin])
    latest = messages_about(origin, TEMPLATE).order_by("-created_at", "-pk")
    last = latest.values_list("created_at", flat=True).first()
    if last and last >= since:
        return None
    if last and now < last + WINDOW:
        return last + WINDOW
    try:
        send_text(
            actor=actor,
            to=number,
            template=TEMPLATE,
            context={"organization_id": organization.pk},
            origin=origin,
            when=When(expires_at=now + EXPIRES),
            now=now,
        )
    except DomainError as refused:
        log.error("a team is not texted of its alerts: %s", refused.code)  # noqa: TRY400 — no words
    return None
