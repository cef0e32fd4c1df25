"""Requests, tasks and whole records that nobody needs any more, once the controller decided so.

How long is the controller's decision. What is never due, whatever it says: what is open, what a
claim holds, and a record before the 28th birthday of the person. For health establishments CSP,
art. R. 1112-7 sets 20 years after the last stay, never before the 28th birthday, 10 years after a
death, and stops while a claim lasts; no text that we know of extends it to coordination. It is
followed here as the most careful reading.
"""

import json
from datetime import datetime
from functools import partial
from uuid import UUID

from cordee.access.categories import Category, keeps
from cordee.access.removal import (
    CONTENTS_AWAY,
    EVERY_ONE,
    Database,
    Removal,
    Woken,
    remove,
    states_away,
)

# A request stays as long as the one that was handed on from it, or anything open about it.
_REQUESTS = f"""
    WITH RECURSIVE kept (id, handed_from_id) AS (
        SELECT id, handed_from_id FROM intake_carerequest request
        WHERE ended_at IS NULL OR ended_at >= %(before)s OR person_id = ANY (access_held())
            OR EXISTS (SELECT FROM intake_hold
                WHERE request_id = request.id AND released_at IS NULL)
            OR EXISTS (SELECT FROM pathways_task WHERE state = 'open' AND origin IN
                ('intake/request/' || request.id, 'intake/refusal/' || request.id))
            OR EXISTS (SELECT FROM broker_solicitation search
                WHERE origin = 'intake/request/' || request.id
                    AND (state IN ('open', 'held', 'filled') OR EXISTS (SELECT FROM pathways_task
                        WHERE state = 'open' AND origin = 'broker/solicitation/' || search.id)))
        UNION
        SELECT older.id, older.handed_from_id FROM intake_carerequest older
        JOIN kept ON kept.handed_from_id = older.id)
    SELECT id FROM intake_carerequest WHERE id NOT IN (SELECT id FROM kept) AND ({EVERY_ONE})
    ORDER BY id DESC  -- what was handed on goes before what it came from
"""  # noqa: S608 — our own words

_TASKS = f"""
    SELECT id FROM pathways_task
    WHERE state <> 'open' AND settled_at < %(before)s
        AND (person_id IS NULL OR person_id <> ALL (access_held())) AND ({EVERY_ONE})
    ORDER BY id
"""  # noqa: S608 — our own words


_NOBODY_FOLLOWS = """NOT EXISTS (SELECT FROM protocols_pathway
        WHERE person_id = ANY (family) AND left_at IS NULL)
    AND NOT EXISTS (SELECT FROM vigilance_alert
        WHERE person_id = ANY (family) AND closed_at IS NULL)
    AND NOT EXISTS (SELECT FROM vigilance_reinforcedfollowup
        WHERE person_id = ANY (family) AND ended_at IS NULL)
    AND NOT EXISTS (SELECT FROM vigilance_equipment
        WHERE person_id = ANY (family) AND due_on IS NOT NULL)
    AND NOT EXISTS (SELECT FROM vigilance_trial
        WHERE person_id = ANY (family) AND reviewed_at IS NULL)
    AND NOT EXISTS (SELECT FROM meetings_meeting meeting
    WHERE person_id = ANY (family) AND (state = 'planned' OR EXISTS (
        SELECT FROM meetings_decision WHERE meeting_id = meeting.id AND phase = 'open')))"""


def _records(which: str) -> str:
    """Records about which nothing was written since, and from which nothing open hangs.

    A record goes with those that it absorbed; not while an archive holds some of it (`_AWAY`). One
    whose merge was undone goes like any other, unless a claim holds the other of the two: what was
    written between may be of either.
    """
    return f"""
    WITH asleep AS (
        SELECT person.id, ARRAY(SELECT one.id FROM people_person one
            WHERE one.id = person.id OR one.merged_into_id = person.id) AS family
        FROM people_person person
        WHERE merged_into_id IS NULL AND created_at < %(before)s AND {which}
            AND coalesce(birth_date, created_at::date) + interval '28 years' <= access_now())
    SELECT id FROM asleep
    WHERE NOT family && access_held() AND ({EVERY_ONE})
        AND NOT EXISTS (SELECT FROM kernel_fact
            WHERE chain_id = ANY (family) AND recorded_at >= %(before)s
                AND NOT kernel_is_a_proof(kind))
        AND NOT EXISTS (SELECT FROM intake_carerequest
            WHERE person_id = ANY (family) AND ended_at IS NULL)
        AND NOT EXISTS (SELECT FROM intake_draft
            WHERE person_id = ANY (family) AND ended_at IS NULL)
        AND NOT EXISTS (SELECT FROM broker_solicitation
            WHERE person_id = ANY (family) AND state IN ('open', 'held', 'filled'))
        AND NOT EXISTS (SELECT FROM pathways_task WHERE person_id = ANY (family) AND state = 'open')
        AND NOT EXISTS (SELECT FROM assessments_questionnaireresponse
            WHERE person_id = ANY (family) AND status = 'in-progress' AND saved_at >= %(before)s)
        AND NOT EXISTS (SELECT FROM plans_careplan
            WHERE person_id = ANY (family) AND state <> 'closed')
        AND {_NOBODY_FOLLOWS}
        AND NOT EXISTS (SELECT FROM messaging_message
            WHERE person_id = ANY (family) AND state IN ('queued', 'sending'))
        AND NOT EXISTS (SELECT FROM people_merge
            WHERE (absorbed_id = ANY (family)) <> (survivor_id = ANY (family))
                AND (undone_at IS NULL OR ARRAY[absorbed_id, survivor_id] && access_held()))
        AND NOT EXISTS (SELECT FROM people_personaccount space
            JOIN access_account account ON account.id = space.account_id
            WHERE space.person_id = ANY (family) AND account.last_login >= %(before)s)
    ORDER BY id"""  # noqa: S608 — our own words


