"""Visits as phones send them: nothing lost, nothing doubled, nothing overwritten."""

from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection

from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.identifiers import uuid7
from cordee.kernel.models import FactHeader
from cordee.people.models import CircleMember
from cordee.vigilance import services
from cordee.vigilance.models import Alert, RefusedVisit, Visit
from cordee.vigilance.rules.sent import WORDS, read
from cordee.vigilance.selectors import visits_of
from tests.factories.people import PersonFactory
from tests.factories.vigilance import planned
from tests.support import NOW, arranging, simultaneously
from tests.vigilance.scene import set_home


@pytest.fixture
def home(db):
    return set_home()


def test_a_visit_is_received_under_the_identifier_that_the_phone_made(home):
    one = home.record(signs=["fell", "eats_little"], words="A peu mangé.", urgent=True, seconds=14)
    assert home.send(one) == {one["id"]: ("received", "")}
    visit = Visit.objects.get(pk=one["id"])
    assert visit.marks == {"visit": 4, "health": 3, "morale": 2, "fitness": 4}
    assert (visit.signs, visit.words) == (["eats_little", "fell"], "A peu mangé.")
    assert (visit.urgent, visit.seconds, visit.person_id) == (True, 14, home.person.pk)
    assert FactHeader.objects.get(kind="vigilance.visit_marked").thread_id == home.person.pk


def test_the_same_visit_sent_again_is_acknowledged_and_changes_nothing(home):
    one = home.record()
    home.send(one)
    assert home.send(one, one) == {one["id"]: ("known", "")}
    assert Visit.objects.count() == 1
    assert FactHeader.objects.filter(kind="vigilance.visit_marked").count() == 1


def test_other_content_under_the_same_identifier_is_put_aside_and_never_overwrites(home):
    one = home.record(words="Tout va bien.")
    home.send(one)
    other = one | {"words": "Tout va mal."}
    for _ in range(2):
        assert home.send(other) == {one["id"]: ("aside", "conflict")}
    assert Visit.objects.get().words == "Tout va bien."
    assert "Tout va mal." in RefusedVisit.objects.get().content


def test_two_contents_under_one_identifier_in_one_sending_keep_both(home):
    one = home.record(words="Matin")
    home.send(one, one | {"words": "Soir"})
    assert Visit.objects.get().words == "Matin"
    assert "Soir" in RefusedVisit.objects.get().content


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"words": "x" * (WORDS + 1)}, "too_long"),
        ({"marks": {"visit": 6}}, "unknown_word"),
        ({"marks": {"visit": True}}, "unknown_word"),
        ({"marks": {"hair": 3}}, "unknown_word"),
        ({"signs": ["no_such_sign"]}, "unknown_word"),
        ({"signs": "fell"}, "unknown_word"),
        ({"at": "hier"}, "no_moment"),
        ({"at": "2026-11-23T10:00:00"}, "no_moment"),
        ({"marks": {}, "words": " \x00 "}, "empty"),
        ({"person": "'; DROP TABLE"}, "unreadable"),
        ({"person": str(uuid7())}, "not_followed"),
    ],
)
def test_a_bad_record_never_blocks_the_others(home, wrong, why):
    good, bad = home.record(), home.record(**wrong)
    acks = home.send(bad, good)
    assert acks[good["id"]] == ("received", "")
    assert acks[bad["id"]] == ("aside", why)
    assert RefusedVisit.objects.get().why == why


def test_what_is_not_even_a_record_is_kept_word_for_word(home):
    good = home.record()
    acks = services.record_visits(
        actor=home.helper,
        device=home.phone,
        batch=[read(one) for one in (None, 3, "x\x00y", ["a"], good)],
        sent_at=NOW,
        now=NOW,
    )
    assert [one.state for one in acks].count("aside") == 4
    assert Visit.objects.count() == 1
    assert RefusedVisit.objects.count() == 4


