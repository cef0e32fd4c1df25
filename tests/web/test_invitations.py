"""Coming in by invitation, choosing a password again: by mail, and once."""

import re
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.db import IntegrityError, transaction

from cordee.access.actor import Role
from cordee.access.models import Account
from cordee.directory.models import Membership
from cordee.messaging.models import Message
from cordee.web.models import AccountInvitation
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.support import Browser, actor, arranging, simultaneously

PASSWORD = "corde neuve en montagne"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


@pytest.fixture
def desk(client):
    account = AccountFactory(name="Paul")
    MembershipFactory(account=account, since=date(2026, 1, 1), role="administrator")
    return client.as_(actor(Role.ADMINISTRATOR, account_id=account.pk))


@pytest.fixture
def organization():
    return OrganizationFactory(name="SIO du Champsaur")


def invite(desk, organization, email="ines@exemple.fr"):
    form = {
        "name": "Inès Arnaud",
        "email": email,
        "organization": organization.pk,
        "role": "orienteuse",
    }
    answer = desk.post("/administration/invitations/", form)
    assert answer.status_code == 303
    return link_of(Message.objects.latest("created_at"))


def link_of(message):
    """What the letter holds when it is opened by who received it."""
    from cordee.messaging.sealing import unseal

    text = (
        unseal(message.sealed, message.pk).get("text", message.text)
        if message.sealed
        else message.text
    )
    return re.search(r"/(invitation|compte)/[\w-]+", text).group()


def test_the_invited_opens_an_account_with_its_role(desk, organization):
    link = invite(desk, organization)
    guest = Browser()
    assert "SIO du Champsaur" in guest.get(link).content.decode()
    assert guest.post(link, {"password": PASSWORD}).url == "/compte/login/"
    account = Account.objects.get(email="ines@exemple.fr")
    assert Membership.objects.get(account=account).role == "orienteuse"
    signed = guest.post("/compte/login/", {"login": account.email, "password": PASSWORD})
    assert signed.url == "/"


def invite_professional(desk, organization, rpps, email="ines@exemple.fr"):
    form = {"name": "Inès Arnaud", "email": email, "organization": organization.pk,
            "role": "liberal", "rpps": rpps}  # fmt: skip
    return desk.post("/administration/invitations/", form)


def test_a_professional_is_invited_by_her_number_and_her_account_is_hers(desk, organization):
    nurse = PractitionerFactory(rpps="99700000015")
    assert invite_professional(desk, organization, nurse.rpps).status_code == 303
    link = link_of(Message.objects.latest("created_at"))
    guest = Browser()
    assert "professionnel de santé libéral" in guest.get(link).content.decode()
    guest.post(link, {"password": PASSWORD})
    nurse.refresh_from_db()
    assert nurse.account.email == "ines@exemple.fr"
    assert not Membership.objects.filter(account=nurse.account).exists()
    guest.post("/compte/login/", {"login": nurse.account.email, "password": PASSWORD})
    assert guest.get(f"/annuaire/exercice/{nurse.pk}/").status_code in (200, 404)
    assert guest.get("/", follow=True).status_code == 200
    shown = desk.get(f"/administration/comptes/{nurse.account_id}/").text
    assert "celui d’un professionnel libéral" in shown
    desk.post(f"/administration/comptes/{nurse.account_id}/fermer")
    shown = desk.get(f"/administration/comptes/{nurse.account_id}/").text
    assert "ce compte n’ouvre rien" in shown


@pytest.mark.parametrize("rpps", ["", "99700000099", "n’importe quoi"])
def test_a_number_that_nobody_has_invites_nobody(desk, organization, rpps):
    answer = invite_professional(desk, organization, rpps)
    assert answer.status_code == 422
    assert "Aucun professionnel en activité" in answer.content.decode()
    assert not AccountInvitation.objects.exists()


