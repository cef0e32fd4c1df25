"""Who answers an alert: coordination, or the home service; and those who answer change."""

import pytest
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.access.sight import seen_by
from cordee.kernel.errors import Forbidden
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import CircleMember
from cordee.vigilance import selectors, services
from cordee.vigilance.models import Alert, Visit
from cordee.vigilance.rules.following import Deed, Effect, Verdict
from cordee.vigilance.services import Done, Ended
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import ProcessingFactory, joins_circle
from tests.support import NOW, Browser, actor, arranging, run_jobs
from tests.vigilance.scene import set_home

LOW = {"visit": 4, "health": 1, "morale": 4, "fitness": 4}
RIGHT = Ended(Verdict.RIGHT, Effect.BETTER, "Le médecin passe demain.")


@pytest.fixture
def home(db):
    return set_home()


def _refuses(home):
    with arranging():
        ProcessingFactory(person=home.person, will="refused")


def _desks():
    return {one.organization for one in Alert.objects.select_related("organization")}


def test_who_refuses_coordination_has_her_alerts_answered_by_the_home_service(home):
    _refuses(home)
    home.send(home.record(marks=LOW, signs=["fell"]))
    assert _desks() == {home.service}
    assert selectors.open_alerts(home.coordinator) == []
    assert [len(group) for group in selectors.open_alerts(home.helper)] == [1]
    with seen_by(home.helper):
        assert Alert.objects.count() == 1


def test_the_helpers_of_the_service_that_answers_see_act_and_close(home):
    _refuses(home)
    home.send(home.record(marks=LOW))
    alert = Alert.objects.get()
    done = Done("", Deed.CALL, "Appel au médecin.")
    services.act_on_alert(actor=home.helper, alert=alert, done=done, now=NOW)
    services.close_alert(actor=home.helper, alert=alert, ended=RIGHT, now=NOW)
    assert Alert.objects.get().verdict == "right"
    assert Visit.objects.get().answer == "Le médecin passe demain."
    with pytest.raises(Forbidden):
        services.answer(actor=home.helper, visit=Visit.objects.get(), words="Encore", now=NOW)


def test_where_nobody_coordinates_the_home_service_answers(home):
    with arranging():
        CircleMember.objects.filter(organization=home.desk).update(until=NOW)
    home.send(home.record(marks=LOW))
    assert _desks() == {home.service}
    board = Browser().as_(home.helper).get(reverse("vigilance:alerts")).content.decode()
    assert home.person.full_name in board


def test_an_open_alert_follows_who_may_answer_it(home):
    home.send(home.record(marks=LOW))
    services.see_alert(actor=home.coordinator, alert=Alert.objects.get(), now=NOW)
    _refuses(home)
    home.send(home.record(marks=LOW, urgent=True))
    alert = Alert.objects.get()
    assert (alert.organization, alert.times, alert.seen_at) == (home.service, 2, None)


def test_an_alert_passes_to_the_coordination_that_takes_over(home):
    home.send(home.record(marks=LOW))
    services.see_alert(actor=home.coordinator, alert=Alert.objects.get(), now=NOW)
    run_jobs()
    other = OrganizationFactory(kind="dac", territory=home.desk.territory)
    lead = MembershipFactory(role="coordinator", organization=other).account
    taking_over = actor(Role.COORDINATOR, other, account_id=lead.pk, name=lead.name)
    with arranging():
        CircleMember.objects.filter(organization=home.desk).update(until=NOW)
        joins_circle(home.person, organization=other)
        services.route(actor=SYSTEM, person=home.person.pk, now=NOW)
    run_jobs()
    alert = Alert.objects.get()
    assert (alert.organization, alert.seen_at) == (other, None)
    task = Task.objects.get(origin=f"vigilance/alert/{alert.pk}", settled_at=None)
    assert (task.organization, task.kind, task.assignee) == (other, "answer_alert", None)
    services.see_alert(actor=taking_over, alert=alert, now=NOW)


def test_an_alert_passes_by_itself_when_its_desk_leaves_the_circle(home):
    """No visit comes, nobody opens it: what is said of the circle is heard, and the home service,
    which is left alone, has the alert and its task."""
    home.send(home.record(marks=LOW))
    run_jobs()
    assert _desks() == {home.desk}
    stay = CircleMember.objects.get(organization=home.desk, person=home.person)
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert _desks() == {home.service}
    alert = Alert.objects.get()
    tasks = Task.objects.filter(origin=f"vigilance/alert/{alert.pk}", state="open")
    asked = {(one.kind, one.role, one.organization) for one in tasks}
    assert asked == {("answer_alert", role, home.service) for role in ("", "home_help")}


def test_an_alert_stands_again_when_who_answers_it_comes_back_to_the_circle(home):
    with arranging():
        CircleMember.objects.filter(organization=home.desk).update(until=NOW)
    home.send(home.record(marks=LOW))
    run_jobs()
    stay = CircleMember.objects.get(organization=home.service, person=home.person)
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert not Task.objects.open().exists()
    joining = people.Joining(role="home_help", organization_id=home.service.pk)
    people.join_circle(actor=SYSTEM, person=home.person, joining=joining, now=NOW)
    run_jobs()
    asked = {(one.kind, one.role, one.organization) for one in Task.objects.open()}
    assert asked == {("answer_alert", role, home.service) for role in ("", "home_help")}
