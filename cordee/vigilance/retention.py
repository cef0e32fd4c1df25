"""What was put aside and answered, and visits that were planned, go once the controller decided so.

Visits that were marked go with the record of the person. What nobody has answered never goes.
"""

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, Removal

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


for _code, _label, _table, _due in (
    ("aside", "envois de téléphones, traités", "vigilance_refusedvisit", _ASIDE),
    ("safety", "alertes de sécurité des aides, traitées", "vigilance_safetyalert", _SAFETY),
    ("planned", "visites prévues et passées", "vigilance_plannedvisit", _PLANNED),
):
    _removal = Removal(_code, f"vigilance.{_code}_purged", _table, _due)
    keeps(Category(_code, _label, 30, _removal.count, _removal.let_go, _removal.elsewhere))
