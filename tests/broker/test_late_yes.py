"""A yes that comes when its search is over, while somebody is still needed."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.broker import rules, selectors, services
from cordee.broker.models import Solicitation
from cordee.kernel.errors import Forbidden
from cordee.kernel.latches import latch
from cordee.messaging.models import Message
from tests.broker.test_answers import LATER, asked, at, desk_of, guest, texted, yes
from tests.broker.test_link import SECRET, identified, text_of, url
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.support import NOW, arranging, facts, simultaneously, speaking_as, traces

pytestmark = pytest.mark.django_db
__all__ = ["at"]


def ended(invitation, reason="nobody"):
    with arranging():
        invitation.solicitation.keep(state="exhausted", ended_at=NOW, end_reason=reason)
    return invitation


def again(invitation, **more):
    """The search that took up the need of one that ended."""
    search = invitation.solicitation
    return SolicitationFactory(
        origin=search.origin,
        person=search.person,
        organization=search.organization,
        commune=search.commune,
        launched_at=NOW + timedelta(minutes=1),
        follows=search,
        **more,
    )


def words_to(invitation):
    told = Message.objects.filter(to=invitation.phone).order_by("pk")
    return list(told.values_list("template", flat=True))


# --- out of phones, before the deadline -----------------------------------------------------------


def test_a_yes_by_text_to_a_search_that_ran_out_of_phones_holds_the_place(at):
    invitation = texted(ended(asked()), "yes")
    assert invitation.answer == "held"
    assert invitation.solicitation.state == Solicitation.State.HELD
    assert words_to(invitation) == ["broker.place_held"]


def test_a_bare_yes_is_about_the_search_that_ran_out_of_phones_when_no_other_is_open(at):
    who = nurse()
    phone = who.practice.mobile
    over = ended(InvitationFactory(practitioner=who, phone=phone))
    now_open = InvitationFactory(practitioner=who, phone=phone)
    assert texted(now_open, "yes", code="").answer == "held"
    over.refresh_from_db()
    assert over.answer == "waiting"
    services.decline(actor=speaking_as(who), invitation=now_open, now=LATER)
    with arranging():
        now_open.solicitation.keep(state="open", held_until=None)
    services.cancel(actor=SYSTEM, solicitation=now_open.solicitation, reason="moved", now=LATER)
    at(LATER + timedelta(minutes=5))
    assert texted(over, "yes", code="", now=LATER + timedelta(minutes=5)).answer == "held"


def test_a_yes_by_link_to_a_search_that_ran_out_of_phones_wins():
    invitation = ended(asked())
    assert yes(invitation).answer == "accepted"
    invitation.solicitation.refresh_from_db()
    assert invitation.solicitation.state == Solicitation.State.FILLED
    assert len(facts("broker.solicitation_filled")) == 1


def test_her_account_offers_to_answer_it_until_its_need_is_over(client):
    invitation = ended(asked())
    client.as_(speaking_as(invitation.practitioner))
    client.now = LATER
    own = reverse("broker:reply", args=[invitation.pk])
    assert own in client.get(reverse("broker:mine")).text
    latch(invitation.solicitation.origin)
    assert own not in client.get(reverse("broker:mine")).text


def test_once_its_need_is_over_it_is_no_longer_needed(at):
    invitation = ended(asked())
    latch(invitation.solicitation.origin)
    assert texted(invitation, "yes").answer == "not_needed"
    assert words_to(invitation) == ["broker.not_needed"]


def test_a_hold_that_lapses_gives_it_back_once_more(at):
    invitation = texted(ended(asked()), "yes")
    search = invitation.solicitation
    services.advance(actor=SYSTEM, solicitation=search, now=search.held_until)
    invitation.refresh_from_db()
    search.refresh_from_db()
    assert (invitation.answer, search.state, search.end_reason) == ("lapsed", "exhausted", "nobody")


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_say_yes_when_it_ran_out_of_phones_one_wins():
    search = SolicitationFactory(state="exhausted", ended_at=NOW, end_reason="nobody")
    invitations = [asked(search) for _ in range(8)]
    answers = simultaneously(*[lambda one=one: yes(one).answer for one in invitations])
    assert sorted(answers) == ["accepted", *["too_late"] * 7]


# --- another search for the same need ------------------------------------------------------------


def test_a_yes_to_the_first_text_counts_for_the_search_that_asked_her_again(at):
    first = ended(asked())
    later = again(first)
    who = first.practitioner
    second = InvitationFactory(solicitation=later, practitioner=who, phone=first.phone)
    texted(first, "yes")
    second.refresh_from_db()
    later.refresh_from_db()
    assert (second.answer, later.state) == ("held", "held")
    assert words_to(first) == ["broker.place_held"]
    assert Message.objects.get().context["code"] == second.code


@pytest.mark.parametrize("state", ["exhausted", "cancelled", "reopened"])
def test_a_yes_to_the_first_text_counts_for_a_search_that_has_not_asked_her(at, state):
    first = asked()
    with arranging():
        first.solicitation.keep(state=state, ended_at=NOW, end_reason="changed")
    later = again(first)
    texted(first, "yes")
    later.refresh_from_db()
    assert (first.answer, first.solicitation, later.state) == ("held", later, "held")
    assert yes(first).answer == "accepted"


def test_a_yes_to_any_text_counts_when_both_searches_ran_out_of_phones(at):
    first = ended(asked())
    later = again(first, state="exhausted", ended_at=NOW, end_reason="nobody")
    texted(first, "yes")
    later.refresh_from_db()
    assert later.state == "held"


def test_a_yes_to_the_first_text_is_too_late_once_the_second_search_found(at):
    first = ended(asked())
    yes(asked(again(first)))
    assert texted(first, "yes").answer == "too_late"
    assert words_to(first)[-1] == "broker.already_taken"


def test_a_yes_after_the_desk_stopped_the_second_search_is_no_longer_needed(at):
    first = ended(asked())
    services.cancel(actor=SYSTEM, solicitation=again(first), reason="other", now=NOW)
    assert texted(first, "yes").answer == "not_needed"


def test_whom_the_person_set_aside_since_does_not_come_back_by_the_first_text(at):
    first = ended(asked())
    later = again(first, excluded=[first.practitioner_id])
    assert texted(first, "yes").answer == "not_needed"
    later.refresh_from_db()
    assert later.state == "open"


def test_a_no_to_the_first_text_counts_for_the_search_that_asked_her_again(at):
    first = ended(asked())
    later = again(first)
    second = InvitationFactory(
        solicitation=later, practitioner=first.practitioner, phone=first.phone
    )
    texted(first, "no")
    second.refresh_from_db()
    assert second.answer == "declined"


def test_a_place_held_and_lost_in_the_first_search_is_not_held_again_by_text(at):
    first = texted(asked(), "yes")
    services.cancel(actor=SYSTEM, solicitation=first.solicitation, reason="changed", now=LATER)
    later = again(first)
    assert texted(first, "yes").answer == "lapsed"
    later.refresh_from_db()
    assert later.state == "open"
    assert yes(first).answer == "accepted"


@pytest.mark.django_db(transaction=True)
def test_the_first_texts_and_the_second_race_for_one_place(at):
    first = ended(asked())
    other = asked(first.solicitation)
    later = again(first)
    third = asked(later)
    answers = simultaneously(
        lambda: yes(first).answer, lambda: texted(other, "yes").answer, lambda: yes(third).answer
    )
    assert not [one for one in answers if isinstance(one, Exception)]
    assert later.invitations.filter(answer__in=["accepted", "held"]).count() == 1


def test_a_call_noted_on_the_first_search_counts_for_the_second():
    first = ended(asked())
    later = again(first)
    desk, call = desk_of(later), services.CallMade(nurse(), "yes")
    made = services.record_call(actor=desk, solicitation=first.solicitation, call=call, now=LATER)
    later.refresh_from_db()
    assert (made.answer, made.solicitation, later.state) == ("accepted", later, "filled")


def test_many_questions_are_wanted_as_each_of_them_is():
    first = ended(asked())
    later = again(first)
    alone, over = ended(asked()).solicitation, ended(asked()).solicitation
    latch(over.origin)
    searches = [first.solicitation, later, alone, over]
    wanted = selectors.wanted_among(searches, LATER)
    assert wanted == {one.pk for one in searches if selectors.is_wanted(one, LATER)}
    assert wanted == {later.pk, alone.pk}


# --- by an old link ---------------------------------------------------------------


@pytest.fixture
def linked():
    return ended(asked(link_hash=rules.hash_of(SECRET)))


def test_the_old_link_shows_what_is_asked_now_and_a_yes_there_counts(client, linked):
    later = again(linked, kinds=["dressing"])
    shown = text_of(identified(client, linked).get(url()))
    assert "pansement" in shown
    assert "injection" not in shown
    client.post(url("say_yes"), {"of": str(later.pk)})
    later.refresh_from_db()
    assert later.state == "filled"
    assert reverse("broker:answer_first_visit", args=[SECRET]) in text_of(client.get(url()))


def test_a_yes_said_on_a_page_that_showed_another_need_shows_the_new_one_first(client, linked):
    identified(client, linked)
    later = again(linked, kinds=["dressing"])
    client.post(url("say_yes"), {"of": str(linked.solicitation_id)})
    later.refresh_from_db()
    linked.refresh_from_db()
    assert (later.state, linked.answer) == ("open", "waiting")
    assert f'value="{later.pk}"' in text_of(client.get(url()))


def test_the_old_link_leads_to_the_question_of_the_later_search(client, linked):
    later = again(linked)
    second = InvitationFactory(
        solicitation=later, practitioner=linked.practitioner, phone=linked.phone
    )
    identified(client, second).post(url("say_yes"), {"of": str(later.pk)})
    second.refresh_from_db()
    assert second.answer == "accepted"


def test_the_old_link_shows_whom_the_person_set_aside_nothing_of_the_later_search(client, linked):
    again(linked, kinds=["dressing"], excluded=[linked.practitioner_id])
    shown = text_of(identified(client, linked).get(url()))
    assert "n’est plus nécessaire" in shown
    assert "pansement" not in shown


# --- by an old link, after a call -----------------------------------------------------------------


@pytest.fixture
def called(linked):
    """The search that looks again for the need that she refused, where she is heard by phone."""
    with arranging():
        linked.settle("declined", NOW)
    set_aside = {"excluded": [linked.practitioner_id], "declined": [linked.practitioner_id]}
    return again(linked, **set_aside)


def heard(search, who, outcome):
    call = services.CallMade(who, outcome)
    services.record_call(actor=desk_of(search), solicitation=search, call=call, now=LATER)


def test_her_old_link_says_that_her_yes_on_the_phone_is_noted(client, linked, called):
    heard(called, linked.practitioner, "yes")
    for browser in (client, identified(type(client)(), linked)):
        shown = text_of(browser.get(url()))
        assert "Votre oui au téléphone est noté" in shown
        assert "déjà pourvue" not in shown
        assert "LEFÈVRE" not in shown


def test_her_old_link_says_that_her_yes_on_the_phone_was_called_off(client, linked, called):
    heard(called, linked.practitioner, "yes")
    called.refresh_from_db()
    services.cancel(actor=SYSTEM, solicitation=called, reason="other", now=LATER)
    for browser in (client, identified(type(client)(), linked)):
        shown = text_of(browser.get(url()))
        assert "n’est plus nécessaire" in shown
        assert "oui au téléphone" not in shown


def test_her_old_link_says_of_anothers_yes_on_the_phone_that_it_is_taken(client, linked, called):
    heard(called, nurse(), "yes")
    assert "déjà pourvue" in text_of(client.get(url()))


def test_who_offered_another_day_on_the_phone_says_yes_by_her_old_link(client, linked, called):
    heard(called, linked.practitioner, "later")
    identified(client, linked).post(url("say_yes"), {"of": str(called.pk)})
    called.refresh_from_db()
    assert called.state == "filled"
    assert "LEFÈVRE" in text_of(client.get(url()))
    assert traces("read")[-1]["persons"] == [called.person_id]
    other = type(client)()
    assert "LEFÈVRE" not in text_of(other.get(url()))


def test_a_phone_that_is_hers_no_more_proves_nothing_for_what_she_said_by_call(linked, called):
    heard(called, linked.practitioner, "later")
    with arranging():
        linked.identity_confirmed_at = NOW
        linked.save()
        practice = linked.practitioner.practice
        practice.mobile = "+33611223344"
        practice.save()
    with pytest.raises(Forbidden):
        services.accept(actor=guest(linked), invitation=linked, now=LATER)
    called.refresh_from_db()
    assert called.state == "open"