def test_a_professional_is_tied_to_the_first_account_only(desk, organization):
    nurse = PractitionerFactory(rpps="99700000015")
    links = []
    for email in ("ines@exemple.fr", "autre@exemple.fr"):
        invite_professional(desk, organization, nurse.rpps, email)
        links.append(link_of(Message.objects.get(to=email)))
    answers = [Browser().post(link, {"password": PASSWORD}).status_code for link in links]
    assert answers == [303, 409]
    nurse.refresh_from_db()
    assert nurse.account.email == "ines@exemple.fr"
    assert not Account.objects.filter(email="autre@exemple.fr").exists()
    assert invite_professional(desk, organization, nurse.rpps, "x@exemple.fr").status_code == 422


def test_an_invitation_is_for_a_role_or_a_professional(desk, organization):
    invite(desk, organization)
    invitation = AccountInvitation.objects.get()
    with (
        arranging(),
        pytest.raises(
            IntegrityError, match="web_account_invitation_is_for_a_role_or_a_professional"
        ),
        transaction.atomic(),
    ):
        AccountInvitation.objects.filter(pk=invitation.pk).update(role="")


def test_a_link_serves_once(desk, organization):
    link = invite(desk, organization)
    Browser().post(link, {"password": PASSWORD})
    assert Browser().get(link).status_code == 404
    assert Browser().post(link, {"password": "une autre phrase"}).status_code == 404


def test_the_secret_is_kept_nowhere(desk, organization):
    secret = invite(desk, organization).rpartition("/")[2]
    kept = AccountInvitation.objects.values().get()
    assert secret not in str(
        {key: bytes(v) if isinstance(v, memoryview) else v for key, v in kept.items()}
    )


def test_an_expired_or_revoked_link_says_the_same_as_one_that_never_was(desk, organization):
    link = invite(desk, organization)
    never = Browser().get("/invitation/" + "x" * 43).content
    invitation = AccountInvitation.objects.get()
    desk.post(f"/administration/invitations/{invitation.pk}/annuler")
    assert _main(Browser().get(link).content) == _main(never)
    other = invite(desk, organization, "autre@exemple.fr")
    with arranging():
        AccountInvitation.objects.update(expires_at=invitation.created_at - timedelta(days=1))
    assert _main(Browser().get(other).content) == _main(never)


def test_a_used_link_is_not_revoked(desk, organization):
    Browser().post(invite(desk, organization), {"password": PASSWORD})
    invitation = AccountInvitation.objects.get()
    answer = desk.post(f"/administration/invitations/{invitation.pk}/annuler")
    assert answer.status_code == 409
    assert "web.invitation_used" in answer.content.decode()


def test_a_weak_password_is_refused_in_words(desk, organization):
    answer = Browser().post(invite(desk, organization), {"password": "court"})
    assert answer.status_code == 409
    assert "12" in answer.content.decode()
    assert not Account.objects.filter(email="ines@exemple.fr").exists()


def test_who_has_an_account_proves_it_and_gains_a_role(desk, organization):
    account = AccountFactory(email="ines@exemple.fr")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, role="coordinator")
    link = invite(desk, organization)
    assert Browser().post(link, {"password": "pas le sien, non"}).status_code == 409
    assert Browser().post(link, {"password": PASSWORD}).status_code == 303
    assert Membership.objects.filter(account=account).count() == 2


def test_whoever_comes_back_after_their_account_was_closed_chooses_a_new_password(
    desk, organization
):
    """The role was given to an account that stayed closed, and « connectez-vous » led nowhere."""
    account = closed_account(desk, "ARNAUD Ines")
    link, guest = invite(desk, organization), Browser()
    assert "Choisissez un mot de passe" in guest.get(link).content.decode()
    assert guest.post(link, {"password": "court"}).status_code == 409
    assert guest.post(link, {"password": "une autre longue phrase"}).status_code == 303
    for password, opened in ((PASSWORD, False), ("une autre longue phrase", True)):
        answer = guest.post("/compte/login/", {"login": account.email, "password": password})
        assert (answer.status_code == 302 and answer.url == "/") is opened
    account.refresh_from_db()
    assert (account.is_active, account.closed_at) == (True, None)
    assert not Authenticator.objects.filter(user=account).exists()
    assert not SocialAccount.objects.filter(user=account).exists()


