"""A closed month leaves for a sealed file; what stays proves it, and it comes back as it was."""

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BufferedReader, BytesIO, StringIO
from threading import Event

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection

from cordee.access import trace
from cordee.access.actor import SYSTEM, Role
from cordee.access.models import PreviousState
from cordee.access.seals import seal_pending, verify_trace
from cordee.kernel import months
from cordee.kernel.facts import publish, stored
from cordee.kernel.identifiers import uuid7
from cordee.kernel.signature import sign
from cordee.kernel.thread import verify
from cordee.people.facts import PersonCreated
from cordee.people.selectors.thread import ARCHIVED, thread_of
from host.sealed import Opening, Sealing
from tests.factories.people import PersonFactory
from tests.kernel.test_thread import happen, tamper
from tests.support import NOW, actor, arranging, calm, owner, retention

pytestmark = pytest.mark.django_db(transaction=True)
CONTENTS, TRACE, STATES = (f"cordee-2024-03-{name}.archive" for name in ("fils", "trace", "etats"))
REWRITTEN = """DO $$
DECLARE
    line record;
    previous bytea := '';
BEGIN
    FOR line IN SELECT * FROM kernel_fact WHERE chain_id = '{chain}' ORDER BY id LOOP
        UPDATE kernel_fact SET previous_hash = previous, hash = kernel_hash(previous, id, kind,
            chain_id, thread_id, happened_at, recorded_at, origin, digest)
        WHERE id = line.id RETURNING hash INTO previous;
    END LOOP;
    UPDATE kernel_thread_head SET hash = previous WHERE chain_id = '{chain}';
END $$"""
PAST = """WITH content AS (UPDATE kernel_fact_content SET recorded_at = '2024-03-05 12:00+00'
    WHERE fact_id = ANY ('{{{ids}}}'))
UPDATE kernel_fact SET recorded_at = '2024-03-05 12:00+00' WHERE id = ANY ('{{{ids}}}')"""


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    url = settings.SERVER.retention_url(settings.TEST_DATABASE)
    house = replace(settings.CORDEE, retention_url=url, backups=str(tmp_path), backup_key="ab" * 32)
    monkeypatch.setattr(settings, "CORDEE", house)
    yield tmp_path / "archives"
    with owner() as database:
        for name in ("kernel_fact_content", "access_trace", "access_previous_state"):
            database.execute(f"DROP TABLE IF EXISTS months.{name}_2024_03")


@pytest.fixture
def person():
    """Somebody whose first three lines were written in March 2024, and a fourth now."""
    person = uuid7()
    old = [happen(person) for _ in range(3)]
    happen(person)
    tamper(PAST.format(ids=",".join(map(str, old))), REWRITTEN.format(chain=person))
    months.make_ahead()
    assert verify(person).holds
    return person


@pytest.fixture
def looked():
    """Five sealed lines of the trace of March 2024, and one of now."""
    for _ in range(5):
        trace.listed(actor(Role.COORDINATOR), "people.person", [uuid7()])
    with owner() as database:
        database.execute("ALTER TABLE access_trace DISABLE TRIGGER USER")
        database.execute("UPDATE access_trace SET at = '2024-03-05 12:00+00'")
        database.execute("ALTER TABLE access_trace ENABLE TRIGGER USER")
    months.make_ahead()
    calm()
    seal_pending()
    trace.listed(actor(Role.COORDINATOR), "people.person", [uuid7()])


def archive(*arguments):
    said = StringIO()
    call_command("archive", *arguments, stdout=said)
    return said.getvalue()


def lines_of(person):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM kernel_fact WHERE thread_id = %s ORDER BY id", [person])
        return [row[0] for row in cursor.fetchall()]


def clear(path):
    with path.open("rb") as file:
        return BufferedReader(Opening(file, settings.CORDEE.backup_key)).read().decode()


