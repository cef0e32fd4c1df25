"""Lists kept under a name."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.web.models import SavedFilter


@action("web.save_filter", on=None)
def save_filter(
    *, actor: Actor, name: str, path: str, query: str, shared: bool, now: datetime
) -> SavedFilter:
    """Keep a list as it is seen, under a name."""
    kept, _ = SavedFilter.objects.update_or_create(
        owner_id=actor.account_id,
        name=name,
        defaults={
            "path": path,
            "query": query,
            "organizations": sorted(actor.organizations) if shared else [],
        },
    )
    return kept


@action("web.forget_filter", on="saved")
def forget_filter(*, actor: Actor, saved: SavedFilter, now: datetime) -> None:
    """Forget a filter."""
    saved.delete()
