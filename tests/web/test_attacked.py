"""What a visitor, an insider or a former administrator would try at the human door."""

import asyncio
import logging

import pytest
from django.core.cache import cache
from django.db import connection

from cordee.access.actor import Role
from cordee.directory.models import Membership
from cordee.messaging.models import Message
from cordee.web import live, services
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.support import NOW, Browser, actor
from tests.web.conftest import PASSWORD, PAST
from tests.web.test_invitations import link_of
from tests.web.test_live import listen, nurse_of, session_of, something_happens_to
from tests.web.test_sign_in import is_in, production, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counted_attempts():
    cache.clear()


# --- pages kept by a shared computer --------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/demande/nouvelle", "/compte/login/", "/compte/password/reset/", "/nulle-part"]
)
def test_no_page_of_a_visitor_is_kept_either(client, path):
    assert "no-store" in client.get(path).headers.get("Cache-Control", "")


def test_where_a_code_was_sent_is_not_kept_by_the_browser(client):
    client.post("/demande/nouvelle", {"organization_code": "X", "contact": "ines@exemple.fr"})
    page = client.get("/demande/code")
    assert "no-store" in page.headers.get("Cache-Control", "")


# --- logs -----------------------------------------------------------------------------------------


def test_a_link_to_choose_a_password_again_is_not_in_the_logs(client, caplog):
    """The scanners of mail servers ask for the head of each link: that is refused, and logged."""
    from config.logging import WithoutPersons

    AccountFactory(email="ines@exemple.fr")
    client.post("/compte/password/reset/", {"email": "ines@exemple.fr"})
    link = link_of(Message.objects.get())
    with caplog.at_level(logging.WARNING, logger="django.request"):
        client.head(link)
        client.put(link)
        client.get(link, headers={"Host": "ailleurs.exemple"})
    there = client.get(link, follow=True).request["PATH_INFO"]
    said = [WithoutPersons.cleaned(record.getMessage()) for record in caplog.records]
    said.append(WithoutPersons.cleaned(f"Internal Server Error: {there}"))
    said.append(WithoutPersons.cleaned(f"Internal Server Error: {link}"))
    key = link.rpartition("/")[2]
    assert len(said) >= 3
    assert not [line for line in said if key in line or key.partition("-")[2] in line]


# --- redirections ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "https://ailleurs.exemple/",
        "//ailleurs.exemple/",
        "/\\ailleurs.exemple",
        "https:ailleurs.exemple",
        "\thttps://ailleurs.exemple",
        "javascript:alert(1)",
        "http://testserver@ailleurs.exemple/",
    ],
)
def test_the_sign_in_leads_nowhere_else(client, account, target):  # noqa: F811
    answer = client.post(
        "/compte/login/", {"login": "ines@exemple.fr", "password": PASSWORD, "next": target}
    )
    assert answer.url == "/"


def test_a_path_of_two_slashes_leads_back_here(client):
    answer = client.get("//ailleurs.exemple/a-faire")
    assert answer.url.startswith("/compte/login/")
    assert "next=%2F%252F" in answer.url or "next=%2F%2F" not in answer.url


# --- accounts -------------------------------------------------------------------------------------


def test_nobody_takes_another_address_by_themselves(client, account):  # noqa: F811
    sign_in(client)
    for action in ("action_add", "action_primary"):
        client.post("/compte/email/", {"email": "direction@exemple.fr", action: ""})
    account.refresh_from_db()
    assert account.email == "ines@exemple.fr"
    from allauth.account.models import EmailAddress

    assert not EmailAddress.objects.filter(email="direction@exemple.fr").exists()


def invited_by(administrator, email="retour@exemple.fr"):
    services.invite(
        actor=actor(Role.ADMINISTRATOR, account_id=administrator.pk),
        invited=services.Invited(
            email=email,
            name="Retour",
            organization=OrganizationFactory(name="SIO du Champsaur"),
            role="administrator",
        ),
        now=NOW,
    )
    return link_of(Message.objects.latest("created_at"))


@pytest.fixture
def rogue():
    return MembershipFactory(since=PAST, role="administrator")


def take(link):
    return Browser().post(link, {"password": PASSWORD, "password_again": PASSWORD})


def administrator():
    held = MembershipFactory(role="administrator", since=PAST)
    return actor(Role.ADMINISTRATOR, account_id=held.account_id)


def test_an_administrator_who_was_revoked_does_not_come_back_by_a_link_of_theirs(rogue):
    link = invited_by(rogue.account)
    other = administrator()
    services.revoke_account(actor=other, account=rogue.account, now=NOW)

    take(link)

    assert not Membership.objects.filter(account__email="retour@exemple.fr").exists()


def test_a_role_of_administrator_taken_back_takes_back_the_links_it_gave(rogue):
    link = invited_by(rogue.account)
    other = administrator()
    services.take_role_back(actor=other, membership=rogue, now=NOW)

    take(link)

    assert not Membership.objects.filter(account__email="retour@exemple.fr").exists()


def test_the_links_of_who_still_administers_open(rogue):
    take(invited_by(rogue.account))
    assert Membership.objects.filter(account__email="retour@exemple.fr").exists()


# --- live -----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_without_a_second_factor_nobody_listens_in_production(production):  # noqa: F811
    from tests.factories.people import PersonFactory

    key = session_of(nurse_of(PersonFactory()))
    with pytest.raises(live.NotSignedIn):
        asyncio.run(live.Reader.open({"cordee_session": key}, ""))


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_nobody_understands_does_not_deafen_the_house():
    from tests.factories.people import PersonFactory

    person = PersonFactory()
    key = session_of(nurse_of(person))

    def noise_then_something():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('thread', 'bruit')")
            cursor.execute("""SELECT pg_notify('thread', '{"id": 1}')""")
        something_happens_to(person)

    received = "".join(listen([key], noise_then_something)[key])
    assert "event: thread:people" in received
