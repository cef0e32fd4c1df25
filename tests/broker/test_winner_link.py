"""A winner found by telephone receives her link, proves who she is, and reads what she needs."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.broker import services
from cordee.broker.models import Call, Invitation
from cordee.kernel.errors import DomainError, Forbidden
from cordee.messaging.models import Message
from cordee.messaging.sealing import unseal
from tests.broker.test_answers import asked, desk_of, yes
from tests.broker.test_link import code_sent_to
from tests.factories.broker import SolicitationFactory, nurse
from tests.support import NOW, Browser, arranging, speaking_as, stranger, traces

pytestmark = pytest.mark.django_db
MADE = "broker.winner_link"


@pytest.fixture
def winner():
    """A nurse whom the desk reached by phone, and who said yes there."""
    solicitation, who = SolicitationFactory(visit_notes="Code du portail 12B"), nurse()
    made = services.CallMade(who, Call.Outcome.YES)
    services.record_call(actor=desk_of(solicitation), solicitation=solicitation, call=made, now=NOW)
    return Invitation.objects.select_related("solicitation").get(practitioner=who)


def send(invitation, now=NOW, by=None):
    actor = by or desk_of(invitation.solicitation)
    return services.send_link(actor=actor, invitation=invitation, now=now)


def link_in(message):
    return re.search(r"/r/[\w-]+", unseal(message.sealed, message.pk)["text"]).group() + "/"


def sent_to(invitation):
    return Message.objects.filter(template=MADE, practitioner=invitation.practitioner).latest("pk")


def test_the_desk_sends_it_from_the_page_of_the_search(client, winner):
    client.as_(desk_of(winner.solicitation))
    page = reverse("broker:search", args=[winner.solicitation_id])
    assert "Lui envoyer le lien" in client.get(page).content.decode()

    answer = client.post(reverse("broker:send_link", args=[winner.pk]), follow=True)

    assert "Lien envoyé" in answer.content.decode()
    message = sent_to(winner)
    assert message.to == winner.practitioner.practice.mobile
    assert link_in(message) not in message.text + answer.content.decode()


def test_the_text_says_nothing_of_the_person(winner):
    send(winner)
    message = sent_to(winner)
    said = unseal(message.sealed, message.pk)["text"]
    person = winner.solicitation.person
    for word in (person.birth_name, "injection", winner.solicitation.commune.name):
        assert word.casefold() not in said.casefold()


def test_by_it_she_confirms_who_she_is_and_reads_the_contact_details(winner):
    send(winner)
    link, phone = link_in(sent_to(winner)), Browser()
    before = phone.get(link).content.decode()
    assert "Recevoir un code" in before
    assert "12B" not in before

    phone.post(f"{link}code/")
    phone.post(f"{link}identite/", {"code": code_sent_to(winner.practitioner.practice.mobile)})
    shown = phone.get(link).content.decode()

    assert "LEFÈVRE" in shown
    assert "12B" in shown
    assert f"{link}ordonnances/" in shown
    moment = NOW + timedelta(hours=12)
    phone.post(f"{link}visite/", {"first_visit_at": f"{moment:%Y-%m-%dT%H:%M}"})
    winner.solicitation.refresh_from_db()
    assert winner.solicitation.state == "confirmed"


def test_the_link_alone_gives_nothing_to_who_does_not_hold_the_phone(winner):
    send(winner)
    link = link_in(sent_to(winner))
    other = Browser()
    assert "LEFÈVRE" not in other.get(link).content.decode()
    assert other.get(f"{link}ordonnances/").status_code == 404


def test_a_new_link_ends_the_former(winner):
    send(winner, timezone.now())
    first = link_in(sent_to(winner))
    send(winner, timezone.now() + timedelta(minutes=1))
    assert Browser().get(first).status_code == 404
    assert Browser().get(link_in(sent_to(winner))).status_code == 200


def test_who_won_by_text_and_lost_her_link_gets_another():
    invitation = asked()
    yes(invitation)
    send(invitation)
    assert Browser().get(link_in(sent_to(invitation))).status_code == 200


def test_it_goes_to_no_number_that_is_not_proved_and_tied(winner):
    practice = winner.practitioner.practice
    with arranging():
        practice.tie_confirmed_at = practice.tie_confirmed_by = None
        practice.tie_how = ""
        practice.save()
    with pytest.raises(DomainError, match="Aucun lien n’est parti"):
        send(winner)
    assert not Message.objects.filter(template=MADE).exists()


def test_it_does_not_go_to_who_said_stop(winner):
    practice = winner.practitioner.practice
    with arranging():
        practice.stopped_at = NOW
        practice.save()
    with pytest.raises(DomainError, match="ne plus recevoir de SMS"):
        send(winner)


def test_who_withdrew_gets_no_link_and_hers_opens_nothing_of_the_person(winner):
    send(winner)
    link = link_in(sent_to(winner))
    services.withdraw(actor=speaking_as(winner.practitioner), invitation=winner, now=NOW)
    assert "LEFÈVRE" not in Browser().get(link).content.decode()
    winner.refresh_from_db()
    with pytest.raises(DomainError, match="plus cette place"):
        send(winner)


def test_three_an_hour_at_most(winner):
    for minutes in range(3):
        send(winner, timezone.now() + timedelta(minutes=minutes))
    with pytest.raises(DomainError, match="Plusieurs liens"):
        send(winner, timezone.now() + timedelta(minutes=3))
    send(winner, timezone.now() + timedelta(minutes=61))


def test_another_team_sends_nothing_and_it_is_traced(winner):
    with pytest.raises(Forbidden):
        send(winner, by=stranger())
    assert traces("refused")[-1]["verb"] == "broker.send_link"


def test_who_practises_no_more_opens_nothing_by_an_old_link(winner):
    """The national directory says who left: a link sent before proves nothing any more."""
    send(winner)
    link, phone = link_in(sent_to(winner)), Browser()
    phone.post(f"{link}code/")
    code = code_sent_to(winner.practitioner.practice.mobile)
    with arranging():
        type(winner.practitioner).objects.update(closed_on=NOW.date())
    assert phone.post(f"{link}identite/", {"code": code}).status_code == 409
    assert "LEFÈVRE" not in phone.get(link).content.decode()
