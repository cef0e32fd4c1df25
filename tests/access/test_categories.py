"""Each category goes by a dated decision with its source, told a week before, and never without."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cordee.access import categories, jobs, rules
from cordee.access.models import PreviousState
from cordee.access.removal import LeftBehind
from cordee.access.rules import Decision, Unreadable, read_decisions
from cordee.access.seals import purge_months, verify_trace
from cordee.kernel import months
from cordee.kernel.identifiers import uuid7
from cordee.kernel.thread import verify
from cordee.messaging.models import Message
from host.setup import ROOT
from tests.access.test_archives import (
    CONTENTS,
    PAST,
    REWRITTEN,
    STATES,
    TRACE,
    archive,
    folder,
    lines_of,
    looked,
    person,
)
from tests.access.test_retention import age
from tests.factories.intake import CareRequestFactory
from tests.factories.messaging import MessageFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import PersonFactory
from tests.kernel.test_thread import happen, tamper
from tests.support import NOW, facts, owner, retention

__all__ = ["folder", "looked", "person"]  # the scenes of archives, where lines are of March 2024
pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = "décision du 3/11/2026 du responsable de traitement"


@pytest.fixture
def decide(folder, tmp_path, monkeypatch):
    """Write the controller's decisions."""

    def write(*lines):
        path = tmp_path / "durees.toml"
        said = "".join(
            f"""[[decision]]\ncategory = "{category}"\ndays = {days}\nsince = 2026-11-01
            source = "{SOURCE}"\n"""
            for category, days in lines
        )
        path.write_text(said, encoding="utf-8")
        monkeypatch.setattr(settings, "CORDEE", replace(settings.CORDEE, retention=str(path)))

    return write


@pytest.fixture
def a_week_later(monkeypatch):
    def move():
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=8))

    return move


def told(*arguments):
    said = StringIO()
    call_command("retention", *arguments, stdout=said)
    return said.getvalue()


def lines_of_trace():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_trace WHERE at < '2025-01-01'")
        return cursor.fetchone()[0]


def rule(days):
    return f"{SOURCE} ({days}\u00a0jours, en vigueur depuis le 01/11/2026)"


def test_without_a_decision_everything_is_kept(looked, a_week_later):
    a_week_later()
    jobs.keep_no_longer()

    said = told("--apply")

    assert said.count("aucune durée décidée, tout est gardé") == len(categories.categories())
    assert lines_of_trace() == 5
    assert facts("access.retention_announced") == []


def test_what_is_due_is_told_a_week_before_it_goes(looked, decide, a_week_later):
    decide(("trace", 400))
    assert "5 échus, à annoncer" in told("--apply")
    assert lines_of_trace() == 5

    jobs.keep_no_longer()
    jobs.keep_no_longer()

    (announced,) = facts("access.retention_announced")
    assert announced["data"] == {"category": "trace", "rule": rule(400), "count": 5}
    assert "5 échus, effaçables à partir du 30/11/2026" in told("--apply")
    assert lines_of_trace() == 5

    a_week_later()
    jobs.keep_no_longer()

    assert lines_of_trace() == 0
    (purged,) = facts("access.trace_purged")
    assert purged["data"] == {"category": "trace", "rule": rule(400), "months": ["2024-03-01"]}
    verdict = verify_trace()
    assert (verdict.holds, verdict.purged) == (True, {date(2024, 3, 1): rule(400)})
    assert all(one.is_ready for one in months.parted())
    assert "rien n’est échu" in told()


HELD = """[[held]]
person = "01a21500-0000-7000-8000-000000000001"
since = 2026-11-01
source = "réclamation du 28/10/2026"
"""


def test_whom_a_claim_names_is_read_and_any_slip_refuses_everything():
    assert rules.read_held(HELD) == {UUID("01a21500-0000-7000-8000-000000000001")}
    assert rules.read_held("") == frozenset()
    for right, wrong in (
        ("01a21500-", "01a2150-"),
        ("since = 2026-11-01", 'since = "hier"'),
        ("réclamation du 28/10/2026", "oui"),
        ("since", "depuis"),
        ("[[held]]", "[[helds]]"),
        ("[[held]]", "[held]"),
    ):
        with pytest.raises(Unreadable):
            rules.read_held(HELD.replace(right, wrong))


