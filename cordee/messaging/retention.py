"""What messages said is let go first, then that they were sent; what the thread keeps stays.

The words are worth reading while a search is talked about; that a message left, and arrived, proves
for longer that somebody was told. Facts hold identifiers and codes only: they are not touched here.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from config.environment import Environment
from cordee.access.categories import Category, keeps
from cordee.access.removal import NO_MONTH_LEAVES, life_of, states_away

PROPOSED = (
    "durées proposées par Cordée le 22/11/2026, que le responsable de traitement confirme ou "
    "change\u00a0: RGPD, art. 5(1)(e), pas plus longtemps que nécessaire\u00a0; aucun texte ne "
    "fixe de durée pour ces messages\u00a0; un an pour la preuve, par analogie avec la "
    "recommandation de la CNIL sur la journalisation (2021, six mois à un an)"
)


@dataclass(frozen=True)
class Letters:
    """Something kept for so long: the tables it is in, oldest first to be let go."""

    code: str
    label: str
    tables: tuple[str, ...]


WORDS = Letters(
    "words",
    "mots de messages",
    ("messaging_message", "messaging_inboundtext", "messaging_textpiece"),
)
ROWS = Letters(
    "rows",
    "messages, accusés et codes",
    (
        "messaging_deliveryreceipt",
        "messaging_message",
        "messaging_textpiece",
        "messaging_inboundtext",
        "messaging_phonecode",
    ),
)

# Nothing that waits, or whose fate is not known yet, ever goes.
_OLD = {
    "messaging_message": "state IN ('sent', 'delivered', 'failed') "
    "AND coalesce(settled_at, sent_at, created_at) < %(before)s "
    "AND (person_id IS NULL OR person_id <> ALL (access_held()))",
    "messaging_inboundtext": "received_at < %(before)s",
    "messaging_textpiece": "received_at < %(before)s AND (whole_id IS NULL OR whole_id IN "
    "(SELECT id FROM messaging_inboundtext WHERE received_at < %(before)s))",
    "messaging_phonecode": "expires_at < %(before)s",
}
_OLD["messaging_deliveryreceipt"] = " ".join(
    (
        "received_at < %(before)s AND (message_id IS NULL OR message_id IN",
        "(SELECT id FROM messaging_message WHERE",
        _OLD["messaging_message"],
        "))",
    )
)
_EMPTIED = {
    "messaging_message": (
        "subject = '', text = '', sealed = '', context = '{}'",
        "text <> ''",
    ),
    "messaging_inboundtext": ("text = ''", "text <> ''"),
    "messaging_textpiece": ("text = ''", "text <> ''"),
}

_KEPT = frozenset(_OLD) - {"messaging_deliveryreceipt"}  # whose former states are


def due(environment: Environment, now: datetime) -> list[tuple[Letters, datetime]]:
    """Say before which moment each category goes."""
    return [
        (WORDS, now - timedelta(days=environment.message_words_days)),
        (ROWS, now - timedelta(days=environment.message_rows_days)),
    ]


def count(database: "psycopg.Connection[Any]", category: Letters, before: datetime) -> int:
    """Count what would go. Not what an archive holds former states of: see `elsewhere`."""
    total = 0
    for table in category.tables:
        where = _where(category, table)
        asked = f"SELECT count(*) FROM {table} WHERE {where}"  # noqa: S608 (our own words)
        row = database.execute(asked, {"before": before})
        total += (row.fetchone() or (0,))[0]
    return total


def elsewhere(
    database: "psycopg.Connection[Any]", category: Letters, before: datetime
) -> list[str]:
    """The archives that must come back before the others that are due can go."""
    found: set[str] = set()
    for table in _KEPT.intersection(category.tables):
        asked = f"SELECT DISTINCT file FROM ({_away(category, table)}) AS away"  # noqa: S608
        found.update(row[0] for row in database.execute(asked, {"before": before}))
    return sorted(found)


def let_go(
    database: "psycopg.Connection[Any]",
    category: Letters,
    before: datetime,
    *,
    rule: str,
    now: datetime,
) -> int:
    """Empty or remove what is older, its former states too, and say so in the thread of the house.

    One transaction. Needs the retention role.
    """
    with database.transaction():
        database.execute(NO_MONTH_LEAVES)
        gesture = json.dumps({"actor": {"role": "retention"}, "verb": "messaging.purge"})
        database.execute("SELECT set_config('cordee.gesture', %s, true)", [gesture])
        total = sum(_gone(database, category, table, before) for table in category.tables)
        if total:
            told = {"category": category.code, "rule": rule, "count": str(total)}
            database.execute(
                "SELECT kernel_append(%s, NULL, %s, 'job', '', %s, %s)",
                [
                    "messaging.words_purged" if category is WORDS else "messaging.rows_purged",
                    now,
                    json.dumps({"role": "retention"}),
                    json.dumps(told | {"before": before.isoformat()}),
                ],
            )
    return total


def _gone(
    database: "psycopg.Connection[Any]", category: Letters, table: str, before: datetime
) -> int:
    gesture = f"DELETE FROM {table}"  # noqa: S608 (our own words)
    if category is WORDS:
        gesture = f"UPDATE {table} SET {_EMPTIED[table][0]}"  # noqa: S608
    where = _where(category, table)
    rows = database.execute(f"{gesture} WHERE {where} RETURNING id", {"before": before})
    ids = [row[0] for row in rows]
    database.execute(
        "DELETE FROM access_previous_state WHERE table_name = %s AND record_id = ANY (%s)",
        [table, ids],
    )
    return len(ids)


def _old(category: Letters, table: str) -> str:
    still_said = f" AND {_EMPTIED[table][1]}" if category is WORDS else ""
    return _OLD[table] + still_said


def _away(category: Letters, table: str) -> str:
    """What is old, and of which an archive may hold a former state; a text waits for its pieces."""
    lives = f"{life_of(table)} AND {_old(category, table)}"
    if table == "messaging_inboundtext":
        pieces = life_of("messaging_textpiece", "whole_id")
        lives += f" UNION ALL {pieces} AND {_old(category, 'messaging_textpiece')}"
    return states_away(lives)


def _where(category: Letters, table: str) -> str:
    if table not in _KEPT:
        return _old(category, table)
    away = f"SELECT FROM ({_away(category, table)}) AS away WHERE away.id = {table}.id"  # noqa: S608
    return f"{_old(category, table)} AND NOT EXISTS ({away})"


keeps(
    Category(
        WORDS.code,
        WORDS.label,
        7,
        lambda database, before: count(database, WORDS, before),
        lambda database, before, rule, now: let_go(database, WORDS, before, rule=rule, now=now),
        lambda database, before: elsewhere(database, WORDS, before),
    )
)
keeps(
    Category(
        ROWS.code,
        ROWS.label,
        30,
        lambda database, before: count(database, ROWS, before),
        lambda database, before, rule, now: let_go(database, ROWS, before, rule=rule, now=now),
        lambda database, before: elsewhere(database, ROWS, before),
    )
)
