"""What somebody who owns the database would try against the proof of the thread."""

import json
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from cordee.kernel.heads import SignedHeads, export_heads
from cordee.kernel.identifiers import uuid7
from cordee.kernel.signature import sign
from cordee.kernel.thread import verify
from tests.kernel.test_thread import happen, tamper
from tests.support import NOW, owner, retention

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


def proved(*arguments) -> tuple[bool, str]:
    """What the command says, and whether its code tells that all holds."""
    said = StringIO()
    try:
        call_command("verify_thread", *arguments, stdout=said)
    except CommandError as error:
        return False, f"{said.getvalue()}{error}"
    return True, said.getvalue()


@pytest.mark.parametrize("taken", ["its words", "its words and its signature"])
def test_an_export_that_was_taken_away_is_missed(heads, taken):
    """What it covered could be cut unseen: nothing else knew how long the thread was."""
    person, other = uuid7(), uuid7()
    happen(person)
    gone = export_heads(folder=heads, now=NOW)
    happen(other)
    export_heads(folder=heads, now=NOW.replace(minute=26))
    assert proved()[0]

    erase(person)
    gone.unlink()
    if taken == "its words and its signature":
        gone.with_suffix(".sig").unlink()

    holds, said = proved()
    assert not holds
    assert f"{gone.name} : l’export a disparu" in said
    assert str(other) not in said
    assert not verify(other, heads=SignedHeads(heads)).holds


def test_every_export_taken_away_but_its_signature_is_missed(heads):
    happen(uuid7())
    export_heads(folder=heads, now=NOW).unlink()

    assert proved()[0] is False


def test_another_export_in_the_place_of_one_is_named(heads):
    person = uuid7()
    made = []
    for minute in (25, 26, 27):
        happen(person)
        made.append(export_heads(folder=heads, now=NOW.replace(minute=minute)))
    assert proved()[0]

    for suffix in (".jsonl", ".sig"):
        made[1].with_suffix(suffix).write_bytes(made[0].with_suffix(suffix).read_bytes())
    assert f"{made[1].name} : l’export a disparu, ou un autre est à sa place" in proved()[1]

    made[1].write_bytes(made[1].read_bytes() + b"\n")
    holds, said = proved()
    assert (holds, f"{made[1].name} : l’export a été modifié" in said) == (False, True)


def test_a_line_kept_out_of_the_exports_is_named(heads):
    """Its transaction is not chained: made older than the last export, it never left with one."""
    person = uuid7()
    happen(person)
    export_heads(folder=heads, now=NOW)
    hidden = happen(person)
    tamper(f"UPDATE kernel_fact SET transaction_id = 1 WHERE id = {hidden}")
    export_heads(folder=heads, now=NOW.replace(minute=26))
    assert proved()[0]  # it is of today: an export still under way may hold it

    a_day_later(heads)

    assert (hidden, "not_exported") in [
        (one.fact_id, one.fault) for one in verify(person, heads=SignedHeads(heads)).faults
    ]
    assert f"{person} ligne {hidden} : " in proved()[1]


def a_day_later(folder: Path) -> None:
    """Have the exports say that they were made two days later than they were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() + interval '2 days'")
        (moment,) = cursor.fetchone()
    for path in folder.glob("*.jsonl"):
        first, *lines = path.read_text().splitlines()
        told = json.loads(first) | {"reached_at": moment.isoformat(), "previous": None}
        body = "\n".join([json.dumps(told), *lines, ""]).encode()
        path.write_bytes(body)
        path.with_suffix(".sig").write_bytes(sign(body))


SWAPPED = """WITH other AS (SELECT fact_id, subject, actor, data, salt FROM kernel_fact_content
    WHERE fact_id IN ({one}, {two}))
UPDATE kernel_fact_content line SET subject = other.subject, actor = other.actor,
    data = other.data, salt = other.salt
