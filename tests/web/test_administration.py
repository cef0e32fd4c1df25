"""Opening the house, taking roles back, giving a lost second factor back: by two people."""

from datetime import UTC, date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from cordee.access.actor import SYSTEM, Role
from cordee.access.models import Account
from cordee.directory.models import Membership
from cordee.kernel.errors import DomainError, Forbidden
from cordee.web import selectors, services
from cordee.web.models import AccountInvitation, SavedFilter, SecondFactorReset
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.support import NOW, Browser, actor, arranging, coordinator_of, simultaneously

PAST = date(2026, 1, 1)
PASSWORD = "corde neuve en montagne"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


@pytest.fixture
def administrator():
    paul = MembershipFactory(account=AccountFactory(name="Paul"), since=PAST, role="administrator")
    return administrator_named(paul.account)


def administrator_named(account):
    return actor(Role.ADMINISTRATOR, account_id=account.pk, name=account.name)


def first(**changed):
    wanted = {
        "email": "paul@exemple.fr",
        "name": "Paul Giraud",
        "organization": "Maison des soins",
        "password": PASSWORD,
    }
    return services.FirstAdministrator(**wanted | changed)


def test_the_first_administrator_comes_with_a_structure_and_a_role():
    account = services.create_administrator(actor=SYSTEM, wanted=first(), now=NOW)
    assert account.check_password(PASSWORD)
    role = Membership.objects.get(account=account)
    assert (role.role, role.organization.name) == ("administrator", "Maison des soins")


def test_a_weak_password_opens_nothing():
    with pytest.raises(DomainError, match="web.password_weak"):
        services.create_administrator(actor=SYSTEM, wanted=first(password="court"), now=NOW)
    assert not Account.objects.exists()


def test_an_address_opens_one_account_whatever_its_case():
    """access_account_email_is_taken_once"""
    services.create_administrator(actor=SYSTEM, wanted=first(), now=NOW)
    with pytest.raises(DomainError, match="web.address_taken"):
        services.create_administrator(actor=SYSTEM, wanted=first(email="PAUL@exemple.fr"), now=NOW)
    with pytest.raises(IntegrityError, match="access_account_email_is_taken_once"):
        AccountFactory(email="Paul@Exemple.fr")


def test_only_the_command_line_opens_the_house(administrator):
    with pytest.raises(Forbidden):
        services.create_administrator(actor=administrator, wanted=first(), now=NOW)


def test_the_command_asks_twice_for_the_password(monkeypatch):
    answers = iter([PASSWORD, "autre chose"])
    monkeypatch.setattr(
        "cordee.web.management.commands.create_administrator.getpass", lambda _: next(answers)
    )
    with pytest.raises(CommandError, match="diffèrent"):
        call_command("create_administrator", email="a@exemple.fr", name="A", organization="Maison")
    assert not Account.objects.exists()


def test_revoking_closes_roles_and_sessions_at_once(administrator):
    member = MembershipFactory(since=PAST)
    member.account.set_password(PASSWORD)
    member.account.save()
    browser = Browser()
    browser.post("/compte/login/", {"login": member.account.email, "password": PASSWORD})
    assert is_in(browser)

    services.revoke_account(actor=administrator, account=member.account, now=NOW)

    assert not is_in(browser)
    browser.post("/compte/login/", {"login": member.account.email, "password": PASSWORD})
    assert not is_in(browser)
    member.refresh_from_db()
    assert member.until < NOW.date()


