"""What somebody who owns the database would try against the proof of the thread."""

from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from cordee.kernel.heads import SignedHeads, export_heads
from cordee.kernel.identifiers import uuid7
from cordee.kernel.thread import verify
from tests.kernel.test_thread import happen, tamper
from tests.support import NOW, retention

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heads(tmp_path, monkeypatch):
    """The folder that `verify_thread` reads."""
    from dataclasses import replace

    monkeypatch.setattr(settings, "CORDEE", replace(settings.CORDEE, data=tmp_path))
    return tmp_path / "heads"


def erase(person) -> None:
    tamper(
        f"""DELETE FROM kernel_fact_content WHERE fact_id IN
        (SELECT id FROM kernel_fact WHERE chain_id = '{person}')""",
        f"DELETE FROM kernel_fact WHERE chain_id = '{person}'",
        f"DELETE FROM kernel_thread_head WHERE chain_id = '{person}'",
    )


def test_a_thread_erased_whole_shows_in_the_proof_of_all(heads):
    person = uuid7()
    happen(person)
    happen(uuid7())
    export_heads(folder=heads, now=NOW)

    erase(person)

    said = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_thread", stdout=said)
    assert str(person) in said.getvalue()


def test_a_head_that_commits_late_is_exported_the_next_time(tmp_path):
    late, quick = uuid7(), uuid7()
    with psycopg.connect(**connection.get_connection_params()) as slow:
        slow.execute("SELECT kernel_append('test.late', %s, now(), 'job', '', '{}', '{}')", [late])
        happen(quick)
        export_heads(folder=tmp_path, now=NOW)
        slow.commit()
    export_heads(folder=tmp_path, now=NOW.replace(minute=26))

    erase(late)

    assert [one.fault for one in verify(late, heads=SignedHeads(tmp_path)).faults] == [
        "differs_from_signed_head"
    ]


def test_two_exports_of_the_same_second_are_both_kept(tmp_path):
    first, second = uuid7(), uuid7()
    happen(first)
    export_heads(folder=tmp_path, now=NOW)
    happen(second)
    export_heads(folder=tmp_path, now=NOW)

    erase(first)

    assert not verify(first, heads=SignedHeads(tmp_path)).holds


def test_an_export_cut_by_a_kill_is_not_taken_for_a_forgery(tmp_path, monkeypatch):
    """Words first, signature after: killed between the two, every thread looked altered."""
    person = uuid7()
    happen(person)
    rename = Path.rename

    def killed_at_the_words(draft, named):
        if named.suffix == ".jsonl":
            raise SystemExit
        return rename(draft, named)

    with monkeypatch.context() as killed:
        killed.setattr(Path, "rename", killed_at_the_words)
        with pytest.raises(SystemExit):
            export_heads(folder=tmp_path, now=NOW)

    export_heads(folder=tmp_path, now=NOW.replace(minute=26))

    assert verify(person, heads=SignedHeads(tmp_path)).holds
    erase(person)
    assert not verify(person, heads=SignedHeads(tmp_path)).holds


def test_a_content_whose_salt_was_taken_away_is_named():
    person = uuid7()
    only = happen(person)

    tamper(
        "ALTER TABLE kernel_fact_content ALTER salt DROP NOT NULL",
        f"UPDATE kernel_fact_content SET salt = NULL, subject = 'x' WHERE fact_id = {only}",
    )
    try:
        assert [one.fault for one in verify(person).faults] == ["content_altered"]
    finally:
        tamper(
            f"UPDATE kernel_fact_content SET salt = '' WHERE fact_id = {only}",
            "ALTER TABLE kernel_fact_content ALTER salt SET NOT NULL",
        )


def test_a_purge_excuses_only_what_was_there_when_it_was_told():
    """Declared over numbers to come, it would cover any later removal."""
    person = uuid7()
    first = happen(person)
    with retention() as database:
        database.execute(
            """SELECT kernel_append('kernel.content_purged', %s, now(), 'job', '', '{}', %s)""",
            [person, f'{{"rule": "none", "facts": {list(range(first, first + 50))}}}'],
        )
    later = happen(person)

    tamper(f"DELETE FROM kernel_fact_content WHERE fact_id = {later}")

    assert (later, "content_missing") in [(one.fact_id, one.fault) for one in verify(person).faults]


def test_a_purge_says_its_rule():
    only = happen(uuid7())
    with retention() as database, pytest.raises(psycopg.errors.CheckViolation):
        database.execute("SELECT kernel_purge(%s, 'test', ' ', now())", [[only]])
