"""Exports and imports that are over go, when the controller decided so: they say who, how much.

No duration is written here. Those under way, and those whose files wait, are never of these.
"""

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, NO_STATES, Removal

_EXPORTS, _IMPORTS = (
    f"""
    SELECT id FROM {table}
    WHERE ended_at < %(before)s AND state <> 'done' AND ({EVERY_ONE}) ORDER BY id
"""  # noqa: S608 — our own words
    for table in ("fhir_export", "fhir_import")
)


for _code, _label, _due in (
    ("exports", "exports de données à des systèmes partenaires, terminés", _EXPORTS),
    ("imports", "imports de données de systèmes partenaires, terminés", _IMPORTS),
):
    _removal = Removal(_code, f"fhir.{_code}_purged", f"fhir_{_code[:-1]}", _due, away=NO_STATES)
    keeps(Category(_code, _label, 30, _removal.count, _removal.let_go))
