"""A protected action of a plan that a hospital holds: who reads it there is who has a profession
that may."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.directory import services as directory
from cordee.directory.models import Membership
from cordee.pathways import planned
from cordee.pathways.jobs.protected import look_again
from cordee.pathways.models import Task
from cordee.people.rules.sharing import Category
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.people import (
    InformationFactory,
    PersonFactory,
    SharingFactory,
    joins_circle,
)
from tests.plans.scene import Around, at
from tests.plans.test_protected_tasks import WORDS, under_way
from tests.support import NOW, actor, arranging, run_jobs

pytestmark = pytest.mark.django_db


def nurse_of(hospital):
    """A nurse of a hospital, as the door makes her."""
    account = AccountFactory()
    nurse = PractitionerFactory(account=account)
    MembershipFactory(role="hospital", organization=hospital, account=account)
    known = {"practitioner_id": nurse.pk, "profession": nurse.profession}
    return actor(Role.HOSPITAL, hospital, account_id=account.pk, **known)


@pytest.fixture
def around():
    hospital = OrganizationFactory(kind="hospital")
    return around_one_of(hospital, nurse_of(hospital))


def around_one_of(hospital, nurse):
    person = PersonFactory(territory=hospital.territory)
    joins_circle(person, organization=hospital)
    InformationFactory(person=person)
    return Around(person, hospital, nurse)


def lets_know(around, audience):
    cell = {"category": Category.MENTAL_HEALTH.value, "audience": audience}
    SharingFactory(person=around.person, choice="consented", **cell)


def dac_of(around, role="coordinator"):
    dac = OrganizationFactory(kind="dac", territory=around.dac.territory)
    joins_circle(around.person, organization=dac)
    MembershipFactory(role=role, organization=dac)
    return dac


def its_author_leaves(around):
    held = Membership.objects.get(account=around.coordinator.account_id)
    yesterday = (NOW - timedelta(days=1)).date()
    directory.end_membership(actor=SYSTEM, membership=held, last_day=yesterday, now=NOW)
    run_jobs()


def waiting():
    return [(one.kind, one.organization_id, one.role) for one in Task.objects.open()]


def test_another_nurse_who_reads_it_is_asked_and_nobody_is_to_give_it(client, around):
    lets_know(around, "health")
    lets_know(around, "coordination")
    other = nurse_of(around.dac)
    dac_of(around)
    step = under_way(around)
    its_author_leaves(around)
    kinds = {kind for kind, _, _ in waiting()}
    assert "give_line" not in kinds
    task = Task.objects.open().get(kind="follow_action")
    assert (task.organization, task.role, task.person_id) == (around.dac, "hospital", None)
    opened = client.as_(other).get(reverse("pathways:open", args=[task.pk])).url
    assert opened == at("action", step.pk)
    assert WORDS in client.get(opened, follow=True).text


def test_a_line_is_to_be_given_also_where_nobody_elsewhere_has_an_account_yet(around):
    """No orphan: who leads is asked once, before and after somebody elsewhere could read it."""
    lets_know(around, "coordination")
    nurse_of(around.dac)
    joins_circle(around.person, organization=OrganizationFactory(kind="pharmacy"))
    under_way(around)
    its_author_leaves(around)
    (before,) = Task.objects.open().filter(kind="give_line")
    dac_of(around)
    look_again()
    (after,) = Task.objects.open().filter(kind="give_line")
    assert (after.pk, after.organization) == (before.pk, around.dac)


def test_a_line_to_give_passes_to_who_leads_when_who_led_left(around):
    lets_know(around, "coordination")
    nurse_of(around.dac)
    dac_of(around)
    under_way(around)
    its_author_leaves(around)
    [task] = Task.objects.open().filter(kind="give_line")
    with arranging():
        Task.objects.filter(pk=task.pk).update(role="coordinator")  # who led then, and left
    look_again()
    [again] = Task.objects.open().filter(kind="give_line")
    assert (again.role, again.organization_id) == (task.role, task.organization_id)
    look_again()
    assert Task.objects.open().get(kind="give_line").pk == again.pk


def test_one_line_that_fails_holds_back_no_other_at_night(around, monkeypatch):
    first = under_way(around)
    second = under_way(around_one_of(around.dac, around.coordinator))
    with arranging():
        Task.objects.filter(kind="follow_action").update(state="dropped", settled_at=NOW)
    keep = planned._keep_action

    def fails_once(who, activity, now):
        if activity.pk == min(first.pk, second.pk):
            raise ValueError("not yet")
        keep(who, activity, now)

    monkeypatch.setattr(planned, "_keep_action", fails_once)
    with pytest.raises(ValueError, match="not yet"):  # hence tried again by whoever asked
        look_again()
    task = Task.objects.open().get(kind="follow_action")
    assert task.origin == f"plans/action/{max(first.pk, second.pk)}"