def test_nobody_revokes_themselves(administrator):
    own = Account.objects.get(pk=administrator.account_id)
    with pytest.raises(DomainError, match="web.own_account"):
        services.revoke_account(actor=administrator, account=own, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_close_each_other_are_not_both_closed(administrator):
    other = MembershipFactory(account=AccountFactory(name="Zoé"), since=PAST, role="administrator")
    zoe, paul = other.account, Account.objects.get(pk=administrator.account_id)
    answers = simultaneously(
        lambda: services.revoke_account(actor=administrator, account=zoe, now=NOW),
        lambda: services.revoke_account(actor=administrator_named(zoe), account=paul, now=NOW),
    )
    (refused,) = [answer for answer in answers if answer]
    assert refused.code == "web.last_administrator"
    assert Account.objects.filter(is_active=True, pk__in=(zoe.pk, paul.pk)).count() == 1


def test_the_last_role_of_administrator_is_not_taken_back(administrator):
    role = Membership.objects.get(account=administrator.account_id)
    with pytest.raises(DomainError, match="web.last_administrator"):
        services.take_role_back(actor=administrator, membership=role, now=NOW)
    role.refresh_from_db()
    assert role.until is None


def test_a_coordinator_administers_nothing():
    coordinator = coordinator_of(OrganizationFactory())
    with pytest.raises(Forbidden):
        services.revoke_account(actor=coordinator, account=AccountFactory(), now=NOW)


def test_a_second_factor_is_reset_by_two_people(administrator):
    account = AccountFactory()
    totp.TOTP.activate(account, totp.generate_totp_secret())
    reset = services.ask_second_factor_reset(
        actor=administrator, account=account, reason="Rappelée à son cabinet", now=NOW
    )
    with pytest.raises(Forbidden):
        services.approve_second_factor_reset(actor=administrator, reset=reset, now=NOW)
    with pytest.raises(Forbidden):
        services.approve_second_factor_reset(
            actor=administrator_named(account), reset=reset, now=NOW
        )
    assert Authenticator.objects.filter(user=account).exists()

    second = administrator_named(AccountFactory())
    services.approve_second_factor_reset(actor=second, reset=reset, now=NOW)
    assert not Authenticator.objects.filter(user=account).exists()


@pytest.mark.parametrize("over", ["too old", "who asked left", "whom it is for left"])
def test_a_reset_that_stands_no_more_is_not_agreed_to_and_may_be_asked_again(administrator, over):
    """Asked by somebody sent away since, a year before, it took the factors away all the same."""
    account = MembershipFactory(since=PAST).account
    totp.TOTP.activate(account, totp.generate_totp_secret())
    reset = services.ask_second_factor_reset(
        actor=administrator, account=account, reason="x", now=NOW
    )
    second = administrator_named(MembershipFactory(since=PAST, role="administrator").account)
    asked_by = Account.objects.get(pk=administrator.account_id)
    at = NOW
    if over == "too old":
        at += timedelta(days=8)
    else:
        left = asked_by if over == "who asked left" else account
        services.revoke_account(actor=second, account=left, now=NOW)
    assert not selectors.waiting_resets(second, at).exists()
    if over != "whom it is for left":
        with pytest.raises(DomainError, match="web.second_factor_over"):
            services.approve_second_factor_reset(actor=second, reset=reset, now=at)
        services.ask_second_factor_reset(actor=second, account=account, reason="y", now=at)
        assert SecondFactorReset.objects.get().requested_by_id == second.account_id
    assert Authenticator.objects.filter(user=account).exists()


def test_a_role_taken_back_after_midnight_ends_the_day_before(administrator):
    """By the day of Greenwich it ended two days before, and that of yesterday was erased."""
    half_past_midnight = (NOW + timedelta(days=1)).replace(hour=0, minute=30).astimezone(UTC)
    role = MembershipFactory(since=NOW.date())
    services.take_role_back(actor=administrator, membership=role, now=half_past_midnight)
    role.refresh_from_db()
    assert role.until == NOW.date()


def test_one_does_not_ask_for_oneself_nor_twice(administrator):
    own = Account.objects.get(pk=administrator.account_id)
    with pytest.raises(DomainError, match="web.second_factor_asked"):
        services.ask_second_factor_reset(actor=administrator, account=own, reason="x", now=NOW)
    other = AccountFactory()
    services.ask_second_factor_reset(actor=administrator, account=other, reason="x", now=NOW)
    with pytest.raises(DomainError, match="web.second_factor_asked"):
        services.ask_second_factor_reset(actor=administrator, account=other, reason="x", now=NOW)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("web_second_factor_reset_takes_two_people", {"approved_by": "asker", "approved_at": NOW}),
        ("web_second_factor_reset_approval_says_who_and_when", {"approved_at": NOW}),
    ],
)
def test_the_database_wants_two_people_and_a_date(name, changed):
    asker = AccountFactory()
    if changed.get("approved_by"):
        changed = changed | {"approved_by": asker}
    with pytest.raises(IntegrityError, match=name), arranging():
        SecondFactorReset.objects.create(
            account=AccountFactory(), requested_by=asker, reason="x", **changed
        )


def test_the_database_waits_for_one_reset_at_a_time():
    account, asker = AccountFactory(), AccountFactory()
    with (
        pytest.raises(IntegrityError, match="web_second_factor_reset_is_asked_once_at_a_time"),
        arranging(),
    ):
        SecondFactorReset.objects.bulk_create(
            SecondFactorReset(account=account, requested_by=asker, reason="x") for _ in range(2)
        )


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("web_account_invitation_accepted_opens_an_account", {"accepted_at": NOW}),
        (
            "web_account_invitation_is_accepted_or_revoked_not_both",
            {"accepted_at": NOW, "revoked_at": NOW, "account": True},
        ),
    ],
)
def test_the_database_keeps_an_invitation_coherent(name, changed):
    if changed.get("account"):
        changed = changed | {"account": AccountFactory()}
    with pytest.raises(IntegrityError, match=name), arranging():
        AccountInvitation.objects.create(
            email="x@exemple.fr",
            name="X",
            organization=OrganizationFactory(),
            role="orienteuse",
            link_hash=b"x" * 32,
            expires_at=NOW,
            **changed,
        )


