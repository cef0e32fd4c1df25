"""Accounts that were closed lose their name, once nothing that is kept would be told without it.

Who looked at a record is told to the person by the name of the account: it stays as long as the
trace keeps one of its lines, here or in an archive. No text that we know of says how long after.
"""

from datetime import datetime
from uuid import UUID

from cordee.access.categories import Category, keeps
from cordee.access.removal import EVERY_ONE, Database, Removal, remove, states_away

EMPTIED = "@compte-efface.invalid"  # where no mail can go (RFC 2606)

_LIVE = "accepted_at IS NULL AND revoked_at IS NULL AND expires_at > access_now()"
_ACCOUNTS = f"""
    SELECT account.id FROM access_account account
    WHERE NOT is_active AND closed_at < %(before)s AND email NOT LIKE '%%{EMPTIED}'
        AND NOT EXISTS (SELECT FROM access_trace WHERE account_id = account.id)
        AND NOT EXISTS (SELECT FROM kernel_archived('access_trace') away
            WHERE away.month BETWEEN kernel_month_of(account.created_at)
                AND kernel_month_of(account.closed_at))
        AND NOT EXISTS (SELECT FROM web_accountinvitation
            WHERE lower(email) = lower(account.email) AND {_LIVE})
        AND NOT EXISTS (SELECT FROM people_emergencygrant
            WHERE account_id = account.id AND reviewed_at IS NULL)
        AND NOT EXISTS (SELECT FROM people_personaccount
            WHERE account_id = account.id AND person_id = ANY (access_held()))
        AND NOT EXISTS (SELECT FROM kernel_fact fact JOIN kernel_fact_content content
                ON content.fact_id = fact.id AND content.recorded_at = fact.recorded_at
            WHERE fact.chain_id = ANY (access_held())
                AND content.actor->>'account' = account.id::text)
        AND ({EVERY_ONE.replace(" id ", " account.id ")})
    ORDER BY account.id
"""  # noqa: S608 — our own words


_THEIRS = (  # what somebody kept for themselves, or was sent to them
    (
        "web_accountinvitation",
        f"account_id = ANY (%(ids)s) OR NOT ({_LIVE}) AND lower(email) IN"  # noqa: S608
        " (SELECT lower(email) FROM access_account WHERE id = ANY (%(ids)s))",
    ),
    ("web_spaceinvitation", "account_id = ANY (%(ids)s)"),
    ("web_secondfactorreset", "account_id = ANY (%(ids)s)"),
    ("directory_callmobile", "account_id = ANY (%(ids)s)"),
    ("web_savedfilter", "owner_id = ANY (%(ids)s) AND organizations = '{}'"),
)


def _account_is_emptied(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    for table, theirs in _THEIRS:
        asked = f"SELECT id FROM {table} WHERE {theirs}"  # noqa: S608 — our own words
        remove(database, table, [row[0] for row in database.execute(asked, {"ids": ids})])
    database.execute("SELECT web_empty_accounts(%s)", [ids])


_LIVES = " UNION ALL ".join(  # of what goes with an account, whose own states are not kept
    f"""SELECT account.id, line.created_at, line.updated_at + interval '1 day'
    FROM access_account account JOIN {table} line ON {theirs}
    WHERE account.id = ANY (%(ids)s) AND line.version > 1"""  # noqa: S608 — our own words
    for table, theirs in (
        (
            "web_accountinvitation",
            "line.account_id = account.id OR lower(line.email) = lower(account.email)",
        ),
        ("web_spaceinvitation", "line.account_id = account.id"),
        ("web_secondfactorreset", "line.account_id = account.id"),
        ("web_savedfilter", "line.owner_id = account.id"),
    )
)
_REMOVAL = Removal(
    "accounts",
    "web.accounts_purged",
    "access_account",
    _ACCOUNTS,
    _account_is_emptied,
    states_away(_LIVES),
)
keeps(
    Category("accounts", "comptes fermés", 365, _REMOVAL.count, _REMOVAL.let_go, _REMOVAL.elsewhere)
)
