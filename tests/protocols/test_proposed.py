"""A protocol that is proposed is told to who may approve it, until it is approved or sent back."""

from functools import partial

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.directory.kinds import MembershipRole
from cordee.pathways.models import Task
from cordee.protocols.models import ProtocolVersion
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.protocols import ProtocolVersionFactory
from tests.support import Browser, actor, coordinator_of, run_jobs

pytestmark = pytest.mark.django_db
ASKED = "Relire un parcours type"


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


def colleague(dac, role=MembershipRole.COORDINATOR):
    account = AccountFactory()
    MembershipFactory(account=account, organization=dac, role=role)
    return coordinator_of(dac, account_id=account.pk, name=account.name)


@pytest.fixture
def sophie(dac):
    return colleague(dac)


@pytest.fixture
def karim(dac):
    return colleague(dac)


@pytest.fixture
def draft(dac, sophie, karim):
    mine = {"author_id": sophie.account_id, "writers": [sophie.account_id]}
    return ProtocolVersionFactory(draft=True, organization=dac, **mine)


def sends(who, version, name, data=None):
    answer = Browser().as_(who).post(reverse(f"protocols:{name}", args=[version.pk]), data or {})
    assert answer.status_code == 302, answer.text
    run_jobs()


def worklist(who):
    return Browser().as_(who).get(reverse("pathways:worklist")).text


def test_who_may_approve_is_told_on_their_list_and_who_wrote_it_is_not(dac, sophie, karim, draft):
    nurse = colleague(dac, MembershipRole.ORIENTEUSE)
    away = colleague(OrganizationFactory(kind="dac"))
    sends(sophie, draft, "propose")
    (task,) = Task.objects.open()
    assert (task.assignee_id, task.person_id) == (karim.account_id, None)
    assert ASKED in worklist(karim)
    for other in (sophie, nurse, away):
        assert ASKED not in worklist(other)
    opened = Browser().as_(karim).get(reverse("pathways:open", args=[task.pk]))
    assert opened.headers["Location"] == reverse("protocols:version", args=[draft.pk])


@pytest.mark.parametrize("ends", ["approve", "send_back"])
def test_the_task_leaves_once_it_is_approved_or_sent_back(sophie, karim, draft, ends):
    sends(sophie, draft, "propose")
    draft.refresh_from_db()
    typed = {"approve": {"empreinte": draft.digest}, "send_back": {"remarque": "À revoir."}}
    sends(karim, draft, ends, typed[ends])
    assert not Task.objects.open().exists()
    assert ASKED not in worklist(karim)


def test_what_is_proposed_again_is_told_again_but_not_to_who_wrote_in_it_meanwhile(
    dac, sophie, karim, draft
):
    ines = colleague(dac)
    sends(sophie, draft, "propose")
    assert Task.objects.open().count() == 2
    sends(karim, draft, "send_back", {"remarque": "À revoir."})
    draft.refresh_from_db()
    text = {"texte": draft.text + "\n", "lu": str(draft.version), "fenetre": ""}
    sends(ines, draft, "edit", text)
    sends(ines, draft, "propose")
    (task,) = Task.objects.open()
    assert task.assignee_id == karim.account_id


def test_administration_reads_what_waits_for_an_approval_until_it_comes(sophie, karim, draft):
    keeper = actor(Role.ADMINISTRATOR, account_id=AccountFactory().pk)
    overview = partial(Browser().as_(keeper).get, reverse("web:administration"))
    assert "attend une approbation" not in overview().text
    sends(sophie, draft, "propose")
    assert "attend une approbation" in overview().text
    assert draft.title in overview().text
    ProtocolVersion.objects.get(pk=draft.pk)
    sends(keeper, draft, "approve", {"empreinte": draft.digest})
    assert "attend une approbation" not in overview().text
