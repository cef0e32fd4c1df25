from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.broker.rules import (
    DEFAULTS,
    QUIET,
    Candidate,
    Exhaust,
    Search,
    Send,
    Tier,
    Unheard,
    Urgency,
    Wait,
    deadline_again,
    next_step,
    problems,
    ranked,
    wave_size,
)
from cordee.broker.rules.ranking import chance_of_one_yes
from cordee.broker.rules.waves import PATIENCE_MINUTES, expected_phones, phones_needed

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
SILENT = (Unheard(0.3, NOON),) * 3
chances = st.lists(st.floats(0.01, 0.95), max_size=8)


def zone(count, tier=Tier.ZONE, **more):
    return [
        Candidate(UUID(int=int(tier) * 100 + n), tier=tier, **more) for n in range(1, count + 1)
    ]


def search(candidates=(), *, urgency=Urgency.DAY, at=NOON, **more):
    deadline = at + timedelta(minutes=DEFAULTS[urgency].deadline)
    order = ranked(candidates, seed="x")
    return Search(DEFAULTS[urgency], at, deadline, order, **more)


@given(chances, st.floats(0.5, 0.99))
def test_the_phones_needed_are_the_fewest_that_reach_the_wanted_chance(chances, wanted):
    count = phones_needed(chances, wanted=wanted)
    reached = chance_of_one_yes(chances[:count])
    assert reached >= wanted - 1e-9 or count == len(chances)
    if count > 1:
        assert chance_of_one_yes(chances[: count - 1]) < wanted


@given(chances, st.floats(0.5, 0.99), st.integers(1, 4))
def test_no_other_sharing_of_the_waves_asks_fewer_phones(chances, wanted, waves):
    needed = phones_needed(chances, wanted=wanted)
    if not needed:
        assert wave_size(chances, wanted=wanted, waves=waves) == 0
        return
    plans = [p for p in product(range(needed + 1), repeat=waves) if sum(p) == needed]
    cheapest = min(expected_phones(chances, plan) for plan in plans)
    first = wave_size(chances, wanted=wanted, waves=waves)
    with_ours = min(expected_phones(chances, plan) for plan in plans if plan[0] == first)
    assert with_ours == pytest.approx(cheapest)


@given(chances, st.floats(0.5, 0.99), st.integers(1, 6))
def test_less_time_never_means_a_smaller_wave(chances, wanted, waves):
    sizes = [wave_size(chances, wanted=wanted, waves=left) for left in (waves + 1, waves)]
    assert sizes[0] <= sizes[1]


def test_those_who_may_still_say_yes_make_the_next_wave_smaller():
    pool = [0.3] * 10
    alone = wave_size(pool, wanted=0.9, waves=1)
    helped = wave_size(pool, wanted=0.9, waves=1, unheard=(0.5, 0.5))
    assert (alone, helped) == (7, 3)


def test_the_usual_nurse_is_alone_during_her_head_start():
    step = next_step(search(zone(1, Tier.USUAL) + zone(3, Tier.PRACTICE) + zone(9)), NOON)
    assert isinstance(step, Send)
    assert [one.candidate.tier for one in step.invited] == [Tier.USUAL]
    assert step.ends_at == NOON + timedelta(minutes=DEFAULTS[Urgency.DAY].head_start)


def test_then_her_practice_then_the_zone():
    after = search(zone(2, Tier.PRACTICE) + zone(9), wave=1)
    assert {one.candidate.tier for one in next_step(after, NOON).invited} == {Tier.PRACTICE}
    last = search(zone(9), wave=2)
    assert {one.candidate.tier for one in next_step(last, NOON).invited} == {Tier.ZONE}


def test_a_wave_runs_until_its_end_while_someone_may_answer():
    ends = NOON + timedelta(minutes=20)
    running = search(zone(5), wave=1, wave_ends_at=ends, waiting=SILENT[:2])
    assert next_step(running, NOON) == Wait(ends)
    assert isinstance(next_step(running, ends), Send)


def test_when_everybody_refused_the_next_wave_leaves_at_once():
    refused = search(zone(5), wave=1, wave_ends_at=NOON + timedelta(minutes=20), waiting=())
    assert isinstance(next_step(refused, NOON), Send)


def test_the_orienteuse_may_hurry_a_wave():
    running = search(zone(5), wave=1, wave_ends_at=NOON + timedelta(minutes=20), waiting=SILENT[:2])
    assert isinstance(next_step(replace(running, hurried=True), NOON), Send)


def test_a_held_place_stops_the_waves_until_the_hold_ends():
    until = NOON + timedelta(minutes=10)
    held = search(zone(5), wave=1, held_until=until)
    assert next_step(held, NOON) == Wait(until)
    assert isinstance(next_step(held, until), Send)


