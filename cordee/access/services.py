"""What is done about what is kept."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.facts import RetentionAnnounced
from cordee.kernel.facts import publish


@action("access.announce_retention", on=None)
def announce_retention(
    *, actor: Actor, now: datetime, category: str, rule: str, count: int
) -> None:
    """Say in the chain of the house that so many lines will go under a rule, before they do."""
    publish(RetentionAnnounced(category=category, rule=rule, count=count))