def made_again(path, change, *, signed):
    """What somebody who holds the key of the archives, and perhaps of the seals, would make."""
    first, *rows, last = clear(path).splitlines()
    rows = change(rows)
    digest = hashlib.sha256("".join(f"{row}\n" for row in rows).encode()).hexdigest()
    end = {"lines": len(rows), "sha256": digest}
    signature = sign(f"{first}\n{json.dumps(end)}".encode()).hex() if signed else "00" * 64
    file = BytesIO()
    sealing = Sealing(file, settings.CORDEE.backup_key)
    end = json.dumps(end | {"signature": signature})
    sealing.write("\n".join([first, *rows, end, ""]).encode())
    sealing.finish()
    path.write_bytes(file.getvalue())


def test_a_dry_run_tells_and_moves_nothing(person, folder):
    assert f"{CONTENTS} : 3 lignes à archiver" in archive("--before", "2024-04", "--dry-run")
    assert verify(person).archived == {}
    assert not folder.exists()


def test_a_month_leaves_and_the_chain_still_holds(person, folder):
    assert archive("--before", "2024-04") == f"{CONTENTS} : 3 lignes archivées.\n"

    judgement = verify(person)
    assert (judgement.holds, judgement.length) == (True, 4)
    assert judgement.archived == dict.fromkeys(lines_of(person)[:3], CONTENTS)
    assert archive("--verify") == f"{CONTENTS} : 3 lignes prouvées.\n"
    assert [path.name for path in folder.iterdir()] == [CONTENTS]
    assert (folder / CONTENTS).stat().st_mode & 0o777 == 0o600
    assert b"test" not in (folder / CONTENTS).read_bytes()
    assert "Aucun mois clos" in archive("--before", "2024-04")
    happen(person)
    assert verify(person).holds
    assert all(one.is_ready for one in months.parted())


def test_verify_thread_says_what_is_in_an_archive(person, settings, tmp_path):
    archive("--before", "2024-04")
    settings.CORDEE = replace(settings.CORDEE, data=tmp_path)  # no heads that another test exported
    said = StringIO()
    call_command("verify_thread", str(person), stdout=said)
    assert "3 contenus sont en archive" in said.getvalue()


def test_what_was_purged_under_a_rule_is_told_from_what_is_archived(person, folder):
    first, second, third, _ = lines_of(person)
    with retention() as database:
        database.execute("SELECT kernel_purge(%s, 'thread', 'règle X', %s)", [[first], NOW])
        (said,) = database.execute(
            "SELECT max(id) FROM kernel_fact WHERE kind = 'kernel.content_purged'"
        ).fetchone()
    tamper(PAST.format(ids=said), REWRITTEN.format(chain=person))
    months.make_ahead()

    archive("--before", "2024-04")

    judgement = verify(person)
    assert judgement.holds
    assert judgement.purged == {first: "règle X"}
    assert judgement.archived == {second: CONTENTS, third: CONTENTS}
    assert all(one.is_ready for one in months.parted())  # the purge stays here, and is no stray
    archive("--restore", CONTENTS)
    assert (verify(person).holds, verify(person).purged) == (True, {first: "règle X"})


def test_an_altered_content_does_not_leave(person, folder):
    second = lines_of(person)[1]
    tamper(f"UPDATE kernel_fact_content SET data = '{{}}' WHERE fact_id = {second}")

    with pytest.raises(CommandError, match=f"modifiée .ligne {second}.*n’a pas bougé"):
        archive("--before", "2024-04")

    assert list(folder.iterdir()) == []
    assert [one.fault for one in verify(person).faults] == ["content_altered"]