def test_a_claim_in_the_name_of_nobody_is_refused(tmp_path, monkeypatch, folder):
    path = tmp_path / "durees.toml"
    path.write_text(HELD)
    monkeypatch.setattr(settings, "CORDEE", replace(settings.CORDEE, retention=str(path)))
    for command in (
        ("retention",),
        ("purge_expired", "2020-01-01", "--rule", SOURCE),
        ("purge_messages",),
    ):
        with pytest.raises(CommandError, match="personne n’a l’identifiant 01a21500"):
            call_command(*command, stdout=StringIO())


def test_one_category_that_cannot_go_keeps_no_other(looked, decide, a_week_later, monkeypatch):
    def fails(*asked):
        raise psycopg.errors.ForeignKeyViolation

    (states,) = [one for one in categories.categories() if one.code == "states"]
    stubborn = replace(states, count=lambda *asked: 1, let_go=fails)
    monkeypatch.setitem(categories._known, "states", stubborn)
    decide(("states", 500), ("trace", 400))
    jobs.keep_no_longer()
    a_week_later()

    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        jobs.keep_no_longer()

    assert lines_of_trace() == 0


def test_what_is_left_behind_is_named_to_who_asked(looked, decide, a_week_later, monkeypatch):
    stays = uuid7()

    def leaves(*asked):
        raise LeftBehind(2, [stays])

    (states,) = [one for one in categories.categories() if one.code == "states"]
    stubborn = replace(states, count=lambda *asked: 3, let_go=leaves)
    monkeypatch.setitem(categories._known, "states", stubborn)
    decide(("states", 500))
    jobs.keep_no_longer()
    a_week_later()
    warned = StringIO()
    said = StringIO()
    call_command("retention", "--apply", stdout=said, stderr=warned)
    assert ": 2 effacés." in said.getvalue().replace("\u00a0", " ")
    assert str(stays) in warned.getvalue()


def test_a_claim_holds_a_thread_that_sleeps(tmp_path, monkeypatch, folder):
    asleep = uuid7()
    happen(asleep)
    age(asleep)
    path = tmp_path / "durees.toml"
    path.write_text(HELD.replace("01a21500-0000-7000-8000-000000000001", str(asleep)))
    purge = ("purge_expired", "2020-01-01", "--rule", SOURCE, "--apply")

    monkeypatch.setattr(settings, "CORDEE", replace(settings.CORDEE, retention=str(path)))
    call_command(*purge, stdout=StringIO())
    assert len(facts(thread=asleep)) == 1

    monkeypatch.setattr(settings, "CORDEE", replace(settings.CORDEE, retention=""))
    call_command(*purge, stdout=StringIO())
    assert [one["kind"] for one in facts(thread=asleep)] == ["kernel.content_purged"]


def test_another_duration_is_announced_again(looked, decide, a_week_later):
    decide(("trace", 800))
    jobs.keep_no_longer()
    a_week_later()
    decide(("trace", 400))

    assert "5 échus, à annoncer" in told("--apply")
    assert lines_of_trace() == 5


def test_the_worker_without_the_role_only_announces(looked, decide, a_week_later, monkeypatch):
    decide(("trace", 400))
    jobs.keep_no_longer()
    a_week_later()
    monkeypatch.setattr(settings, "CORDEE", replace(settings.CORDEE, retention_url=""))

    jobs.keep_no_longer()

    assert lines_of_trace() == 5
    with pytest.raises(CommandError, match="CORDEE_RETENTION_URL manque"):
        told()


def test_a_month_whose_time_comes_in_its_archive_goes_with_it(looked, folder, decide, a_week_later):
    archive("--before", "2024-04")
    decide(("trace", 400))
    jobs.keep_no_longer()
    a_week_later()

    assert "lignes de trace : 5 effacés" in told("--apply")

    assert not (folder / TRACE).exists()
    verdict = verify_trace()
    assert (verdict.holds, verdict.archived) == (True, {})
    assert verdict.purged == {date(2024, 3, 1): rule(400)}
    assert archive("--verify") == ""


def test_an_archive_is_destroyed_once_the_base_says_so_for_good(looked, folder):
    """Its file went first: undone by a lock or a kill, the chain announced what was nowhere."""
    archive("--before", "2024-04")
    undone = psycopg.errors.LockNotAvailable
    with retention() as database:
        with suppress(undone), database.transaction():
            purge_months(database, [date(2024, 3, 1)], rule=SOURCE)
            raise undone
        assert archive("--verify").startswith(TRACE)

        purge_months(database, [date(2024, 3, 1)], rule=SOURCE)

    assert not (folder / TRACE).exists()


