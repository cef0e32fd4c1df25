"""The answer by link: no account, the identity first, then two buttons."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.broker import rules, services
from cordee.messaging.models import Message
from cordee.messaging.sealing import unseal
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.support import NOW, arranging, speaking_as, traces

pytestmark = pytest.mark.django_db
SECRET = "k" * 32
NAMES = ("Lefèvre", "LEFÈVRE", "Berthe", "injection", "Saint-Bonnet", "pansement")


@pytest.fixture
def invitation():
    now = NOW
    solicitation = SolicitationFactory(
        launched_at=now,
        begins_at=now + timedelta(hours=10),
        deadline_at=now + timedelta(hours=8),
        visit_notes="Code du portail 12B",
    )
    who = nurse()
    return InvitationFactory(
        solicitation=solicitation,
        practitioner=who,
        phone=who.practice.mobile,
        link_hash=rules.hash_of(SECRET),
        asked_at=now,
        code_until=now + timedelta(days=30),
    )


def url(name="answer"):
    return reverse(f"broker:{name}", args=[SECRET])


def text_of(response):
    return response.content.decode()


def code_sent_to(phone):
    message = Message.objects.filter(to=phone, template="messaging.phone_code").latest("pk")
    return re.search(r"\d{6}", unseal(message.sealed, message.pk)["text"]).group()


def identified(client, invitation):
    client.post(url("send_code"))
    client.post(url("check_code"), {"code": code_sent_to(invitation.phone)})
    return client


def test_before_the_identity_nothing_of_the_person_is_shown(client, invitation):
    response = client.get(url())
    shown = text_of(response)
    assert response.status_code == 200
    assert invitation.solicitation.organization.name in shown
    assert not [word for word in NAMES if word in shown]
    assert "12B" not in shown
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_a_wrong_link_does_not_exist_and_is_traced(client, invitation):
    assert client.get(reverse("broker:answer", args=["x" * 32])).status_code == 404
    assert traces("refused")[-1]["verb"] == "broker.open_link"
    assert "x" * 8 not in str(traces())


@pytest.mark.parametrize("door", ["say_yes", "say_no", "answer_first_visit", "answer_withdraw"])
def test_no_gesture_by_link_before_the_identity(client, invitation, door):
    response = client.post(url(door), {"refusal": "full"})
    invitation.refresh_from_db()
    assert response.status_code == 302
    assert invitation.answer == "waiting"


def test_the_code_goes_to_the_known_number_and_a_wrong_one_opens_nothing(client, invitation):
    client.post(url("send_code"))
    wrong = "000000" if code_sent_to(invitation.phone) != "000000" else "111111"
    response = client.post(url("check_code"), {"code": wrong})
    assert response.status_code == 422
    assert "pas le bon" in text_of(response)
    assert not [word for word in NAMES if word in text_of(client.get(url()))]


def test_guessing_the_code_stops_after_five_tries(client, invitation):
    client.post(url("send_code"))
    right = code_sent_to(invitation.phone)
    guesses = [f"{n:06d}" for n in range(7) if f"{n:06d}" != right][:5]
    for guess in guesses:
        client.post(url("check_code"), {"code": guess})
    assert client.post(url("check_code"), {"code": right}).status_code == 422


def test_asking_for_code_after_code_is_refused_with_a_sentence(client, invitation):
    statuses = []
    for minutes in range(4):
        client.now = NOW + timedelta(minutes=minutes)
        statuses.append(client.post(url("send_code")).status_code)
    assert statuses == [302, 302, 302, 409]


def test_once_known_the_need_is_shown_but_not_yet_the_person(client, invitation):
    shown = text_of(identified(client, invitation).get(url()))
    assert "injection" in shown
    assert "Saint-Bonnet" in shown
    assert "Lefèvre" not in shown
    assert "12B" not in shown


def test_yes_by_link_gives_the_contact_details(client, invitation):
    response = identified(client, invitation).post(url("say_yes"), follow=True)
    shown = text_of(response)
    assert "LEFÈVRE" in shown
    assert "12B" in shown
    assert traces("read")[-1]["persons"] == [invitation.solicitation.person_id]


def test_another_browser_with_the_same_link_must_prove_itself(client, invitation):
    identified(client, invitation).post(url("say_yes"))
    other = type(client)()
    assert "LEFÈVRE" not in text_of(other.get(url()))


def test_a_forged_cookie_opens_nothing(client, invitation):
    identified(client, invitation)
    other = type(client)()
    other.cookies[f"cordee_r_{invitation.pk.hex}"] = f"{invitation.pk}:1:forged"
    assert "injection" not in text_of(other.get(url()))


def test_the_cookie_of_one_invitation_opens_no_other(client, invitation):
    identified(client, invitation)
    second = InvitationFactory(
        practitioner=invitation.practitioner,
        phone=invitation.phone,
        link_hash=rules.hash_of("z" * 32),
    )
    shown = text_of(client.get(reverse("broker:answer", args=["z" * 32])))
    assert "injection" not in shown
    assert second.identity_confirmed_at is None


def test_her_own_account_is_an_identity_too(client, invitation):
    client.as_(speaking_as(invitation.practitioner))
    assert "injection" in text_of(client.get(url()))


def test_somebody_elses_account_is_not(client, invitation):
    client.as_(speaking_as(nurse()))
    assert "injection" not in text_of(client.get(url()))


def test_no_with_its_reason(client, invitation):
    identified(client, invitation).post(url("say_no"), {"refusal": "too_far"})
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.refusal) == ("declined", "too_far")


def test_a_made_up_reason_is_refused(client, invitation):
    response = identified(client, invitation).post(url("say_no"), {"refusal": "<script>"})
    invitation.refresh_from_db()
    assert response.status_code == 422
    assert invitation.answer == "waiting"


def test_yes_but_from_tomorrow_is_an_offer(client, invitation):
    moment = NOW + timedelta(hours=20)
    identified(client, invitation).post(
        url("say_later"), {"offers_from": f"{moment:%Y-%m-%dT%H:%M}"}
    )
    invitation.refresh_from_db()
    assert invitation.answer == "later"
    assert invitation.solicitation.state == "open"


@pytest.mark.parametrize("typed", ["", "2026-02-30T08:00", "demain", "9999-99-99T99:99"])
def test_a_date_that_does_not_exist_is_refused_and_nothing_moves(client, invitation, typed):
    response = identified(client, invitation).post(url("say_later"), {"offers_from": typed})
    invitation.refresh_from_db()
    assert response.status_code == 422
    assert invitation.answer == "waiting"


def test_the_first_visit_confirms_the_care(client, invitation):
    identified(client, invitation).post(url("say_yes"))
    moment = NOW + timedelta(hours=12)
    client.post(url("answer_first_visit"), {"first_visit_at": f"{moment:%Y-%m-%dT%H:%M}"})
    invitation.solicitation.refresh_from_db()
    assert invitation.solicitation.state == "confirmed"


def test_after_a_withdrawal_the_same_browser_sees_nothing_any_more(client, invitation):
    identified(client, invitation).post(url("say_yes"))
    shown = text_of(client.post(url("answer_withdraw"), follow=True))
    assert "LEFÈVRE" not in shown
    assert "désistement est noté" in shown


def test_who_comes_second_reads_already_taken(client, invitation):
    winner = InvitationFactory(solicitation=invitation.solicitation)
    services.accept(actor=speaking_as(winner.practitioner), invitation=winner, now=NOW)
    assert "déjà pourvue" in text_of(client.get(url()))


@pytest.mark.parametrize("end", ["cancelled", "death"])
def test_after_the_end_the_link_says_no_longer_needed(client, invitation, end):
    solicitation = invitation.solicitation
    if end == "cancelled":
        services.cancel(actor=SYSTEM, solicitation=solicitation, reason="moved", now=NOW)
    else:
        with arranging():
            solicitation.person.deceased_on = NOW.date()
            solicitation.person.save()
    shown = text_of(client.get(url()))
    assert "plus nécessaire" in shown
    assert not [word for word in NAMES if word in shown]


def test_the_page_needs_no_script(client, invitation):
    shown = text_of(identified(client, invitation).get(url()))
    assert shown.count('method="post"') >= 3
    assert "<script>" not in shown


@pytest.mark.parametrize(
    "changed",
    [
        {"tie_confirmed_at": None, "tie_confirmed_by": None, "tie_how": ""},
        {"mobile": "+33699999999"},
    ],
    ids=["suspended", "another number"],
)
def test_a_phone_that_is_no_longer_hers_proves_nothing(client, invitation, changed):
    """Stolen, or given to somebody else: the link and the code would both be read on it."""
    identified(client, invitation)
    with arranging():
        type(invitation.practitioner.practice).objects.filter(
            pk=invitation.practitioner.practice.pk
        ).update(**changed)
    assert "injection" not in text_of(client.get(url()))

    other = type(client)()
    assert other.post(url("send_code")).status_code == 409
    other.post(url("say_yes"))
    invitation.refresh_from_db()
    assert invitation.answer == "waiting"
    client.post(url("say_yes"))
    invitation.refresh_from_db()
    assert invitation.answer == "waiting"
