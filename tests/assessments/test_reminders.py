"""An evaluation comes back on its day: on the thread, and on the worklist of who made it."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.assessments import jobs, selectors, services
from cordee.assessments.shipped import FOLDER, publish_file
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.models import CircleMember
from cordee.people.rules.processing import Basis, Purpose, Will
from cordee.people.rules.traits import WhyAlive
from tests.assessments.scenes import author_of, followed
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.support import NOW, actor, arranging, facts, queued, run_jobs

pytestmark = pytest.mark.django_db
LOOK = "cordee.assessments.jobs.look_again"
SIX_MONTHS, A_YEAR = timedelta(days=183), timedelta(days=366)


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def author(dac):
    speaker = author_of(dac)
    MembershipFactory(account_id=speaker.account_id, organization=dac, role="coordinator")
    return speaker


@pytest.fixture
def person(dac):
    return followed(dac)


@pytest.fixture
def clock(monkeypatch):
    """The clock of jobs, which a test moves."""

    def moved(later):
        monkeypatch.setattr(timezone, "now", lambda: NOW + later)
        return NOW + later

    return moved


def evaluated(author, person, name="tug", items=None, now=NOW):
    """An evaluation completed through the services, so that its day is waited for."""
    instrument = publish_file(FOLDER / f"{name}.json", actor=SYSTEM, now=NOW)
    blank = selectors.blank(author, person, instrument, now)
    draft = services.begin(actor=author, response=blank, now=now)
    written = services.Written(items or TUG, draft.version)
    return services.complete(actor=author, response=draft, written=written, now=now)


TUG = [{"linkId": "seconds", "answer": [{"valueDecimal": 12}]}]


def due(clock, later=SIX_MONTHS):
    """Its day comes: the house looks, then what hears it does."""
    now = clock(later)
    run_jobs(until=now)
    return now


def asked():
    return [task.kind for task in Task.objects.open()]


def kinds(person):
    return [line["kind"] for line in facts(thread=person.pk) if "reassessment" in line["kind"]]


def test_on_its_day_an_evaluation_is_asked_again_of_who_made_it(author, person, clock):
    made = evaluated(author, person)
    run_jobs(until=clock(timedelta(days=100)))
    assert asked() == []
    due(clock)
    task = Task.objects.open().get()
    assert (task.kind, task.origin) == ("reassess", f"assessments/response/{made.pk}")
    assert (task.assignee_id, task.person_id) == (author.account_id, person.pk)
    assert kinds(person) == ["assessments.reassessment_due"]


def test_its_line_of_the_worklist_says_nothing_of_the_instrument(client, author, person, clock):
    made = evaluated(author, person)
    due(clock)
    page = client.as_(author).get(reverse("pathways:worklist")).text
    assert "Refaire une évaluation" in page
    assert made.questionnaire.title not in page
    opened = client.get(reverse("pathways:open", args=[Task.objects.get().pk]))
    assert opened["Location"] == reverse("assessments:result", args=[made.pk])


def test_done_again_it_leaves_the_list(author, person, clock):
    evaluated(author, person)
    now = due(clock)
    evaluated(author, person, now=now)
    run_jobs()
    assert asked() == []


def test_done_again_before_its_day_nothing_is_asked(author, person, clock):
    evaluated(author, person)
    evaluated(author, person, now=NOW + timedelta(days=90))
    due(clock)
    assert asked() == []
    assert kinds(person) == []


def test_when_the_last_was_an_error_the_one_before_has_its_day_again(author, person, clock):
    evaluated(author, person)
    wrong = evaluated(author, person, now=NOW + timedelta(days=90))
    due(clock)
    assert asked() == []
    services.withdraw(actor=author, response=wrong, now=NOW + SIX_MONTHS)
    due(clock)
    assert asked() == ["reassess"]


def test_an_error_leaves_nothing_to_do_again(author, person, clock):
    made = evaluated(author, person)
    now = due(clock)
    services.withdraw(actor=author, response=made, now=now)
    run_jobs()
    assert asked() == []


def test_nobody_is_asked_about_somebody_who_died(author, person, clock):
    evaluated(author, person)
    now = due(clock)
    people.declare_death(actor=author, person=person, deceased_on=now.date(), now=now)
    run_jobs()
    assert asked() == []


def test_who_follows_her_no_more_is_not_asked(author, person, clock):
    evaluated(author, person)
    with arranging():
        CircleMember.objects.filter(person=person).update(until=NOW)
    due(clock)
    assert asked() == []


def _leaves(dac, person, now):
    stay = CircleMember.objects.current().get(person=person, organization=dac)
    people.leave_circle(actor=SYSTEM, member=stay, now=now)
    run_jobs()


def _rejoins(dac, person, now):
    joining = people.Joining(role="coordination", organization_id=dac.pk)
    people.join_circle(actor=SYSTEM, person=person, joining=joining, now=now)
    run_jobs()


def test_who_follows_her_again_is_asked_what_is_still_owed(dac, author, person, clock):
    evaluated(author, person)
    now = due(clock)
    _leaves(dac, person, now)
    assert asked() == []
    _rejoins(dac, person, now)
    assert asked() == ["reassess"]


def test_what_came_to_its_day_while_nobody_followed_her_is_asked_of_who_does_again(
    dac, author, person, clock
):
    evaluated(author, person)
    _leaves(dac, person, clock(timedelta()))
    _rejoins(dac, person, clock(timedelta(days=10)))
    assert asked() == []  # not its day
    _leaves(dac, person, clock(timedelta(days=20)))
    now = due(clock)
    assert asked() == []
    _rejoins(dac, person, now)
    assert asked() == ["reassess"]


def test_a_refusal_taken_back_brings_back_what_is_owed(author, person, clock):
    evaluated(author, person)
    now = due(clock)
    for will, left in ((Will.REFUSED, []), (Will.ACCEPTED, ["reassess"])):
        people.choose_processing(
            actor=SYSTEM,
            person=person,
            purpose=Purpose.COORDINATION,
            will=will,
            told=people.Told(),
            now=now,
        )
        run_jobs()
        assert asked() == left


@pytest.mark.parametrize("at_once", [200, 1])
def test_a_basis_set_then_put_back_brings_back_what_is_owed(
    dac, author, person, clock, monkeypatch, at_once
):
    monkeypatch.setattr("cordee.pathways.jobs.reassessed.AT_ONCE", at_once)
    evaluated(author, person)
    evaluated(author, followed(dac))
    now = due(clock)
    office = actor(Role.DPO, account_id=AccountFactory().pk)
    for basis, left in ((Basis.CONSENT, 0), (Basis.PUBLIC_TASK, 2)):
        people.set_basis(actor=office, purpose=Purpose.COORDINATION, basis=basis, now=now)
        run_jobs()
        assert asked() == ["reassess"] * left


def test_what_is_of_mental_health_is_told_as_such_and_on_no_worklist(author, person, clock):
    sheet = publish_file(FOLDER / "mini-gds.json", actor=SYSTEM, now=NOW)
    items = [
        {"linkId": one["linkId"], "answer": [{"valueBoolean": False}]}
        for one in sheet.definition["item"]
        if one["type"] == "boolean"
    ]
    blank = selectors.blank(author, person, sheet, NOW)
    draft = services.begin(actor=author, response=blank, now=NOW)
    services.complete(
        actor=author, response=draft, written=services.Written(items, draft.version), now=NOW
    )
    due(clock, A_YEAR)
    assert kinds(person) == ["assessments.mental_health_reassessment_due"]
    assert asked() == []


def test_heard_twice_it_is_asked_once(author, person, clock):
    made = evaluated(author, person)
    now = due(clock)
    services.remind(actor=SYSTEM, response=made, now=now)
    run_jobs()
    assert asked() == ["reassess"]


def test_what_has_no_rhythm_is_waited_for_by_nobody(author, person):
    ruler = {"linkId": "ruler", "answer": [{"valueCoding": {"code": "10"}}]}
    pain = {"linkId": "pain-10", "answer": [{"valueDecimal": 4}]}
    evaluated(author, person, "eva", [ruler, pain])
    assert queued(LOOK) == []


def test_what_came_to_its_day_under_a_death_that_is_denied_is_asked_again(author, person, clock):
    evaluated(author, person)
    people.declare_death(actor=author, person=person, deceased_on=NOW.date(), now=NOW)
    now = due(clock)
    assert asked() == kinds(person) == []
    person.refresh_from_db()
    people.deny_death(actor=author, person=person, why=WhyAlive.SLIP, now=now)
    run_jobs()
    assert asked() == ["reassess"]


def test_a_death_denied_before_its_day_asks_nothing_sooner(author, person, clock):
    evaluated(author, person)
    people.declare_death(actor=author, person=person, deceased_on=NOW.date(), now=NOW)
    person.refresh_from_db()
    people.deny_death(actor=author, person=person, why=WhyAlive.SLIP, now=NOW)
    run_jobs()
    assert asked() == []
    due(clock)
    assert asked() == ["reassess"]
    assert kinds(person) == ["assessments.reassessment_due"]


def test_what_was_completed_before_days_were_waited_for_waits_for_its_own(author, person, clock):
    made = evaluated(author, person)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    jobs.wait_for_days_of_before(before=(NOW + timedelta(days=1)).isoformat(), after="")
    assert [one[2]["response_id"] for one in queued(LOOK)] == [str(made.pk)]
    due(clock)
    assert asked() == ["reassess"]


def test_what_was_completed_since_is_not_waited_for_twice(author, person):
    evaluated(author, person)
    jobs.wait_for_days_of_before(before=NOW.isoformat(), after="")
    assert len(queued(LOOK)) == 1


def test_a_base_that_has_lived_queues_that_look_once(author, person):
    evaluated(author, person, now=NOW - timedelta(days=900))
    migration = import_module("cordee.assessments.migrations.0005_days_of_before")
    with connection.cursor() as cursor:
        cursor.execute(migration.QUEUE)
    assert len(queued("cordee.assessments.jobs.wait_for_days_of_before")) == 1
