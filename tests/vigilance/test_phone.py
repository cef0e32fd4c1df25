"""The door of a phone: enrolled on sign-in, then sending by its own secret, until it is revoked."""

import json
import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from cordee.access.models import Trace
from cordee.directory.models import Membership
from cordee.people.models import CircleMember
from cordee.vigilance import services
from cordee.vigilance.models import Device, RefusedVisit, Visit
from cordee.vigilance.rules.marks import MARKS, SIGNS
from cordee.vigilance.rules.sent import BATCH
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import joins_circle
from tests.factories.vigilance import SECRET, phone_of, planned
from tests.support import NOW, Browser, arranging
from tests.vigilance.scene import set_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    return set_home()


def post(home, records, *, secret=SECRET, device=None, path="vigilance:sync", **body):
    """Send as the phone does: no session, its name and its secret."""
    said = {"sent_at": NOW.isoformat(), "records": records} | body
    name = f"Telephone {device or home.phone.pk}:{secret}"
    return Browser().post(
        reverse(path),
        json.dumps(said),
        content_type="application/json",
        headers={"Authorization": name},
    )


def test_a_helper_who_signed_in_once_gets_a_secret_that_sends_without_a_session(home):
    browser = Browser().as_(home.helper)
    assert browser.get(reverse("vigilance:enrol")).json()["state"] == "ready"
    given = browser.post(reverse("vigilance:enrol")).json()
    answer = post(home, [home.record()], secret=given["secret"], device=given["device"])
    assert answer.json()["acks"][0]["state"] == "received"
    assert Visit.objects.get().device_id == Device.objects.exclude(pk=home.phone.pk).get().pk
    assert given["key"] not in str(vars(Device.objects.get(pk=given["device"])))


def test_nobody_else_enrols_a_phone(home):
    assert Browser().get(reverse("vigilance:enrol")).status_code == 401
    coordinator = Browser().as_(home.coordinator)
    assert coordinator.get(reverse("vigilance:enrol")).json()["state"] == "other_role"
    assert coordinator.post(reverse("vigilance:enrol")).status_code == 403


@pytest.mark.parametrize("secret", ["", "x", "P" * 42, "é" * 43])
def test_a_wrong_secret_opens_nothing_and_says_nothing(home, secret):
    answer = post(home, [home.record()], secret=secret.encode().decode("latin-1"))
    assert (answer.status_code, answer.json()) == (401, {"state": "unknown"})
    assert not Visit.objects.exists()


def test_the_page_of_the_phone_holds_nothing_of_anybody(home):
    planned(home.person, home.service, home.phone.account)
    visitor = Browser().get(reverse("vigilance:phone"))
    helper = Browser().as_(home.helper).get(reverse("vigilance:phone"))
    assert visitor.status_code == 200
    order = [visitor.text.index(one) for one in ("La visite", "La santé", "Le moral", "La forme")]
    assert order == sorted(order)
    assert visitor.content == helper.content
    assert home.person.birth_name not in visitor.text


def test_a_phone_is_told_of_this_helper_s_visits_from_yesterday_to_tomorrow_only(home):
    late = planned(home.person, home.service, home.phone.account, starts_at=NOW - timedelta(days=1))
    mine = planned(home.person, home.service, home.phone.account)
    planned(home.person, home.service, home.phone.account, starts_at=NOW + timedelta(days=3))
    planned(home.person, home.service, home.phone.account, starts_at=NOW - timedelta(days=2))
    planned(home.person, home.service, None)
    planned(home.person, home.service, home.phone.account, cancelled_at=NOW)
    answer = post(home, [])
    assert [one["id"] for one in answer.json()["visits"]] == [str(late.pk), str(mine.pk)]
    line = Trace.objects.get(verb="vigilance.plan.list")
    assert (line.persons, line.account_id) == ([home.person.pk], home.phone.account_id)
    assert post(home, []).status_code == 200
    assert Trace.objects.filter(verb="vigilance.plan.list").count() == 1


def lines_after_a_sending(home, phone):
    assert post(home, [], device=phone.pk).json()["visits"]
    return Trace.objects.filter(verb="vigilance.plan.list").count()


def test_a_second_phone_of_a_helper_leaves_its_own_line(home):
    planned(home.person, home.service, home.phone.account)
    lost, new = home.phone, phone_of(home.phone.account, home.service)
    assert [lines_after_a_sending(home, one) for one in (new, lost, new, lost)] == [1, 2, 2, 2]


def test_a_look_for_another_service_leaves_its_own_line(home):
    second = OrganizationFactory(kind="home_help", territory=home.desk.territory)
    joins_circle(home.person, organization=second, role=CircleMember.Role.HOME_HELP)
    MembershipFactory(role="home_help", organization=second, account=home.phone.account)
    for service in (home.service, second):
        planned(home.person, service, home.phone.account)
    phone = phone_of(home.phone.account, second)
    assert [lines_after_a_sending(home, one) for one in (home.phone, phone)] == [1, 2]
    said = Trace.objects.filter(verb="vigilance.plan.list").values_list("organization_id")
    assert {pk for (pk,) in said} == {home.service.pk, second.pk}