def test_an_archive_goes_with_what_a_hand_purges(looked, folder):
    archive("--before", "2024-04")
    call_command("purge_expired", "2024-06-01", "--rule", SOURCE, "--apply", stdout=StringIO())
    assert not (folder / TRACE).exists()
    assert verify_trace().holds


@pytest.mark.parametrize("archived", [False, True])
def test_previous_states_go_by_whole_months(folder, decide, a_week_later, archived):
    with owner() as database:
        database.execute(
            """INSERT INTO access_previous_state (table_name, record_id, version, replaced_at,
            gesture, state) SELECT 't', gen_random_uuid(), n, day::timestamptz, '{}', '{}'
            FROM generate_series(1, 3) AS n,
                unnest(ARRAY['2024-03-05', '2023-01-01', '2026-11-20']) AS day"""
        )
        database.execute("SELECT kernel_make_month('access_previous_state', '2024-03-01')")
    if archived:
        archive("--before", "2024-04")
    decide(("states", 500))
    jobs.keep_no_longer()
    a_week_later()

    assert "états précédents : 6 effacés" in told("--apply")

    assert PreviousState.objects.count() == 3
    assert not (folder / STATES).exists()
    (purged,) = facts("access.states_purged")
    assert (purged["data"]["category"], purged["data"]["rule"]) == ("states", rule(500))


def test_a_thread_asleep_is_told_what_left_it(decide, a_week_later):
    asleep = uuid7()
    happen(asleep)
    age(asleep)
    decide(("thread", 7305))
    jobs.keep_no_longer()
    a_week_later()

    jobs.keep_no_longer()

    judgement = verify(asleep)
    assert (judgement.holds, list(judgement.purged.values())) == (True, [rule(7305)])


def test_what_sleeps_in_an_archive_is_named_until_it_came_back_and_went(
    folder, decide, a_week_later
):
    asleep, alive = uuid7(), uuid7()
    for one in (asleep, alive):
        happen(one)
        tamper(PAST.format(ids=",".join(map(str, lines_of(one)))), REWRITTEN.format(chain=one))
    happen(alive)
    months.make_ahead()
    archive("--before", "2024-04")
    decide(("thread", 365))
    assert "rien n’est échu" in told()
    assert f"à rendre d’abord (cordee archive --restore) : {CONTENTS}" in told()

    archive("--restore", CONTENTS)
    jobs.keep_no_longer()
    a_week_later()
    jobs.keep_no_longer()
    archive("--before", "2024-04")

    assert CONTENTS not in told()
    assert list(verify(asleep).purged.values()) == [rule(365)]
    assert list(verify(alive).archived.values()) == [CONTENTS]


def aged(record):
    """What it was before a change, kept in March 2024."""
    table = record._meta.db_table
    with owner() as database:
        for gesture in (
            'SET cordee.gesture = \'{"verb": "test.arrange"}\'',
            f"UPDATE {table} SET created_at = '2024-01-01'",  # noqa: S608
            "ALTER TABLE access_previous_state DISABLE TRIGGER USER",
            "UPDATE access_previous_state SET replaced_at = '2024-03-05 12:00+00'",
            "ALTER TABLE access_previous_state ENABLE TRIGGER USER",
            "SELECT kernel_make_month('access_previous_state', '2024-03-01')",
        ):
            database.execute(gesture)
    return record


CANCELLED = {"state": "cancelled", "end_reason": "other", "ended_at": NOW}


def states_of(record):
    return PreviousState.objects.filter(record_id=record.pk).count()


@pytest.mark.parametrize(
    ("decision", "made"),
    [
        (("persons", 1825), lambda: PersonFactory(birth_date=date(1938, 2, 3))),
        (("requests", 365), lambda: CareRequestFactory(**CANCELLED)),
        (("tasks", 365), lambda: TaskFactory(state="done", settled_at=NOW)),
        (("words", 100), lambda: MessageFactory(sent=True, sent_at=NOW, text="Bonjour")),
        (("rows", 400), lambda: MessageFactory(sent=True, sent_at=NOW, text="Bonjour")),
    ],
)  # fmt: skip
def test_what_a_record_was_comes_back_from_its_archive_and_goes_with_it(
    folder, decide, monkeypatch, decision, made
):
    """It went alone, and the file kept its names, its numbers and its words for good."""
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=4000))
    decide(decision)
    record = aged(made())
    as_it_is = type(record).objects.values().get(pk=record.pk)
    jobs.keep_no_longer()
    archive("--before", "2024-04")
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=4008))

    jobs.keep_no_longer()

    assert f"à rendre d’abord (cordee archive --restore) : {STATES}" in told("--apply")
    assert type(record).objects.values().get(pk=record.pk) == as_it_is

    archive("--restore", STATES)
    assert states_of(record) == 1
    jobs.keep_no_longer()

    assert states_of(record) == 0
    assert type(record).objects.filter(pk=record.pk).values().first() != as_it_is
    assert "Aucun mois clos" in archive("--before", "2024-04")
    assert STATES not in told()


