"""How each helper marks, estimated at night for the detector alone."""

from datetime import datetime, timedelta

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.vigilance.models import Leaning, Visit
from cordee.vigilance.rules.marks import MARKS

READ_OVER = timedelta(weeks=12)
MOST = 500_000
COLUMNS = ("person_id", "helper_id", "happened_at", *(f"{name}_mark" for name in MARKS))


@action("vigilance.learn", on=None)
def estimate_leanings(*, actor: Actor, now: datetime) -> int:
    """Estimate how helpers mark from the visits of twelve weeks. Returns how many helpers.

    Who marked too little is not kept: the detector supposes them like the others, with doubt.
    """
    import numpy as np  # noqa: PLC0415 — the pages never load it

    from cordee.vigilance.rules import severity  # noqa: PLC0415

    rows = list(
        Visit.objects.filter(kind="visit", happened_at__gte=now - READ_OVER)
        .order_by("-happened_at", "-pk")
        .values_list(*COLUMNS)[:MOST]
    )
    rows = [row for row in rows if any(row[3:])]
    if not rows:
        return 0
    _, persons = np.unique([row[0].hex for row in rows], return_inverse=True)
    _, first, helpers = np.unique(
        [row[1].hex for row in rows], return_index=True, return_inverse=True
    )
    days = np.array([(now - row[2]) / timedelta(days=-1) for row in rows])
    marks = np.array([[mark or np.nan for mark in row[3:]] for row in rows], dtype=np.float64)
    found = severity.estimated(persons, helpers, days, marks, count=len(first))
    seen = np.bincount(helpers)
    kept = [
        Leaning(
            helper_id=rows[place][1],
            offsets=known.offsets,
            spread=known.spread,
            doubt=known.doubt,
            estimated_at=now,
        )
        for index, place in enumerate(first.tolist())
        if seen[index] >= severity.ENOUGH and (known := severity.of(found, index))
    ]
    Leaning.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["helper"],
        update_fields=["offsets", "spread", "doubt", "estimated_at"],
    )
    return len(kept)
