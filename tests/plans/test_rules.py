"""The rules of a plan, on their edges: states, voices, what comes first, days, versions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.people.rules.sharing import Category, LegalState, Speaker
from cordee.plans.rules import agreement, domains, readiness, rhythms, versions
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import Domain, Level, Priority
from cordee.plans.rules.lines import Stage, kept_apart
from cordee.plans.rules.rhythms import Rhythm
from cordee.plans.rules.states import IN_FORCE, Event, State, after, is_behind

# --- states --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "event", "in_force", "then"),
    [
        (State.DRAFT, Event.PROPOSE, False, State.PROPOSED),
        (State.DRAFT, Event.AGREE, False, None),
        (State.DRAFT, Event.ACTIVATE, False, None),
        (State.PROPOSED, Event.DISCUSS, False, State.DISCUSSED),
        (State.DISCUSSED, Event.AGREE, False, State.AGREED),
        (State.PROPOSED, Event.REFUSE, False, State.REFUSED),
        (State.PROPOSED, Event.REFUSE, True, State.ACTIVE),
        (State.AGREED, Event.ACTIVATE, False, State.ACTIVE),
        (State.AGREED, Event.WITHDRAW, False, State.REFUSED),
        (State.PROPOSED, Event.WITHDRAW, False, None),
        (State.PROPOSED, Event.WITHDRAW, True, State.REFUSED),
        (State.ACTIVE, Event.WITHDRAW, True, State.REFUSED),
        (State.ACTIVE, Event.REVIEW, True, State.REVIEWED),
        (State.REVIEWED, Event.REVIEW, True, State.REVIEWED),
        # What is under way has its day of review, on the worklist: a next version that waits for
        # her word takes none of it away (it was refused before, and the task could not be done).
        (State.PROPOSED, Event.REVIEW, True, State.PROPOSED),
        (State.DISCUSSED, Event.REVIEW, True, State.DISCUSSED),
        (State.AGREED, Event.REVIEW, True, State.AGREED),
        (State.PROPOSED, Event.REVIEW, False, None),
        (State.REFUSED, Event.REVIEW, False, None),
        (State.REVIEWED, Event.PROPOSE, True, State.PROPOSED),
        (State.REFUSED, Event.PROPOSE, False, State.PROPOSED),
        (State.REFUSED, Event.ACTIVATE, False, None),
        (State.CLOSED, Event.PROPOSE, False, None),
        (State.CLOSED, Event.CLOSE, False, None),
    ],
)
def test_a_plan_goes_only_where_it_may(state, event, in_force, then):
    assert after(state, event, in_force=in_force) == then


def test_nothing_is_under_way_but_after_an_agreement():
    """Whatever happens, in whatever order, what is done was agreed to and not taken back."""
    seen, paths = set(), [((State.DRAFT, False, False), ())]
    while paths:
        (state, agreed, running), path = paths.pop()
        if (state, agreed, running) in seen:
            continue
        seen.add((state, agreed, running))
        assert agreed or state not in IN_FORCE, path
        assert agreed or not running, path
        for event in Event:
            then = after(state, event, in_force=running)
            if then is None:
                continue
            now_agreed = then == State.AGREED or (running and event != Event.WITHDRAW)
            now_agreed |= event == Event.ACTIVATE
            now_running = event == Event.ACTIVATE or (
                running and event not in (Event.WITHDRAW, Event.CLOSE)
            )
            paths.append(((then, now_agreed, now_running), (*path, event)))
    assert any(running for _, _, running in seen)


def test_a_refused_plan_is_off_its_line_and_one_under_way_has_been_agreed_to():
    assert is_behind(State.AGREED, State.ACTIVE)
    assert not is_behind(State.ACTIVE, State.AGREED)
    assert not is_behind(State.PROPOSED, State.REFUSED)
    assert is_behind(State.DRAFT, State.REFUSED)


# --- voices --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("legal", "represented", "able"),
    [
        (LegalState.ADULT, False, [Speaker.PERSON]),
        (LegalState.MINOR, False, [Speaker.PARENT]),
        (LegalState.REPRESENTED, True, [Speaker.REPRESENTATIVE]),
        (LegalState.UNABLE, True, [Speaker.REPRESENTATIVE]),
        (LegalState.UNABLE, False, []),
    ],
)
def test_who_agrees_is_the_person_or_who_the_law_names(legal, represented, able):
    assert agreement.who_may_agree(legal, represented) == able


@pytest.mark.parametrize("legal", list(LegalState))
@pytest.mark.parametrize("represented", [True, False])
def test_a_person_of_trust_is_consulted_and_never_agrees(legal, represented):
    def may(decision):
        return agreement.may_say(legal, represented, Speaker.TRUSTED, decision)

    assert may(Decision.DISCUSSED)
    assert not may(Decision.AGREED)


@pytest.mark.parametrize("legal", [LegalState.ADULT, LegalState.MINOR, LegalState.REPRESENTED])
@pytest.mark.parametrize("decision", [Decision.REFUSED, Decision.WITHDRAWN])
def test_her_own_refusal_counts_as_long_as_she_can_say_it(legal, decision):
    represented = legal == LegalState.REPRESENTED
    assert agreement.may_say(legal, represented, Speaker.PERSON, decision)
    assert not agreement.may_say(LegalState.UNABLE, represented, Speaker.PERSON, decision)


def test_what_is_agreed_to_is_what_was_shown_to_somebody_who_agreed():
    assert agreement.covered([]) == frozenset()
    assert agreement.covered([frozenset("ab"), frozenset("bc")]) == frozenset("abc")


# --- what comes first ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("necessary", "possible", "found"),
    [
        ("3", "3", Priority.FIRST),
        ("3", "2", Priority.FIRST),
        ("2", "3", Priority.FIRST),
        ("2", "2", Priority.NEXT),
        ("3", "1", Priority.NEXT),
        ("2", "1", Priority.IN_VIEW),
        ("1", "1", Priority.IN_VIEW),
    ],
)
def test_what_comes_first_is_both_necessary_and_possible(necessary, possible, found):
    assert domains.priority(Level(necessary), Level(possible)) == found


def test_of_two_needs_as_pressing_the_most_necessary_is_first():
    assert domains.rank(Level.VERY, Level.RATHER) < domains.rank(Level.RATHER, Level.VERY)


def test_every_domain_is_read_under_a_category_and_the_intimate_under_a_stricter_one():
    assert set(domains.CATEGORY_OF) == set(Domain)
    assert domains.CATEGORY_OF[Domain.PSYCHIC] == Category.MENTAL_HEALTH
    assert domains.CATEGORY_OF[Domain.SOCIAL] == Category.SOCIAL
    assert domains.CATEGORY_OF[Domain.CLINICAL] == Category.CARE
    assert {Category.COORDINATION} == domains.ON_THE_THREAD


def test_what_was_not_reached_is_kept_apart():
    assert [stage for stage in Stage if kept_apart(stage)] == [Stage.NOT_REACHED, Stage.GIVEN_UP]


# --- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rhythm", "first", "done", "then"),
    [
        (Rhythm.ONCE, date(2026, 12, 1), date(2026, 12, 1), None),
        (Rhythm.DAILY, date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 2)),
        (Rhythm.WEEKLY, date(2026, 12, 1), date(2026, 12, 9), date(2026, 12, 15)),
        (Rhythm.FORTNIGHTLY, date(2026, 12, 1), date(2026, 12, 14), date(2026, 12, 15)),
        (Rhythm.WEEKLY, date(2026, 12, 1), date(2026, 11, 20), date(2026, 12, 1)),
        (Rhythm.MONTHLY, date(2027, 1, 31), date(2027, 1, 31), date(2027, 2, 28)),
        (Rhythm.MONTHLY, date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)),
        (Rhythm.MONTHLY, date(2028, 1, 31), date(2028, 2, 1), date(2028, 2, 29)),
        (Rhythm.QUARTERLY, date(2026, 11, 30), date(2026, 12, 5), date(2027, 2, 28)),
        (Rhythm.YEARLY, date(2028, 2, 29), date(2028, 2, 29), date(2029, 2, 28)),
        (Rhythm.YEARLY, date(2028, 2, 29), date(2031, 3, 1), date(2032, 2, 29)),
    ],
)
def test_what_comes_back_comes_back_on_its_day(rhythm, first, done, then):
    assert rhythms.next_on(rhythm, first, done) == then


@given(
    st.sampled_from([one for one in Rhythm if one != Rhythm.ONCE]),
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.integers(0, 2000),
)
def test_the_next_day_comes_after_and_done_twice_the_same_day_changes_nothing(rhythm, first, gone):
    done = first + timedelta(days=gone)
    then = rhythms.next_on(rhythm, first, done)
    assert then is not None
    assert then > done
    assert rhythms.next_on(rhythm, first, then - timedelta(days=1)) == then


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 10, 25), 25), (date(2027, 3, 28), 23), (date(2028, 2, 29), 24)],
)
def test_a_civil_day_ends_at_the_midnight_that_follows_whatever_the_clock_does(day, hours):
    begins = rhythms.end_of(day - timedelta(days=1)).astimezone(UTC)
    assert rhythms.end_of(day).astimezone(UTC) - begins == timedelta(hours=hours)


def test_the_day_is_the_one_of_france():
    assert rhythms.civil_day(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == date(2027, 1, 1)
    assert rhythms.civil_day(datetime(2026, 7, 1, 21, 59, tzinfo=UTC)) == date(2026, 7, 1)
    assert rhythms.civil_day(datetime(2026, 7, 1, 22, 0, tzinfo=UTC)) == date(2026, 7, 2)


def test_a_review_is_proposed_three_months_later():
    assert rhythms.review_on(date(2026, 11, 30)) == date(2027, 2, 28)


# --- versions ------------------------------------------------------------------------------------

BEFORE = {
    "plan": {"wishes": "Rester chez moi", "strengths": ""},
    "activities": [
        {"id": "1", "title": "Marcher", "told": {"Quand": "le 01/12/2026", "Faite par": "Jeanne"}},
        {"id": "2", "title": "Dormir", "told": {}},
    ],
}
AFTER = {
    "plan": {"wishes": "Rester chez moi, au jardin", "strengths": ""},
    "activities": [
        {"id": "1", "title": "Marcher", "told": {"Quand": "", "Faite par": "Jeanne"}},
        {"id": "3", "title": "Chanter", "told": {"Quand": "le 02/12/2026"}},
    ],
}


def test_what_changed_between_two_versions_is_said_in_plain_words():
    assert versions.differences([BEFORE], [AFTER]) == [
        versions.Difference(
            "Ses souhaits : changé", "Ses souhaits", "Rester chez moi", "Rester chez moi, au jardin"
        ),
        versions.Difference("Action changée", "Marcher", "Quand : le 01/12/2026", "Quand : rien"),
        versions.Difference("Action ajoutée", "Chanter", after="Quand : le 02/12/2026"),
        versions.Difference("Action retirée", "Dormir", before=""),
    ]


def test_the_same_version_has_no_difference_and_the_same_sum_in_any_order():
    assert versions.differences([BEFORE], [BEFORE]) == []
    turned = dict(reversed(BEFORE.items()))
    assert versions.digest(turned) == versions.digest(BEFORE)
    assert versions.digest(AFTER) != versions.digest(BEFORE)
    assert versions.digest_of_all(["a", "b"]) == versions.digest_of_all(["b", "a"])


def test_a_reader_who_is_shown_one_part_reads_the_differences_of_that_part_alone():
    hidden = {"needs": [{"id": "9", "title": "Caché", "told": {}}]}
    assert versions.differences([BEFORE], [BEFORE, hidden])[0].title == "Caché"
    assert versions.differences([BEFORE], [BEFORE]) == []


def test_what_is_missing_is_said_in_the_order_of_the_page():
    empty = readiness.Written(wishes=" ", needs=0, goals=0, actions=0, undecided=0)
    assert len(readiness.missing(empty)) == 4
    assert readiness.missing(readiness.Written("Oui", 1, 1, 1, 0)) == []
    assert readiness.missing(readiness.Written("Oui", 1, 1, 2, 1)) == [
        "pour chaque action, si la personne la fait ou la confie"
    ]
