"""AuditEvent: who looked, told to the person and to who audits, and to nobody else."""

import pytest

from cordee.access import trace
from cordee.access.actor import Purpose, Role
from cordee.fhir.resources.audit_event import PROFILE
from cordee.fhir.shape.claims import claimed
from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.people import PersonFactory
from tests.fhir.door import Machine
from tests.fhir.stage import set_stage
from tests.support import actor, speaking_as

pytestmark = pytest.mark.django_db


def herself(person):
    return Machine(
        actor(Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({person.pk}))
    )


def auditor():
    return Machine(actor(Role.DPO, account_id=AccountFactory().pk, purpose=Purpose.AUDIT))


def events(machine, **words):
    return [
        one["resource"]
        for one in machine.search("AuditEvent", **words).json().get("entry", [])
        if one["search"]["mode"] == "match"
    ]


def test_a_person_reads_who_looked_and_never_whom_else_they_looked_at():
    stage, other = set_stage(), PersonFactory()
    nurse = PractitionerFactory(last_name="Faure")
    trace.listed(speaking_as(nurse), "people.person", [stage.person.pk, other.pk])
    (told,) = events(herself(stage.person), agent=f"Practitioner/{nurse.pk}")
    assert told["agent"][0]["who"]["display"] == "Camille Faure"
    assert [one["what"]["reference"] for one in told["entity"]] == [f"Patient/{stage.person.pk}"]
    assert str(other.pk) not in str(told)


def test_each_line_claims_the_profile_of_the_ans_and_holds_what_it_asks():
    stage = set_stage()
    trace.listed(speaking_as(PractitionerFactory()), "people.person", [stage.person.pk])
    trace.refused(speaking_as(PractitionerFactory()), "people.person.read", stage.person)
    for machine in (herself(stage.person), auditor()):
        told = events(machine, _profile=PROFILE)
        assert len(told) >= 2
        assert all(claimed(one, [], "AuditEvent") == [] for one in told)
        assert {tuple(one["meta"]["profile"]) for one in told} == {(PROFILE,)}


def test_no_word_tells_a_person_what_was_written_where_something_may_be_hidden():
    stage = set_stage()
    trace.did(speaking_as(PractitionerFactory()), "people.write_note", stage.person)
    (told,) = events(herself(stage.person), action="U")
    assert "write_note" not in str(told)
    assert told["outcomeDesc"] == "a mis à jour ce qui concerne la personne"


def test_who_audits_is_told_the_gesture_and_how_many_but_not_whom():
    stage = set_stage()
    nurse = PractitionerFactory()
    trace.listed(speaking_as(nurse), "people.person", [stage.person.pk, PersonFactory().pk])
    machine = auditor()
    (told,) = events(machine, patient=str(stage.person.pk), agent=str(nurse.pk), date="ge2020")
    assert told["entity"][0]["detail"][0]["valueString"] == "2"
    assert told["extension"][0]["valueCoding"]["code"] == "people.person.list"
    assert str(stage.person.pk) not in str(told)
    assert events(machine, patient=str(PersonFactory().pk)) == []
    assert events(machine, date="le2020-01-01") == []


def test_who_coordinates_is_told_nothing_of_who_looked():
    stage = set_stage()
    trace.read(speaking_as(PractitionerFactory()), stage.person)
    (line,) = events(herself(stage.person), subtype="read")
    assert stage.machine.get(f"AuditEvent/{line['id']}").status_code == 404
    assert events(stage.machine, patient=str(stage.person.pk)) == []
    assert herself(PersonFactory()).get(f"AuditEvent/{line['id']}").status_code == 404


def test_a_refusal_is_told_as_one_and_looking_at_it_is_traced():
    stage = set_stage()
    trace.refused(speaking_as(PractitionerFactory()), "people.person.read", stage.person)
    machine = herself(stage.person)
    (told,) = events(machine, outcome="4")
    assert told["outcomeDesc"] == "a demandé un accès qui a été refusé"
    own = events(machine, patient=str(stage.person.pk), **{"agent-role": "person"})
    assert own