def test_the_deadline_waits_for_the_end_of_a_hold():
    held = search(zone(5), wave=1, held_until=NOON + timedelta(days=2))
    assert next_step(held, held.deadline_at) == Wait(NOON + timedelta(days=2))


def test_the_deadline_gives_the_need_back():
    late = search(zone(5))
    assert next_step(late, late.deadline_at) == Exhaust("deadline")


def test_nobody_left_gives_the_need_back_at_once_when_all_have_answered():
    assert next_step(search(), NOON) == Exhaust("nobody")


def test_nobody_left_to_ask_waits_for_the_silent_ones_until_the_wanted_delay():
    planned = Urgency.PLANNED
    silent = search(wave=2, wave_ends_at=NOON, waiting=SILENT, urgency=planned)
    until = NOON + timedelta(minutes=DEFAULTS[planned].wanted_delay)
    assert next_step(silent, NOON) == Wait(until)
    assert next_step(silent, until) == Exhaust("nobody")


def test_who_was_asked_last_has_the_time_to_answer_even_after_the_wanted_delay():
    asked_at = NOON + timedelta(minutes=30)
    silent = search(wave=2, wave_ends_at=NOON, waiting=(Unheard(0.3, asked_at),))
    until = asked_at + timedelta(minutes=PATIENCE_MINUTES)
    assert next_step(silent, asked_at) == Wait(until)
    assert next_step(silent, until) == Exhaust("nobody")


def test_no_text_leaves_in_quiet_hours_for_a_search_that_can_wait():
    patient = search(zone(5, urgent_at_night=True), urgency=Urgency.THREE_DAYS, at=NIGHT)
    assert next_step(patient, NIGHT) == Wait(datetime(2026, 11, 21, 6, 0, tzinfo=UTC))


def test_an_urgent_search_crosses_quiet_hours_only_towards_those_who_agreed():
    agreed = zone(2, urgent_at_night=True)
    others = [replace(one, practitioner_id=UUID(int=900 + n)) for n, one in enumerate(zone(5))]
    tonight = search(agreed + others, urgency=Urgency.TONIGHT, at=NIGHT)
    step = next_step(tonight, NIGHT)
    assert isinstance(step, Send)
    assert {one.candidate for one in step.invited} <= set(agreed)


@given(
    st.lists(st.builds(Candidate, st.uuids(), tier=st.sampled_from(Tier)), max_size=10),
    st.sampled_from(Urgency),
    st.integers(0, 10_000),
    st.integers(0, 3),
)
def test_a_step_never_asks_after_the_deadline_nor_mixes_tiers(pool, urgency, minutes, waiting):
    now = NOON + timedelta(minutes=minutes)
    state = search(pool, urgency=urgency, waiting=SILENT[:waiting])
    step = next_step(state, now)
    if isinstance(step, Send):
        assert now < step.ends_at <= state.deadline_at
        assert len({one.candidate.tier for one in step.invited}) == 1
    elif isinstance(step, Wait):
        assert now < step.until <= state.deadline_at


def test_the_shipped_settings_are_usable():
    for settings in DEFAULTS.values():
        assert problems(settings) == {}


def test_settings_out_of_bounds_are_said_field_by_field():
    wrong = replace(DEFAULTS[Urgency.DAY], hold=0, deadline=15, wanted_chance=1.0)
    assert set(problems(wrong)) == {"hold", "deadline", "wanted_chance"}


def test_when_nobody_may_be_written_to_in_time_somebody_telephones():
    """Tonight, at night, with nobody who agreed to it: the team is told; again at 7."""
    tonight = search(zone(3), urgency=Urgency.TONIGHT, at=NIGHT)
    opens = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    assert next_step(tonight, NIGHT) == Exhaust(QUIET, opens)
    asked = replace(tonight, waiting=(Unheard(0.3, NIGHT),))
    assert next_step(asked, NIGHT) == Wait(tonight.deadline_at)
    in_time = replace(tonight, deadline_at=opens + timedelta(minutes=1))
    assert next_step(in_time, NIGHT) == Wait(opens)
    woken = search(zone(3, urgent_at_night=True), urgency=Urgency.TONIGHT, at=NIGHT)
    assert isinstance(next_step(woken, NIGHT), Send)


def test_a_search_taken_up_at_night_has_its_time_from_the_morning_on():
    settings, opens = DEFAULTS[Urgency.TONIGHT], datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    assert deadline_again(settings, NIGHT, NIGHT) == opens + timedelta(minutes=settings.deadline)
    assert deadline_again(settings, NOON, NOON) == NOON + timedelta(minutes=settings.deadline)
    assert deadline_again(settings, NOON + timedelta(days=4), NOON) == NOON + timedelta(days=4)