def test_what_the_database_refuses_is_put_aside_alone(home, monkeypatch, caplog):
    """Behind the rules, the database: one savepoint per record, the others are written."""
    from cordee.vigilance.services import recording

    row = recording._row
    good, bad, last = home.record(), home.record(words="mauvais"), home.record()

    def spoiled(one, *around):
        made = row(one, *around)
        return made | {"health_mark": 9} if one.words == "mauvais" else made

    monkeypatch.setattr(recording, "_row", spoiled)
    with caplog.at_level("INFO"):
        acks = home.send(good, bad, last)
    assert [one for one in caplog.messages if "again with care (IntegrityError)" in one]
    assert "mauvais" not in caplog.text
    assert acks[bad["id"]] == ("aside", "database")
    assert acks[good["id"]] == acks[last["id"]] == ("received", "")
    assert "mauvais" in RefusedVisit.objects.get().content


def test_what_fails_for_another_reason_is_no_fault_of_a_visit(home, monkeypatch):
    """A query that took too long, a disk that is full: nothing is put aside, the phone retries."""
    from cordee.vigilance.services import recording

    def tired(rows):
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr(recording, "_insert", tired)
    with pytest.raises(OperationalError):
        home.send(home.record())
    assert not RefusedVisit.objects.exists()


def test_what_is_raised_from_a_desk_and_cannot_be_written_is_said(home, monkeypatch):
    from cordee.vigilance.services import recording

    row = recording._row
    monkeypatch.setattr(recording, "_row", lambda *about: row(*about) | {"health_mark": 9})
    with pytest.raises(DomainError, match="not_written"):
        services.raise_need(
            actor=home.coordinator, person=home.person, said=read(home.record()), now=NOW
        )


def test_a_helper_who_left_the_circle_before_sending_loses_nothing(home):
    one = home.record(words="Elle a chuté.")
    with arranging():
        CircleMember.objects.filter(organization=home.service).update(until=NOW)
    assert home.send(one) == {one["id"]: ("aside", "not_followed")}
    assert "Elle a chuté." in RefusedVisit.objects.get().content


def test_a_visit_to_a_record_absorbed_since_goes_to_the_one_that_absorbed_it(home):
    absorbed = PersonFactory(territory=home.desk.territory)
    with arranging():
        type(absorbed).objects.filter(pk=absorbed.pk).update(merged_into=home.person)
    one = home.record(person=str(absorbed.pk))
    assert home.send(one) == {one["id"]: ("received", "")}
    assert Visit.objects.get().person_id == home.person.pk


def test_a_planned_visit_that_is_gone_does_not_stop_what_was_marked(home):
    kept = planned(home.person, home.service, None)
    one, other = home.record(planned=str(kept.pk)), home.record(planned=str(uuid7()))
    home.send(one, other)
    assert Visit.objects.get(pk=one["id"]).planned == kept
    assert Visit.objects.get(pk=other["id"]).planned is None


def test_a_planned_visit_of_somebody_else_is_not_taken_for_hers(home):
    other = PersonFactory(territory=home.desk.territory)
    one = home.record(planned=str(planned(other, home.service, None).pk))
    home.send(one)
    assert Visit.objects.get().planned is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mal\u00a0au\u202fdos", "Mal au dos"),
        ("Vu\u2028hier", "Vu\nhier"),
        ("👩\u200d⚕️ vue", "👩\u200d⚕️ vue"),
    ],
)
def test_words_are_never_glued_by_a_space_of_another_width(home, typed, kept):
    home.send(home.record(words=typed))
    assert Visit.objects.get().words == kept


def test_a_clock_put_right_between_marking_and_sending_keeps_the_order_of_the_phone(home):
    hours = [48, 47.5, -3, -2]  # ahead by two days, then right
    records = [
        home.record(sequence=number, at=(NOW + timedelta(hours=one)).isoformat())
        for number, one in enumerate(hours, start=1)
    ]
    home.send(*reversed(records))
    listed = visits_of(home.helper, home.person).values_list("pk", "happened_at")
    assert [str(pk) for pk, _ in listed] == [one["id"] for one in reversed(records)]
    assert [NOW - moment for _, moment in listed] == [timedelta(hours=one) for one in (2, 3, 3, 3)]


