"""What partners are told, on the pages of administration: how it goes, and what failed."""

from datetime import timedelta

import pytest

from cordee.access.actor import Role
from cordee.partners.models import Delivery
from tests.factories.directory import AccountFactory
from tests.factories.partners import DeliveryFactory, SubscriptionFactory, SystemFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, actor

pytestmark = pytest.mark.django_db
LIST = "/administration/applications/"


@pytest.fixture
def admin(client):
    client.as_(actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk))
    return client


@pytest.fixture
def dead(db):
    person = PersonFactory(birth_name="Grandidier")
    one = SubscriptionFactory(criteria="Task?status=requested&patient=Patient/abc")
    found = DeliveryFactory(
        subscription=one, person=person, state="dead", due_at=None, fault="refused.410", tries=1
    )
    DeliveryFactory(subscription=one, person=person)
    return found


def page_of(dead):
    return f"{LIST}{dead.subscription.client_id}/abonnements"


def test_administration_sees_how_each_goes_and_never_about_whom(admin, dead):
    assert "1\u00a0notification non remise" in admin.get(LIST).content.decode()
    text = admin.get(page_of(dead)).content.decode()
    for said in ("selon status, patient", "logiciel.exemple.fr", "réponse 410", "non remise"):
        assert said in text
    for hidden in ("Grandidier", "Patient/abc", str(dead.person_id), str(dead.resource_id)):
        assert hidden not in text


def test_what_was_not_delivered_is_sent_again_alone_or_with_all_the_others(admin, dead):
    again = admin.post(f"/administration/notifications/{dead.pk}/renvoi")
    assert again["Location"] == page_of(dead)
    dead.refresh_from_db()
    assert (dead.state, dead.tries, dead.due_at) == ("waiting", 0, NOW)
    Delivery.objects.update(state="dead", due_at=None)
    assert admin.post(f"{page_of(dead)}/renvoi").status_code == 302
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}


def test_what_is_given_up_says_why_and_by_whom(admin, dead):
    address = f"/administration/notifications/{dead.pk}/abandon"
    assert admin.post(address, {"why": " "}).status_code == 409
    assert admin.post(address, {"why": "Relu chez le partenaire"}).status_code == 302
    dead.refresh_from_db()
    said = (dead.state, dead.given_up_why, dead.given_up_by_id)
    assert said == ("given_up", "Relu chez le partenaire", admin.speaker.account_id)
    assert admin.post(address, {"why": "encore"}).status_code == 404


def test_the_technical_contact_sees_and_sends_nothing_again(client, dead):
    contact = AccountFactory()
    system = SystemFactory(contact=contact)
    other = DeliveryFactory(
        subscription=SubscriptionFactory(client=system),
        state="dead",
        due_at=None,
        fault="failed.503",
    )
    client.as_(actor(Role.COORDINATOR, account_id=contact.pk))
    text = client.get(page_of(other)).content.decode()
    assert "réponse 503" in text
    assert "Renvoyer" not in text
    assert client.post(f"/administration/notifications/{other.pk}/renvoi").status_code == 404
    assert client.get(page_of(dead)).status_code == 404


def test_the_condition_of_the_house_says_that_a_partner_does_not_know_everything(admin, dead):
    assert "en retard ou non remises (1)" in admin.get("/etat").content.decode()
    Delivery.objects.update(state="delivered", settled_at=NOW, due_at=None)
    assert "non remises" not in admin.get("/etat").content.decode()


def test_what_waits_for_long_is_late(admin):
    one = SubscriptionFactory()
    DeliveryFactory(subscription=one, happened_at=NOW - timedelta(minutes=20))
    assert "En retard</span>" in admin.get(f"{LIST}{one.client_id}/abonnements").content.decode()
    assert "en retard ou non remises (1)" in admin.get("/etat").content.decode()
