"""19:25: a page left open since, a button pressed twice, the back button. Nothing is agreed to that
was not read, nobody is sent away unseen, and what was done once is done once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import rules, services
from cordee.broker.models import Invitation
from cordee.messaging.models import Message
from tests.broker.test_answers import asked, yes
from tests.broker.test_late_yes import again, ended
from tests.broker.test_link import SECRET, identified, text_of, url
from tests.broker.test_screens import search_of
from tests.factories.broker import InvitationFactory, nurse, order_for
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW, arranging, facts, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def signed(client, desk):
    return client.as_(orienteuse_of(desk, account_id=AccountFactory().pk))


def edition_on(page):
    """What the form of the first visit says of the need that was shown."""
    found = text_of(page).split('name="edition" value="')
    assert len(found) == 2
    return found[1].split('"')[0]


def typed(moment):
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def need_changes(search, at=NOW + timedelta(minutes=1)):
    """The desk edits the need after the yes, and the search hears it."""
    order = order_for(search.person, search.organization, origin=search.origin, kinds=("dressing",))
    services.change_need(actor=SYSTEM, solicitation=search, order=order, changed_at=at, now=at)
    search.refresh_from_db()


# --- what a nurse answers ------------------------------------------------------------------------


def test_a_date_given_on_a_page_that_showed_another_need_is_not_kept(client, desk):
    who = nurse()
    invitation = InvitationFactory(
        solicitation=search_of(desk), practitioner=who, phone=who.practice.mobile
    )
    client.as_(speaking_as(who))
    client.post(reverse("broker:reply", args=[invitation.pk]), {"answer": "yes"})
    place = reverse("broker:won", args=[invitation.pk])
    old = edition_on(client.get(place))
    search = invitation.solicitation
    search.refresh_from_db()
    need_changes(search)

    visit = {"first_visit_at": typed(NOW + timedelta(hours=12))}
    address = reverse("broker:own_visit", args=[invitation.pk])
    answer = client.post(address, visit | {"edition": old}, follow=True)

    search.refresh_from_db()
    assert (search.state, search.first_visit_at) == ("filled", None)
    assert "La demande a changé" in text_of(answer)
    assert "pansement" in text_of(answer).lower()
    client.post(address, visit | {"edition": edition_on(client.get(place))})
    search.refresh_from_db()
    assert search.state == "confirmed"


def test_nor_is_it_by_the_link(client):
    invitation = asked(link_hash=rules.hash_of(SECRET))
    identified(client, invitation).post(url("say_yes"))
    old = edition_on(client.get(url()))
    search = invitation.solicitation
    search.refresh_from_db()
    need_changes(search)
    visit = {"first_visit_at": typed(NOW + timedelta(hours=12)), "edition": old}
    answer = client.post(url("answer_first_visit"), visit, follow=True)
    search.refresh_from_db()
    assert (search.state, search.first_visit_at) == ("filled", None)
    assert "La demande a changé" in text_of(answer)


def test_a_yes_from_her_account_is_to_what_her_page_showed(client):
    first = ended(asked())
    later = again(first, kinds=["dressing"])
    client.as_(speaking_as(first.practitioner))
    address = reverse("broker:reply", args=[first.pk])
    said = {"answer": "yes", "of": str(first.solicitation_id)}

    answer = client.post(address, said, follow=True)

    later.refresh_from_db()
    assert later.state == "open"
    assert "La demande a changé" in text_of(answer)


def test_a_yes_to_the_same_need_that_is_sought_again_counts(client):
    first = ended(asked())
    later = again(first)
    client.as_(speaking_as(first.practitioner))
    said = {"answer": "yes", "of": str(first.solicitation_id)}
    client.post(reverse("broker:reply", args=[first.pk]), said)
    later.refresh_from_db()
    assert later.state == "filled"


def test_her_page_says_which_search_it_shows(client, desk):
    invitation = InvitationFactory(solicitation=search_of(desk), practitioner=nurse())
    page = client.as_(speaking_as(invitation.practitioner)).get(reverse("broker:mine"))
    assert f'name="of" value="{invitation.solicitation_id}"' in text_of(page)


def test_she_says_in_the_evening_that_she_came_in_the_afternoon(client, desk):
    who = nurse()
    search = search_of(desk)
    asked_at, phone = NOW - timedelta(hours=6), who.practice.mobile
    invitation = InvitationFactory(
        solicitation=search, practitioner=who, phone=phone, asked_at=asked_at
    )
    said_at = NOW - timedelta(hours=5)
    services.accept(actor=speaking_as(who), invitation=invitation, now=said_at)
    client.as_(speaking_as(who))
    address = reverse("broker:own_visit", args=[invitation.pk])
    came = NOW - timedelta(hours=3)
    before = {"first_visit_at": typed(said_at - timedelta(hours=3))}
    assert client.post(address, before).status_code == 409
    assert client.post(address, {"first_visit_at": typed(came)}).status_code == 302
    search.refresh_from_db()
    assert (search.state, search.first_visit_at) == ("confirmed", came)


# --- what the desk presses -----------------------------------------------------------------------


def test_who_said_yes_meanwhile_is_not_sent_away_by_a_page_that_did_not_show_it(signed, desk):
    search = search_of(desk)
    invitation = asked(search)
    page = text_of(signed.get(reverse("broker:search", args=[search.pk])))
    assert 'name="seen" value="open"' in page
    yes(invitation)
    stop = reverse("broker:stop", args=[search.pk])
    said = {"reason": "found_elsewhere", "seen": "open"}

    answer = signed.post(stop, said)

    search.refresh_from_db()
    assert (answer.status_code, search.state) == (409, "filled")
    assert "vient de dire oui" in text_of(answer)
    assert signed.post(stop, said | {"seen": "filled"}).status_code == 302
    search.refresh_from_db()
    assert search.state == "cancelled"


@pytest.mark.parametrize("door", ["call", "take_offer"])
def test_a_yes_on_the_phone_is_to_what_the_desk_was_reading(signed, desk, door):
    search = search_of(desk)
    who = nurse()
    phone = who.practice.mobile
    InvitationFactory(
        solicitation=search, practitioner=who, phone=phone, answer="later", answered_at=NOW
    )
    services.cancel(actor=SYSTEM, solicitation=search, reason="changed", now=NOW)
    order = order_for(search.person, desk, origin=search.origin, kinds=("dressing",))
    later = services.launch(actor=SYSTEM, order=order, now=NOW)
    assert later.pk != search.pk

    if door == "call":
        address = reverse("broker:call", args=[search.pk])
        answer = signed.post(address, {"practitioner": str(who.pk), "outcome": "yes"})
    else:
        offer = search.invitations.get()
        answer = signed.post(reverse("broker:take_offer", args=[offer.pk]))

    later.refresh_from_db()
    assert (answer.status_code, later.state) == (409, "open")
    assert "a changé pendant votre appel" in text_of(answer)
    assert facts("broker.call_recorded") == []


def test_a_call_whose_button_is_pressed_twice_is_one_call(signed, desk):
    search, who = search_of(desk), nurse()
    address = reverse("broker:call", args=[search.pk])
    said = {"practitioner": str(who.pk), "outcome": "no_answer"}
    for seconds in (0, 1):
        signed.now = NOW + timedelta(seconds=seconds)
        assert signed.post(address, said).status_code == 302
    assert (search.calls.count(), len(facts("broker.call_recorded"))) == (1, 1)
    signed.now = NOW + timedelta(minutes=5)
    signed.post(address, said)
    assert search.calls.count() == 2


def test_a_link_whose_button_is_pressed_twice_leaves_once_and_opens(signed, desk):
    search, who = search_of(desk), nurse()
    said = {"practitioner": str(who.pk), "outcome": "yes"}
    signed.now = timezone.now()
    signed.post(reverse("broker:call", args=[search.pk]), said)
    winner = Invitation.objects.get(solicitation=search)
    address = reverse("broker:send_link", args=[winner.pk])
    for _ in range(2):
        assert signed.post(address).status_code == 302
    assert Message.objects.filter(template="broker.winner_link").count() == 1


def given_up(signed, search):
    """A nurse says yes on the phone; her « Noter un désistement », as the page has it."""
    said = {"practitioner": str(nurse().pk), "outcome": "yes"}
    signed.post(reverse("broker:call", args=[search.pk]), said)
    return reverse("broker:withdrawal", args=[search.invitations.get(answer="accepted").pk])


def test_a_withdrawal_on_an_old_page_says_that_another_was_found_since(signed, desk):
    search = search_of(desk)
    nurse()
    leave = given_up(signed, search)
    assert "La recherche reprend aussitôt" in text_of(signed.post(leave, follow=True))
    later = search.followed_by.get()
    assert "la recherche a repris" in text_of(signed.post(leave, follow=True))
    given_up(signed, later)
    later.refresh_from_db()

    answer = text_of(signed.post(leave, follow=True))

    assert "un autre professionnel a été trouvé depuis" in answer
    assert "reprend aussitôt" not in answer
    assert later.state == "filled"


def test_whom_the_person_set_aside_is_not_said_to_have_given_up(signed, desk):
    search = search_of(desk)
    nurse()
    given_up(signed, search)
    set_aside = reverse("broker:dismiss", args=[search.invitations.get(answer="accepted").pk])
    signed.post(set_aside)
    given_up(signed, search.followed_by.get())

    answer = text_of(signed.post(set_aside, follow=True))

    assert "C’était déjà noté, et un autre professionnel a été trouvé depuis" in answer


def test_nor_is_it_said_to_go_on_when_nobody_is_left_to_ask_or_nothing_awaits_anybody(signed, desk):
    search = search_of(desk)
    leave = given_up(signed, search)
    answer = text_of(signed.post(leave, follow=True))
    assert "Personne d’autre à solliciter" in answer
    assert "reprend aussitôt" not in answer
    answer = text_of(signed.post(leave, follow=True))
    assert "C’était déjà noté. Aucune recherche n’est en cours" in answer

    alone = search_of(desk)
    leave = given_up(signed, alone)
    alone.person.deceased_on = NOW.date()
    with arranging():
        alone.person.save()
    answer = text_of(signed.post(leave, follow=True))
    assert "Aucune recherche n’est en cours" in answer
    assert "reprend aussitôt" not in answer


def test_a_search_that_ended_leads_to_the_one_that_took_it_up(signed, desk):
    search = search_of(desk)
    nurse()
    page = reverse("broker:search", args=[search.pk])
    assert "a pris la suite" not in text_of(signed.get(page))
    signed.post(given_up(signed, search))
    later = search.followed_by.get()
    answer = text_of(signed.get(page))
    assert "une autre a pris la suite" in answer
    assert reverse("broker:search", args=[later.pk]) in answer
    assert "Qui viendrait ensuite" not in answer


def found_nobody(signed, search):
    """The search ran dry, then the desk asks again: another takes it up."""
    services.advance(actor=SYSTEM, solicitation=search, now=NOW)
    search.refresh_from_db()
    assert search.state == "exhausted"
    nurse()
    signed.post(reverse("broker:relaunch", args=[search.pk]))
    return search.followed_by.get()


def test_one_that_found_nobody_and_was_taken_up_asks_nothing_more(signed, desk):
    search = search_of(desk)
    found_nobody(signed, search)
    answer = text_of(signed.get(reverse("broker:search", args=[search.pk])))
    assert "une autre a pris la suite" in answer
    for said in ("attend une décision", "Relancer", "Élargir", "Appel passé"):
        assert said not in answer


def test_the_one_that_took_it_up_is_told_of_to_who_may_see_it(signed, desk):
    search = search_of(desk)
    later = found_nobody(signed, search)
    other = OrganizationFactory()
    with arranging():
        later.organization, later.person = other, search_of(other).person
        later.save()
    answer = text_of(signed.get(reverse("broker:search", args=[search.pk])))
    assert "a pris la suite" not in answer
    assert str(later.pk) not in answer
