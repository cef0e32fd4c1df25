"""An action entrusted to another structure of the circle waits on its worklist too."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.plans import services
from tests.factories.directory import OrganizationFactory, PractitionerFactory
from tests.factories.people import joins_circle
from tests.plans.scene import at, set_around, start, write
from tests.support import NOW, orienteuse_of, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_around()


@pytest.fixture
def sio(around):
    """A service that orients, of the same territory and of her circle."""
    return OrganizationFactory(name="SIO du Champsaur", territory=around.dac.territory)


def entrusted(around, stay, **details):
    """An action under way, entrusted to somebody of the circle."""
    plan = around.open()
    step = write(around, plan, choice="entrusted", member=stay, **details)
    start(around, plan)
    run_jobs()
    step.refresh_from_db()
    return step


def waiting():
    """Where the action is asked for."""
    rows = Task.objects.open().filter(kind="follow_action")
    return sorted(rows.values_list("organization__name", flat=True))


def test_it_waits_where_it_is_done_and_where_the_plan_is_held_until_it_is_done(client, around, sio):
    step = entrusted(around, joins_circle(around.person, organization=sio))
    assert waiting() == ["DAC du Champsaur", "SIO du Champsaur"]
    desk = orienteuse_of(sio)
    shown = client.as_(desk).get("/a-faire?qui=team").text
    assert "Suivre une action du plan" in shown
    task = Task.objects.open().get(organization=sio)
    assert client.get(reverse("pathways:open", args=[task.pk])).url == at("action", step.pk)
    services.do_action(actor=desk, activity=step, done_on=date(2026, 11, 23), now=NOW)
    run_jobs()
    assert waiting() == []


def test_what_is_entrusted_to_the_holder_waits_once(around):
    entrusted(around, around.person.circle.get(organization=around.dac))
    assert waiting() == ["DAC du Champsaur"]


def test_a_home_help_and_a_professional_alone_have_no_worklist(around):
    helper = OrganizationFactory(kind="home_help", territory=around.dac.territory)
    entrusted(around, joins_circle(around.person, organization=helper, role="home_help"))
    assert waiting() == ["DAC du Champsaur"]


def test_a_professional_alone_has_no_worklist(around):
    entrusted(around, joins_circle(around.person, practitioner=PractitionerFactory()))
    assert waiting() == ["DAC du Champsaur"]


def test_it_leaves_the_list_of_who_leaves_her_circle_and_stays_with_the_holder(around, sio):
    stay = joins_circle(around.person, organization=sio)
    entrusted(around, stay)
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW + timedelta(days=1))
    run_jobs()
    assert waiting() == ["DAC du Champsaur"]


def test_heard_again_it_is_asked_once_of_each(around, sio):
    entrusted(around, joins_circle(around.person, organization=sio))
    before = Task.objects.count()
    other = joins_circle(around.person, practitioner=PractitionerFactory())
    people.leave_circle(actor=around.coordinator, member=other, now=NOW)
    run_jobs()
    assert Task.objects.count() == before