_NAMELESS_TASKS = """
    SELECT id FROM pathways_task WHERE origin = ANY (ARRAY(
        SELECT 'liaison/note/' || id FROM liaison_note WHERE person_id = ANY (%(family)s)
        UNION ALL
        SELECT 'meetings/note/' || id FROM meetings_dilemma WHERE person_id = ANY (%(family)s)
        UNION ALL
        SELECT 'broker/solicitation/' || id FROM broker_solicitation
        WHERE person_id = ANY (%(family)s)))
"""  # they name nobody: nothing else ties them to her

_LINES = """
    SELECT id, recorded_at >= %(before)s AND NOT kernel_is_a_proof(kind) FROM kernel_fact
    WHERE chain_id = ANY (%(family)s)
"""


# What they were may be in any month since they began, or since the call that they came of was
# typed: what hangs from them changes after them.
_LIFE_OF_A_REQUEST = """
    SELECT request.id, least(request.created_at, draft.created_at), 'infinity'::timestamptz
    FROM intake_carerequest request LEFT JOIN intake_draft draft ON draft.request_id = request.id
    WHERE request.id = ANY (%(ids)s)
"""
_LIFE_OF_A_RECORD = """
    SELECT coalesce(one.merged_into_id, one.id), least(one.created_at, (
        SELECT min(created_at) FROM intake_draft WHERE person_id = one.id)), 'infinity'::timestamptz
    FROM people_person one WHERE one.id = ANY (%(ids)s) OR one.merged_into_id = ANY (%(ids)s)
"""
_AWAY = f"""{states_away(_LIFE_OF_A_RECORD)} UNION
    SELECT coalesce(one.merged_into_id, one.id), held.file FROM people_person one
    JOIN (SELECT fact.chain_id, away.file {CONTENTS_AWAY}) AS held ON held.chain_id = one.id
    WHERE one.id = ANY (%(ids)s) OR one.merged_into_id = ANY (%(ids)s)
"""  # noqa: S608 — our own words


def _request_goes(
    database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    """Requests with their searches, their tasks, their documents and what was typed for them."""
    origins = [f"intake/{what}/{one}" for one in ids for what in ("request", "refusal")]
    for table in ("broker_solicitation", "pathways_task"):
        found = database.execute(
            f"SELECT id FROM {table} WHERE origin = ANY (%s)",  # noqa: S608 — our own words
            [origins],
        )
        remove(database, table, [row[0] for row in found])
    remove(database, "intake_carerequest", ids)


def _record_goes(
    code: str, database: Database, ids: list[UUID], before: datetime, rule: str, now: datetime
) -> None:
    """Records, those they absorbed, all that hangs from them, and what their threads said.

    A gesture on what hangs from a record holds that row, not the record, then writes in its thread.
    Threads are held in the same order: after the rows, which waited for that gesture.
    """
    family = database.execute(
        "SELECT id FROM people_person WHERE id = ANY (%(ids)s) OR merged_into_id = ANY (%(ids)s)",
        {"ids": ids},
    )
    everybody = [row[0] for row in family]
    opened = database.execute(
        "SELECT DISTINCT account_id FROM people_personaccount WHERE person_id = ANY (%s)",
        [everybody],
    ).fetchall()
    nameless = database.execute(_NAMELESS_TASKS, {"family": everybody}).fetchall()
    remove(database, "pathways_task", [row[0] for row in nameless])
    remove(database, "people_person", everybody, everybody)
    database.execute("SELECT kernel_hold_threads(%s)", [everybody])
    lines = database.execute(_LINES, {"family": everybody, "before": before}).fetchall()
    if any(is_new for _, is_new in lines):
        raise Woken
    database.execute(
        "SELECT kernel_purge(%s, %s, %s, %s)", [[line for line, _ in lines], code, rule, now]
    )
    _accounts_close(database, [row[0] for row in opened], rule, now)


def _accounts_close(database: Database, ids: list[UUID], rule: str, now: datetime) -> None:
    """Close the accounts that opened nothing else, and say which."""
    closed = database.execute("SELECT people_close_accounts(%s, %s)", [ids, now]).fetchall()
    if closed:
        told = {"rule": rule, "accounts": [str(row[0]) for row in closed]}
        database.execute(
            """SELECT kernel_append('people.accounts_closed', NULL, %s, 'job', '',
            '{"role": "retention"}', %s)""",
            [now, json.dumps(told)],
        )


def _kept(code: str, label: str, least: int, removal: Removal) -> None:
    keeps(Category(code, label, least, removal.count, removal.let_go, removal.elsewhere))


_kept(
    "requests",
    "demandes terminées",
    365,
    Removal(
        "requests",
        "pathways.requests_purged",
        "intake_carerequest",
        _REQUESTS,
        _request_goes,
        states_away(_LIFE_OF_A_REQUEST),
    ),
)
_kept(
    "tasks",
    "tâches terminées",
    365,
    Removal("tasks", "pathways.tasks_purged", "pathways_task", _TASKS),
)
_kept(
    "persons",
    "dossiers endormis",
    1825,
    Removal(
        "persons",
        "pathways.persons_purged",
        "people_person",
        _records("deceased_on IS NULL"),
        partial(_record_goes, "persons"),
        _AWAY,
    ),
)
_kept(
    "deceased",
    "dossiers de personnes décédées",
    1825,
    Removal(
        "deceased",
        "pathways.deceased_purged",
        "people_person",
        _records("deceased_on < %(before)s"),
        partial(_record_goes, "deceased"),
        _AWAY,
    ),
)
