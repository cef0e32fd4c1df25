"""What was put aside and answered, and visits that were planned, go once the controller decided so.

Visits that were marked go with the record of the person. What nobody has answered never goes.
"""

from datetime import datetime
from uuid import UUID

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, Database, Removal, remove

_ASIDE = f"""
    SELECT id FROM vigilance_refusedvisit
    WHERE answered_at < %(before)s AND ({EVERY_ONE}) ORDER BY id
"""  # noqa: S608 — our own words
_SAFETY = f"""
    SELECT id FROM vigilance_safetyalert
    WHERE answered_at < %(before)s AND ({EVERY_ONE}) ORDER BY id
"""  # noqa: S608 — our own words
_PLANNED = f"""
    SELECT id FROM vigilance_plannedvisit planned
    WHERE ends_at < %(before)s AND person_id <> ALL (access_held()) AND ({EVERY_ONE})
        AND NOT EXISTS (SELECT FROM vigilance_visit WHERE planned_id = planned.id)
    ORDER BY id
"""  # noqa: S608 — our own words


def _aside_goes(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "vigilance_refusedvisit", ids)


def _safety_goes(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "vigilance_safetyalert", ids)


def _planned_goes(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "vigilance_plannedvisit", ids)


for _code, _label, _table, _due, _gesture in (
    ("aside", "envois de téléphones, traités", "refusedvisit", _ASIDE, _aside_goes),
    (
        *("safety", "alertes de sécurité des aides, traitées"),
        *("safetyalert", _SAFETY, _safety_goes),
    ),
    ("planned", "visites prévues et passées", "plannedvisit", _PLANNED, _planned_goes),
):
    _removal = Removal(_code, f"vigilance.{_code}_purged", f"vigilance_{_table}", _due, _gesture)
    keeps(Category(_code, _label, 30, _removal.count, _removal.let_go))
