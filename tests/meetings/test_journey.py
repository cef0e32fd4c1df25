"""From a plan with something late, to a meeting, to a decision that waits on the worklist."""

import re
from datetime import date

import pytest

from cordee.kernel.errors import DomainError
from cordee.meetings import services
from cordee.meetings.models import Decision, Meeting, Seat, Topic
from cordee.pathways.models import Task
from cordee.plans import services as plans
from cordee.plans.rules.lines import Answer
from cordee.plans.rules.rhythms import end_of
from cordee.plans.services import ActionSaid
from tests.factories.directory import PractitionerFactory
from tests.factories.people import joins_circle
from tests.meetings.scene import AFTER, STARTS, at, called, decided, held, set_team
from tests.plans.scene import active, set_around
from tests.support import NOW, Browser, facts, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def around():
    return set_team(set_around())


@pytest.fixture
def client(around):
    return Browser().as_(around.coordinator)


def sent(client, *address, **data):
    answer = client.post(at(*address), data)
    assert answer.status_code == 302, answer.text
    return answer


def test_from_what_is_asked_in_the_plan_to_a_decision_that_is_followed(around, client):
    _, step = active(around)
    asks = ActionSaid(Answer.CANNOT, "Mon genou")
    plans.answer(actor=around.coordinator, activity=step, said=asks, now=AFTER)

    panel = client.get(at("person_panel", around.person.pk))
    assert "Prévoir une réunion" in panel.text
    asked = client.get(at("call_for_person", around.person.pk)).text
    assert "Un lieu, un lien, ou les deux." in asked
    assert "(facultatif)" not in asked
    sent(
        client,
        *("call_for_person", around.person.pk),
        day="03/12/2026",
        hour="14h30",
        minutes="60",
        place="Salle du DAC",
    )
    meeting = Meeting.objects.get()
    assert meeting.starts_at == STARTS
    assert "n’écrit que si vous le demandez" in client.get(at("invite", meeting.pk)).text

    page = client.get(at("meeting", meeting.pk)).text
    assert "Ne peut pas être faite" in page
    assert "Marcher dix minutes" in page
    sent(client, "judge", meeting.pk, origin=f"plans/action/{step.pk}", kept="oui")
    topic = Topic.objects.get()
    assert topic.kept
    assert topic.words == "Marcher dix minutes"

    client.now = AFTER
    seat = Seat.objects.get()
    name = f"t{topic.pk.hex}"
    sent(client, "write", meeting.pk, there=str(seat.pk), **{name: "Elle préfère le matin."})
    sent(
        client,
        *("decide", meeting.pk),
        words="Demander un kinésithérapeute",
        doer=f"account:{around.coordinator.account_id}",
        due_on="10/12/2026",
        topic=str(topic.pk),
    )
    run_jobs()
    (task,) = Task.objects.open().filter(kind="follow_decision")
    assert task.due_at == end_of(date(2026, 12, 10))
    assert task.person_id == around.person.pk
    assert task.assignee_id == around.coordinator.account_id
    minutes = client.get(at("minutes", meeting.pk)).text
    assert "Elle préfère le matin." in minutes
    assert "Demander un kinésithérapeute" in minutes

    decision = Decision.objects.get()
    sent(client, "settle", meeting.pk, decision.pk, phase="done")
    run_jobs()
    assert not Task.objects.open().filter(kind="follow_decision").exists()


def test_a_meeting_waits_on_the_list_until_it_is_held(around):
    meeting = called(around)
    run_jobs()
    assert Task.objects.open().get(kind="hold_meeting").due_at == STARTS
    held(around, meeting)
    run_jobs()
    assert not Task.objects.open().exists()
    (line,) = facts("meetings.meeting_held")
    assert line["thread"] == around.person.pk


def test_the_task_of_a_decision_leads_to_its_meeting(around, client):
    meeting = held(around, called(around))
    decision = decided(around, meeting)
    answer = client.get(at("decision", decision.pk))
    assert answer.status_code == 302
    assert answer.url == f"{at('meeting', meeting.pk)}#decision-{decision.pk}"


def test_who_came_without_being_asked_is_added_once_the_minutes_are_written(client, around):
    meeting = called(around)
    held(around, meeting)
    nurse = joins_circle(around.person, practitioner=PractitionerFactory(last_name="VENUE"))
    page = client.as_(around.coordinator)
    page.now = AFTER
    assert "Ajouter qui est venu" in page.get(at("meeting", meeting.pk)).text
    form = page.get(at("invite", meeting.pk)).text
    assert "Ajouter aux présents" in form
    (choice,) = re.findall(rf'value="([^"]*{nurse.pk}[^"]*)"', form)
    assert page.post(at("invite", meeting.pk), {"who": choice}).status_code == 302
    seat = meeting.seats.get(member=nurse)
    assert seat.was_there
    assert "venue" in page.get(at("minutes", meeting.pk)).text.casefold()
    assert page.post(at("uninvite", meeting.pk, seat.pk)).status_code == 409


def test_nobody_is_added_to_a_meeting_that_was_cancelled(client, around):
    meeting = called(around)
    services.cancel(actor=around.coordinator, meeting=meeting, why="Reportée", now=NOW)
    person = {"is_person": True}
    with pytest.raises(DomainError):
        services.invite(actor=around.coordinator, meeting=meeting, guest=person, now=NOW)
