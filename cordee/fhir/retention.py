"""Exports that are over go, when the controller decided so: what they say is who took how much.

No duration is written here. Those under way, and those whose files wait, are never of these.
"""

from datetime import datetime
from uuid import UUID

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, Database, Removal, remove

_EXPORTS = f"""
    SELECT id FROM fhir_export
    WHERE ended_at < %(before)s AND state <> 'done' AND ({EVERY_ONE}) ORDER BY id
"""  # noqa: S608 — our own words


def _exports_go(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "fhir_export", ids)


_removal = Removal("exports", "fhir.exports_purged", "fhir_export", _EXPORTS, _exports_go)
_label = "exports de données à des systèmes partenaires, terminés"
keeps(Category("exports", _label, 30, _removal.count, _removal.let_go))
