"""Exports and imports that are over go, when the controller decided so: they say who, how much.

No duration is written here. Those under way, and those whose files wait, are never of these.
"""

from datetime import datetime
from uuid import UUID

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, Database, Removal, remove

_EXPORTS, _IMPORTS = (
    f"""
    SELECT id FROM {table}
    WHERE ended_at < %(before)s AND state <> 'done' AND ({EVERY_ONE}) ORDER BY id
"""  # noqa: S608 — our own words
    for table in ("fhir_export", "fhir_import")
)


def _exports_go(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "fhir_export", ids)


def _imports_go(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "fhir_import", ids)


for _code, _label, _due, _gesture in (
    ("exports", "exports de données à des systèmes partenaires, terminés", _EXPORTS, _exports_go),
    ("imports", "imports de données de systèmes partenaires, terminés", _IMPORTS, _imports_go),
):
    _removal = Removal(_code, f"fhir.{_code}_purged", f"fhir_{_code[:-1]}", _due, _gesture)
    keeps(Category(_code, _label, 30, _removal.count, _removal.let_go))
