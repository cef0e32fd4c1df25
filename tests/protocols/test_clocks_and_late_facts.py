"""Days of Paris, elapsed hours, facts that come late: what a coordinator would count by hand."""

from datetime import UTC

import pytest

from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.clocks import Delay, Unit, due, micros, moment
from cordee.protocols.rules.conformance import Status
from tests.protocols.shelf import (
    ADMITTED,
    ANSWER,
    CALL,
    DIED,
    NO_STEP,
    OUT,
    fact,
    paris,
    protocol,
    rule,
)

CALLED = NO_STEP + ANSWER
WITH_EXIT = (
    "sorties:\n- texte: Décès\n  fait: people.person_died\n  annulee_par: people.death_denied\n"
)


def judged(one, thread, now, entered="2026-01-01 00:00"):
    state = engine.begun(one, paris(entered))
    for happening in thread:
        state = engine.moved(one, state, happening)
    return engine.judged(one, state, paris(now))[0]


@pytest.mark.parametrize(
    ("at", "delay", "last"),
    [
        ("2026-11-24 10:00", Delay(1, Unit.DAYS), "2026-11-25 23:59:59.999999"),
        ("2026-11-24 00:00", Delay(1, Unit.DAYS), "2026-11-25 23:59:59.999999"),
        ("2028-02-28 09:00", Delay(1, Unit.DAYS), "2028-02-29 23:59:59.999999"),
        ("2026-02-28 09:00", Delay(1, Unit.DAYS), "2026-03-01 23:59:59.999999"),
        ("2026-03-28 10:00", Delay(1, Unit.DAYS), "2026-03-29 23:59:59.999999"),
        ("2026-12-31 23:59", Delay(1, Unit.DAYS), "2027-01-01 23:59:59.999999"),
        ("2026-03-28 12:00", Delay(24, Unit.HOURS), "2026-03-29 13:00"),  # an hour was skipped
        ("2026-10-24 12:00", Delay(24, Unit.HOURS), "2026-10-25 11:00"),  # an hour came twice
    ],
)
def test_days_are_civil_days_of_paris_and_hours_are_elapsed(at, delay, last):
    assert moment(due(micros(paris(at)), delay)) == paris(last).astimezone(UTC)


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        engine.begun(protocol(CALLED), paris("2026-01-01 00:00").replace(tzinfo=None))


def test_the_next_day_call_is_pending_then_at_risk_then_broken():
    one = protocol(CALLED)
    out = [fact(1, OUT, "2026-11-24 10:00")]
    assert judged(one, [], "2026-11-24 10:00").status is Status.NOT_CONCERNED
    assert judged(one, out, "2026-11-24 11:00").status is Status.PENDING
    assert judged(one, out, "2026-11-25 15:00").status is Status.AT_RISK
    assert judged(one, out, "2026-11-25 23:59:59.999999").status is Status.AT_RISK
    broken = judged(one, out, "2026-11-26 00:00")
    assert (broken.status, broken.because, broken.who) == (Status.VIOLATED, (1,), "coordination")
    assert broken.expected == "Appeler après la sortie"
    assert broken.due_at == paris("2026-11-25 23:59:59.999999").astimezone(UTC)
    assert broken.is_open
    assert broken.breaches == 1


def test_a_call_on_time_respects_the_rule_and_a_late_one_repairs_it_without_hiding_the_breach():
    one, out = protocol(CALLED), fact(1, OUT, "2026-11-24 10:00")
    on_time = judged(one, [out, fact(2, CALL, "2026-11-25 23:00")], "2026-12-01 00:00")
    assert (on_time.status, on_time.because, on_time.breaches) == (Status.RESPECTED, (1, 2), 0)
    late = judged(one, [out, fact(2, CALL, "2026-11-26 09:00")], "2026-12-01 00:00")
    assert (late.status, late.breaches, late.is_open) == (Status.VIOLATED, 1, False)
    assert late.repaired_at == paris("2026-11-26 09:00").astimezone(UTC)


