"""A request to reset a second factor: taken back by who made it, or by whom it is for."""

import pytest
from django.core.cache import cache

from cordee.access.actor import Role
from cordee.kernel.errors import DomainError
from cordee.web import selectors, services
from cordee.web.models import SecondFactorReset
from tests.factories.directory import AccountFactory, MembershipFactory
from tests.support import NOW, Browser, actor, arranging, simultaneously, traces
from tests.web.conftest import PAST

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


def administrator(name):
    account = MembershipFactory(
        account=AccountFactory(name=name), since=PAST, role="administrator"
    ).account
    return actor(Role.ADMINISTRATOR, account_id=account.pk, name=account.name)


@pytest.fixture
def paul():
    return administrator("Paul Giraud")


@pytest.fixture
def reset(paul, account):
    browser = Browser().as_(paul)
    browser.post(f"/administration/comptes/{account.pk}/second-facteur", {"reason": "vue"})
    return SecondFactorReset.objects.get()


def withdrawal(reset):
    return f"/compte/seconds-facteurs/{reset.pk}/retrait"


def test_who_asked_takes_the_request_back_from_the_page(paul, reset):
    browser = Browser(raise_request_exception=False).as_(paul)
    page = browser.get("/administration/seconds-facteurs/")
    assert withdrawal(reset) in page.text
    assert "Retirer ma demande" in page.text
    answer = browser.post(withdrawal(reset), follow=True)
    assert "La demande est retirée" in answer.text
    assert not SecondFactorReset.objects.exists()
    (line,) = [one for one in traces() if one["verb"] == "web.withdraw_second_factor_reset"]
    assert (line["role"], line["subject_id"]) == ("administrator", str(reset.pk))


def test_the_account_concerned_sees_the_request_and_takes_it_back(account, reset):
    browser = Browser(raise_request_exception=False)
    browser.now = None
    browser.force_login(account)
    with arranging():
        SecondFactorReset.objects.update(created_at=NOW)
    page = browser.get("/compte/2fa/")
    assert withdrawal(reset) in page.text
    assert "Paul Giraud" in page.text
    answer = browser.post(withdrawal(reset), follow=True)
    assert "La demande est retirée" in answer.text
    assert not SecondFactorReset.objects.exists()
    assert withdrawal(reset) not in browser.get("/compte/2fa/").text


def test_nobody_else_takes_it_back_nor_is_told_of_it(reset):
    other, dpo = administrator("Lise"), actor(Role.DPO, account_id=AccountFactory().pk)
    stranger = AccountFactory()
    for speaker in (other, dpo):
        browser = Browser(raise_request_exception=False).as_(speaker)
        assert withdrawal(reset) not in browser.get("/administration/seconds-facteurs/").text
        assert browser.post(withdrawal(reset)).status_code == 403
    browser = Browser(raise_request_exception=False)
    assert browser.post(withdrawal(reset)).status_code == 404
    browser.force_login(stranger)
    assert withdrawal(reset) not in browser.get("/compte/2fa/").text
    assert browser.post(withdrawal(reset)).status_code == 404
    assert SecondFactorReset.objects.exists()


def test_a_request_that_was_agreed_to_is_not_taken_back(paul, reset):
    second = Browser().as_(administrator("Lise"))
    second.post(f"/administration/seconds-facteurs/{reset.pk}/approuver")
    answer = Browser(raise_request_exception=False).as_(paul).post(withdrawal(reset))
    assert answer.status_code == 409
    assert "web.second_factor_done" in answer.text
    assert SecondFactorReset.objects.get().approved_at


def test_a_request_taken_back_may_be_made_again(paul, account, reset):
    browser = Browser(raise_request_exception=False).as_(paul)
    browser.post(withdrawal(reset))
    assert browser.post(withdrawal(reset)).status_code == 404
    again = browser.post(
        f"/administration/comptes/{account.pk}/second-facteur", {"reason": "encore"}
    )
    assert again.status_code == 303
    assert SecondFactorReset.objects.get().reason == "encore"


@pytest.mark.django_db(transaction=True)
def test_taken_back_and_agreed_to_at_once_one_of_the_two_is_done(paul, account, reset):
    one = Browser(raise_request_exception=False).as_(paul)
    two = Browser(raise_request_exception=False).as_(administrator("Lise"))
    answers = simultaneously(
        lambda: one.post(withdrawal(reset)),
        lambda: two.post(f"/administration/seconds-facteurs/{reset.pk}/approuver"),
    )
    codes = [answer.status_code for answer in answers]
    left = SecondFactorReset.objects.filter(approved_at__isnull=False).exists()
    assert codes in ([303, 409], [303, 404], [409, 303], [404, 303])
    assert left is (codes[1] == 303)


def test_a_request_that_went_between_the_look_and_the_gesture_is_told(paul, reset):
    second = administrator("Lise")
    held = selectors.get_reset(second, reset.pk)
    Browser().as_(paul).post(withdrawal(reset))
    with pytest.raises(DomainError, match="access.gone"):
        services.approve_second_factor_reset(actor=second, reset=held, now=NOW)
