"""A closed account loses its name once nothing that is kept would be told without it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.db import connection, transaction
from django.urls import reverse

from cordee.access import trace
from cordee.access.actor import SYSTEM, Role
from cordee.access.categories import Decided, categories, hold
from cordee.access.models import Account
from cordee.access.seals import seal_pending, verify_trace
from cordee.directory.services import MembershipTraits, add_membership
from cordee.kernel import months
from cordee.kernel.thread import verify
from cordee.people import services as people
from cordee.people.models import PersonAccount
from cordee.web.models import AccountInvitation, SavedFilter
from cordee.web.retention import _REMOVAL
from tests.access.test_archives import archive, folder
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.people import PersonFactory, RelativeFactory, joins_circle
from tests.support import (
    NOW,
    Browser,
    actor,
    arranging,
    calm,
    coordinator_of,
    facts,
    orienteuse_of,
    owner,
    retention,
    simultaneously,
    until_somebody_waits,
)
from tests.web import test_spaces as spaces

__all__ = ["folder"]
pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=3000)
RULE = "décision du 3/11/2026 du responsable de traitement"
PASSWORD = "quatre-vingts chevaux"  # noqa: S105


@pytest.fixture
def desk():
    return OrganizationFactory()


def closed(account):
    """Close an account through the door of the administration."""
    browser = Browser().as_(actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk))
    answer = browser.post(reverse("web:revoke", args=[account.pk]))
    assert answer.status_code == 303
    account.refresh_from_db()
    return account


def let_go(code="accounts", *held, before=LATER):
    (one,) = [one for one in categories() if one.code == code]
    with retention() as database:
        hold(database, Decided([], frozenset(held)))
        counted = one.count(database, before)
        gone = one.let_go(database, before, RULE, NOW)
    return counted, gone


def is_empty(account):
    account.refresh_from_db()
    return account.name == "compte effacé"


def without_trace():
    """As if its time had come, before anything was sealed."""
    with owner() as database:
        database.execute("ALTER TABLE access_trace DISABLE TRIGGER USER")
        database.execute("DELETE FROM access_trace")
        database.execute("ALTER TABLE access_trace ENABLE TRIGGER USER")


def in_march_2024():
    """Have what the trace holds been written and sealed in March 2024."""
    with owner() as database:
        database.execute("ALTER TABLE access_trace DISABLE TRIGGER USER")
        database.execute("UPDATE access_trace SET at = '2024-03-05 12:00+00'")
        database.execute("ALTER TABLE access_trace ENABLE TRIGGER USER")
        database.execute("UPDATE access_account SET created_at = '2024-01-01'")
    months.make_ahead()
    calm()
    seal_pending()


def test_who_somebody_was_goes_and_their_number_stays(desk):
    person = PersonFactory(territory=desk.territory)
    member = MembershipFactory(organization=desk, account__email="claire@exemple.fr")
    account = member.account
    account.set_password(PASSWORD)
    account.save()
    joins_circle(person, organization=desk)
    claire = coordinator_of(desk, account_id=account.pk)
    people.admit_person(actor=claire, person=person, organization=None, now=NOW)
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    totp.TOTP.activate(account, totp.generate_totp_secret())
    nurse = PractitionerFactory(account=account)
    with arranging():
        SavedFilter.objects.create(
            owner=account, name="Les miennes", path="/travail", query="boite=alerts"
        )
        AccountInvitation.objects.create(
            email="Claire@exemple.fr", name="Claire", invited_by=AccountFactory(), account=account,
            organization=desk, role="coordinator", link_hash=b"1" * 32, expires_at=NOW,
            accepted_at=NOW,
        )  # fmt: skip
    closed(account)
    assert let_go() == (0, 0)  # the trace tells its gestures
    without_trace()
    assert let_go() == (1, 1)

    account.refresh_from_db()
    assert account.name == "compte effacé"
    assert account.email == f"{account.pk}@compte-efface.invalid"
    assert not account.check_password(PASSWORD)
    assert not EmailAddress.objects.filter(user=account).exists()
    assert not Authenticator.objects.filter(user=account).exists()
    assert not SavedFilter.objects.exists()
    assert not AccountInvitation.objects.exists()
    nurse.refresh_from_db()
    assert nurse.account_id is None
    (line,) = facts("people.person_admitted", person.pk)
    assert line["actor"]["account"] == str(account.pk)
    assert verify(person.pk).holds
    (told,) = facts("web.accounts_purged")
    assert told["data"]["count"] == "1"
    assert told["data"]["rule"] == RULE
    page = Browser().as_(coordinator_of(desk)).get(reverse("people:thread", args=[person.pk]))
    assert "compte effacé" in page.text
    assert let_go() == (0, 0)  # once


def test_who_opened_a_record_is_told_by_name_as_long_as_the_trace_is_kept(desk, folder):
    account = AccountFactory(name="Claire Bonnet")
    person = PersonFactory(territory=desk.territory)
    trace.read(coordinator_of(desk, account_id=account.pk), person)
    closed(account)
    in_march_2024()
    assert let_go() == (0, 0)
    herself = actor(Role.PERSON, person_ids=frozenset({person.pk}))
    panel = Browser().as_(herself).get(reverse("people:traces_panel", args=[person.pk]))
    assert "Claire Bonnet" in panel.text
    archive("--before", "2024-04")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM access_trace WHERE account_id = %s", [account.pk])
        assert cursor.fetchone() == (0,)
    assert let_go() == (0, 0)  # its line is in a file, and may come back
    assert not is_empty(account)
    assert let_go("trace")[1] > 0
    assert let_go() == (1, 1)
    assert is_empty(account)
    assert verify_trace().holds


def test_what_is_open_or_was_closed_lately_keeps_its_name():
    working, lately = AccountFactory(), closed(AccountFactory())
    assert lately.closed_at is not None
    assert let_go(before=lately.closed_at) == (0, 0)
    assert let_go() == (1, 1)
    assert is_empty(lately)
    assert not is_empty(working)


@pytest.mark.parametrize("when", ["before", "while it goes"])
def test_whoever_is_invited_back_keeps_the_link_and_the_account(desk, when):
    """The link to come back was removed with what the account had been sent before."""
    account = closed(AccountFactory(email="claire@exemple.fr"))
    without_trace()

    def invite():
        said = """INSERT INTO web_accountinvitation (id, created_at, updated_at, version, email,
            name, organization_id, role, link_hash, expires_at) VALUES (gen_random_uuid(), now(),
            now(), 1, 'Claire@exemple.fr', 'Claire', %s, 'coordinator', '1', %s)"""
        with owner() as base:
            base.execute('SET cordee.gesture = \'{"verb": "test.arrange"}\'')
            base.execute(said, [desk.pk, LATER + timedelta(days=9)])

    if when == "before":
        invite()
        assert let_go() == (0, 0)
        assert not is_empty(account)
    else:
        with retention() as database:
            hold(database, Decided([], frozenset()))
            empty = _REMOVAL.gesture
            late = replace(_REMOVAL, gesture=lambda *asked: (invite(), empty(*asked)))
            assert late.let_go(database, LATER, RULE, NOW) == 1

    assert AccountInvitation.objects.count() == 1


def test_a_claim_keeps_the_name_of_who_wrote_about_the_person(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    account = AccountFactory()
    claire = coordinator_of(desk, account_id=account.pk)
    people.admit_person(actor=claire, person=person, organization=None, now=NOW)
    closed(account)
    without_trace()
    assert let_go("accounts", person.pk) == (0, 0)
    assert let_go() == (1, 1)


@pytest.mark.parametrize("also", ["nothing", "a role", "a role that ended", "another person"])
def test_an_account_closes_with_the_last_record_that_it_opened(desk, also):
    """Nobody closed it: the name of who had died years ago was kept for ever."""
    person, other = (PersonFactory(territory=desk.territory) for _ in range(2))
    account, relatives = AccountFactory(), AccountFactory()
    for opened, by, until in (
        (person, account, None),
        (person, relatives, NOW),
        (other, account, None if also == "another person" else NOW),
    ):
        with arranging():
            PersonAccount.objects.create(
                person=opened, account=by, proved_how="vue", since=NOW, until=until,
                relative=RelativeFactory(person=opened) if by == relatives else None,
            )  # fmt: skip
    if also.startswith("a role"):
        ended = date(2021, 1, 1) if also == "a role that ended" else None
        MembershipFactory(account=account, since=date(2020, 1, 1), until=ended)

    assert let_go("persons", other.pk) == (1, 1)

    stays = also in ("a role", "another person")
    for one, is_active in ((account, stays), (relatives, False)):
        one.refresh_from_db()
        assert (one.is_active, one.closed_at) == (is_active, None if is_active else NOW)
    (told,) = facts("people.accounts_closed")
    closed_ids = {str(relatives.pk)} | (set() if stays else {str(account.pk)})
    assert (set(told["data"]["accounts"]), told["data"]["rule"]) == (closed_ids, RULE)
    without_trace()
    assert let_go()[1] == len(closed_ids)
    assert is_empty(account) is not stays


def test_a_role_given_while_a_record_goes_keeps_its_account(desk):
    person, account = PersonFactory(territory=desk.territory), AccountFactory()
    with arranging():
        PersonAccount.objects.create(
            person=person, account=account, proved_how="vue", since=NOW, until=NOW
        )

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            traits = MembershipTraits(account=account, role="orienteuse", since=NOW.date())
            add_membership(actor=SYSTEM, organization=desk, traits=traits, now=NOW)
            going = pool.submit(let_go, "persons")
            until_somebody_waits()
        assert going.result(30) == (1, 1)

    account.refresh_from_db()
    assert account.is_active
    assert facts("people.accounts_closed") == []


def test_a_space_is_not_opened_for_an_account_that_closes_meanwhile(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    account = AccountFactory(email="jeanne@exemple.fr")
    account.set_password(PASSWORD)
    account.save()
    desks = orienteuse_of(desk, account_id=AccountFactory().pk)
    spaces.offer(Browser().as_(desks), person)
    address = spaces.link()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Account.objects.filter(pk=account.pk).update(is_active=False, closed_at=NOW)
            opening = pool.submit(simultaneously, lambda: spaces.opened(address, password=PASSWORD))
            until_somebody_waits()
        (answer,) = opening.result(30)
        assert answer.status_code in (409, 422)

    assert not PersonAccount.objects.exists()


def test_nobody_but_retention_empties_an_account():
    account = closed(AccountFactory())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), owner() as database:
        database.execute("SELECT web_empty_accounts(%s)", [[account.pk]])
    with pytest.raises(psycopg.errors.InsufficientPrivilege), owner() as database:
        database.execute("SELECT people_close_accounts(%s, now())", [[account.pk]])
    assert not is_empty(account)


def test_closing_again_does_not_move_the_day():
    account = closed(AccountFactory())
    first = account.closed_at
    assert closed(account).closed_at == first
    assert Account.objects.get(pk=account.pk).is_active is False
