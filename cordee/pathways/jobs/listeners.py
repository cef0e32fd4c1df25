"""Who else hears, one module a subject: what is named here is listened to."""

from cordee.pathways.jobs import (
    handed,
    meetings,
    notes,
    parts,
    proposed,
    reassessed,
    ruptures,
)

__all__ = ["handed", "meetings", "notes", "parts", "proposed", "reassessed", "ruptures"]