FROM other WHERE line.fact_id IN ({one}, {two}) AND other.fact_id <> line.fact_id"""
SWAPPED_WHOLE = """UPDATE kernel_fact line SET kind = other.kind, digest = other.digest,
    happened_at = other.happened_at, hash = other.hash, previous_hash = other.previous_hash
FROM kernel_fact other WHERE line.id IN ({one}, {two}) AND other.id IN ({one}, {two})
    AND other.id <> line.id"""


@pytest.mark.parametrize(
    ("statements", "fault"),
    [([SWAPPED], "content_altered"), ([SWAPPED_WHOLE, SWAPPED], "link_broken")],
)
def test_two_lines_that_changed_places_are_named(statements, fault):
    person = uuid7()
    happen(person)
    one, two = happen(person), happen(person)
    happen(person)

    tamper(*(statement.format(one=one, two=two) for statement in statements))

    assert (verify(person).faults[0].fact_id, verify(person).faults[0].fault) == (one, fault)


def test_a_month_of_contents_dropped_by_the_owner_is_named_line_by_line(heads):
    person = uuid7()
    lines = [happen(person) for _ in range(3)]

    with owner() as database:
        (part,) = database.execute(
            """SELECT tableoid::regclass::text FROM kernel_fact_content WHERE fact_id = %s""",
            [lines[0]],
        ).fetchone()
        database.execute(f"DROP TABLE {part}")
    try:
        assert [(one.fact_id, one.fault) for one in verify(person).faults] == [
            (line, "content_missing") for line in lines
        ]
        assert f"{person} ligne {lines[0]} : le contenu" in proved()[1]
    finally:
        with owner() as database:
            database.execute("SELECT kernel_make_months(3)")


@pytest.mark.parametrize("what", ["rule", "facts"])
def test_a_notice_of_purge_that_was_altered_excuses_nothing(heads, what):
    """« Effacée selon la règle » is said of what retention told, as it told it."""
    person = uuid7()
    first, second = happen(person), happen(person)
    purge = "SELECT kernel_purge(%s, 'test', 'règle X', now())"
    with retention() as database:
        database.execute(purge, [[first]])
    assert "effacée selon la règle « règle X »" in proved(str(person))[1]

    other = "règle Y" if what == "rule" else [first, second]
    tamper(
        f"""UPDATE kernel_fact_content SET data = data || '{json.dumps({what: other})}'
        WHERE fact_id = (SELECT max(fact_id) FROM kernel_fact_content)""",
        *([f"DELETE FROM kernel_fact_content WHERE fact_id = {second}"] if what == "facts" else []),
    )

    holds, said = proved(str(person))
    assert not holds
    assert "selon la règle" not in said
    assert f"{person} ligne {first} : le contenu de la ligne a disparu" in said
    assert "content_altered" in [one.fault for one in verify(person).faults]


def test_a_month_said_to_be_archived_in_a_line_of_no_chain_excuses_nothing(heads):
    """The digest of that line was looked at, its place in the chain of the house was not."""
    person = uuid7()
    happen(person)
    tamper(
        f"DELETE FROM kernel_fact_content WHERE fact_id IN (SELECT id FROM kernel_fact"
        f" WHERE chain_id = '{person}')",
        """WITH said AS (SELECT jsonb_build_object('table', 'kernel_fact_content', 'file', 'x',
                'month', kernel_month_of(now()), 'lines', 1, 'digest', '') AS data, now() AS at),
        header AS (
            INSERT INTO kernel_fact (id, kind, chain_id, happened_at, recorded_at, origin,
                transaction_id, digest, previous_hash, hash)
            SELECT nextval('kernel_fact_id_seq'), 'kernel.month_archived',
                kernel_chain('kernel.x', NULL), at, at, 'job', 1,
                kernel_digest('', '', '{}', data), '', '' FROM said RETURNING id)
        INSERT INTO kernel_fact_content (fact_id, recorded_at, subject, actor, data, salt)
            SELECT id, at, '', '{}', data, '' FROM said, header""",
    )

    assert proved(str(person))[0] is False
    assert proved()[0] is False
