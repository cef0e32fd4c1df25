"""The journal of calls, what was told to partners, and what was allowed or asked once it ended, go
when the controller decided so.

No duration is written here. CNIL's 2021 recommendation on logs speaks of six months to a year.
"""

from datetime import datetime
from uuid import UUID

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, Database, Removal, remove

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


def _calls_go(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "partners_call", ids)


def _grants_go(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "partners_grant", ids)


def _deliveries_go(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "partners_delivery", ids)


def _subscriptions_go(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    remove(database, "partners_subscription", ids)


for _code, _label, _table, _due, _gesture in (
    ("calls", "appels des systèmes partenaires", "call", _CALLS, _calls_go),
    ("grants", "autorisations données à des applications, arrêtées", "grant", _GRANTS, _grants_go),
    (
        "deliveries",
        "notifications aux partenaires, réglées",
        "delivery",
        _DELIVERIES,
        _deliveries_go,
    ),
    ("subscriptions", "abonnements retirés", "subscription", _SUBSCRIPTIONS, _subscriptions_go),
):
    _removal = Removal(_code, f"partners.{_code}_purged", f"partners_{_table}", _due, _gesture)
    keeps(Category(_code, _label, 30, _removal.count, _removal.let_go))
