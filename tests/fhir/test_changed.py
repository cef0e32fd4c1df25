"""What changed is told to who asks « since when », whichever row it changed in."""

from datetime import timedelta

import pytest

from cordee.access.actor import Role
from cordee.directory import services as directory
from cordee.directory.models import (
    Absence,
    Contact,
    Organization,
    Practice,
    PracticeSite,
    Practitioner,
    WeeklyHours,
)
from cordee.fhir.contract import Mapping
from cordee.fhir.registry import _refuse_unnoticed, mappings
from cordee.liaison import services as liaison
from cordee.liaison.models import Note
from cordee.people import services as people
from cordee.people.models import CircleMember, HospitalStay, Person, Relative
from cordee.people.rules.traits import Destination
from cordee.people.services import RelativeSaid
from cordee.plans import services as plans
from cordee.plans.models import Activity, CarePlan, Goal, Need
from cordee.vigilance.models import PlannedVisit
from tests.factories.liaison import note_of
from tests.factories.people import PersonFactory, RelativeFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.fhir.rows import care_plan, encounter, healthcare_service, organization
from tests.fhir.systems import ask, bearing, exported, place_of, system_of, taken
from tests.support import NOW, actor, arranging, coordinator_of, run_jobs, speaking_as

pytestmark = pytest.mark.django_db
SINCE = "2026-11-23T12:00:00Z"
LONG_AGO = NOW - timedelta(days=9)
TABLES = (
    *(Absence, Contact, Organization, Practice, PracticeSite, Practitioner, WeeklyHours),
    *(CircleMember, HospitalStay, Note, Person, Relative),
    *(Activity, CarePlan, Goal, Need, PlannedVisit),
)


@pytest.fixture
def machine(stage):
    return bearing(system_of(stage, per_minute=6_000))


def age():
    """All that stands was written days ago, and whoever follows has followed since then."""
    with arranging():
        for model in TABLES:
            model._base_manager.update(updated_at=LONG_AGO)
        CircleMember._base_manager.update(created_at=LONG_AGO)


def does_an_action(stage):
    row = care_plan.make(stage)
    step = Activity.objects.get(plan=row, category="coordination")

    def change():
        day = NOW.date()
        plans.do_action(actor=stage.actor, activity=step, done_on=day, now=NOW)

    return {"CarePlan": row.pk}, change


def writes_an_objective(stage):
    row = care_plan.make(stage)

    def change():
        said = plans.GoalSaid(words="Marcher jusqu’au pain", voice="person")
        plans.write_goal(actor=stage.actor, plan=row, said=said, now=NOW)

    return {"CarePlan": row.pk}, change


def takes_an_action_away(stage):
    row = care_plan.make(stage)
    step = Activity.objects.filter(plan=row, category="coordination")

    def change():
        with arranging():
            step.update(phase="proposed", removed_at=NOW)

    return {"CarePlan": row.pk}, change


def says_what_she_wishes(stage):
    row = care_plan.make(stage)
    goal = row.goal_lines.get(category="coordination")

    def change():
        said = plans.Words(wishes="Revoir la mer", referent_id=row.referent_id)
        plans.write_words(actor=stage.actor, plan=row, said=said, now=NOW)

    return {"CarePlan": row.pk, "Goal": goal.pk, "Condition": goal.need_id}, change


def takes_a_mailbox_away(stage):
    row = organization.make(stage)
    contact = row.contacts.first()

    def change():
        directory.remove_contact(actor=actor(Role.ADMINISTRATOR), contact=contact, now=NOW)

    return {"Organization": row.pk}, change


def empties_her_week(stage):
    row = healthcare_service.make(stage)

    def change():
        herself = speaking_as(row.practitioner)
        directory.declare_week(actor=herself, practice=row, week=[], now=NOW)

    return {"HealthcareService": row.pk}, change


def closes_her_office(stage):
    row = healthcare_service.make(stage)
    site = row.practitioner.sites.get()

    def change():
        with arranging():
            type(site).objects.filter(pk=site.pk).update(closed_on=NOW.date())

    return {"HealthcareService": row.pk}, change


def trusts_somebody_else(stage):
    row = RelativeFactory(person=stage.person, is_trusted=True)

    def change():
        said = RelativeSaid(name="Rose Martin", is_trusted=True)
        people.note_relative(actor=stage.actor, person=stage.person, said=said, now=NOW)

    return {"RelatedPerson": row.pk}, change


def corrects_a_note(stage):
    row = note_of(stage.person, stage.account, organization=stage.desk)

    def change():
        said = liaison.NoteSaid(body="Rendez-vous jeudi, et non mercredi.")
        liaison.correct(actor=stage.actor, note=row, said=said, now=NOW)

    return {"DocumentReference": row.pk}, change


def leaves_the_hospital(stage):
    row = encounter.make_stay(stage)

    def change():
        home = Destination.HOME
        people.discharge_person(
            actor=stage.actor, person=row.person, destination=home, left_at=NOW, now=NOW
        )

    return {"Encounter": row.pk}, change


