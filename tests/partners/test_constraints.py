"""What the database keeps of partners, each promise broken on purpose."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from cordee.access.actor import ANONYMOUS, Role
from cordee.access.sight import seen_by
from cordee.partners.models import Code, Delivery, Grant, Proof, Subscription, Tally, Token
from tests.factories.directory import AccountFactory
from tests.factories.partners import (
    AppFactory,
    DeliveryFactory,
    SubscriptionFactory,
    SystemFactory,
    key,
    shown,
)
from tests.factories.people import PersonFactory
from tests.support import NOW, actor, arranging

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


def breaks(name, make):
    """Expect the database to refuse, naming its promise."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        make()


def granted(**more):
    """What somebody allowed to an application."""
    said = {"account": AccountFactory(), "hat": "h", "label": "coordination", "scopes": "user/*.r"}
    said |= {"given_at": NOW, "ends_at": LATER}
    return Grant.objects.create(client=AppFactory(), **(said | more))


def token_of(of, /, **more):
    """A key of it."""
    said = {"client": of.client, "grant": of, "kind": "access", "digest": b"a" * 32}
    said |= {"scopes": of.scopes, "issued_at": NOW, "expires_at": LATER}
    return Token.objects.create(**(said | more))


@pytest.mark.parametrize(
    "wrong", [{"membership": None}, {"redirect_uris": ["https://a.exemple.fr/"]}]
)
def test_a_system_alone_has_a_role_of_its_own(wrong):
    name = "partners_client_system_alone_has_a_role_of_its_own"
    breaks(name, lambda: SystemFactory(**wrong))


def test_an_application_says_where_it_is_answered():
    name = "partners_client_system_alone_has_a_role_of_its_own"
    breaks(name, lambda: AppFactory(redirect_uris=[]))


@pytest.mark.parametrize(
    "wrong", [{"jwks": {}}, {"jwks": shown(key()), "jwks_url": "https://a.exemple.fr/jwks"}]
)
def test_a_client_proves_itself_by_one_set_of_keys(wrong):
    breaks("partners_client_proves_itself_by_one_set_of_keys", lambda: SystemFactory(**wrong))


def test_an_application_on_a_device_has_no_key():
    name = "partners_client_proves_itself_by_one_set_of_keys"
    breaks(name, lambda: AppFactory(jwks=shown(key())))


def test_a_client_calls_at_some_rate():
    breaks("partners_client_calls_at_some_rate", lambda: SystemFactory(per_minute=0))


@pytest.mark.parametrize(
    "wrong", [{"launch_url": "https://a.exemple.fr/"}, {"launch_roles": ["coordinator"]}]
)
def test_what_opens_beside_a_person_has_an_address_and_some_role(wrong):
    breaks("partners_client_opens_beside_a_person_for_some_role", lambda: AppFactory(**wrong))


def test_a_system_opens_beside_nobody():
    wrong = {"launch_url": "https://a.exemple.fr/", "launch_roles": ["coordinator"]}
    breaks("partners_client_opens_beside_a_person_for_some_role", lambda: SystemFactory(**wrong))


def test_what_is_allowed_ends_after_it_was_given():
    breaks("partners_grant_ends_after_it_was_given", lambda: granted(ends_at=NOW))


@pytest.mark.parametrize("wrong", [{"ended_at": NOW}, {"ended_why": "taken_back"}])
def test_what_ended_says_why(wrong):
    breaks("partners_grant_says_why_it_ended", lambda: granted(**wrong))


def test_only_what_somebody_allowed_is_renewed():
    grant = granted()
    name = "partners_token_is_renewed_only_for_somebody"
    breaks(name, lambda: token_of(grant, grant=None, kind="refresh"))


def test_a_proof_is_taken_once():
    client = SystemFactory()
    said = {"client": client, "digest": b"a" * 32, "expires_at": LATER}
    Proof.objects.create(**said)
    breaks("partners_proof_is_taken_once", lambda: Proof.objects.create(**said))
    Proof.objects.create(**(said | {"client": SystemFactory()}))


# --- the second lock ---------------------------------------------------------------------------


def rows(table):
    """What the database shows, whoever forgot to ask."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_the_database_shows_what_was_allowed_to_who_allowed_it_and_keys_to_nobody():
    grant = granted(person=PersonFactory())
    token_of(grant)
    Code.objects.create(
        grant=grant, digest=b"c" * 32, redirect_uri="https://a", challenge="d", expires_at=LATER
    )
    mine = actor(Role.COORDINATOR, account_id=grant.account_id)
    for who, seen in ((mine, 1), (actor(Role.ADMINISTRATOR), 0), (ANONYMOUS, 0)):
        with seen_by(who):
            told = [rows(f"partners_{one}") for one in ("grant", "token", "code")]
        assert told == [seen, 0, 0]


def test_what_was_allowed_about_a_person_follows_her_when_records_are_joined():
    """The trigger of every table that hangs from a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_trigger WHERE tgname = 'follows_merge'"
            " AND tgrelid = 'partners_grant'::regclass"
        )
        assert cursor.fetchone()


def test_the_record_of_a_client_keeps_its_former_keys():
    client = SystemFactory()
    with arranging():
        client.jwks = shown(key("autre"))
        client.save()
    client.refresh_from_db()
    assert client.version == 2


def test_a_subscription_in_error_says_why():
    name = "partners_subscription_in_error_says_why"
    breaks(name, lambda: SubscriptionFactory(state="error"))


def test_a_subscription_that_is_removed_is_off():
    name = "partners_subscription_that_is_removed_is_off"
    breaks(name, lambda: SubscriptionFactory(removed_at=NOW))


def test_a_delivery_is_numbered_once():
    one = DeliveryFactory()
    said = {"subscription": one.subscription, "number": one.number}
    breaks("partners_delivery_is_numbered_once", lambda: DeliveryFactory(**said))


def test_a_delivery_tells_a_version_once():
    one = DeliveryFactory()
    said = {"subscription": one.subscription, "resource_id": one.resource_id}
    breaks("partners_delivery_tells_a_version_once", lambda: DeliveryFactory(**said))
    DeliveryFactory(**said, row_version="2")


def test_a_delivery_given_up_says_why():
    breaks("partners_delivery_given_up_says_why", lambda: DeliveryFactory(state="given_up"))


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_a_delivery_to_send_has_its_time(state):
    name = "partners_delivery_to_send_has_its_time"
    breaks(name, lambda: DeliveryFactory(state=state, due_at=None))


def test_what_partners_are_told_is_read_by_the_house_and_what_they_asked_by_who_asked():
    one = DeliveryFactory(person=PersonFactory())
    account = one.subscription.account_id
    with seen_by(actor(Role.COORDINATOR, account_id=account)):
        assert Subscription.objects.get() == one.subscription
        assert not Delivery.objects.exists()
        assert not Tally.objects.exists()
    for who in (ANONYMOUS, actor(Role.ADMINISTRATOR), actor(Role.DPO)):
        with seen_by(who):
            assert not Subscription.objects.exists()
            assert not Delivery.objects.exists()
