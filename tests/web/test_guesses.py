"""Wrong secret addresses are counted by source and slowed; a right one is never lost for long."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.web.guesses import FREE, LONGEST, wait_after
from tests.broker.test_link import SECRET, identified, invitation, text_of  # noqa: F401
from tests.support import NOW, Browser, speaking_as, stranger, traces

pytestmark = pytest.mark.django_db
RIGHT = f"/r/{SECRET}/"


def guess(browser, times, door="broker:answer", **extra):
    return [
        browser.get(reverse(door, args=[f"{n:032d}"]), **extra).status_code for n in range(times)
    ]


def from_(address):
    return {"REMOTE_ADDR": address}


def test_the_wait_grows_by_steps_and_never_passes_a_minute():
    assert [wait_after(n) for n in (0, 19, 20, 25, 30, 35, 40, 10_000)] == [
        0,
        0,
        5,
        10,
        20,
        40,
        60,
        60,
    ]


def test_twenty_mistakes_cost_nothing_and_the_next_waits(client, invitation):
    assert set(guess(client, FREE)) == {404}
    answer = client.get(reverse("broker:answer", args=["y" * 32]))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= LONGEST
    assert "Votre lien n’est pas perdu" in text_of(answer)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("door", ["broker:answer", "intake:status", "web:accept_invitation"])
def test_every_secret_address_is_counted_and_traced_without_its_secret(client, door):
    guess(client, FREE)
    assert len(traces("refused")) == FREE
    assert traces("refused")[-1]["verb"].endswith(".open_link")
    assert "0" * 20 not in str(traces())
    assert "127.0.0.1" not in str(traces())
    assert client.get(reverse(door, args=["y" * 32])).status_code == 429


def test_mistakes_at_one_door_slow_the_others(client):
    guess(client, FREE, "intake:status")
    assert guess(client, 1, "web:accept_invitation") == [429]


def test_who_holds_a_right_link_behind_the_same_network_waits_once_and_enters(client, invitation):
    guess(client, FREE)
    nurse = Browser()
    first = nurse.get(RIGHT)
    assert first.status_code == 429
    assert invitation.solicitation.organization.name not in text_of(first)
    nurse.now = NOW + timedelta(seconds=int(first.headers["Retry-After"]))
    assert nurse.get(RIGHT).status_code == 200
    assert nurse.post(f"{RIGHT}code/").status_code == 302


def test_a_guesser_who_goes_on_never_keeps_her_out_longer_than_a_minute(client, invitation):
    guess(client, FREE)
    nurse = Browser()
    nurse.get(RIGHT)
    for n in range(60):
        patient = Browser()
        address = reverse("broker:answer", args=[f"p{n:031d}"])
        patient.now = NOW
        patient.get(address)
        patient.now = NOW + timedelta(seconds=LONGEST)
        assert patient.get(address).status_code == 404
    nurse.now = NOW + timedelta(seconds=LONGEST)
    assert nurse.get(RIGHT).status_code == 200


def test_the_wait_of_one_link_opens_no_other(client):
    guess(client, FREE)
    client.get(reverse("broker:answer", args=["y" * 32]))
    client.now = NOW + timedelta(seconds=LONGEST)
    assert client.get(reverse("broker:answer", args=["w" * 32])).status_code == 429


def test_a_forged_wait_is_no_wait(client):
    guess(client, FREE)
    client.cookies["cordee_attente"] = "forged:0:0"
    assert guess(client, 1) == [429]


def test_coming_back_too_soon_does_not_start_the_wait_again(client, invitation):
    guess(client, FREE)
    nurse = Browser()
    whole = int(nurse.get(RIGHT).headers["Retry-After"])
    nurse.now = NOW + timedelta(seconds=1)
    assert int(nurse.get(RIGHT).headers["Retry-After"]) == whole - 1


def test_another_network_is_not_concerned(client, invitation):
    guess(client, FREE, **from_("192.0.2.7"))
    assert client.get(RIGHT, **from_("192.0.2.8")).status_code == 200
    assert client.get(RIGHT, **from_("192.0.2.7")).status_code == 429


def test_the_addresses_of_one_house_are_one_source(client):
    for n in range(FREE):
        client.get(reverse("broker:answer", args=["y" * 32]), **from_(f"2001:db8:0:7::{n + 1:x}"))
    assert guess(client, 1, **from_("2001:db8:0:7::ffff")) == [429]
    assert guess(client, 1, **from_("2001:db8:0:8::1")) == [404]


def test_who_is_signed_in_waits_for_her_own_mistakes_only(client, invitation):
    guess(client, FREE)
    signed_in = Browser().as_(speaking_as(invitation.practitioner))
    assert signed_in.get(RIGHT).status_code == 200
    somebody = Browser().as_(stranger())
    assert guess(somebody, FREE + 1)[-1] == 429
    assert signed_in.get(RIGHT).status_code == 200


def test_a_right_link_is_no_mistake_whatever_is_refused_behind_it(client, invitation):
    for _ in range(FREE + 5):
        assert client.get(f"{RIGHT}ordonnances/").status_code == 404
    assert client.get(RIGHT).status_code == 200


def test_an_old_mistake_is_forgotten(client, invitation, monkeypatch):
    guess(client, FREE)
    monkeypatch.setattr("cordee.web.guesses.WINDOW", timedelta(minutes=-1))
    assert client.get(RIGHT).status_code == 200


def test_the_rest_of_the_house_is_not_slowed(client):
    guess(client, FREE)
    assert client.get("/demande/nouvelle").status_code == 200


def test_secrets_of_phones_that_open_nothing_are_traced_and_slow_nobody(client):
    """Behind the address of a carrier are all the phones of a town."""
    for door in ("vigilance:sync", "vigilance:wiped") * (FREE // 2 + 2):
        answer = client.post(reverse(door), headers={"Authorization": "Telephone no:secret"})
        assert answer.status_code == 401
    assert [one["verb"] for one in traces("refused")] == ["vigilance.open_phone"] * FREE
    assert "secret" not in str(traces())
    assert client.get(RIGHT).status_code != 429