def closed_account(desk, name):
    """Somebody who worked here, signed in with more than a password, and left."""
    account = AccountFactory(email="ines@exemple.fr", name=name)
    MembershipFactory(account=account, since=date(2026, 1, 1))
    account.set_password(PASSWORD)
    account.save()
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data={})
    SocialAccount.objects.create(user=account, provider="psc", uid="899700000015")
    desk.post(f"/administration/comptes/{account.pk}/fermer")
    return account


def test_nobody_comes_in_as_somebody_else_who_left_and_had_that_address(desk, organization):
    """Of a shared mailbox: all that they did, saw and signed in with would be theirs."""
    account = closed_account(desk, "Anne Roux")
    form = {"name": "Inès Arnaud", "email": "Ines@exemple.fr", "organization": organization.pk,
            "role": "orienteuse"}  # fmt: skip
    answer = desk.post("/administration/invitations/", form)
    assert answer.status_code == 409
    assert "compte fermé, à un autre nom" in answer.text
    assert "Roux" not in answer.text
    assert not AccountInvitation.objects.exists()
    Account.objects.update(name="Inès Arnaud")
    link = invite(desk, organization)
    Account.objects.filter(pk=account.pk).update(name="Anne Roux")
    assert Browser().post(link, {"password": PASSWORD}).status_code == 409
    account.refresh_from_db()
    assert not account.is_active
    assert Authenticator.objects.filter(user=account).exists()


def test_a_professional_whose_account_was_closed_is_invited_again(desk, organization):
    nurse = PractitionerFactory(rpps="99700000015", account=closed_account(desk, "Inès Arnaud"))
    answer = invite_professional(desk, organization, nurse.rpps, "nouvelle@exemple.fr")
    assert answer.status_code == 303
    Browser().post(link_of(Message.objects.latest("created_at")), {"password": PASSWORD})
    nurse.refresh_from_db()
    assert nurse.account.email == "nouvelle@exemple.fr"


def test_a_role_that_would_be_over_is_not_offered(desk, organization):
    form = {"name": "Inès Arnaud", "email": "ines@exemple.fr", "organization": organization.pk,
            "role": "orienteuse", "until": "2026-11-22"}  # fmt: skip
    answer = desk.post("/administration/invitations/", form)
    assert answer.status_code == 409
    assert "La fin du rôle est déjà passée" in answer.content.decode()
    assert not AccountInvitation.objects.exists()


def test_a_link_whose_role_is_over_serves_no_more(desk, organization):
    link = invite(desk, organization)
    with arranging():
        AccountInvitation.objects.update(until=date(2026, 11, 22))
    assert "web.invitation_spent" in Browser().post(link, {"password": PASSWORD}).content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_links_to_one_new_address_open_one_account(desk, organization):
    links = [invite(desk, organization) for _ in range(2)]
    answers = simultaneously(
        *[lambda link=link: Browser().post(link, {"password": PASSWORD}) for link in links]
    )
    assert {answer.status_code for answer in answers} <= {303, 409}
    assert Account.objects.filter(email="ines@exemple.fr").count() == 1


def test_guessing_the_password_behind_a_link_is_counted(desk, organization):
    AccountFactory(email="ines@exemple.fr")
    link = invite(desk, organization)
    statuses = [
        Browser().post(link, {"password": f"essai numéro {n}"}).status_code for n in range(8)
    ]
    assert statuses[0] == 409
    assert statuses[-1] == 422


def test_one_chooses_a_password_again_by_mail(client):
    account = AccountFactory(email="ines@exemple.fr")
    client.post("/compte/password/reset/", {"email": "INES@exemple.fr"})
    link = link_of(Message.objects.get())
    there = client.get(link, follow=True)
    form = {"password1": PASSWORD, "password2": PASSWORD}
    client.post(there.request["PATH_INFO"], form)
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client):
    AccountFactory(email="ines@exemple.fr")
    known = client.post("/compte/password/reset/", {"email": "ines@exemple.fr"})
    unknown = client.post("/compte/password/reset/", {"email": "rien@exemple.fr"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert Message.objects.count() == 1


def _main(content):
    return content.decode().split("<main")[1]
