"""A nurse who said no, by text, by link or by phone, says yes on the phone: named, in the race."""

import json

import pytest
from django.urls import reverse

from cordee.broker import services
from tests.broker.test_answers import LATER, asked, at, desk_of, texted, yes
from tests.factories.broker import SolicitationFactory
from tests.support import Browser, facts, simultaneously

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