@pytest.mark.parametrize(
    ("change", "signed", "fault"),
    [
        (lambda rows: [row.replace('"a"', '"z"') for row in rows], True, "n’est pas l’archive que"),
        (lambda rows: [row.replace('"a"', '"z"') for row in rows], False, "pas été signée"),
        (lambda rows: rows[:-1], True, "n’est pas l’archive que"),
        (lambda rows: [*rows, rows[-1]], True, "n’est pas l’archive que"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], True, "n’est pas l’archive que"),
        (lambda rows: rows, False, "pas été signée"),
    ],
)
def test_an_archive_made_again_is_told_from_the_one_that_left(
    person, folder, change, signed, fault
):
    archive("--before", "2024-04")
    made_again(folder / CONTENTS, change, signed=signed)

    said = StringIO()
    with pytest.raises(CommandError, match="1 archive"):
        call_command("archive", "--verify", stdout=said)
    assert fault in said.getvalue()
    with pytest.raises(CommandError, match="La base n’a pas bougé"):
        archive("--restore", CONTENTS)
    assert len(verify(person).archived) == 3


def changed_last(content: bytes) -> bytes:
    """The same, but for its last byte, whatever it was."""
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "tronquée ou altérée"),
        (lambda path: path.write_bytes(changed_last(path.read_bytes())), "tronquée ou altérée"),
        (lambda path: path.write_bytes(b"rien"), "tronquée ou altérée"),
        (lambda path: path.unlink(), "n’est pas dans ce dossier"),
    ],
)
def test_a_spoilt_archive_is_named(person, folder, spoil, fault):
    archive("--before", "2024-04")
    spoil(folder / CONTENTS)

    said = StringIO()
    with pytest.raises(CommandError):
        call_command("archive", "--verify", stdout=said)
    assert fault in said.getvalue()


def test_the_key_of_another_house_is_said(person, monkeypatch):
    archive("--before", "2024-04")
    monkeypatch.setattr(settings, "CORDEE", replace(settings.CORDEE, backup_key="cd" * 32))

    said = StringIO()
    with pytest.raises(CommandError):
        call_command("archive", "--verify", stdout=said)
    assert "CORDEE_BACKUP_KEY n’est pas celle" in said.getvalue()


def test_even_a_forged_announcement_does_not_make_an_altered_row_true(person, folder):
    """Who would hold every key, and retention: the headers still prove each row."""
    archive("--before", "2024-04")
    made_again(
        folder / CONTENTS, lambda rows: [row.replace('"a"', '"z"') for row in rows], signed=True
    )
    end = json.loads(clear(folder / CONTENTS).splitlines()[-1])
    with retention() as database:
        database.execute(
            "SELECT kernel_append('kernel.month_archived', NULL, now(), 'job', '', '{}', %s)",
            [
                json.dumps(
                    {
                        "table": "kernel_fact_content",
                        "month": "2024-03-01",
                        "file": CONTENTS,
                        "lines": 3,
                        "digest": end["sha256"],
                    }
                )
            ],
        )

    said = StringIO()
    with pytest.raises(CommandError):
        call_command("archive", "--verify", stdout=said)
    assert "une ligne de l’archive a été modifiée" in said.getvalue()


def test_a_month_comes_back_and_is_wanted_here_again(person, folder):
    second = lines_of(person)[1]
    archive("--before", "2024-04")

    assert archive("--restore", CONTENTS) == f"{CONTENTS} : 3 lignes rendues à la base.\n"

    judgement = verify(person)
    assert (judgement.holds, judgement.archived, judgement.purged) == (True, {}, {})
    tamper(f"DELETE FROM kernel_fact_content WHERE fact_id = {second}")
    assert [(one.fact_id, one.fault) for one in verify(person).faults] == [
        (second, "content_missing")
    ]


def test_a_month_that_came_back_may_leave_again(person):
    archive("--before", "2024-04")
    archive("--restore", CONTENTS)
    archive("--before", "2024-04")
    assert archive("--verify") == f"{CONTENTS} : 3 lignes prouvées.\n"


def test_a_content_of_another_month_is_still_wanted(person):
    archive("--before", "2024-04")
    last = lines_of(person)[-1]
    tamper(f"DELETE FROM kernel_fact_content WHERE fact_id = {last}")
    assert [(one.fact_id, one.fault) for one in verify(person).faults] == [
        (last, "content_missing")
    ]


