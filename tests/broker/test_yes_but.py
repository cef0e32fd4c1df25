"""« Oui, mais… » by text: an offer while somebody is sought, and a word once nobody is."""

from uuid import uuid4

import pytest

from cordee.access.actor import SYSTEM
from cordee.broker import services
from cordee.messaging import services as messaging
from cordee.messaging.services import Heard
from tests.broker import test_answers
from tests.broker.test_answers import LATER, at, yes
from tests.broker.test_late_yes import again, ended, words_to
from tests.factories.broker import SolicitationFactory
from tests.support import NOW, arranging, run_jobs, texts_leave

pytestmark = pytest.mark.django_db
__all__ = ["at"]


def asked(search=None):
    """A nurse asked for a need that the conductor does not follow."""
    search = search or SolicitationFactory(origin=f"essai/{uuid4()}")
    return test_answers.asked(search)


def writes(invitation, words="oui mais seulement demain"):
    """What her phone says, as the carrier brings it."""
    heard = Heard(invitation.phone, f"{words} {invitation.code}")
    messaging.receive_text(actor=SYSTEM, heard=heard, now=LATER)
    run_jobs(until=LATER)
    invitation.refresh_from_db()
    return invitation


def stopped(invitation):
    services.cancel(actor=SYSTEM, solicitation=invitation.solicitation, reason="moved", now=NOW)


def taken(invitation):
    yes(asked(invitation.solicitation))


def out_of_time(invitation):
    with arranging():
        invitation.solicitation.keep(deadline_at=NOW)
    ended(invitation, "deadline")


def set_aside(invitation):
    with arranging():
        invitation.solicitation.keep(excluded=[invitation.practitioner_id])


@pytest.mark.parametrize(
    ("over", "said"),
    [
        (stopped, "broker.not_needed"),
        (taken, "broker.already_taken"),
        (out_of_time, "broker.not_needed"),
        (set_aside, "broker.not_needed"),
    ],
)
def test_it_is_answered_as_a_plain_yes_would_be_once_nobody_is_sought(at, over, said):
    invitation, plain = asked(), asked()
    for one in (invitation, plain):
        over(one)
    texts_leave(LATER)
    before = len(words_to(invitation))
    writes(invitation)
    writes(plain, "oui")
    assert words_to(invitation)[before:] == words_to(plain)[before:] == [said]
    texts_leave(LATER)
    writes(invitation, "oui mais alors demain soir")
    assert words_to(invitation)[before:] == [said]


def test_while_somebody_is_sought_it_is_an_offer_for_the_team_and_nothing_is_written(at):
    invitation = writes(asked())
    assert (invitation.answer, words_to(invitation)) == ("later", [])
    out_of_phones = writes(ended(asked()))
    assert (out_of_phones.answer, words_to(out_of_phones)) == ("later", [])


def test_where_another_search_took_up_the_need_it_is_an_offer_there(at):
    first = ended(asked())
    later = again(first)
    writes(first)
    assert (first.answer, first.solicitation, words_to(first)) == ("later", later, [])
