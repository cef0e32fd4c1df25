"""A base of an earlier release is migrated with what it holds, and the proofs still hold."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cordee.access.seals import verify_trace
from cordee.kernel import months
from cordee.kernel.folding import fold_migrations
from cordee.kernel.prepare import arm
from cordee.kernel.thread import verify
from tests.conftest import _point_at
from tests.support import calm

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
BEFORE = {
    "kernel": "0003_bulk",
    "access": "0005_second_lock",
    "people": "0004_duplicates_and_merges",
    "directory": "0012_stopped_mobiles",
    "intake": "0002_second_lock",
    "broker": "0003_one_standing_search",
    "pathways": "0006_each_desk_is_told",
    "assessments": None,  # not born yet
    "liaison": None,
    "plans": None,
    "vigilance": None,
    "protocols": None,
    "meetings": None,
    "partners": None,
    "fhir": None,
}
PERSON = UUID("01930000-0000-7000-8000-000000000001")
LIVED = (
    "INSERT INTO kernel_database_roles VALUES (1, 'cordee_app', 'cordee_retention')",
    f"""SELECT kernel_append('test.lived', '{PERSON}', now(), 'form', 'a', '{{}}',
        jsonb_build_object('n', n)) FROM generate_series(1, 30) AS n""",
    """INSERT INTO access_trace (at, kind, verb, role, purpose, origin, session, subject_kind,
        subject_id, persons, reason)
    SELECT now() - n * interval '3 days', 'read', 'v', '', '', '', '', '', '', '{}', ''
    FROM generate_series(1, 40) AS n""",
    """INSERT INTO access_previous_state (table_name, record_id, version, replaced_at, gesture,
        state) SELECT 't', gen_random_uuid(), 1, now() - n * interval '20 days', '{}', '{}'
    FROM generate_series(1, 10) AS n""",
)
ADMITTED = UUID("01930000-0000-7000-8000-000000000002")
WENT = (
    f"""INSERT INTO people_person (id, created_at, updated_at, version, birth_name, first_names,
        first_name, used_name, used_first_name, sex, birth_place_code, ins, ins_oid, ins_status,
        is_homonym, is_doubtful, is_fictitious, phone, other_phone, email, address, home_access,
        ald, protection, is_demonstration, says_incomplete)
    VALUES ('{ADMITTED}', now(), now(), 1, 'Lefèvre', '', '', '', '', '', '', '', '', 'provisoire',
        false, false, false, '', '', '', '', '', false, 'none', false, false)""",
    f"""SELECT kernel_append('people.person_admitted', '{ADMITTED}', '2026-03-10T08:00Z',
        'form', 'a', '{{"role": "coordinator"}}', '{{"organization_id": null}}')""",
    f"""SELECT kernel_append('people.person_discharged', '{ADMITTED}', '2026-03-12T08:00Z',
        'form', 'a', '{{"role": "coordinator"}}', '{{"destination": "home"}}')""",
)
STAYS = """SELECT person_id, organization_id, left_at - entered_at, destination, version
    FROM people_hospitalstay"""
LOCKS = """SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies
    WHERE tablename IN ('access_trace', 'access_previous_state', 'kernel_fact_content')
    ORDER BY 1, 2"""
TRIGGERS = """SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal
    AND tgrelid::regclass::text IN ('access_trace', 'access_previous_state', 'kernel_fact_content')
    ORDER BY 1, 2"""
INDEXES = """SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename IN
    ('access_trace', 'access_previous_state', 'kernel_fact_content') ORDER BY 1"""


@contextmanager
def an_earlier_base():
    server, name = settings.SERVER, f"{settings.TEST_DATABASE}_earlier"
    server.ensure_database(name)
    try:
        _point_at(server.owner_url(name))
        yield server.owner_url(name)
    finally:
        _point_at(server.app_url(settings.TEST_DATABASE))
        with psycopg.connect(server.superuser_url(), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrate(before=None):
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    executor.migrate([(app, (before or {}).get(app, name)) for app, name in leaves])


def asked(question):
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall()


def test_what_a_base_held_lies_in_its_months_after_the_migration():
    here = [asked(LOCKS), asked(TRIGGERS), asked(INDEXES)]
    with an_earlier_base() as url:
        migrate(BEFORE)
        with psycopg.connect(url, autocommit=True) as owner:
            for statement in (*LIVED, *WENT):
                owner.execute(statement)
            calm()
            owner.execute("SELECT access_seal()")
            reached = owner.execute("SELECT max(id) FROM access_trace").fetchone()[0]

        with fold_migrations():  # as `prepare` does; the earlier release did without
            migrate()
        arm(application="cordee_app", retention="cordee_retention")

        judgement, verdict = verify(PERSON), verify_trace()
        assert (judgement.holds, judgement.length) == (True, 30)
        assert (verdict.holds, verdict.sealed, verdict.unsealed) == (True, 40, 0)
        assert asked("SELECT count(*) FROM access_previous_state") == [(10,)]
        assert asked(STAYS) == [(ADMITTED, None, timedelta(days=2), "home", 1)]
        assert all(one.is_ready for one in months.parted())
        assert [asked(LOCKS), asked(TRIGGERS), asked(INDEXES)] == here
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(LIVED[1])
            owner.execute(LIVED[2])
            after = owner.execute("SELECT max(id) FROM access_trace").fetchone()[0]
        assert after == reached + 40
        assert (verify(PERSON).holds, verify(PERSON).length) == (True, 60)
