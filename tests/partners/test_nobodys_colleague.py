"""A software that acts for a structure is nobody's colleague: what it was given would be lost."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.models import Account
from cordee.directory import selectors as directory
from cordee.directory.models import Membership
from cordee.intake import services as intake
from cordee.intake.services import HandOn
from cordee.kernel.errors import DomainError
from cordee.pathways.models import Task
from cordee.web import services as accounts
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.partners import PAST, SystemFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, actor, coordinator_of, orienteuse_of

pytestmark = pytest.mark.django_db
MACHINE = "Logiciel partenaire de nuit"


def machine_of(organization, role="orienteuse"):
    """The account of a software that comes in as that role of that structure."""
    system = SystemFactory(membership__organization=organization, membership__role=role)
    Account.objects.filter(pk=system.membership.account_id).update(name=MACHINE)
    return system.membership.account


@pytest.fixture
def desk():
    return OrganizationFactory(name="Accueil")


@pytest.fixture
def claire(desk):
    held = MembershipFactory(
        account=AccountFactory(name="Claire"), organization=desk, role="coordinator", since=PAST
    )
    return coordinator_of(desk, account_id=held.account_id)


def test_no_task_is_handed_over_to_a_machine(client, claire, desk):
    machine, person = machine_of(desk, "coordinator"), PersonFactory()
    joins_circle(person, organization=desk)
    InformationFactory(person=person)
    task = TaskFactory(organization=desk, person=person)
    page = client.as_(claire).get(reverse("pathways:task", args=[task.pk])).content.decode()
    assert "Confier" in page
    assert MACHINE not in page
    client.post(reverse("pathways:hand_over", args=[task.pk]), {"to": str(machine.pk)})
    assert Task.objects.get(pk=task.pk).assignee_id is None


def test_the_load_of_a_team_counts_people(client, claire, desk):
    machine_of(desk, "coordinator")
    page = client.as_(claire).get(reverse("pathways:caseload")).content.decode()
    assert "Claire" in page
    assert MACHINE not in page


def test_no_request_goes_where_a_machine_alone_reads(claire, desk):
    empty = OrganizationFactory(name="Accueil sans personne")
    machine_of(empty)
    request = CareRequestFactory(organization=desk)
    to = HandOn(organization=empty, reason="territory", spoken_with="Personne")
    with pytest.raises(DomainError, match="nobody_there"):
        intake.hand_on(actor=orienteuse_of(desk), request=request, to=to, now=NOW)


def test_a_role_that_a_machine_alone_has_is_held_by_nobody(desk):
    machine_of(desk, "dpo")
    assert not directory.with_role("dpo", NOW).exists()
    assert directory.roles_in(desk.pk, NOW) == frozenset()


def test_a_machine_does_not_administer_in_place_of_the_last_person(desk):
    machine_of(desk, "administrator")
    held = MembershipFactory(role="administrator", organization=desk, since=PAST)
    administrator = actor(Role.ADMINISTRATOR, desk, account_id=held.account_id)
    role = Membership.objects.get(pk=held.pk)
    with pytest.raises(DomainError, match="last_administrator"):
        accounts.take_role_back(actor=administrator, membership=role, now=NOW)


def test_administration_reads_that_an_account_is_a_machine(client, desk):
    machine = machine_of(desk)
    held = MembershipFactory(role="administrator", organization=desk, since=PAST)
    client.as_(actor(Role.ADMINISTRATOR, desk, account_id=held.account_id))
    listed = client.get(reverse("web:accounts")).content.decode()
    page = client.get(reverse("web:account", args=[machine.pk])).content.decode()
    assert machine.email not in listed + page
    assert "logiciel partenaire" in listed
    assert "Fermer ce compte" in page
    assert "second facteur" not in page
