"""The journal of calls, what was told to partners, and what was allowed or asked once it ended, go
when the controller decided so.

No duration is written here. CNIL's 2021 recommendation on logs speaks of six months to a year.
"""

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, NO_STATES, Removal

_CALLS = f"""
    SELECT id FROM partners_call WHERE at < %(before)s AND ({EVERY_ONE}) ORDER BY id
"""  # noqa: S608 — our own words
_GRANTS = f"""
    SELECT id FROM partners_grant
    WHERE coalesce(ended_at, ends_at) < %(before)s
        AND (person_id IS NULL OR person_id <> ALL (access_held())) AND ({EVERY_ONE})
    ORDER BY id
"""  # noqa: S608 — our own words
_DELIVERIES = f"""
    SELECT id FROM partners_delivery
    WHERE settled_at < %(before)s
        AND (person_id IS NULL OR person_id <> ALL (access_held())) AND ({EVERY_ONE})
    ORDER BY id
"""  # noqa: S608 — our own words
_SUBSCRIPTIONS = f"""
    SELECT id FROM partners_subscription WHERE removed_at < %(before)s AND ({EVERY_ONE}) ORDER BY id
"""  # noqa: S608 — our own words


for _code, _label, _table, _due, _away in (
    ("calls", "appels des systèmes partenaires", "partners_call", _CALLS, NO_STATES),
    (
        "grants",
        "autorisations données à des applications, arrêtées",
        "partners_grant",
        _GRANTS,
        NO_STATES,
    ),
    (
        "deliveries",
        "notifications aux partenaires, réglées",
        "partners_delivery",
        _DELIVERIES,
        NO_STATES,
    ),
    ("subscriptions", "abonnements retirés", "partners_subscription", _SUBSCRIPTIONS, ""),
):
    _removal = Removal(_code, f"partners.{_code}_purged", _table, _due, away=_away)
    keeps(Category(_code, _label, 30, _removal.count, _removal.let_go, _removal.elsewhere))