def test_a_phone_that_did_not_mark_a_visit_is_told_that_another_did(home):
    mine = planned(home.person, home.service, home.phone.account)
    assert post(home, []).json()["visits"][0]["marked_at"] == ""
    need = home.record(planned=str(mine.pk), kind="need", signs=["pain"], marks={})
    assert post(home, [need]).json()["visits"][0]["marked_at"] == ""
    told = post(home, [home.record(planned=str(mine.pk))]).json()["visits"][0]
    assert datetime.fromisoformat(told["marked_at"]) == NOW


def test_a_phone_learns_for_which_service_it_is_and_asks_in_the_order_of_the_words(home):
    browser = Browser().as_(home.helper)
    said = browser.get(reverse("vigilance:enrol")).json()
    given = browser.post(reverse("vigilance:enrol")).json()
    assert said["organization"] == given["organization"] == str(home.service.pk)
    assert given["service"] == home.service.name
    page = browser.get(reverse("vigilance:phone")).text
    words = json.loads(unescape(re.search(r'data-words="([^"]*)"', page)[1]))
    assert [code for code, _ in words["marks"]] == list(MARKS)
    assert [code for code, _ in words["signs"]] == list(SIGNS)
    assert words["levels"][0] == [1, "Très mal"]


def test_the_helper_reads_who_saw_it_and_what_was_done(home):
    one = home.record()
    home.send(one)
    visit = Visit.objects.get()
    services.see(actor=home.coordinator, visit=visit, now=NOW)
    told = post(home, []).json()["told"]
    assert (told[0]["status"], told[0]["by"]) == ("seen", home.coordinator.name)
    services.answer(actor=home.coordinator, visit=visit, words=" Médecin appelé. ", now=NOW)
    told = post(home, []).json()["told"]
    assert (told[0]["status"], told[0]["answer"]) == ("closed", "Médecin appelé.")


@pytest.mark.parametrize("way", ["revoked", "left", "closed"])
def test_a_phone_taken_back_hands_over_what_it_holds_and_is_told_nothing(home, way):
    planned(home.person, home.service, home.phone.account)
    if way == "revoked":
        services.revoke(actor=home.helper, device=home.phone, now=NOW)
    elif way == "left":
        with arranging():
            Membership.objects.filter(account=home.phone.account).update(
                since=NOW.date() - timedelta(days=9), until=NOW.date() - timedelta(days=1)
            )
    else:
        type(home.phone.account).objects.filter(pk=home.phone.account_id).update(is_active=False)
    one = home.record(words="Avant de partir")
    answer = post(home, [one]).json()
    assert answer["state"] == "revoked"
    assert answer["acks"] == [{"id": one["id"], "state": "aside", "why": "revoked"}]
    assert "visits" not in answer
    assert "Avant de partir" in RefusedVisit.objects.get().content
    assert not Visit.objects.exists()


def test_a_phone_that_was_emptied_says_so(home):
    services.revoke(actor=home.helper, device=home.phone, now=NOW)
    assert post(home, [], path="vigilance:wiped").json() == {"state": "wiped"}
    assert Device.objects.get(pk=home.phone.pk).wiped_at == NOW


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"records": 3}', b"\xff\xfe"])
def test_what_is_not_a_sending_is_refused_whole(home, body):
    answer = Browser().post(
        reverse("vigilance:sync"),
        body,
        content_type="application/json",
        headers={"Authorization": f"Telephone {home.phone.pk}:{SECRET}"},
    )
    assert (answer.status_code, answer.json()) == (400, {"state": "unreadable"})


def test_more_than_a_sending_holds_is_refused_and_kept_by_the_phone(home):
    assert post(home, [home.record()] * (BATCH + 1)).status_code == 400
    assert not Visit.objects.exists()


def test_a_moment_of_sending_that_does_not_read_is_as_now(home):
    for sent_at in ("hier", "2026-13-45T10:00:00Z", "2026-11-23T10:00:00", 3, None):
        assert post(home, [home.record()], sent_at=sent_at).status_code == 200
    assert set(Visit.objects.values_list("clock_offset", flat=True)) == {0}


def test_a_record_nested_without_end_is_put_aside_and_blocks_nothing(home):
    deep = "[" * 600 + "]" * 600
    good = json.dumps(home.record())
    answer = Browser().post(
        reverse("vigilance:sync"),
        f'{{"records": [{{"id": {deep}}}, {good}]}}',
        content_type="application/json",
        headers={"Authorization": f"Telephone {home.phone.pk}:{SECRET}"},
    )
    assert sorted(one["state"] for one in answer.json()["acks"]) == ["aside", "received"]