SCENES = [
    corrects_a_note,
    leaves_the_hospital,
    does_an_action,
    writes_an_objective,
    takes_an_action_away,
    says_what_she_wishes,
    takes_a_mailbox_away,
    empties_her_week,
    closes_her_office,
    trusts_somebody_else,
]


@pytest.mark.parametrize("scene", SCENES)
def test_a_part_that_changes_changes_the_whole(stage, machine, scene):
    rows, change = scene(stage)
    age()
    words = f"?_type={','.join(rows)}&_since={SINCE}"
    assert exported(machine, words) == {}
    before = {kind: stage.machine.get(f"{kind}/{pk}")["ETag"] for kind, pk in rows.items()}
    change()
    told = exported(machine, words)
    for kind, pk in rows.items():
        assert str(pk) in {one["id"] for one in told[kind]}
        assert str(pk) in stage.machine.found(kind, _lastUpdated=f"ge{SINCE}", _count=50)
        after = stage.machine.get(f"{kind}/{pk}")
        assert after["ETag"] != before[kind]
        assert after.json()["meta"]["lastUpdated"] >= SINCE


def test_a_protected_line_that_changes_is_not_told_to_who_may_not_read_it(stage, machine):
    row = care_plan.make(stage)
    age()
    with arranging():
        Activity.objects.filter(plan=row, category="mental_health").update(words="Autre chose")
    assert exported(machine, f"?_type=CarePlan&_since={SINCE}") == {}


def test_a_visit_that_took_place_is_no_longer_to_come(stage, machine):
    row = encounter.make_planned(stage)
    age()
    words = f"?_type=Encounter&_since={SINCE}"
    assert exported(machine, words) == {}
    noted = visit_of(stage.person, row.organization, row.helper, planned=row)
    where = place_of(ask(machine, words))
    run_jobs()
    assert [one["id"] for one in taken(machine, where)["Encounter"]] == [str(noted.pk)]
    (gone,) = taken(machine, where, "deleted")["Bundle"]
    assert gone["entry"][0]["request"]["url"] == f"Encounter/{row.pk}"
    assert gone["meta"]["lastUpdated"] >= SINCE
    assert stage.machine.get(f"Encounter/{row.pk}").status_code == 410
    told = stage.machine.get("Encounter/_history").json()["entry"]
    assert sorted(one["request"]["method"] for one in told) == ["DELETE", "POST"]


def merged(stage):
    """Two records of one person, brought together; the one that was absorbed."""
    other = PersonFactory(birth_name="Grandidier", territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    age()
    claire = coordinator_of(stage.desk, account_id=stage.account.pk)
    pair = people.propose_pair(actor=claire, person=stage.person, other=other, now=NOW)
    return people.merge_persons(actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW)


def test_who_takes_what_changed_learns_of_a_merge(stage, machine):
    merge = merged(stage)
    for narrowed in ("", "&_typeFilter=Patient%3Ffamily%3DGrandidier"):
        told = exported(machine, f"?_type=Patient&_since={SINCE}{narrowed}")["Patient"]
        absorbed = next(one for one in told if one["id"] == str(merge.absorbed_id))
        assert absorbed["active"] is False
        assert absorbed["link"][0]["other"]["reference"] == f"Patient/{merge.survivor_id}"


def test_a_plan_that_goes_back_with_a_person_is_told(stage, machine):
    row, claire = care_plan.make(stage), coordinator_of(stage.desk, account_id=stage.account.pk)
    who = {"person": stage.person, "other": row.person}
    pair = people.propose_pair(actor=claire, **who, now=NOW)
    merge = people.merge_persons(actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW)
    assert merge.absorbed_id == row.person_id
    age()
    words = f"?_type=CarePlan&_since={SINCE}"
    assert exported(machine, words) == {}
    people.undo_merge(actor=claire, merge=merge, now=NOW)
    assert [one["id"] for one in exported(machine, words)["CarePlan"]] == [str(row.pk)]


def test_a_filter_narrows_what_ended_as_what_stands(stage, machine):
    kept, gone = (RelativeFactory(person=stage.person, name=name) for name in ("Rose", "Marc"))
    age()
    people.end_relative(actor=stage.actor, relative=gone, now=NOW)
    for name, count in (("Marc", 1), ("Rose", 0)):
        words = f"?_type=RelatedPerson&_since={SINCE}&_typeFilter=RelatedPerson%3Fname%3D{name}"
        where = place_of(ask(machine, words))
        run_jobs()
        assert len(taken(machine, where, "deleted").get("Bundle", [])) == count
    without = exported(machine, "?_type=RelatedPerson&_typeFilter=RelatedPerson%3Fname%3DMarc")
    assert without == {}


def test_what_is_of_several_rows_and_does_not_say_when_they_changed_is_refused_at_once():
    one = mappings()["CarePlan"]
    said = {"rows": one.rows, "to_fhir": one.to_fhir, "version_of": one.version_of}
    with pytest.raises(TypeError, match="several rows"):
        _refuse_unnoticed(Mapping(type="CarePlan", model=one.model, **said))
