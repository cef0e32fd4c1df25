"""Who had the time to answer and did not is silent; who was only slower than another is not."""

from datetime import timedelta

import pytest

from cordee.access.actor import SYSTEM
from cordee.broker import rules, services
from cordee.broker.models import Invitation
from cordee.broker.rules.waves import PATIENCE_MINUTES
from cordee.broker.selectors.pools import past_of
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse, order_for
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, texts_leave

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


# --- the outbox ----------------------------------------------------------------------------------


def asked_by_text():
    desk, who = OrganizationFactory(), nurse()
    person = PersonFactory(territory=desk.territory)
    order = order_for(person, desk, deadline_at=NOW + timedelta(hours=24))
    services.launch(actor=SYSTEM, order=order, now=NOW)
    return who


def silence(who, now):
    return past_of([who.pk], now)[who.pk].history.silent


def test_a_question_that_has_not_left_is_no_silence():
    who = asked_by_text()
    assert silence(who, NOW + PATIENCE * 3) == 0


@pytest.mark.parametrize(("after", "silent"), [(-A_MINUTE, 0), (A_MINUTE * 0, 1)])
def test_patience_begins_when_the_carrier_takes_the_question(after, silent):
    who = asked_by_text()
    back = NOW + timedelta(minutes=90)
    assert texts_leave(back) == ["broker.ask"]
    assert silence(who, back + PATIENCE + after) == silent


def test_who_was_written_to_late_and_was_not_the_quicker_is_not_silent():
    who = asked_by_text()
    asked = Invitation.objects.get()
    back = NOW + timedelta(minutes=90)
    texts_leave(back)
    InvitationFactory(
        solicitation=asked.solicitation,
        practitioner=nurse(),
        asked_at=NOW,
        answer="accepted",
        answered_at=back + A_MINUTE,
    )
    assert silence(who, back + PATIENCE * 2) == 0
