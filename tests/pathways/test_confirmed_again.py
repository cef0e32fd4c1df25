"""What was agreed to changed since the yes: whoever comes is told, and it is confirmed again."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import services as broker
from cordee.broker.models import Solicitation
from cordee.intake import services as intake
from cordee.pathways import jobs
from tests.factories.broker import nurse
from tests.factories.directory import CommuneFactory
from tests.pathways.test_conductor import qualify, say_yes, waiting
from tests.pathways.test_edited_need import page, searches  # noqa: F401 — the form of the need
from tests.pathways.test_heard_again import last
from tests.pathways.test_life import closed, confirmed, found, self_of, tell, texts_to
from tests.support import arranging, run_jobs, speaking_as

pytestmark = pytest.mark.django_db


def comes(invitation, visit, by=None):
    """She, or the desk for her, says when she comes first."""
    broker.confirm_care(
        actor=by or self_of(invitation),
        invitation=invitation,
        first_visit_at=visit,
        now=timezone.now(),
    )
    run_jobs()


def fresh(*rows):
    for row in rows:
        row.refresh_from_db()


# --- the need, edited after the yes ---------------------------------------------------------------


@pytest.mark.parametrize("until", [found, confirmed])
def test_another_need_reaches_who_said_yes_and_waits_for_her_agreement(
    request,
    page,  # noqa: F811
    request_,
    orienteuse,
    now,
    until,
):
    CommuneFactory(code="05029", name="Chabottes")
    nurse()
    search, invitation = until(request_, orienteuse, now)
    tell(request_, orienteuse)
    fresh(request_)

    page(kind="dressing", commune="Chabottes", commune_code="05029", begins_on="+9")

    fresh(search, request_)
    day = request_.begins_on
    assert (search.state, search.kinds, search.commune_id) == ("filled", ["dressing"], "05029")
    assert (timezone.localdate(search.begins_at), search.first_visit_at) == (day, None)
    assert (request_.state, request_.first_visit_on) == ("found", None)
    assert request_.practitioner_id == invitation.practitioner_id
    assert waiting(request_) == {"warn_who_comes"}
    assert texts_to(invitation)[-1] == "broker.need_changed"

    comes(invitation, search.begins_at + timedelta(hours=1))
    fresh(search, request_)
    assert (search.state, request_.state, request_.first_visit_on) == (
        "confirmed",
        "confirmed",
        day,
    )
    assert waiting(request_) == {"call_back"}  # the requester hears of it again


def test_her_page_says_what_is_asked_now_and_asks_her_again(
    client,
    page,  # noqa: F811
    request_,
    orienteuse,
    now,
):
    CommuneFactory(code="05029", name="Chabottes")
    nurse()
    _, invitation = confirmed(request_, orienteuse, now)

    page(kind="dressing", commune="Chabottes", commune_code="05029")

    mine = client.as_(speaking_as(invitation.practitioner))
    shown = mine.get(reverse("broker:won", args=[invitation.pk])).text
    assert "La demande a changé depuis votre oui." in shown
    assert "pansement" in shown.lower()
    assert "injection" not in shown.lower()
    assert "Chabottes" in shown


def test_the_desk_that_warned_her_writes_the_day_and_it_is_settled(
    page,  # noqa: F811
    request_,
    orienteuse,
    now,
):
    nurse()
    search, _ = confirmed(request_, orienteuse, now)
    page(begins_on="+1")
    day = request_.begins_on

    intake.confirm(actor=orienteuse, request=request_, first_visit_on=day, now=timezone.now())
    run_jobs()

    fresh(search, request_)
    assert (search.state, request_.state) == ("confirmed", "confirmed")
    assert timezone.localdate(search.first_visit_at) == request_.first_visit_on == day
    assert waiting(request_) == {"call_back"}


def test_the_same_change_heard_twice_asks_her_once(
    page,  # noqa: F811
    request_,
    orienteuse,
    now,
):
    nurse()
    search, invitation = confirmed(request_, orienteuse, now)
    page(kind="dressing")
    comes(invitation, now + timedelta(hours=21))

    jobs.on_the_rope(fact=last("intake.need_changed"))

    fresh(search, request_)
    assert (search.state, request_.state) == ("confirmed", "confirmed")
    assert texts_to(invitation).count("broker.need_changed") == 1


def test_a_yes_to_the_former_need_is_not_taken_for_a_yes_to_the_new_one(
    client, request_, orienteuse, now
):
    """She says yes after the desk has edited, before anybody told the search."""
    nurse()
    search = qualify(request_, orienteuse, now)
    said = {"kind": "dressing", "commune": request_.commune.name, "need": "autre"}
    said |= {"commune_code": request_.commune_id, "seen": request_.version}
    client.now = timezone.now()
    client.as_(orienteuse).post(reverse("intake:edit", args=[request_.pk]), said)

    invitation = say_yes(search, timezone.now())

    fresh(search, request_)
    assert (search.state, search.kinds, request_.state) == ("filled", ["dressing"], "found")
    assert "warn_who_comes" in waiting(request_)
    assert "broker.need_changed" in texts_to(invitation)


def test_another_profession_is_sought_and_who_comes_no_more_is_told(
    page,  # noqa: F811
    request_,
    orienteuse,
    now,
):
    nurse()
    search, invitation = confirmed(request_, orienteuse, now)
    midwife = nurse(practitioner__profession="50", kinds=["sampling"])

    page(kind="sampling", profession="50")

    fresh(search, request_)
    again = searches(request_)[-1]
    assert search.state == "cancelled"
    assert texts_to(invitation)[-1] == "broker.not_needed"
    assert [one.practitioner for one in again.invitations.all()] == [midwife]
    assert (request_.state, request_.practitioner_id) == ("searching", None)


def test_what_is_only_told_to_who_comes_asks_nothing_again(
    page,  # noqa: F811
    request_,
    orienteuse,
    now,
):
    nurse()
    search, invitation = confirmed(request_, orienteuse, now)
    page(access_notes="Code 34C")
    fresh(search)
    assert (search.state, request_.state) == ("confirmed", "confirmed")
    assert "broker.need_changed" not in texts_to(invitation)


# --- the first visit, later than asked ------------------------------------------------------------


@pytest.fixture
def tonight(request_, now):
    with arranging():
        request_.delay, request_.due_at = "tonight", now + timedelta(hours=1)
        request_.save()
    return request_


def test_a_first_visit_after_the_day_asked_is_decided_by_the_desk(tonight, orienteuse, now):
    nurse()
    search, invitation = found(tonight, orienteuse, now)
    visit = now + timedelta(days=20)

    comes(invitation, visit)

    fresh(search, tonight)
    assert (search.state, tonight.state, tonight.first_visit_on) == ("filled", "found", None)
    assert "decide_later_offer" in waiting(tonight)

    intake.confirm(
        actor=orienteuse,
        request=tonight,
        first_visit_on=timezone.localdate(visit),
        now=timezone.now(),
    )
    run_jobs()
    fresh(search, tonight)
    assert (search.state, search.first_visit_at, tonight.state) == ("confirmed", visit, "confirmed")
    assert waiting(tonight) == {"call_back"}
    assert texts_to(invitation)[-1] == "broker.visit_accepted"


def test_the_desk_that_writes_a_late_visit_has_decided(tonight, orienteuse, now):
    nurse()
    search, invitation = found(tonight, orienteuse, now)
    comes(invitation, now + timedelta(days=20), by=orienteuse)
    fresh(search, tonight)
    assert (search.state, tonight.state) == ("confirmed", "confirmed")
    assert "decide_later_offer" not in waiting(tonight)


def test_a_late_offer_that_waits_is_no_date_overdue(tonight, orienteuse, now):
    nurse()
    search, invitation = found(tonight, orienteuse, now)
    comes(invitation, now + timedelta(days=20))
    fresh(search)

    broker.flag_late(actor=SYSTEM, solicitation=search, now=search.confirm_by)
    run_jobs()

    assert "get_confirmation" not in waiting(tonight)
    assert "decide_later_offer" in waiting(tonight)


def test_a_visit_on_the_day_that_was_asked_is_confirmed(request_, orienteuse, now):
    nurse()
    with arranging():
        request_.begins_on = timezone.localdate(now) + timedelta(days=12)
        request_.save()
    search, invitation = found(request_, orienteuse, now)
    comes(invitation, search.begins_at + timedelta(hours=3))
    fresh(search, request_)
    assert (search.state, request_.state) == ("confirmed", "confirmed")
    assert request_.first_visit_on == request_.begins_on


@pytest.mark.parametrize("until", [confirmed, closed])
def test_a_visit_moved_after_the_requester_was_told_is_told_again(request_, orienteuse, now, until):
    nurse()
    search, invitation = until(request_, orienteuse, now)
    if until is confirmed:
        tell(request_, orienteuse)
    visit = now + timedelta(days=2)

    comes(invitation, visit)

    fresh(search, request_)
    assert (search.state, request_.state) == ("confirmed", "confirmed")
    assert request_.first_visit_on == timezone.localdate(visit)
    assert (request_.told_at, waiting(request_)) == (None, {"call_back"})


@pytest.mark.parametrize("until", [confirmed, closed])
def test_a_visit_moved_after_the_day_asked_is_decided_by_the_desk(request_, orienteuse, now, until):
    nurse()
    search, invitation = until(request_, orienteuse, now)
    comes(invitation, now + timedelta(days=10))
    fresh(search, request_)
    assert (search.state, request_.state, request_.first_visit_on) == ("filled", "found", None)
    assert waiting(request_) == {"call_back", "decide_later_offer"}


def test_both_pages_say_that_the_date_waits_for_the_desk(client, tonight, orienteuse, now):
    nurse()
    search, invitation = found(tonight, orienteuse, now)
    comes(invitation, now + timedelta(days=20))
    mine = client.as_(speaking_as(invitation.practitioner))
    shown = mine.get(reverse("broker:won", args=[invitation.pk])).text
    assert "Votre date est plus tardive que demandé." in shown
    desk = client.as_(orienteuse).get(reverse("broker:search", args=[search.pk])).text
    assert "propose une première visite plus tardive que demandé" in desk
    assert Solicitation.objects.get().state == "filled"


def overdue(request, now):
    """What was asked was for yesterday: nobody was found in time."""
    with arranging():
        request.delay, request.due_at = "tonight", now - timedelta(days=1)
        request.save()


def test_relaunched_after_its_moment_a_need_takes_no_later_day_by_itself(request_, orienteuse, now):
    nurse()
    overdue(request_, now)
    search, invitation = found(request_, orienteuse, now)

    comes(invitation, now + timedelta(minutes=1))

    fresh(search, request_)
    assert (search.state, request_.state) == ("filled", "found")
    assert "decide_later_offer" in waiting(request_)


def test_a_search_taken_up_again_asks_for_the_day_that_was_asked_first(tonight, orienteuse, now):
    nurse()
    search, invitation = found(tonight, orienteuse, now)
    asked = search.wanted_on
    nurse()
    after = now + timedelta(days=2)
    again = broker.withdraw(actor=self_of(invitation), invitation=invitation, now=after)
    run_jobs()

    assert again.deadline_at > after
    assert again.wanted_on == asked == timezone.localdate(tonight.due_at)
    other = say_yes(again, after)
    comes(other, after + timedelta(minutes=1))
    fresh(again)
    assert again.state == "filled"


def test_a_later_day_that_the_desk_agreed_to_is_what_is_asked_of_the_next(tonight, orienteuse, now):
    nurse()
    search, invitation = found(tonight, orienteuse, now)
    agreed = now + timedelta(days=20)
    comes(invitation, agreed, by=orienteuse)
    nurse()
    again = broker.withdraw(actor=self_of(invitation), invitation=invitation, now=now)
    run_jobs()
    other = say_yes(again, now)
    comes(other, agreed)
    fresh(again)
    assert again.state == "confirmed"