@pytest.mark.parametrize("at", ["1970-01-01T00:07:00+00:00", "2199-01-01T00:00:00+00:00"])
@pytest.mark.parametrize("is_put_right", [True, False])
def test_a_clock_that_lost_its_time_loses_no_visit(home, at, is_put_right):
    one = home.record(at=at)
    home.send(one, sent_at=NOW if is_put_right else datetime.fromisoformat(at))
    visit = Visit.objects.get()
    assert (visit.happened_at, visit.occurred_at) == (NOW, datetime.fromisoformat(at))


@pytest.mark.parametrize("late", [timedelta(days=2), timedelta(days=-2), timedelta(hours=-1)])
def test_a_wrong_clock_is_corrected_by_the_gap_seen_on_sending(home, late):
    phone_now = NOW - late
    one = home.record(at=(phone_now - timedelta(hours=3)).isoformat())
    home.send(one, sent_at=phone_now)
    visit = Visit.objects.get()
    assert visit.happened_at == NOW - timedelta(hours=3)
    assert visit.occurred_at == phone_now - timedelta(hours=3)
    assert visit.clock_offset == int(late.total_seconds())


def test_nothing_happens_after_it_was_received(home):
    one = home.record(at=(NOW + timedelta(days=40)).isoformat())
    home.send(one)
    assert Visit.objects.get().happened_at == NOW


def test_lines_of_one_person_are_in_the_order_of_the_phone(home):
    records = [home.record(sequence=number) for number in (5, 2, 9, 1)]
    home.send(*records)
    lines = FactHeader.objects.filter(kind="vigilance.visit_marked").order_by("pk")
    wanted = [one["id"] for one in sorted(records, key=lambda one: one["sequence"])]
    assert [line.content.subject for line in lines] == wanted


def test_a_phone_that_was_taken_back_sends_nothing_and_hands_over_what_it_held(home):
    services.revoke(actor=home.helper, device=home.phone, now=NOW)
    one = home.record(words="Gardée sur le téléphone")
    with pytest.raises(Forbidden):
        home.send(one)
    kept = services.keep_aside(
        actor=home.helper, device=home.phone, batch=[read(one)], now=NOW + timedelta(hours=1)
    )
    assert [(ack.id, ack.why) for ack in kept] == [(one["id"], "revoked")]
    assert "Gardée sur le téléphone" in RefusedVisit.objects.get().content
    assert not Visit.objects.exists()


def test_a_need_is_raised_by_the_same_queue_and_says_so(home):
    one = home.record(kind="need", marks={}, signs=["needs_equipment"])
    home.send(one)
    assert Visit.objects.get().kind == "need"
    assert FactHeader.objects.filter(kind="vigilance.need_raised").count() == 1
    assert not FactHeader.objects.filter(kind="vigilance.visit_marked").exists()


def test_a_sending_asks_the_database_as_much_for_forty_as_for_two(home):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    home.send(home.record())
    counts = []
    for size in (2, 40):
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as asked:
            home.send(*(home.record(sequence=number) for number in range(size)))
        counts.append(len(asked))
    assert counts[0] == counts[1], counts


@pytest.mark.django_db(transaction=True)
def test_a_sending_where_all_is_well_opens_no_savepoint():
    """Each is two words more to the database, between a visit and its alert."""
    from django.test.utils import CaptureQueriesContext

    home = set_home()
    with CaptureQueriesContext(connection) as asked:
        home.send(home.record(marks={"visit": 4, "health": 1, "morale": 4, "fitness": 4}))
    assert Alert.objects.exists()
    assert [one["sql"] for one in asked if "SAVEPOINT" in one["sql"]] == []


@pytest.mark.django_db(transaction=True)
def test_the_same_sending_fired_at_once_is_written_once():
    home = set_home()
    records = [home.record(sequence=number) for number in range(5)]
    simultaneously(*[lambda: home.send(*records)] * 4)
    assert Visit.objects.count() == 5
    assert FactHeader.objects.filter(kind="vigilance.visit_marked").count() == 5
