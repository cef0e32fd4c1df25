"""Who had the time to answer and did not is silent; who was only slower than another is not."""

from datetime import timedelta

import pytest

from cordee.broker import rules
from cordee.broker.rules.waves import PATIENCE_MINUTES
from cordee.broker.selectors.pools import past_of
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.support import NOW

pytestmark = pytest.mark.django_db
PATIENCE = timedelta(minutes=PATIENCE_MINUTES)
A_MINUTE = timedelta(minutes=1)


def history(search, asked_at, now=NOW):
    who = nurse()
    InvitationFactory(solicitation=search, practitioner=who, asked_at=asked_at)
    return past_of([who.pk], now)[who.pk].history


def ended(moment, state="exhausted"):
    return SolicitationFactory(state=state, ended_at=moment, end_reason="nobody")


def won(moment, asked_at):
    search = SolicitationFactory(state="filled")
    InvitationFactory(
        solicitation=search,
        practitioner=nurse(),
        asked_at=asked_at,
        answer="accepted",
        answered_at=moment,
    )
    return search


@pytest.mark.parametrize(
    ("patience", "silent"), [(PATIENCE - A_MINUTE, 0), (PATIENCE, 1), (PATIENCE + A_MINUTE, 1)]
)
def test_a_question_under_way_is_silence_once_patience_is_over(patience, silent):
    assert history(SolicitationFactory(), NOW - patience) == rules.History(0, 0, silent)


@pytest.mark.parametrize(("after", "silent"), [(A_MINUTE, 0), (PATIENCE + A_MINUTE, 1)])
def test_a_question_that_somebody_answered_first_is_silence_if_there_was_time(after, silent):
    asked_at = NOW - timedelta(days=1)
    assert history(won(asked_at + after, asked_at), asked_at).silent == silent


@pytest.mark.parametrize(("after", "silent"), [(A_MINUTE, 0), (PATIENCE + A_MINUTE, 1)])
@pytest.mark.parametrize("state", ["exhausted", "cancelled"])
def test_a_question_of_a_search_that_ended_is_silence_if_there_was_time(state, after, silent):
    asked_at = NOW - timedelta(days=1)
    assert history(ended(asked_at + after, state), asked_at).silent == silent


def test_nobody_is_blamed_where_the_place_was_taken_then_given_back():
    asked_at = NOW - timedelta(days=1)
    assert history(ended(NOW, "reopened"), asked_at).silent == 0


def test_ten_times_slower_by_a_minute_leaves_the_chance_of_who_is_not_known():
    who, asked_at = nurse(), NOW - timedelta(days=1)
    for number in range(10):
        search = won(asked_at + A_MINUTE, asked_at)
        InvitationFactory(
            solicitation=search, practitioner=who, asked_at=asked_at, code=f"{1000 + number}"
        )
    past = past_of([who.pk], NOW)[who.pk]
    assert (past.history, past.solicited) == (rules.History(), 10)
