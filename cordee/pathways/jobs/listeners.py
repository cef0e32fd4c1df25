"""Who else hears, one module a subject: what is named here is listened to."""

from cordee.pathways.jobs import (
    aside,
    closely,
    equipped,
    handed,
    meetings,
    needed,
    notes,
    parts,
    proposed,
    protected,
    raised,
    reassessed,
    ruptures,
    unsafe,
)

__all__ = [
    "aside",
    "closely",
    "equipped",
    "handed",
    "meetings",
    "needed",
    "notes",
    "parts",
    "proposed",
    "protected",
    "raised",
    "reassessed",
    "ruptures",
    "unsafe",
]
