"""Change how searches of one urgency behave; the previous state is kept by the records."""

from dataclasses import asdict
from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import rules
from cordee.broker.models import BrokerSettings
from cordee.kernel.errors import DomainError


@action("broker.change_settings", on=None)
def change_settings(
    *, actor: Actor, urgency: str, settings: rules.SearchSettings, now: datetime
) -> BrokerSettings:
    """Keep new settings for an urgency; searches under way follow them from their next step."""
    found = rules.problems(settings)
    if found:
        raise DomainError("broker.settings", " ".join(found.values()))
    row, _ = BrokerSettings.objects.update_or_create(
        urgency=rules.Urgency(urgency).value, defaults=asdict(settings)
    )
    return row
