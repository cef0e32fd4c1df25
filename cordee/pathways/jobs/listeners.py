"""Who else hears, one module a subject: what is named here is listened to."""

from cordee.pathways.jobs import (
    aside,
    called_off,
    closely,
    equipped,
    handed,
    meetings,
    needed,
    notes,
    outside,
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
    "called_off",
    "closely",
    "equipped",
    "handed",
    "meetings",
    "needed",
    "notes",
    "outside",
    "parts",
    "proposed",
    "protected",
    "raised",
    "reassessed",
    "ruptures",
    "unsafe",
]
