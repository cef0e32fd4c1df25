"""A phone that is not heard of, one that forgot its key, and one whose secret is guessed."""

import json
from base64 import b64decode, b64encode
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.urls import reverse

from cordee.access.models import Trace
from cordee.vigilance import jobs, services
from cordee.vigilance.models import Device, RefusedVisit, Visit
from cordee.vigilance.rules.silence import FREE, SILENCES, silence_on, wait_until
from tests.factories.vigilance import planned
from tests.support import NOW, Browser
from tests.vigilance.scene import set_home
from tests.vigilance.test_phone import post

pytestmark = pytest.mark.django_db
KEY = b"k" * 32
DAYS = SILENCES[0].days


@pytest.fixture
def home():
    return set_home()


@pytest.fixture
def at(monkeypatch):
    """Say what time it is, to pages and to jobs."""

    def at(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
        monkeypatch.setattr(Browser, "now", moment)

    return at


def closed(record):
    """What a phone keeps, as it keeps it."""
    iv = b"i" * 12
    box = AESGCM(KEY).encrypt(iv, json.dumps(record).encode(), None)
    return {"id": record["id"], "iv": b64encode(iv).decode(), "box": b64encode(box).decode()}


def test_a_phone_that_forgot_its_key_is_given_it_again_and_the_giving_is_traced(home):
    assert "key" not in post(home, []).json()
    assert b64decode(post(home, [], forgot=True).json()["key"]) == KEY
    assert Trace.objects.filter(verb="vigilance.give_key").count() == 1


def test_a_phone_taken_back_is_refused_its_key_and_hands_over_what_it_cannot_read(home):
    services.revoke(actor=home.helper, device=home.phone, now=NOW)
    one, strange = home.record(words="Avant de partir"), home.record()
    told = post(home, [closed(one), closed(strange) | {"box": "AAAA"}], forgot=True).json()
    assert "key" not in told
    assert [ack["id"] for ack in told["acks"]] == [one["id"], strange["id"]]
    kept = RefusedVisit.objects.get(sent_id=one["id"])
    assert "Avant de partir" in kept.content
    assert not Visit.objects.exists()


@pytest.mark.parametrize("sealed", [b"x" * 60, b""])
def test_a_key_that_the_house_cannot_open_any_more_is_said_to_be_lost(home, sealed):
    Device.objects.update(sealed_key=sealed)
    assert post(home, [], forgot=True).json()["key"] == ""


@pytest.mark.parametrize(("days", "ends"), [(DAYS, False), (DAYS + 1, True)])
def test_each_night_the_house_takes_back_a_phone_that_was_silent_too_long(home, at, days, ends):
    planned(home.person, home.service, home.phone.account)
    Device.objects.update(last_seen_at=NOW - timedelta(days=days))
    at(NOW)
    jobs.end_silent_phones()
    device = Device.objects.get()
    assert (device.was_silent, device.revoked_at == NOW) == (ends, ends)
    page = Browser().as_(home.helper).get(reverse("vigilance:phones")).text
    assert ("contact trop longtemps" in page) == ends
    assert f"depuis {DAYS} jours" in page
    answer = post(home, [home.record()]).json()
    assert answer["state"] == ("revoked" if ends else "open")
    assert ("visits" in answer) != ends
    assert RefusedVisit.objects.exists() == ends  # what it held is not lost


def test_wrong_secrets_of_a_phone_are_counted_shown_and_slowed_and_the_true_one_only_waits(
    home, at
):
    at(NOW)
    for _ in range(FREE):
        assert post(home, [], secret="wrong").status_code == 401
    answer = post(home, [home.record()])
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert not Visit.objects.exists()
    page = Browser().as_(home.helper).get(reverse("vigilance:phones")).text
    assert f"{FREE}\u00a0essais de suite" in page
    at(NOW + timedelta(seconds=5))
    assert post(home, [home.record()]).json()["acks"][0]["state"] == "received"
    assert post(home, [], secret="wrong").status_code == 401
    assert post(home, []).headers["Retry-After"] == "10"
    at(NOW + timedelta(hours=1))
    assert post(home, [], secret="wrong").status_code == 401
    assert Device.objects.get().wrong_secrets == 1


def test_the_rule_of_a_day_is_the_latest_that_began_and_nobody_waits_more_than_a_minute():
    assert silence_on(date(2020, 1, 1)) == SILENCES[-1]
    assert silence_on(date(2030, 1, 1)) == max(SILENCES, key=lambda one: one.since)
    assert all(one.source for one in SILENCES)
    assert wait_until(FREE - 1, NOW) is None
    assert wait_until(10_000, NOW) == NOW + timedelta(seconds=60)
