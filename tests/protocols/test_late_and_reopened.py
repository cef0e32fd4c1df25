"""What is recorded late judges the past again; what is denied is undone; nothing is told twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.intake.facts import RequesterTold, RequestReceived
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish_many, stored
from cordee.kernel.identifiers import uuid7
from cordee.pathways.models import Task
from cordee.people import services as people
from cordee.people.facts import Informed, LeftCircle, PersonMoved
from cordee.people.rules.traits import WhyAlive
from cordee.protocols import services
from cordee.protocols.models import Clock, Pathway, Rupture
from cordee.protocols.rules.outcomes import Leaving
from cordee.protocols.upkeep import wake_due
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.people import PersonFactory, joins_circle
from tests.protocols.pathway_scene import happens, set_around
from tests.support import arranging, facts, queued, run_jobs

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def around():
    return set_around()


def informed(around, at, now):
    fact = Informed(person_id=around.person.pk, information_id=uuid7(), notice="2026-11")
    return happens(fact, at, now)


def asks(around, request_id, at, now):
    fact = RequestReceived(
        person_id=around.person.pk,
        request_id=request_id,
        organization_id=around.dac.pk,
        weight="full",
    )
    return happens(fact, at, now)


def told(around, request_id, at, now):
    fact = RequesterTold(
        person_id=around.person.pk, request_id=request_id, about="outcome", result="reached"
    )
    return happens(fact, at, now)


def register():
    return {one.of: one.standing for one in Rupture.objects.all()}


def test_what_came_since_the_entry_counts_although_it_was_recorded_before_the_entry(around, now):
    informed(around, now - 3 * DAY, now)
    around.join(entered_at=now - 6 * DAY, now=now)
    assert register() == {}


@pytest.mark.machine_clock  # the past is judged as of when PostgreSQL recorded what changes it
def test_a_fact_recorded_late_shows_that_nothing_was_broken_and_says_so(around, now):
    around.join(entered_at=now - 6 * DAY, now=now)
    assert register() == {"informer": "late"}
    informed(around, now - 4 * DAY, now)
    run_jobs()
    assert register() == {"informer": "lifted"}
    (line,) = facts("protocols.pathway_rejudged")
    assert line["data"]["rules"] == ["informer"]
    assert not Task.objects.open().exists()


def test_a_fact_recorded_late_breaks_what_seemed_right_and_says_so(around, now):
    around.join(entered_at=now - 6 * DAY, now=now)
    asks(around, uuid7(), now - 5 * DAY, now)
    run_jobs()
    assert register()["rappel"] == "late"
    assert facts("protocols.pathway_rejudged")[0]["data"]["rules"] == ["rappel"]


def test_each_request_has_its_own_rupture_and_its_own_repair(around, now):
    around.join(entered_at=now - 6 * DAY, now=now)
    first, second = uuid7(), uuid7()
    asks(around, first, now - 5 * DAY, now)
    run_jobs()
    asks(around, second, now - 4 * DAY, now)
    run_jobs()
    told(around, first, now, now)
    run_jobs()
    of_calls = Rupture.objects.filter(of="rappel").order_by("at")
    assert [one.standing for one in of_calls] == ["repaired", "late"]
    told(around, second, now, now)
    run_jobs()
    assert [one.standing for one in of_calls.all()] == ["repaired", "repaired"]


def test_what_cannot_be_undone_waits_until_somebody_accepts_it(around, now):
    around.join(entered_at=now - 3 * DAY, now=now)
    gone = LeftCircle(
        person_id=around.person.pk,
        member_id=uuid7(),
        role="nurse",
        practitioner_id=None,
        organization_id=None,
    )
    happens(gone, now - DAY, now)
    run_jobs()
    rupture = Rupture.objects.get(of="pas-seule")
    assert (rupture.standing, rupture.undone) == ("late", True)
    informed(around, now, now)
    run_jobs()
    rupture.refresh_from_db()
    assert rupture.standing == "late"


def test_a_death_ends_the_pathway_and_its_denial_reopens_what_waited(around, now):
    pathway = around.join(entered_at=now - 6 * DAY, now=now)
    today = timezone.localdate(now)
    people.declare_death(actor=SYSTEM, person=around.person, deceased_on=today, now=now)
    run_jobs()
    pathway.refresh_from_db()
    assert pathway.leaving == Leaving.DECEASED
    assert register() == {"informer": "lifted"}
    around.person.refresh_from_db()
    people.deny_death(actor=SYSTEM, person=around.person, why=WhyAlive.SLIP, now=now)
    run_jobs()
    pathway.refresh_from_db()
    assert pathway.is_open
    rupture = Rupture.objects.get()
    assert (rupture.standing, rupture.reopened_at is not None) == ("late", True)
    assert facts("protocols.rupture_found")[-1]["data"]["reopened"] is True


def test_a_fact_heard_twice_moves_a_pathway_once(around, now):
    pathway = around.join(entered_at=now - DAY, now=now)
    number = informed(around, now, now)
    run_jobs()
    before = Clock.objects.get().state
    services.hear(actor=SYSTEM, pathway=pathway, fact=stored(number), now=now)
    assert Clock.objects.get().state == before


def test_who_is_on_no_pathway_queues_nothing(around, now):
    informed(around, now, now)
    assert not queued("cordee.protocols.jobs.hear")


def test_lines_written_by_sets_are_heard_as_one_by_one(around, now):
    around.join(entered_at=now - DAY, now=now)
    other = PersonFactory()
    lines = [
        PersonMoved(person_id=one.pk, commune_code="", territory_id=None)
        for one in (around.person, other, around.person)
    ]
    with arranging(now):
        publish_many(lines)
    assert len(queued("cordee.protocols.jobs.hear")) == 2


def test_ruptures_and_tasks_move_no_pathway(around, now):
    around.join(entered_at=now - 6 * DAY, now=now)
    run_jobs()
    assert facts("protocols.rupture_found")
    assert facts("pathways.task_opened")
    assert not queued("cordee.protocols.jobs.hear")


def test_a_structure_that_follows_the_person_no_more_watches_no_more(around, now):
    pathway = around.join(entered_at=now - 6 * DAY, now=now)
    stay = around.person.circle.get(organization=around.dac)
    people.leave_circle(actor=SYSTEM, member=stay, now=now)
    run_jobs()
    pathway.refresh_from_db()
    assert pathway.leaving == Leaving.SHUT_OUT
    assert not Task.objects.open().filter(kind="repair_rupture").exists()


def test_a_hospital_watches_as_long_as_the_own_stay_of_the_doctor_who_had_her_enter(around, now):
    hospital = OrganizationFactory(kind="hospital")
    doctor = PractitionerFactory(profession="10", account=AccountFactory())
    MembershipFactory(account=doctor.account, organization=hospital, role="hospital")
    stay = joins_circle(around.person, practitioner=doctor, role="doctor")
    pathway = around.join(entered_at=now - DAY, now=now)
    with arranging(now):
        Pathway.objects.update(organization=hospital, joined_by=doctor.account)
    other = joins_circle(around.person, practitioner=PractitionerFactory(), role="nurse")
    people.leave_circle(actor=SYSTEM, member=other, now=now)
    run_jobs()
    pathway.refresh_from_db()
    assert pathway.is_open
    people.leave_circle(actor=SYSTEM, member=stay, now=now)
    run_jobs()
    pathway.refresh_from_db()
    assert pathway.leaving == Leaving.SHUT_OUT


def test_a_structure_shut_out_meanwhile_does_not_get_a_pathway_back(around, now):
    pathway = around.join(entered_at=now - 6 * DAY, now=now)
    today = timezone.localdate(now)
    people.declare_death(actor=SYSTEM, person=around.person, deceased_on=today, now=now)
    run_jobs()
    with arranging(now):
        around.person.circle.filter(organization=around.dac).update(until=now)
    around.person.refresh_from_db()
    people.deny_death(actor=SYSTEM, person=around.person, why=WhyAlive.SLIP, now=now)
    run_jobs()
    pathway.refresh_from_db()
    assert pathway.leaving == Leaving.DECEASED


# --- two records of one person -------------------------------------------------------------------


def doubled(around):
    double = PersonFactory(territory=around.dac.territory, birth_name="Lefevre")
    joins_circle(double, organization=around.dac, role="coordination")
    return double


def merged(around, double, now):
    pair = people.propose_pair(
        actor=around.coordinator, person=around.person, other=double, now=now
    )
    return people.merge_persons(
        actor=around.coordinator, candidate=pair, from_absorbed=frozenset(), now=now
    )


def test_what_the_other_record_knew_counts_once_they_are_one_and_no_more_once_parted(around, now):
    pathway = around.join(entered_at=now - 6 * DAY, now=now)
    double = doubled(around)
    happens(
        Informed(person_id=double.pk, information_id=uuid7(), notice="2026-11"), now - 5 * DAY, now
    )
    assert register() == {"informer": "late"}
    merge = merged(around, double, now)
    run_jobs()
    pathway.refresh_from_db()
    assert pathway.person_id == merge.survivor_id
    assert register() == {"informer": "lifted"}
    people.undo_merge(actor=around.coordinator, merge=merge, now=now + timedelta(hours=1))
    run_jobs()
    assert register() == {"informer": "late"}
    assert Rupture.objects.get().reopened_at


def test_two_records_on_one_pathway_are_kept_apart(around, now):
    double = doubled(around)
    around.join(entered_at=now - DAY, now=now)
    services.join(
        actor=around.coordinator,
        person=double,
        version=around.version,
        entered_at=now - DAY,
        now=now,
    )
    with pytest.raises(DomainError) as error:
        merged(around, double, now)
    assert error.value.code == "people.merge_in_conflict"
    assert "parcours" in error.value.message
    assert Pathway.objects.open().count() == 2


def test_hours_that_come_wake_each_pathway_once(around, now):
    around.join(entered_at=now - DAY, now=now)
    later = now + 10 * DAY
    assert wake_due(SYSTEM, later) == 1
    assert wake_due(SYSTEM, later) == 0
    assert len(facts("protocols.rupture_found")) == 1
