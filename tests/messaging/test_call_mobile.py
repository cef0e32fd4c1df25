"""The mobile of who is on call: its owner alone gives it, proves it, reads it, takes it away."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.access.policy import visible
from cordee.directory.models import CallMobile
from cordee.directory.services import give_call_mobile
from cordee.messaging import selectors, services
from cordee.messaging.models import Message
from cordee.messaging.services import Heard
from cordee.web.services import revoke_account
from tests.factories.directory import MembershipFactory, PoleFactory, ShiftFactory
from tests.messaging.test_codes import digits
from tests.support import NOW, actor, coordinator_of, simultaneously

pytestmark = pytest.mark.django_db
PAGE = "messaging:call_mobile"
NUMBER = "+33639980042"


@pytest.fixture
def member():
    return MembershipFactory(role="coordinator")


@pytest.fixture
def owner(member):
    return coordinator_of(member.organization, account_id=member.account_id)


def gives(client, number="06 39 98 00 42"):
    return client.post(reverse(PAGE), {"mobile": number})


def proves(client, code):
    return client.post(reverse("messaging:check_call_mobile"), {"code": code})


def proved(account):
    return CallMobile.objects.create(account=account, number=NUMBER, proved_at=NOW)


def test_a_mobile_serves_once_its_code_came_back(owner, client):
    client.as_(owner)
    assert gives(client).status_code == 302
    assert (CallMobile.objects.get().number, CallMobile.objects.get().asked) == ("", NUMBER)
    page = client.get(reverse(PAGE)).text
    assert "Code à saisir" in page
    assert f'name="mobile" value="{NUMBER}"' in page  # « Renvoyer un code » posts it again
    assert gives(client, NUMBER).status_code == 302

    assert proves(client, digits()).status_code == 302

    kept = CallMobile.objects.get()
    assert (kept.number, kept.asked, kept.proved_at) == (NUMBER, "", NOW)
    assert "prouvé" in client.get(reverse(PAGE)).text


def test_another_code_proves_nothing_and_five_are_tried_at_most(owner, client):
    client.as_(owner)
    gives(client)
    right = digits()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        answer = proves(client, wrong)
        assert answer.status_code == 422
    answer = proves(client, right)
    assert "n’est plus valable" in answer.text
    assert CallMobile.objects.get().number == ""


def test_the_number_in_use_serves_until_another_is_proved(owner, client, member):
    proved(member.account)
    client.as_(owner)
    gives(client, "06 39 98 00 43")
    kept = CallMobile.objects.get()
    assert (kept.number, kept.asked) == (NUMBER, "+33639980043")
    proves(client, digits())
    assert CallMobile.objects.get().number == "+33639980043"


def test_what_is_not_a_mobile_is_refused_and_sends_nothing(owner, client):
    client.as_(owner)
    for given in ("01 23 45 67 89", "pas un numéro", "1" * 40):
        answer = gives(client, given)
        assert answer.status_code == 422
        assert "Ce numéro n’est pas celui d’un mobile" in answer.text
    assert not Message.objects.exists()
    assert not CallMobile.objects.exists()


def test_a_mobile_taken_away_is_kept_nowhere(owner, client, member):
    proved(member.account)
    client.as_(owner)
    assert client.post(reverse("messaging:take_call_mobile_away")).status_code == 302
    assert not CallMobile.objects.exists()
    page = "".join(client.get(reverse(PAGE)).text.split())
    assert NUMBER not in page
    assert NUMBER.removeprefix("+33") not in page


def test_nobody_else_reads_a_number(owner, client, member):
    """Neither a colleague on the roster, nor administration, nor in what the desk wrote."""
    proved(member.account)
    pole = PoleFactory(organization=member.organization)
    ShiftFactory(pole=pole, account=member.account, kind="on_call")
    others = (
        coordinator_of(member.organization),
        actor(Role.ADMINISTRATOR, member.organization),
        actor(Role.HOME_HELP, member.organization),
    )
    for other in others:
        assert not visible(CallMobile.objects.all(), other).exists()
    client.as_(others[0])
    roster = client.get(reverse("directory:organization_roster", args=[pole.organization_id])).text
    shown = "".join(one for one in roster if one.isdigit())
    assert NUMBER[3:] not in shown
    client.as_(owner)
    gives(client, "06 39 98 00 43")
    for other in others:
        assert not selectors.outbox(other).exists()


def test_the_roster_says_who_is_on_call_without_a_mobile(owner, client, member):
    pole = PoleFactory(organization=member.organization)
    ShiftFactory(pole=pole, account=member.account, kind="on_call")
    client.as_(owner)
    where = reverse("directory:organization_roster", args=[pole.organization_id])
    assert "Permanence sans mobile" in client.get(where).text
    proved(member.account)
    assert "sans mobile" not in client.get(where).text


@pytest.mark.parametrize("role", [Role.PERSON, Role.RELATIVE, Role.DPO, Role.PRACTITIONER])
def test_who_stands_on_no_roster_gives_no_mobile(role, client):
    client.as_(actor(role))
    assert client.get(reverse(PAGE)).status_code == 403
    assert gives(client).status_code == 403
    assert not Message.objects.exists()


def test_stop_takes_the_mobile_away(member):
    proved(member.account)
    services.receive_text(actor=SYSTEM, heard=Heard(NUMBER, "STOP"), now=NOW)
    kept = CallMobile.objects.get()
    assert (kept.number, kept.asked, kept.proved_at, kept.stopped_at) == ("", "", None, NOW)
    assert Message.objects.get().template == "messaging.stopped"


def test_the_owner_is_told_that_stop_ended_their_texts_until_a_number_is_proved_again(
    owner, client, member
):
    proved(member.account)
    services.receive_text(actor=SYSTEM, heard=Heard(NUMBER, "STOP"), now=NOW)
    client.as_(owner)
    page = client.get(reverse(PAGE)).text
    assert "Vos SMS d’astreinte sont arrêtés" in page
    assert "Prouvé" not in page
    gives(client)
    client.post(reverse("messaging:give_up_asked_mobile"))
    assert "Vos SMS d’astreinte sont arrêtés" in client.get(reverse(PAGE)).text
    gives(client)
    assert "Vos SMS d’astreinte sont arrêtés" in client.get(reverse(PAGE)).text
    assert proves(client, digits()).status_code == 302
    page = client.get(reverse(PAGE)).text
    assert "Vos SMS d’astreinte sont arrêtés" not in page
    assert "Prouvé" in page


def test_giving_up_a_new_number_alone_leaves_the_one_that_is_proved(owner, client, member):
    proved(member.account)
    client.as_(owner)
    gives(client, "06 39 98 00 43")
    assert "Renoncer à ce numéro" in client.get(reverse(PAGE)).text
    client.post(reverse("messaging:give_up_asked_mobile"))
    kept = CallMobile.objects.get()
    assert (kept.number, kept.asked) == (NUMBER, "")
    page = client.get(reverse(PAGE)).text
    assert "Prouvé" in page
    assert "Renoncer" not in page


def test_giving_up_the_only_number_leaves_nothing(owner, client):
    client.as_(owner)
    gives(client)
    for _ in range(2):
        assert client.post(reverse("messaging:give_up_asked_mobile")).status_code == 302
    assert not CallMobile.objects.exists()


def test_a_mobile_goes_with_its_account(member):
    proved(member.account)
    administrator = MembershipFactory(role="administrator")
    closing = actor(Role.ADMINISTRATOR, account_id=administrator.account_id)
    revoke_account(actor=closing, account=member.account, now=NOW)
    assert not CallMobile.objects.exists()


def test_the_database_keeps_one_proved_number_that_can_be_called(member):
    """directory_call_mobile_is_proved_or_waits_for_its_code,
    directory_call_mobile_is_a_number_that_can_be_called"""
    wrong = (
        ({}, "is_proved_or_waits"),
        ({"number": NUMBER}, "is_proved_or_waits"),
        ({"proved_at": NOW, "asked": NUMBER}, "is_proved_or_waits"),
        ({"number": NUMBER, "proved_at": NOW, "stopped_at": NOW}, "is_proved_or_waits"),
        ({"asked": "0639980042"}, "can_be_called"),
    )
    for columns, name in wrong:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            CallMobile.objects.create(account=member.account, **columns)


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_give_a_number_leave_one():
    member = MembershipFactory(role="coordinator")
    owner = coordinator_of(member.organization, account_id=member.account_id)

    def give(number):
        return lambda: give_call_mobile(actor=owner, mobile=number, now=NOW)

    kept = simultaneously(give("0639980042"), give("0639980043"))
    assert len({one.pk for one in kept}) == 1


def test_a_number_whose_code_is_refused_is_not_kept(owner, client):
    client.as_(owner)
    for minute in range(3):
        client.now = NOW + timedelta(minutes=minute)
        assert gives(client).status_code == 302
    client.now = NOW + timedelta(minutes=3)
    gives(client, "06 39 98 00 43")
    assert gives(client).status_code == 422
    assert CallMobile.objects.get().asked == "+33639980043"


def test_an_account_asks_for_five_codes_an_hour_whatever_the_numbers(owner, client):
    client.as_(owner)
    for last in range(5):
        assert gives(client, f"06 39 98 00 4{last}").status_code == 302
        client.post(reverse("messaging:take_call_mobile_away"))
    assert gives(client, "06 39 98 00 49").status_code == 422
    assert not CallMobile.objects.exists()


def test_stop_from_the_former_phone_keeps_the_new_number_under_proof(member):
    kept = proved(member.account)
    kept.asked = "+33639980043"
    kept.save()
    services.receive_text(actor=SYSTEM, heard=Heard(NUMBER, "STOP"), now=NOW)
    left = CallMobile.objects.get()
    assert (left.number, left.asked) == ("", "+33639980043")
