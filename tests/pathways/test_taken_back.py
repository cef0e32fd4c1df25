"""Somebody set aside, then taken back once the search ran out of phones: it goes on by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.intake.rules import State
from tests.pathways.test_choice_edited import ask_all, form, named, question, texts_to
from tests.pathways.test_conductor import qualify, waiting
from tests.pathways.test_edited_need import searches as searches_of
from tests.support import arranging, facts, run_jobs, texts_leave

pytestmark = pytest.mark.django_db
__all__ = ["form"]


@pytest.fixture
def without_her(form, request_, orienteuse, now):
    """The only nurse of the zone was asked, then set aside: nobody is left to ask."""
    her = named("Quentin")
    search = qualify(request_, orienteuse, now)
    texts_leave(timezone.now())
    ask_all(search, orienteuse, 1)
    form(exclude="Zoé Quentin")
    run_jobs(until=timezone.now())
    request_.refresh_from_db()
    search.refresh_from_db()
    assert (search.state, request_.state) == ("exhausted", State.QUALIFIED)
    assert "choose_alternative" in waiting(request_)
    return search, her


def test_taken_back_she_is_asked_again_and_nobody_relaunches(form, request_, without_her):
    search, her = without_her
    form(exclude="")
    run_jobs(until=timezone.now())
    search.refresh_from_db()
    request_.refresh_from_db()
    assert searches_of(request_) == [search]
    assert (search.state, request_.state) == ("open", State.SEARCHING)
    assert question(search, her).answer == "waiting"
    assert texts_to(her)[-1] == "broker.ask"
    assert "await_answer" in waiting(request_)
    assert "choose_alternative" not in waiting(request_)
    broker.accept(actor=SYSTEM, invitation=question(search, her), now=timezone.now())
    run_jobs()
    request_.refresh_from_db()
    assert (request_.state, request_.practitioner) == (State.FOUND, her)


def test_once_its_time_is_over_the_desk_decides(form, request_, without_her):
    search, her = without_her
    with arranging():
        search.keep(deadline_at=timezone.now() - timedelta(minutes=1))
    form(exclude="")
    run_jobs(until=timezone.now())
    search.refresh_from_db()
    assert search.state == "exhausted"
    assert "choose_alternative" in waiting(request_)
    assert len(facts("broker.exhausted")) == 1


def test_who_cannot_be_asked_all_the_same_makes_no_search_begin_and_end(form, without_her):
    search, her = without_her
    practice = her.practice
    with arranging():
        practice.stopped_at = timezone.now()
        practice.save()
    form(exclude="")
    run_jobs(until=timezone.now())
    search.refresh_from_db()
    assert search.state == "exhausted"
    assert len(facts("broker.exhausted")) == 1
