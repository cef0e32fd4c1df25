"""The own space of a person, of a relative: offered by the circle, opened once, closed at once."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.models import Account
from cordee.messaging.models import Message
from cordee.messaging.sealing import unseal
from cordee.people import services as people
from cordee.people.hats import hats_of
from cordee.people.models import CircleMember, PersonAccount
from cordee.web.models import SpaceInvitation
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.people import PersonFactory, RelativeFactory, joins_circle
from tests.support import NOW, Browser, actor, arranging, coordinator_of, facts, orienteuse_of

PASSWORD = "corde neuve en montagne"
BIRTH = "07/03/1941"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


@pytest.fixture
def desk():
    return OrganizationFactory(name="SIO du Champsaur")


@pytest.fixture
def person(desk):
    person = PersonFactory(birth_name="Grandidier", territory=desk.territory)
    joins_circle(person, organization=desk)
    return person


@pytest.fixture
def claire(client, desk):
    return client.as_(orienteuse_of(desk, account_id=AccountFactory(name="Claire").pk))


def offer(speaking, person, relative=None, **typed):
    form = {"who": relative.pk if relative else "", "email": "jeanne@exemple.fr"}
    form |= {"proved_how": "pièce vue au domicile", **typed}
    return speaking.post(reverse("web:offer_space", args=[person.pk]), form)


def link():
    message = Message.objects.latest("created_at")
    text = (
        unseal(message.sealed, message.pk).get("text", message.text)
        if message.sealed
        else message.text
    )
    return re.search(r"/compte/invitation/[\w-]+", text).group()


def opened(path, **typed):
    return Browser().post(path, {"birth_date": BIRTH, "password": PASSWORD, **typed})


def test_the_links_of_an_account_that_was_closed_open_nothing(claire, person):
    offer(claire, person)
    Account.objects.filter(name="Claire").update(is_active=False)
    assert opened(link()).status_code == 409
    assert not Account.objects.filter(email="jeanne@exemple.fr").exists()


def test_the_desk_offers_the_space_and_the_person_opens_it(claire, person):
    assert offer(claire, person).status_code == 303
    guest = Browser()
    assert "SIO du Champsaur" in guest.get(link()).text
    assert "randidier" not in guest.get(link()).text.lower()
    answer = guest.post(link(), {"birth_date": BIRTH, "password": PASSWORD})
    assert answer.url == "/compte/login/"
    account = Account.objects.get(email="jeanne@exemple.fr")
    (hat,) = hats_of(account, NOW)
    assert (hat.role, hat.person_id) == (Role.PERSON, person.pk)
    guest.post("/compte/login/", {"login": account.email, "password": PASSWORD})
    assert guest.get(reverse("web:person", args=[person.pk])).status_code == 200
    assert len(facts("people.own_space_opened")) == 1


def test_a_relative_is_tied_as_a_relative(claire, person):
    offer(claire, person, RelativeFactory(person=person))
    opened(link())
    (hat,) = hats_of(Account.objects.get(email="jeanne@exemple.fr"), NOW)
    assert hat.role is Role.RELATIVE


def test_the_letter_says_neither_name_nor_care(claire, person):
    offer(claire, person, RelativeFactory(person=person, name="Jeanne Grandidier"))
    message = Message.objects.latest("created_at")
    text = (message.subject + unseal(message.sealed, message.pk).get("text", message.text)).lower()
    for word in ("grandidier", "berthe", "jeanne", "soin", "santé mentale", "infirm"):
        assert word not in text
    assert str(person.pk) not in text


def test_closing_the_access_shuts_the_page_at_once(claire, person):
    offer(claire, person)
    opened(link())
    guest = Browser()
    guest.post("/compte/login/", {"login": "jeanne@exemple.fr", "password": PASSWORD})
    page = reverse("web:person", args=[person.pk])
    assert guest.get(page).status_code == 200
    panel = claire.get(reverse("web:spaces_panel", args=[person.pk])).text
    space = PersonAccount.objects.get()
    assert reverse("web:close_space", args=[person.pk, space.pk]) in panel
    claire.post(reverse("web:close_space", args=[person.pk, space.pk]))
    assert guest.get(page).status_code == 404


def test_a_link_serves_once_and_a_cancelled_or_late_one_says_the_same(claire, person):
    offer(claire, person)
    first = link()
    opened(first)
    never = Browser().get("/compte/invitation/" + "x" * 43)
    assert opened(first).status_code == never.status_code == 404
    jeanne = RelativeFactory(person=person)
    offer(claire, person, jeanne)
    invitation = SpaceInvitation.objects.get(relative=jeanne)
    claire.post(reverse("web:withdraw_space", args=[person.pk, invitation.pk]))
    assert Browser().get(link()).status_code == 404
    offer(claire, person, jeanne)
    with arranging():
        SpaceInvitation.objects.update(expires_at=NOW - timedelta(days=1))
    assert Browser().get(link()).status_code == 404


def test_a_used_link_is_not_cancelled_but_its_access_is_closed(claire, person):
    offer(claire, person)
    opened(link())
    used = SpaceInvitation.objects.get()
    answer = claire.post(reverse("web:withdraw_space", args=[person.pk, used.pk]))
    assert answer.status_code == 409
    assert "web.space_used" in answer.text


def test_offering_again_cancels_the_link_that_waits(claire, person):
    offer(claire, person)
    former = link()
    offer(claire, person)
    assert Browser().get(former).status_code == 404
    assert Browser().get(link()).status_code == 200


def test_the_wrong_hands_do_not_guess_the_birth_date(claire, person):
    offer(claire, person)
    path = link()
    for _ in range(SpaceInvitation.WRONG_DAYS):
        answer = opened(path, birth_date="01/01/1940")
        assert answer.status_code == 422
        cache.clear()  # the slow-down at the door is not what ends the link
    assert opened(path).status_code == 404
    assert not PersonAccount.objects.exists()
    assert not Account.objects.filter(email="jeanne@exemple.fr").exists()


def test_who_has_an_account_proves_it(claire, person):
    account = AccountFactory(email="jeanne@exemple.fr")
    account.set_password(PASSWORD)
    account.save()
    MembershipFactory(account=account, role="coordinator")
    offer(claire, person)
    assert opened(link(), password="pas le sien, non").status_code == 409
    assert opened(link()).status_code == 303
    assert [hat.role for hat in hats_of(account, NOW)] == [Role.COORDINATOR, Role.PERSON]


def test_a_service_that_left_the_circle_opens_nothing_any_more(claire, person):
    offer(claire, person)
    with arranging():
        CircleMember.objects.update(until=NOW)
    assert opened(link()).status_code == 409
    assert not PersonAccount.objects.exists()


def test_a_relative_taken_away_cannot_use_the_link(claire, desk, person):
    jeanne = RelativeFactory(person=person)
    offer(claire, person, jeanne)
    people.end_relative(actor=coordinator_of(desk), relative=jeanne, now=NOW)
    assert Browser().get(link()).status_code == 404


def test_no_space_for_who_died_nor_without_a_birth_date_nor_twice(claire, desk):
    for traits in ({"deceased_on": NOW.date()}, {"birth_date": None}):
        person = PersonFactory(territory=desk.territory, **traits)
        joins_circle(person, organization=desk)
        assert offer(claire, person).status_code == 409
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    offer(claire, person)
    opened(link())
    assert offer(claire, person).status_code == 409
    assert SpaceInvitation.objects.count() == 1


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DPO, Role.HOME_HELP, Role.PERSON])
def test_nobody_else_offers_a_space(client, desk, person, role):
    own = frozenset({person.pk}) if role is Role.PERSON else frozenset()
    account = AccountFactory().pk
    speaking = client.as_(actor(role, desk, account_id=account, person_ids=own))
    assert offer(speaking, person).status_code in (403, 404)
    assert not SpaceInvitation.objects.exists()


def test_administration_does_not_meet_those_who_only_read_their_own_page(client, claire, person):
    offer(claire, person)
    opened(link())
    account = Account.objects.get(email="jeanne@exemple.fr")
    admin = client.as_(actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk))
    assert "jeanne@exemple.fr" not in admin.get("/administration/comptes/").text
    assert admin.get(reverse("web:account", args=[account.pk])).status_code == 404


# --- what the database refuses -------------------------------------------------------------------


@pytest.fixture
def sent(claire, person):
    offer(claire, person)
    return SpaceInvitation.objects.get()


def refused(name):
    return pytest.raises(IntegrityError, match=name)


def test_one_link_waits_for_each_one(sent):
    with refused("web_space_invitation_waits_once_for_each_one"), transaction.atomic(), arranging():
        SpaceInvitation.objects.create(
            **{name: getattr(sent, name) for name in COPIED}, link_hash=b"autre"
        )


COPIED = ("person", "email", "organization", "invited_by", "invited_as", "expires_at")


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("web_space_invitation_accepted_opens_an_account", {"accepted_at": NOW}),
        (
            "web_space_invitation_is_accepted_or_revoked_not_both",
            {"accepted_at": NOW, "revoked_at": NOW},
        ),
    ],
)
def test_a_link_ends_in_one_way_only(sent, name, columns):
    if "revoked_at" in columns:
        columns = {**columns, "account": AccountFactory()}
    with refused(name), transaction.atomic(), arranging():
        SpaceInvitation.objects.filter(pk=sent.pk).update(**columns)


def test_a_space_opened_meanwhile_refuses_the_second_account(sent, claire, person):
    path = link()
    with arranging():
        PersonAccount.objects.create(
            person=person, account=AccountFactory(), proved_how="pièce vue", since=NOW
        )
    assert opened(path).status_code == 409
    assert not Account.objects.filter(email="jeanne@exemple.fr").exists()


def test_a_work_that_ends_takes_nothing_of_an_own_space(claire, desk, person):
    """Nor is it told to administration that there is one."""
    offer(claire, person)
    opened(link())
    account = Account.objects.get(email="jeanne@exemple.fr")
    MembershipFactory(account=account, organization=desk, since=NOW.date() - timedelta(days=90))
    nurse = PractitionerFactory(account=account)
    administrator = Browser().as_(actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk))
    answer = administrator.post(reverse("web:revoke", args=[account.pk]), follow=True)
    assert "n’ouvre plus rien ici" in answer.text
    assert "Sans rôle" in answer.text
    assert "espace" not in answer.text
    (hat,) = hats_of(account, NOW)
    assert hat.role is Role.PERSON
    nurse.refresh_from_db()
    assert nurse.account is None
    guest = Browser()
    guest.post("/compte/login/", {"login": account.email, "password": PASSWORD})
    assert guest.get(reverse("web:person", args=[person.pk])).status_code == 200


def test_a_space_is_offered_again_to_who_had_an_account_that_was_closed(claire, person):
    relative = RelativeFactory(person=person, name="Jeanne Roux")
    AccountFactory(email="jeanne@exemple.fr", name="Jeanne ROUX", is_active=False)
    offer(claire, person, relative)
    assert "Choisissez un mot de passe" in Browser().get(link()).text
    assert opened(link()).status_code == 303
    account = Account.objects.get(email="jeanne@exemple.fr")
    assert (account.is_active, account.check_password(PASSWORD)) == (True, True)


def test_a_space_is_not_opened_in_the_closed_account_of_somebody_else(claire, person):
    AccountFactory(email="jeanne@exemple.fr", name="Luc Petit", is_active=False)
    offer(claire, person, RelativeFactory(person=person, name="Jeanne Roux"))
    assert opened(link()).status_code == 409
    assert not Account.objects.get(email="jeanne@exemple.fr").is_active
