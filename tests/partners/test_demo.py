"""The demonstration has a partner: it proves itself, listens, and is no account of real persons."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cordee.access.actor import SYSTEM
from cordee.access.models import Account
from cordee.fhir.subscriptions import feeding
from cordee.partners import demo
from cordee.partners.management.commands import demo_token
from cordee.partners.models import Client, Delivery, Subscription
from tests.factories.directory import AccountFactory, MembershipFactory
from tests.factories.partners import PAST
from tests.fhir.door import Machine
from tests.fhir.stage import set_stage
from tests.fhir.test_listening import front
from tests.fhir.test_subscriptions import relative_of
from tests.support import NOW, Browser, arranging

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage():
    """A desk of the demonstration, its coordinator, who administers, and its partner."""
    stage = set_stage()
    with arranging():
        Account.objects.filter(pk=stage.account.pk).update(is_demonstration=True)
    held = {"organization": stage.desk, "since": PAST}
    MembershipFactory(account=stage.account, role="coordinator", **held)
    other = AccountFactory(is_demonstration=True)
    MembershipFactory(account=other, role="administrator", **held)
    demo.load(NOW)
    return stage


def test_it_comes_in_as_a_real_one_does_and_hears_what_its_desk_would_see(stage):
    demo.load(NOW)
    client = Client.objects.get()
    assert client.membership.account.is_demonstration
    said = Browser().post("/fhir/oauth/token", demo.proved(client, NOW)).json()
    token = {"authorization": f"Bearer {said['access_token']}"}
    (one,) = Machine().get("Subscription", **token).json()["entry"]
    assert one["resource"]["criteria"] == demo.CRITERIA
    changed = one["resource"] | {"criteria": "RelatedPerson"}
    address = f"Subscription/{Subscription.objects.get().pk}"
    assert Machine().put(address, changed, **token).status_code == 200
    relative_of(stage)
    feeding.read_on(actor=SYSTEM, now=NOW)
    assert Delivery.objects.get().state == "heard"
    assert len(Machine().get(f"{address}/$events", **token).json()["entry"]) == 2


def test_its_token_is_asked_of_a_house_that_runs(stage, monkeypatch):
    told = StringIO()
    with front() as port:
        where = {"token": f"http://127.0.0.1:{port}/fhir/oauth/token"}
        monkeypatch.setattr(demo_token, "addresses", lambda: where)
        call_command("demo_token", stdout=told)
    token = {"authorization": f"Bearer {told.getvalue().strip()}"}
    assert Machine().get("Subscription", **token).status_code == 200
    with pytest.raises(CommandError, match="make run"):
        call_command("demo_token")