def test_a_call_recorded_after_the_rupture_rejudges_the_past_and_says_so():
    one = protocol(CALLED)
    before = engine.moved(
        one, engine.begun(one, paris("2026-11-01 08:00")), fact(1, OUT, "2026-11-24 10:00")
    )
    assert engine.judged(one, before, paris("2026-11-27 08:00"))[0].is_open
    call = fact(2, CALL, "2026-11-25 17:00", recorded="2026-11-27 08:30")
    after = engine.moved(one, before, call)
    (told,) = engine.rejudged(one, before, after, call)
    assert (told.by, told.before.status, told.after.status) == (
        2,
        Status.VIOLATED,
        Status.RESPECTED,
    )


def test_a_discharge_learnt_a_week_later_tells_the_rupture_it_hid():
    one = protocol(CALLED)
    before = engine.begun(one, paris("2026-11-01 08:00"))
    out = fact(1, OUT, "2026-11-20 10:00", recorded="2026-11-27 08:30")
    (told,) = engine.rejudged(one, before, engine.moved(one, before, out), out)
    assert told.before.status is Status.NOT_CONCERNED
    assert told.after.is_open


def test_a_call_made_late_and_noted_at_once_changes_nothing_of_the_past():
    one = protocol(CALLED)
    before = engine.moved(
        one, engine.begun(one, paris("2026-11-01 08:00")), fact(1, OUT, "2026-11-24 10:00")
    )
    call = fact(2, CALL, "2026-11-27 08:30")
    assert engine.rejudged(one, before, engine.moved(one, before, call), call) == ()
    noted_later = fact(2, CALL, "2026-11-27 08:30", recorded="2026-11-28 10:00")
    moved = engine.moved(one, before, noted_later)
    assert engine.rejudged(one, before, moved, noted_later) == ()


def test_a_fact_given_twice_counts_once():
    one = protocol(rule("regle: nombre\nfait: liaison.contact_made\nau_plus: 1"))
    call = fact(1, CALL, "2026-11-24 10:00")
    assert judged(one, [call, call], "2026-11-25 00:00").status is Status.RESPECTED


def test_leaving_lifts_what_is_owed_and_keeps_what_was_broken():
    one = protocol(NO_STEP, WITH_EXIT, ANSWER)
    out, died = fact(1, OUT, "2026-11-24 10:00"), fact(2, DIED, "2026-11-25 10:00")
    assert judged(one, [out, died], "2026-12-24 10:00").status is Status.NOT_CONCERNED
    after = fact(2, DIED, "2026-11-26 10:00")
    assert judged(one, [out, after], "2026-12-24 10:00").is_open


def test_a_death_that_is_denied_never_ended_anything():
    one = protocol(NO_STEP, WITH_EXIT, ANSWER)
    thread = [
        fact(1, OUT, "2026-11-24 10:00"),
        fact(2, DIED, "2026-11-25 10:00"),
        fact(3, "people.death_denied", "2026-11-30 10:00"),
    ]
    assert judged(one, thread, "2026-12-01 10:00").is_open


def test_a_new_stay_lifts_the_call_that_was_due():
    text = ANSWER.replace("  base: Usage", "  sauf: people.person_admitted\n  base: Usage")
    thread = [fact(1, OUT, "2026-11-24 10:00"), fact(2, ADMITTED, "2026-11-25 10:00")]
    verdict = judged(protocol(NO_STEP, text), thread, "2026-12-01 10:00")
    assert (verdict.status, verdict.breaches) == (Status.NOT_CONCERNED, 0)


def test_a_state_of_another_version_is_not_judged():
    one = protocol(CALLED)
    state = engine.begun(one, paris("2026-11-01 08:00")) | {"of": "essai@2"}
    with pytest.raises(ValueError, match="essai@2"):
        engine.moved(one, state, fact(1, OUT, "2026-11-24 10:00"))


def test_the_engine_wakes_when_the_call_becomes_at_risk_then_when_it_is_broken():
    one = protocol(CALLED)
    state = engine.moved(
        one, engine.begun(one, paris("2026-11-01 08:00")), fact(1, OUT, "2026-11-24 12:00")
    )
    first = engine.wake_at(one, state, paris("2026-11-24 12:00"))
    assert first is not None
    assert engine.judged(one, state, first)[0].status is Status.AT_RISK
    second = engine.wake_at(one, state, first)
    assert second == paris("2026-11-26 00:00").astimezone(UTC)
    assert engine.wake_at(one, state, second) is None