@pytest.mark.parametrize("path", ["https://ailleurs.example/", "//ailleurs.example/"])
def test_the_database_keeps_a_filter_inside_the_house(path):
    with (
        pytest.raises(IntegrityError, match="web_saved_filter_leads_inside_the_house"),
        arranging(),
    ):
        SavedFilter.objects.create(name="x", path=path, query="", owner=AccountFactory())


def test_the_database_keeps_one_filter_of_a_name_per_owner():
    owner = AccountFactory()
    with (
        pytest.raises(IntegrityError, match="web_saved_filter_is_named_once_by_its_owner"),
        arranging(),
        transaction.atomic(),
    ):
        SavedFilter.objects.bulk_create(
            SavedFilter(name="x", path="/", query="", owner=owner) for _ in range(2)
        )


@pytest.fixture
def desk(client, administrator):
    return client.as_(administrator)


def test_administration_leads_to_its_desks(desk):
    page = desk.get("/administration/").content.decode()
    assert "/administration/comptes/" in page


def test_accounts_are_found_without_a_name_in_the_address(desk):
    MembershipFactory(account__name="Berthe Magnan", since=PAST)
    AccountFactory(name="Autre")
    page = desk.post("/administration/comptes/", {"q": "magnan"}).content.decode()
    assert "Berthe Magnan" in page
    assert ">Autre<" not in page


def test_the_fragment_of_a_search_equals_the_full_page(desk):
    MembershipFactory(account__name="Berthe Magnan", since=PAST)
    whole = desk.post("/administration/comptes/", {"q": "magnan"}).content.decode()
    part = desk.htmx("/administration/comptes/", {"q": "magnan"}).content.decode()
    assert part.strip() in whole


def test_a_role_is_given_and_taken_back_from_the_page_of_the_account(desk):
    account, organization = AccountFactory(), OrganizationFactory(name="SIO du Champsaur")
    there = f"/administration/comptes/{account.pk}/"
    form = {"organization": organization.pk, "role": "orienteuse", "since": "2026-01-01"}
    assert desk.post(f"{there}roles", form).status_code == 303
    assert "SIO du Champsaur" in desk.get(there).content.decode()
    role = Membership.objects.get(account=account)
    assert desk.post(f"/administration/roles/{role.pk}/fin").status_code == 303
    assert "ce compte n’ouvre rien" in desk.get(there).content.decode()


def test_a_role_to_come_is_seen_and_taken_back_before_it_begins(desk):
    role = MembershipFactory(since=NOW.date() + timedelta(days=400))
    there = f"/administration/comptes/{role.account_id}/"

    assert "À venir" in desk.get(there).text
    assert "à partir du" in desk.get("/administration/comptes/").text
    assert desk.post(f"/administration/roles/{role.pk}/fin").status_code == 303

    assert not Membership.objects.filter(pk=role.pk).exists()
    assert "ce compte n’ouvre rien" in desk.get(there).text


def test_revoking_an_account_takes_back_the_roles_to_come(administrator):
    role = MembershipFactory(since=NOW.date() + timedelta(days=30))

    services.revoke_account(actor=administrator, account=role.account, now=NOW)

    assert not Membership.objects.filter(account=role.account).exists()


def test_a_role_that_ends_before_it_begins_is_refused_in_words(desk):
    account, organization = AccountFactory(), OrganizationFactory()
    form = {"organization": organization.pk, "role": "orienteuse"}
    dates = {"since": "2026-02-01", "until": "2026-01-01"}
    answer = desk.post(f"/administration/comptes/{account.pk}/roles", form | dates)
    assert answer.status_code == 422
    assert "La fin est avant le début" in answer.content.decode()
    assert not Membership.objects.filter(account=account).exists()


def test_an_account_is_closed_from_its_page(desk):
    account = AccountFactory()
    assert desk.post(f"/administration/comptes/{account.pk}/fermer").status_code == 303
    account.refresh_from_db()
    assert not account.is_active


def test_a_reset_is_asked_here_and_approved_by_somebody_else(desk, client):
    account = AccountFactory(name="Inès")
    asked = desk.post(f"/administration/comptes/{account.pk}/second-facteur", {"reason": "vue"})
    assert asked.status_code == 303
    assert (
        "attend une autre personne"
        in desk.get("/administration/seconds-facteurs/").content.decode()
    )
    reset = SecondFactorReset.objects.get()
    approve = f"/administration/seconds-facteurs/{reset.pk}/approuver"
    assert desk.post(approve).status_code == 403
    dpo = actor(Role.DPO, account_id=AccountFactory().pk)
    assert client.as_(dpo).post(approve).status_code == 303
    reset.refresh_from_db()
    assert reset.approved_at


@pytest.mark.parametrize("path", ["", "comptes/", "seconds-facteurs/"])
def test_administration_is_shut_to_the_desk(client, path):
    client.as_(coordinator_of(OrganizationFactory()))
    assert client.get(f"/administration/{path}").status_code == 403


def is_in(browser):
    """Whether the home page opens, instead of the sign-in."""
    return not browser.get("/", follow=True).request["PATH_INFO"].startswith("/compte/")