def test_a_month_of_trace_leaves_is_proved_by_its_seals_and_comes_back(looked, folder):
    assert archive("--before", "2024-04") == f"{TRACE} : 5 lignes archivées.\n"

    verdict = verify_trace()
    assert (verdict.holds, list(verdict.archived.values())) == (True, [TRACE])
    assert archive("--verify") == f"{TRACE} : 5 lignes prouvées.\n"
    made_again(
        folder / TRACE, lambda rows: [row.replace("people", "nobody") for row in rows], signed=True
    )
    with pytest.raises(CommandError):
        archive("--verify")
    made_again(
        folder / TRACE, lambda rows: [row.replace("nobody", "people") for row in rows], signed=True
    )

    archive("--restore", TRACE)

    assert (verify_trace().holds, verify_trace().archived) == (True, {})
    with owner() as database:
        database.execute("ALTER TABLE access_trace DISABLE TRIGGER USER")
        database.execute("DELETE FROM access_trace WHERE id = (SELECT min(id) FROM access_trace)")
        database.execute("ALTER TABLE access_trace ENABLE TRIGGER USER")
    assert [one.fault for one in verify_trace().faults] == ["line_missing"]


def test_verify_trace_says_which_months_are_in_an_archive(looked):
    archive("--before", "2024-04")
    said = StringIO()
    call_command("verify_trace", stdout=said)
    assert f"2024-03 : mois en archive ({TRACE})" in said.getvalue()


def test_an_altered_line_of_the_trace_does_not_leave(looked):
    with owner() as database:
        database.execute("ALTER TABLE access_trace DISABLE TRIGGER USER")
        database.execute("UPDATE access_trace SET verb = 'x' WHERE at < '2025-01-01'")
        database.execute("ALTER TABLE access_trace ENABLE TRIGGER USER")

    with pytest.raises(CommandError, match="modifiée"):
        archive("--before", "2024-04")


def test_a_line_without_a_seal_waits():
    with owner() as database:
        database.execute(
            """INSERT INTO access_trace (at, kind, verb, role, purpose, origin, session,
            subject_kind, subject_id, persons, reason)
            VALUES ('2024-03-05', 'read', '', '', '', '', '', '', '', '{}', '')"""
        )
    months.make_ahead()

    with pytest.raises(CommandError, match="1 lignes attendent leur sceau"):
        archive("--before", "2024-04")


def test_previous_states_leave_and_come_back():
    with owner() as database:
        database.execute(
            """INSERT INTO access_previous_state (table_name, record_id, version, replaced_at,
            gesture, state) SELECT 't', gen_random_uuid(), n, '2024-03-05', '{}', '{"a": 1.50}'
            FROM generate_series(1, 7) AS n"""
        )
    months.make_ahead()
    before = list(PreviousState.objects.order_by("pk").values())

    assert f"{STATES} : 7 lignes archivées" in archive("--before", "2024-04")
    assert not PreviousState.objects.exists()
    assert "7 lignes prouvées" in archive("--verify")

    archive("--restore", STATES)
    assert list(PreviousState.objects.order_by("pk").values()) == before


def test_the_month_under_way_never_leaves(person):
    with pytest.raises(CommandError, match="n’est pas clos"):
        archive("--before", "2099-01")
    with retention() as database, pytest.raises(psycopg.errors.InvalidParameterValue):
        database.execute(
            """SELECT kernel_let_month_go('access_trace', kernel_month_of(now()), '', 0, '',
            now())"""
        )


def test_a_file_that_holds_less_than_the_month_does_not_take_it_away(person):
    with retention() as database, pytest.raises(psycopg.errors.DataCorrupted):
        database.execute(
            "SELECT kernel_let_month_go('kernel_fact_content', '2024-03-01', '', 2, '', now())"
        )
    assert verify(person).archived == {}