def test_no_record_goes_while_a_month_of_states_leaves(folder, decide, monkeypatch):
    """What it was would be in the file, and the chain does not say so yet."""
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=4000))
    person = aged(PersonFactory(birth_date=date(1938, 2, 3)))
    decide(("persons", 1825))
    jobs.keep_no_longer()
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=4008))
    with owner() as database, database.transaction():
        database.execute(
            "LOCK TABLE months.access_previous_state_2024_03 IN SHARE ROW EXCLUSIVE MODE"
        )
        with pytest.raises(CommandError, match="occupée"):
            told("--apply")
        assert states_of(person) == 1
    assert "dossiers endormis : 1 effacés" in told("--apply")
    assert states_of(person) == 0


def test_words_of_messages_go_by_the_same_table(decide, a_week_later):
    message = MessageFactory(sent=True, sent_at=NOW - timedelta(days=200), text="Bonjour")
    decide(("words", 100))
    jobs.keep_no_longer()
    a_week_later()

    jobs.keep_no_longer()

    assert Message.objects.get(pk=message.pk).text == ""
    (purged,) = facts("messaging.words_purged")
    assert purged["data"]["rule"] == rule(100)


def test_contents_in_an_archive_are_never_destroyed_as_a_month(person, folder):
    archive("--before", "2024-04")
    with retention() as database, pytest.raises(Exception, match="purged in its thread"):
        database.execute("SELECT kernel_expire_month('kernel_fact_content', '2024-03-01', now())")
    assert (folder / CONTENTS).exists()


def test_an_unreadable_decision_erases_nothing(looked, decide, tmp_path):
    decide(("trace", 3))
    with pytest.raises(CommandError, match="180 jours au moins.*Rien n’a été effacé"):
        told("--apply")
    (tmp_path / "durees.toml").unlink()
    with pytest.raises(CommandError, match="Rien n’a été effacé"):
        told("--apply")
    assert lines_of_trace() == 5


LEAST = {"trace": 180}
WELL_SAID = 'category = "trace"\ndays = 400\nsince = 2026-11-01\nsource = "décision du 3/11/2026"\n'


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (WELL_SAID.replace("trace", "tracé"), "catégorie inconnue"),
        (WELL_SAID.replace("400", "40"), "180 jours"),
        (WELL_SAID.replace("400", "true"), "180 jours"),
        (WELL_SAID.replace("400", '"400"'), "180 jours"),
        (WELL_SAID.replace("2026-11-01", '"hier"'), "une date"),
        (WELL_SAID + "until = 2026-10-01\n", "la fin après le début"),
        (WELL_SAID.replace("décision du 3/11/2026", "?"), "la source"),
        (WELL_SAID + "jours = 3\n", "« jours » n’est pas attendu"),
        ("days = ", "TOML"),
    ],
)
def test_a_decision_that_is_not_well_said_is_refused(said, why):
    with pytest.raises(Unreadable, match=why):
        read_decisions(f"[[decision]]\n{said}", LEAST)


def test_the_latest_decision_that_holds_is_followed():
    first = Decision("trace", 400, date(2026, 1, 1), SOURCE)
    second = Decision("trace", 800, date(2026, 11, 1), SOURCE, until=date(2027, 1, 1))
    found = [
        rules.in_force([second, first], "trace", day)
        for day in (date(2025, 12, 31), date(2026, 10, 31), date(2026, 11, 1), date(2027, 1, 1))
    ]
    assert found == [None, first, second, first]
    assert rules.in_force([first], "thread", date(2026, 11, 1)) is None
    assert read_decisions(f"[[decision]]\n{WELL_SAID}", LEAST)[0].days == 400


def test_the_table_of_the_documentation_is_that_of_the_code():
    text = (ROOT / "docs" / "exploitation.md").read_text(encoding="utf-8")
    for one in categories.categories():
        assert f"| `{one.code}` | {one.label} | {one.least} |" in text
    assert text.count("\n| `") >= len(categories.categories())
