"""A request, its search and its tasks agree, whatever happens and in whatever order it is heard."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import selectors as searches
from cordee.broker import services as broker
from cordee.broker.models import Invitation, Solicitation
from cordee.intake import selectors as requests
from cordee.intake import services as intake
from cordee.intake.rules import State, public_line
from cordee.kernel.errors import DomainError
from cordee.messaging.models import Message
from cordee.people import services as people
from cordee.people.models import CircleMember
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory, MembershipFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.pathways.test_conductor import qualify, say_yes, tasks_of, waiting
from tests.support import run_jobs, speaking_as

pytestmark = pytest.mark.django_db


def self_of(invitation):
    return speaking_as(invitation.practitioner, account_id=None)


def found(request, orienteuse, now):
    """Somebody said yes."""
    search = qualify(request, orienteuse, now)
    invitation = say_yes(search, now)
    for row in (request, search, invitation):
        row.refresh_from_db()
    return search, invitation


def confirmed(request, orienteuse, now):
    """And said when she comes."""
    search, invitation = found(request, orienteuse, now)
    visit = now + timedelta(hours=20)
    broker.confirm_care(
        actor=self_of(invitation), invitation=invitation, first_visit_at=visit, now=now
    )
    run_jobs()
    for row in (request, search, invitation):
        row.refresh_from_db()
    return search, invitation


def closed(request, orienteuse, now):
    """And the requester knows."""
    search, invitation = confirmed(request, orienteuse, now)
    tell(request, orienteuse)
    request.refresh_from_db()
    intake.close(actor=orienteuse, request=request, now=timezone.now())
    run_jobs()
    request.refresh_from_db()
    return search, invitation


def tell(request, orienteuse):
    said = intake.Told(how="call", result="reached")
    intake.tell(actor=orienteuse, request=request, said=said, now=timezone.now())
    run_jobs()


def nurses_in_circle(request):
    stays = CircleMember.objects.current().filter(person=request.person)
    return set(stays.exclude(practitioner=None).values_list("practitioner_id", flat=True))


def texts_to(invitation):
    sent = Message.objects.filter(to=invitation.phone).order_by("created_at", "pk")
    return list(sent.values_list("template", flat=True))


def asked_for(request):
    """Whom every search of a request asked, by name."""
    asked = Invitation.objects.filter(solicitation__origin=f"intake/request/{request.pk}")
    return list(asked.order_by("pk").values_list("practitioner_id", flat=True))


# --- never asked again --------------------------------------------------------------------------


def test_who_the_person_declined_is_not_asked_again(request_, orienteuse, now):
    nurse()
    _, invitation = found(request_, orienteuse, now)

    broker.decline_winner(actor=orienteuse, invitation=invitation, now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert asked_for(request_) == [invitation.practitioner_id]
    assert (request_.state, request_.practitioner_id) == ("qualified", None)
    assert waiting(request_) == {"choose_alternative"}
    assert nurses_in_circle(request_) == set()


def test_a_search_asked_again_by_the_desk_spares_who_refused(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)
    invitation = search.invitations.get()
    broker.decline(actor=self_of(invitation), invitation=invitation, now=timezone.now())
    run_jobs(until=timezone.now())
    request_.refresh_from_db()
    newcomer = nurse()

    intake.ask_search(actor=orienteuse, request=request_, now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert asked_for(request_) == [invitation.practitioner_id, newcomer.pk]
    again = searches.standing_for_origin(search.origin)
    assert again.follows == search
    assert request_.state == "searching"


def test_another_service_does_not_ask_again_who_the_person_declined(request_, orienteuse, now):
    declined = nurse()
    _, invitation = found(request_, orienteuse, now)
    broker.decline_winner(actor=orienteuse, invitation=invitation, now=timezone.now())
    run_jobs()
    request_.refresh_from_db()
    other = MembershipFactory(organization__kind="sio").organization
    to = intake.HandOn(organization=other, reason="territory", spoken_with="Nadia")
    copy = intake.hand_on(actor=orienteuse, request=request_, to=to, now=timezone.now())
    run_jobs()

    qualify(copy, desk_of(other), timezone.now())

    assert declined.pk not in asked_for(copy)


# --- what ends reaches the nurse ----------------------------------------------------------------


def dies(request, orienteuse, now):
    today = timezone.localdate(now)
    people.declare_death(actor=orienteuse, person=request.person, deceased_on=today, now=now)


def is_cancelled(request, orienteuse, now):
    intake.cancel(actor=orienteuse, request=request, reason="asked", now=now)


def is_admitted(request, orienteuse, now):
    intake.stop(actor=SYSTEM, request=request, reason="admitted", now=now)


@pytest.mark.parametrize("ends", [dies, is_cancelled, is_admitted])
def test_what_ends_a_confirmed_request_reaches_the_nurse(request_, orienteuse, now, ends):
    nurse()
    search, invitation = confirmed(request_, orienteuse, now)

    ends(request_, orienteuse, timezone.now())
    run_jobs()

    search.refresh_from_db()
    invitation.refresh_from_db()
    request_.refresh_from_db()
    assert (request_.state, search.state) == ("cancelled", "cancelled")
    assert nurses_in_circle(request_) == set()
    assert "broker.not_needed" in texts_to(invitation)
    assert "call_back" in waiting(request_)


def test_a_dismissed_winner_reads_nothing_more_by_her_link(request_, orienteuse, now):
    from cordee.access.policy import is_allowed

    nurse()
    search, invitation = confirmed(request_, orienteuse, now)
    assert is_allowed(self_of(invitation), "broker.read_contact", invitation)

    broker.cancel(actor=orienteuse, solicitation=search, reason="mistake", now=timezone.now())

    fresh = searches.get_invitation(self_of(invitation), invitation.pk)
    assert not is_allowed(self_of(fresh), "broker.read_contact", fresh)


# --- a search stopped by the desk ---------------------------------------------------------------


def test_a_search_stopped_from_its_page_comes_back_to_the_desk(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)

    broker.cancel(actor=orienteuse, solicitation=search, reason="mistake", now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert request_.state == "qualified"
    assert request_.told_at is None
    assert waiting(request_) == {"choose_alternative"}
    assert public_line(State(request_.state)).code != "searching"


def test_giving_up_what_was_found_comes_back_to_the_desk(request_, orienteuse, now):
    nurse()
    search, _ = found(request_, orienteuse, now)

    broker.cancel(actor=orienteuse, solicitation=search, reason="mistake", now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("qualified", None)
    assert waiting(request_) == {"choose_alternative"}
    assert nurses_in_circle(request_) == set()


# --- held for the 15 ----------------------------------------------------------------------------


def test_a_hold_keeps_who_was_found(request_, orienteuse, now):
    nurse()
    search, invitation = found(request_, orienteuse, now)

    intake.hold_for_samu(actor=orienteuse, request=request_, signs=[], now=timezone.now())
    run_jobs()

    search.refresh_from_db()
    request_.refresh_from_db()
    assert (request_.state, search.state) == ("found", "filled")
    assert waiting(request_) == {"release_hold", "call_back"}
    assert nurses_in_circle(request_) == {invitation.practitioner_id}


def test_a_withdrawal_during_a_hold_searches_nobody_until_it_is_released(request_, orienteuse, now):
    nurse()
    nurse()
    _, invitation = found(request_, orienteuse, now)
    intake.hold_for_samu(actor=orienteuse, request=request_, signs=[], now=timezone.now())
    run_jobs()

    broker.withdraw(actor=self_of(invitation), invitation=invitation, now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("qualified", None)
    assert searches.standing_for_origin(f"intake/request/{request_.pk}") is None
    assert waiting(request_) == {"release_hold"}

    intake.release(actor=orienteuse, request=request_, reason="rassurée", now=timezone.now())
    run_jobs()
    assert waiting(request_) == {"choose_alternative"}


def test_a_released_hold_leaves_something_to_do(request_, orienteuse, now):
    nurse()
    qualify(request_, orienteuse, now)
    intake.hold_for_samu(actor=orienteuse, request=request_, signs=[], now=timezone.now())
    run_jobs()
    request_.refresh_from_db()

    intake.release(actor=orienteuse, request=request_, reason="rassurée", now=timezone.now())
    run_jobs()

    assert waiting(request_) == {"choose_alternative"}


# --- a yes that comes too late ------------------------------------------------------------------


def hold(request, orienteuse, now):
    intake.hold_for_samu(actor=orienteuse, request=request, signs=[], now=now)


def hand_on(request, orienteuse, now):
    other = MembershipFactory(organization__kind="sio").organization
    to = intake.HandOn(organization=other, reason="territory", spoken_with="Nadia")
    intake.hand_on(actor=orienteuse, request=request, to=to, now=now)


def refuse(request, orienteuse, now):
    intake.refuse(actor=orienteuse, request=request, reason="unreachable", now=now)


@pytest.mark.parametrize("ends", [is_cancelled, is_admitted, hold, hand_on, refuse])
def test_a_yes_after_the_end_changes_nothing_even_before_the_worker(
    request_, orienteuse, now, ends
):
    nurse()
    search = qualify(request_, orienteuse, now)
    invitation = search.invitations.get()
    ends(request_, orienteuse, timezone.now())

    broker.accept(actor=self_of(invitation), invitation=invitation, now=timezone.now())

    invitation.refresh_from_db()
    assert invitation.answer == "not_needed"
    assert nurses_in_circle(request_) == set()
    run_jobs()
    assert Solicitation.objects.get(pk=search.pk).state == "cancelled"


@pytest.mark.parametrize("word", ["decline", "later_offer"])
def test_who_held_a_place_of_a_search_that_was_stopped_may_still_answer(
    request_, orienteuse, now, word
):
    nurse()
    search = qualify(request_, orienteuse, now)
    invitation = search.invitations.get()
    broker.hold(actor=self_of(invitation), invitation=invitation, now=timezone.now())
    is_cancelled(request_, orienteuse, timezone.now())
    run_jobs()

    more = {"offers_from": None} if word == "later_offer" else {}
    gesture = getattr(broker, word)
    gesture(actor=self_of(invitation), invitation=invitation, now=timezone.now(), **more)
    run_jobs()

    search.refresh_from_db()
    request_.refresh_from_db()
    assert (request_.state, search.state) == ("cancelled", "cancelled")
    assert waiting(request_) == {"call_back"}


def test_no_wave_leaves_for_a_request_that_has_ended(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)
    nurse()
    is_cancelled(request_, orienteuse, timezone.now())

    later = timezone.now() + timedelta(hours=12, minutes=30)
    broker.advance(actor=SYSTEM, solicitation=search, now=later)

    assert search.invitations.count() == 1


# --- an exhausted search of an ended request ----------------------------------------------------


def test_nothing_starts_again_for_a_request_that_was_refused(request_, orienteuse, now):
    search = qualify(request_, orienteuse, now)
    assert searches.open_solicitations(orienteuse) == [search]
    intake.refuse(actor=orienteuse, request=request_, reason="no_professional", now=timezone.now())
    run_jobs()
    somebody = nurse()
    search.refresh_from_db()
    later = timezone.now() + timedelta(minutes=5)
    yes = broker.CallMade(practitioner=somebody, outcome="yes")

    for gesture, more in [
        (broker.widen, {}),
        (broker.launch_next_wave, {}),
        (broker.record_call, {"call": yes}),
    ]:
        with pytest.raises(DomainError) as refused:
            gesture(actor=orienteuse, solicitation=search, now=later, **more)
        assert refused.value.code == "broker.ended"

    assert asked_for(request_) == []
    assert searches.open_solicitations(orienteuse) == []


def test_a_search_widened_from_its_page_is_followed(request_, orienteuse, now):
    search = qualify(request_, orienteuse, now)
    nurse()

    broker.widen(actor=orienteuse, solicitation=search, now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert request_.state == "searching"
    assert waiting(request_) == {"await_answer", "tell_withdrawal"}


# --- nobody is left without a task --------------------------------------------------------------


def test_what_is_handed_on_is_told_to_the_requester(request_, orienteuse, now):
    nurse()
    qualify(request_, orienteuse, now)

    hand_on(request_, orienteuse, timezone.now())
    run_jobs()

    assert waiting(request_) == {"call_back"}
    request_.refresh_from_db()
    tell(request_, orienteuse)
    assert waiting(request_) == set()


def test_telling_that_nobody_was_found_leaves_the_choice_to_make(request_, orienteuse, now):
    qualify(request_, orienteuse, now)
    assert waiting(request_) == {"choose_alternative"}

    tell(request_, orienteuse)

    request_.refresh_from_db()
    assert request_.told_at is not None
    assert waiting(request_) == {"choose_alternative"}


def test_advice_that_is_qualified_waits_for_its_answer(desk, orienteuse, now):
    advice = CareRequestFactory(
        organization=desk, weight="advice", received_at=now, outcome_at=now, delay="planned"
    )
    qualify(advice, orienteuse, now)
    assert waiting(advice) == {"call_back"}

    tell(advice, orienteuse)
    assert waiting(advice) == {"close_request"}


# --- after the end ------------------------------------------------------------------------------


def test_a_withdrawal_after_the_request_was_closed_opens_it_again(request_, orienteuse, now):
    nurse()
    nurse()
    _, invitation = closed(request_, orienteuse, now)
    assert request_.state == "closed"

    broker.withdraw(actor=self_of(invitation), invitation=invitation, now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id, request_.ended_at) == ("searching",) + (
        None,
    ) * 2
    assert waiting(request_) == {"await_answer", "tell_withdrawal"}
    second = searches.standing_for_origin(f"intake/request/{request_.pk}")
    say_yes(second, timezone.now())
    request_.refresh_from_db()
    assert request_.state == "found"
    assert waiting(request_) == {"call_back"}


def test_a_withdrawal_is_seen_when_the_need_is_followed_by_another_request(
    request_, desk, orienteuse, now
):
    nurse()
    nurse()
    _, invitation = closed(request_, orienteuse, now)
    CareRequestFactory(organization=desk, person=request_.person, kind=request_.kind)

    broker.withdraw(actor=self_of(invitation), invitation=invitation, now=timezone.now())
    run_jobs()

    request_.refresh_from_db()
    assert request_.state == "closed"
    assert searches.standing_for_origin(f"intake/request/{request_.pk}") is None
    assert waiting(request_) == {"review_stopped"}


# --- the first visit said at the desk -----------------------------------------------------------


def test_what_the_desk_confirms_the_broker_knows(request_, orienteuse, now):
    nurse()
    search, invitation = found(request_, orienteuse, now)
    day = timezone.localdate(now) + timedelta(days=1)

    intake.confirm(actor=orienteuse, request=request_, first_visit_on=day, now=timezone.now())
    run_jobs()

    search.refresh_from_db()
    assert search.state == "confirmed"
    assert timezone.localdate(search.first_visit_at) == day
    broker.flag_late(actor=SYSTEM, solicitation=search, now=now + timedelta(days=5))
    run_jobs()
    assert "broker.confirm_visit" not in texts_to(invitation)
    assert waiting(request_) == {"call_back"}


@pytest.mark.parametrize("days", [-4000, -1, 61])
def test_a_first_visit_is_after_the_yes_and_within_sixty_days(request_, orienteuse, now, days):
    nurse()
    found(request_, orienteuse, now)
    day = timezone.localdate(now) + timedelta(days=days)

    with pytest.raises(DomainError) as refused:
        intake.confirm(actor=orienteuse, request=request_, first_visit_on=day, now=timezone.now())

    assert refused.value.code == "intake.first_visit_out_of_range"


# --- the night ----------------------------------------------------------------------------------


@pytest.fixture
def keeper(desk, orienteuse):
    account = AccountFactory()
    for pk in (account.pk, orienteuse.account_id):
        MembershipFactory(account_id=pk, organization=desk, role="orienteuse")
    return account


def test_the_night_keeper_has_the_tasks_until_morning(request_, orienteuse, keeper, now):
    nurse()
    search = qualify(request_, orienteuse, now)
    intake.take(
        actor=orienteuse, request=request_, account_id=orienteuse.account_id, now=timezone.now()
    )
    run_jobs()
    assert tasks_of(request_) == {"await_answer": orienteuse.account_id}
    request_.refresh_from_db()
    morning = timezone.now() + timedelta(hours=14)

    by = intake.Keeper(keeper.pk, "on_call", morning)
    intake.keep(actor=orienteuse, request=request_, by=by, now=timezone.now())
    run_jobs()
    assert tasks_of(request_) == {"await_answer": keeper.pk}

    say_yes(search, timezone.now())
    assert tasks_of(request_) == {"call_back": keeper.pk}


def test_in_the_morning_the_tasks_come_back_to_who_follows(
    request_, orienteuse, keeper, now, monkeypatch
):
    nurse()
    qualify(request_, orienteuse, now)
    me = orienteuse.account_id
    intake.take(actor=orienteuse, request=request_, account_id=me, now=timezone.now())
    run_jobs()
    request_.refresh_from_db()
    morning = timezone.now() + timedelta(hours=14)
    by = intake.Keeper(keeper.pk, "on_call", morning)
    intake.keep(actor=orienteuse, request=request_, by=by, now=timezone.now())
    run_jobs()
    assert tasks_of(request_) == {"await_answer": keeper.pk}

    monkeypatch.setattr(timezone, "now", lambda: morning + timedelta(seconds=1))
    run_jobs(until=morning)

    assert tasks_of(request_)["await_answer"] == me


def test_who_takes_a_request_leaves_alone_what_was_given_to_a_colleague(
    request_, orienteuse, keeper, now
):
    from cordee.pathways import services
    from cordee.pathways.models import Task

    nurse()
    qualify(request_, orienteuse, now)
    task = Task.objects.open().about(f"intake/request/{request_.pk}").get()
    services.hand_over(actor=SYSTEM, task=task, to=keeper, now=timezone.now())

    me = orienteuse.account_id
    intake.take(actor=orienteuse, request=request_, account_id=me, now=timezone.now())
    run_jobs()

    assert tasks_of(request_) == {"await_answer": keeper.pk}


# --- heard late, or out of order ----------------------------------------------------------------


def test_a_yes_heard_after_its_withdrawal_says_nobody_is_found(request_, orienteuse, now):
    nurse()
    search = qualify(request_, orienteuse, now)
    invitation = search.invitations.get()
    broker.accept(actor=self_of(invitation), invitation=invitation, now=timezone.now())
    broker.withdraw(actor=self_of(invitation), invitation=invitation, now=timezone.now())

    run_jobs()

    request_.refresh_from_db()
    assert (request_.state, request_.practitioner_id) == ("qualified", None)
    assert waiting(request_) == {"choose_alternative"}


def test_the_board_shows_first_what_is_still_searched(desk, orienteuse, now):
    from tests.factories.broker import SolicitationFactory

    person = CareRequestFactory(organization=desk).person
    ended = {"state": "exhausted", "ended_at": now, "end_reason": "nobody"}
    ended |= {"launched_at": now - timedelta(days=3), "deadline_at": now - timedelta(days=2)}
    SolicitationFactory.create_batch(201, organization=desk, person=person, **ended)
    live = SolicitationFactory(organization=desk, person=person)

    shown = searches.open_solicitations(orienteuse)

    assert shown[0] == live
    assert len(shown) == 200


def test_the_queue_of_the_desk_is_what_the_worklist_says(request_, orienteuse, now):
    """What is owed on the desk's queue has a task, and the reverse."""
    nurse()
    found(request_, orienteuse, now)
    is_cancelled(request_, orienteuse, timezone.now())
    run_jobs()
    owed = requests.queue(orienteuse, requests.Filter(), timezone.now())
    assert [one.pk for one in owed] == [request_.pk]
    assert waiting(request_) == {"call_back"}
    request_.refresh_from_db()
    tell(request_, orienteuse)
    assert not requests.queue(orienteuse, requests.Filter(), timezone.now()).exists()
    assert waiting(request_) == set()