@pytest.mark.parametrize(
    "claim",
    [
        "SELECT kernel_let_month_go('access_trace', '2024-03-01', '', 0, '', now())",
        "SELECT kernel_put_back('access_trace', '2024-03-01', '[]')",
        "SELECT kernel_hold_month('access_trace', '2024-03-01')",
        "SELECT kernel_month_is_back('access_trace', '2024-03-01', now())",
        "SELECT kernel_append('kernel.month_archived', NULL, now(), 'job', '', '{}', '{}')",
        "SELECT kernel_append('kernel.month_restored', NULL, now(), 'job', '', '{}', '{}')",
    ],
)
def test_only_retention_moves_a_month_or_says_that_it_moved(claim):
    with owner() as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(claim)
    with pytest.raises(ProgrammingError, match="retention only"):
        connection.cursor().execute(claim)


def test_an_unwritable_folder_leaves_the_month_here(person, folder):
    folder.parent.joinpath("archives").write_text("a file, not a folder")
    with pytest.raises(CommandError, match="Rien n’a bougé"):
        archive("--before", "2024-04")
    assert verify(person).archived == {}


def test_the_thread_on_the_screen_says_what_is_in_an_archive():
    with arranging():
        shown = PersonFactory()
        publish(PersonCreated(person_id=shown.pk, organization_id=None))
    assert [line.text for line in thread_of(SYSTEM, shown).lines] == [PersonCreated.__doc__]
    lines = ",".join(map(str, lines_of(shown.pk)))
    tamper(PAST.format(ids=lines), REWRITTEN.format(chain=shown.pk))
    months.make_ahead()

    archive("--before", "2024-04")

    assert [line.text for line in thread_of(SYSTEM, shown).lines] == [ARCHIVED]


def test_nobody_s_gesture_fails_or_is_lost_while_months_move(person, looked):
    """Four who write without a pause; meanwhile months are made, leave and come back."""
    threads = [uuid7() for _ in range(4)]
    over = Event()

    def write(thread):
        written = 0
        try:
            while not over.is_set() or written < 20:
                happen(thread)
                trace.listed(actor(Role.COORDINATOR), "people.person", [thread])
                stored(lines_of(thread)[-1])
                written += 1
        finally:
            connection.close()
        return written

    def move():
        for _ in range(4):
            again(archive, "--before", "2024-04")
            for file in (CONTENTS, TRACE):
                again(archive, "--restore", file)
            for table in sorted(one.table for one in months.parted()):
                again(make_and_drop, table)

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, thread) for thread in threads]
        try:
            move()
        finally:
            over.set()
        written = [one.result() for one in writers]
    calm()
    seal_pending()

    assert [verify(thread).length for thread in threads] == written
    assert all(verify(one).holds for one in (*threads, person))
    verdict = verify_trace()
    assert (verdict.holds, verdict.sealed) == (True, 6 + sum(written))


def again(gesture, *arguments):
    """What moves a month gives way to who writes: it is asked again until it passes."""
    for _ in range(200):
        try:
            return gesture(*arguments)
        except (CommandError, psycopg.errors.LockNotAvailable) as refusal:
            if not re.search("occupée|lock timeout", str(refusal)):
                raise
    raise AssertionError("a month never moved")


def make_and_drop(table):
    with owner() as database:
        database.execute("SELECT kernel_make_month(%s::regclass, '2031-05-01')", [table])
    for _ in range(200):
        try:
            with owner() as database:
                database.execute("SET lock_timeout = '300ms'")
                database.execute(
                    "SELECT kernel_detach(%s::regclass, %s)", [table, f"months.{table}_2031_05"]
                )
                return database.execute(f"DROP TABLE months.{table}_2031_05")
        except psycopg.errors.LockNotAvailable:
            continue
    raise AssertionError("a month never left")
