"""A nurse who said no, by text, by link or by phone, says yes on the phone: named, in the race."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.broker import services
from cordee.broker.rules import SearchOrder, Urgency
from cordee.kernel.errors import DomainError
from cordee.people.policy import knows
from cordee.people.rules.sharing import Category
from tests.broker.test_answers import LATER, asked, at, desk_of, texted, yes
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, Browser, arranging, facts, simultaneously, speaking_as

pytestmark = pytest.mark.django_db
__all__ = ["at"]


def no_by_text(invitation):
    texted(invitation, "no")


def no_by_link(invitation):
    services.decline(actor=desk_of(invitation.solicitation), invitation=invitation, now=LATER)


def no_by_phone(invitation):
    call = services.CallMade(invitation.practitioner, "no", refusal="full")
    search = invitation.solicitation
    services.record_call(actor=desk_of(search), solicitation=search, call=call, now=LATER)


WAYS = [no_by_text, no_by_link, no_by_phone]


def keep(search, invitation):
    """What the button beside her name does."""
    browser = Browser().as_(desk_of(search))
    return browser.post(reverse("broker:take_offer", args=[invitation.pk]))


@pytest.mark.parametrize("refuse", WAYS)
def test_a_yes_on_the_phone_after_a_no_takes_the_place_by_name(client, at, refuse):
    invitation = asked()
    search = invitation.solicitation
    refuse(invitation)
    address = reverse("broker:search", args=[search.pk])
    client.as_(desk_of(search))
    shown = client.get(address).text
    assert reverse("broker:take_offer", args=[invitation.pk]) in shown
    assert "A changé d’avis au téléphone" in shown
    assert keep(search, invitation).status_code == 302
    invitation.refresh_from_db()
    search.refresh_from_db()
    assert (invitation.answer, search.state) == ("accepted", "filled")
    (last,) = facts("broker.solicitation_filled")
    assert last["data"]["practitioner_id"] == str(invitation.practitioner_id)
    assert search.calls.filter(outcome="yes").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("refuse", WAYS)
def test_in_the_race_with_a_link_and_a_text_one_has_the_place(at, refuse):
    search = SolicitationFactory()
    again, by_link, by_text = (asked(search) for _ in range(3))
    refuse(again)
    desk_of(search)
    answers = simultaneously(
        lambda: keep(search, again).status_code,
        lambda: yes(by_link).answer,
        lambda: texted(by_text, "yes").answer,
    )
    assert not [one for one in answers if isinstance(one, Exception)]
    taken = search.invitations.filter(answer__in=["accepted", "held"])
    assert taken.count() == 1
    for lost in search.invitations.exclude(pk=taken.get().pk):
        assert lost.answer in ("too_late", "standby")


def told(search, invitation):
    """What the page says after the button, and in which tone."""
    browser = Browser().as_(desk_of(search))
    address = reverse("broker:take_offer", args=[invitation.pk])
    answer = browser.post(address, headers={"HX-Request": "true"})
    said = json.loads(answer.headers["HX-Trigger"])["toast"]
    return said["tone"], said["text"]


def test_the_page_says_what_her_yes_became(at):
    search = SolicitationFactory()
    again, by_text = asked(search), asked(search)
    no_by_text(again)
    assert told(search, again) == ("good", "C’est noté. Le professionnel a la place.")
    no_by_text(by_text)
    tone, text = told(search, by_text)
    assert (tone, "trop tard" in text) == ("warn", True)


def test_the_page_says_that_a_yes_waits_behind_another(at):
    search = SolicitationFactory()
    again, by_text = asked(search), asked(search)
    no_by_text(again)
    texted(by_text, "yes")
    tone, text = told(search, again)
    again.refresh_from_db()
    assert again.answer == "standby"
    assert (tone, "en réserve" in text) == ("warn", True)


def test_after_the_place_is_taken_her_yes_is_too_late(at):
    search = SolicitationFactory()
    again, winner = asked(search), asked(search)
    no_by_text(again)
    yes(winner)
    keep(search, again)
    again.refresh_from_db()
    assert again.answer == "too_late"


@pytest.fixture
def former():
    """A search that found nobody."""
    return SolicitationFactory(state="exhausted", ended_at=NOW, end_reason="nobody")


def said(search, answer):
    """A nurse of the zone who was asked, and what became of it."""
    return asked(search, answer=answer, answered_at=NOW)


def searched_again(former):
    """The same need, sought once more by the button of its page."""
    Browser().as_(desk_of(former)).post(reverse("broker:relaunch", args=[former.pk]))
    return former.followed_by.get()


def on_the_phone(search, who):
    """What the page answers once the desk has typed a yes heard on the phone."""
    typed = {"practitioner": str(who.pk), "outcome": "yes"}
    return Browser().as_(desk_of(search)).post(reverse("broker:call", args=[search.pk]), typed)


def test_a_no_of_an_earlier_search_becomes_a_yes_on_the_phone_in_the_next(at, former):
    again = said(former, "declined").practitioner
    search = searched_again(former)
    assert (search.excluded, search.declined) == ([again.pk], [again.pk])
    assert not search.invitations.filter(practitioner=again).exists()
    assert on_the_phone(search, again).status_code == 302
    search.refresh_from_db()
    assert (search.state, search.invitations.get().practitioner) == ("filled", again)


def test_it_is_told_apart_through_one_more_search(at, former):
    again = said(former, "declined").practitioner
    search = searched_again(former)
    with arranging():
        search.keep(state="exhausted", ended_at=NOW, end_reason="nobody")
    assert searched_again(search).declined == [again.pk]


@pytest.mark.parametrize("answer", ["withdrawn", "dismissed"])
def test_who_had_the_place_and_lost_it_is_not_taken_by_phone(at, former, answer):
    said(former, "declined")
    lost = said(former, answer).practitioner
    search = searched_again(former)
    assert lost.pk in search.excluded
    assert lost.pk not in search.declined
    assert on_the_phone(search, lost).status_code == 422
    assert search.calls.count() == 0


def test_whom_the_person_set_aside_stays_so_whatever_they_said(former):
    both = said(former, "declined").practitioner
    desk = desk_of(former)
    order = replace(ordered(former), excluded=(both.pk,))
    search = services.launch(actor=desk, order=order, now=NOW)
    assert (search.excluded, search.declined) == ([both.pk], [])
    call = services.CallMade(both, "yes")
    with pytest.raises(DomainError, match="écarte"):
        services.record_call(actor=desk, solicitation=search, call=call, now=NOW)


def ordered(search):
    """The order of a search, as the conductor gives it."""
    return SearchOrder(
        origin=search.origin,
        person_id=search.person_id,
        organization_id=search.organization_id,
        kinds=tuple(search.kinds),
        commune_code=search.commune_id,
        urgency=Urgency(search.urgency),
        begins_at=search.begins_at,
    )


# --- two needs of one person ---------------------------------------------------------------------


@pytest.mark.parametrize("first_lost", [0, 1])
def test_losing_one_place_leaves_the_other_and_losing_both_leaves_none(first_lost):
    who, person = nurse(), PersonFactory()
    places = [
        InvitationFactory(
            practitioner=who,
            phone=who.practice.mobile,
            solicitation=SolicitationFactory(person=person),
        )
        for _ in range(2)
    ]
    for hour, place in enumerate(places):
        yes(place, LATER + timedelta(hours=hour))
    speaking = speaking_as(who)
    for place, still_known in ((places[first_lost], True), (places[1 - first_lost], False)):
        place.refresh_from_db()
        services.withdraw(actor=speaking, invitation=place, now=LATER + timedelta(hours=3))
        assert knows(speaking, person.pk, Category.COORDINATION) is still_known


def test_losing_a_place_ends_no_stay_that_was_there_before():
    place = asked()
    person, who = place.solicitation.person, place.practitioner
    joins_circle(person, practitioner=who, since=NOW)
    yes(place)
    services.withdraw(actor=speaking_as(who), invitation=place, now=LATER + timedelta(hours=3))
    assert knows(speaking_as(who), person.pk, Category.COORDINATION)


@pytest.mark.django_db(transaction=True)
def test_two_places_lost_at_once_leave_no_access():
    who, person = nurse(), PersonFactory()
    places = [
        InvitationFactory(
            practitioner=who,
            phone=who.practice.mobile,
            solicitation=SolicitationFactory(person=person),
        )
        for _ in range(2)
    ]
    for hour, place in enumerate(places):
        yes(place, LATER + timedelta(hours=hour))
        place.refresh_from_db()
    speaking, end = speaking_as(who), LATER + timedelta(hours=3)

    def lose(place):
        return lambda: services.withdraw(actor=speaking, invitation=place, now=end)

    simultaneously(*map(lose, places))
    assert not knows(speaking, person.pk, Category.COORDINATION)
