"""A session is judged at each page: whatever takes it away takes it away at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordee.access.actor import Role
from cordee.directory.models import Membership
from cordee.web import services
from cordee.web.sessions import SessionStore
from cordee.web.sign_in import AccountAdapter
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.support import NOW, Browser, actor, arranging
from tests.web.conftest import PAST

PAGE = "/a-faire"

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(account):
    """Somebody who is reading: everything that is kept of them was kept."""
    browser = Browser()
    browser.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    for _ in range(4):
        assert browser.get(PAGE).status_code == 200
    return browser


def is_sent_to_sign_in(browser):
    answer = browser.get(PAGE)
    return answer.status_code == 302 and answer["Location"].startswith("/compte/login/")


def session_of(browser):
    return SessionStore(browser.cookies[settings.SESSION_COOKIE_NAME].value)


def test_a_session_that_was_closed_elsewhere_is_closed_at_the_next_page(browser):
    Session.objects.all().delete()
    assert is_sent_to_sign_in(browser)


def test_a_session_that_ended_is_over(browser):
    Session.objects.update(expire_date=NOW - timedelta(seconds=1))
    assert is_sent_to_sign_in(browser)


def test_an_account_that_is_shut_reads_nothing_more(browser, account):
    account.is_active = False
    account.save()
    assert is_sent_to_sign_in(browser)


def test_another_password_ends_the_sessions_of_before(browser, account):
    account.set_password("une autre corde encore")
    account.save()
    assert is_sent_to_sign_in(browser)
    assert not Session.objects.exists()  # ended, not only refused


@pytest.mark.parametrize("key", [BACKEND_SESSION_KEY, HASH_SESSION_KEY])
def test_a_session_without_its_proof_opens_nothing(browser, key):
    session = session_of(browser)
    session[key] = "autre chose"
    session.save()
    assert is_sent_to_sign_in(browser)


@pytest.mark.parametrize("key", ["", "court", "x" * 40, "' OR 1=1 --", "é" * 32, "a\x00b" * 12])
def test_a_key_of_nobodys_opens_nothing(browser, key):
    assert SessionStore(key).load() == {}


def test_a_role_that_is_taken_back_is_taken_back_at_the_next_page(browser, account):
    with arranging():
        Membership.objects.filter(account=account).update(until=PAST)
    assert browser.get(PAGE).content.count(b"Appel") == 0


def test_two_people_of_one_process_are_never_taken_for_each_other(browser, account):
    other = AccountFactory(name="Zoé Blanc")
    MembershipFactory(account=other, organization=OrganizationFactory(), since=PAST, role="dpo")
    second = Browser()
    second.force_login(other, backend=settings.AUTHENTICATION_BACKENDS[0])
    for _ in range(3):
        assert b"In\xc3\xa8s Arnaud" in browser.get(PAGE).content
        assert b"Zo\xc3\xa9 Blanc" in second.get(PAGE).content


def test_a_session_that_is_somebody_elses_by_now_shows_nothing_of_whose_it_was(browser):
    """Whose it was is asked with it, in one trip: what it holds decides."""
    other = AccountFactory(name="Zoé Blanc")
    MembershipFactory(account=other, organization=OrganizationFactory(), since=PAST, role="dpo")
    second = Browser()
    second.force_login(other, backend=settings.AUTHENTICATION_BACKENDS[0])
    words = Session.objects.get(pk=session_of(second).session_key).session_data
    Session.objects.filter(pk=session_of(browser).session_key).update(session_data=words)
    for _ in range(3):
        page = browser.get(PAGE).content
        assert b"Zo\xc3\xa9 Blanc" in page
        assert b"In\xc3\xa8s Arnaud" not in page
        assert b"Appel" not in page


def test_who_asks_and_what_they_see_is_asked_in_five_trips(browser):
    """Who asks (session, account, hats), reader, lines with counts and cover, walk, and reader."""
    with CaptureQueriesContext(connection) as asked:
        browser.get(PAGE)
    assert len(asked) <= 5, [one["sql"][:80] for one in asked]


CHANGE = "/compte/password/change/"
OLD, NEW = "corde neuve en montagne", "corde ancienne au chalet"


def while_it_is_written(monkeypatch, gesture):
    """Do something from another connection once a new password is judged, before it is kept."""
    written = AccountAdapter.set_password

    def elsewhere():
        try:
            gesture()
        finally:
            connection.close()

    def set_password(self, user, password):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(elsewhere).result()
        written(self, user, password)

    monkeypatch.setattr(AccountAdapter, "set_password", set_password)


@pytest.fixture
def changes_password(transactional_db, account, monkeypatch):
    """Change one's password in a browser while a gesture of the administration is done."""
    account.set_password(OLD)
    account.save()
    paul = MembershipFactory(since=PAST, role="administrator").account
    administrator = actor(Role.ADMINISTRATOR, account_id=paul.pk, name=paul.name)

    def change(gesture):
        browser = Browser()
        browser.post("/compte/login/", {"login": account.email, "password": OLD})
        assert browser.get(PAGE).status_code == 200
        with monkeypatch.context() as patched:
            while_it_is_written(
                patched, lambda: gesture(actor=administrator, account=account, now=NOW)
            )
            said = {"oldpassword": OLD, "password1": NEW, "password2": NEW}
            assert browser.post(CHANGE, said).status_code == 302
        account.refresh_from_db()
        assert account.check_password(NEW)
        return browser

    return change


def test_a_session_closed_while_its_owner_changes_the_password_stays_closed(
    changes_password, account
):
    browser = changes_password(services.end_sessions)
    assert is_sent_to_sign_in(browser)
    browser.post("/compte/login/", {"login": account.email, "password": NEW})
    assert browser.get(PAGE).status_code == 200


def test_an_account_closed_while_its_owner_changes_the_password_stays_closed(
    changes_password, account
):
    browser = changes_password(services.revoke_account)
    assert is_sent_to_sign_in(browser)
    assert not account.is_active
    assert account.closed_at
