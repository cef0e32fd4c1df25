"""Provenance: what was done for somebody, to what, by whom, and through which door it came in."""

import pytest

from cordee.access.action import gesture
from cordee.access.actor import Role
from cordee.fhir.registry import mappings
from cordee.kernel.facts import Fact, publish
from cordee.kernel.identifiers import uuid7
from cordee.people import services
from cordee.people.facts import RelativeChanged
from cordee.people.models import Relative
from cordee.people.rules.sharing import Audience, Category, Choice
from cordee.people.services import RelativeSaid
from tests.factories.directory import AccountFactory
from tests.factories.people import RelativeFactory
from tests.fhir.door import Machine
from tests.fhir.stage import set_stage
from tests.fhir.systems import bearing, system_of
from tests.support import NOW, actor, stranger

pytestmark = pytest.mark.django_db


def written(machine, person):
    body = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{person.pk}"},
        "name": [{"text": "Jeanne Martin"}],
    }
    answer = machine.post("RelatedPerson", body)
    assert answer.status_code == 201
    return answer.json()


def told(machine, **words):
    """The lines that a search finds, the oldest first."""
    found = machine.search("Provenance", _sort="_id", **words).json()
    return [one["resource"] for one in found.get("entry", [])]


def targets(line):
    return [one["reference"] for one in line["target"]]


def test_what_a_partner_writes_is_told_with_its_author_and_its_door():
    stage = set_stage()
    made = written(stage.machine, stage.person)
    (line,) = told(stage.machine, target=f"Patient/{stage.person.pk}")
    thing = f"RelatedPerson/{made['id']}/_history/{made['meta']['versionId']}"
    assert targets(line) == [thing, f"Patient/{stage.person.pk}"]
    assert line["activity"]["coding"][0]["code"] == "people.relative_changed"
    assert line["agent"][0]["who"]["display"] == stage.account.name
    assert line["extension"][0]["valueCoding"]["code"] == "fhir"
    assert stage.machine.get(f"Provenance/{line['id']}").json() == line
    assert stage.machine.found("Provenance", patient=str(stage.person.pk), origin="form") == []
    assert stage.machine.found("Provenance", _id=line["id"], recorded="ge2026") == [line["id"]]


def test_each_line_names_the_version_that_its_writing_made_whatever_came_since():
    stage = set_stage()
    made = written(stage.machine, stage.person)
    address = f"RelatedPerson/{made['id']}"
    second = stage.machine.put(address, made | {"name": [{"text": "Jeanne Roux"}]}).json()
    row = Relative.objects.get(pk=made["id"])
    services.note_relative(
        actor=stage.actor,
        person=stage.person,
        said=RelativeSaid(name="Jeanne Blanc"),
        relative=row,
        now=NOW,
    )
    last = stage.machine.get(address).json()
    lines = told(stage.machine, target=address)
    named = [targets(line)[0].partition("/_history/")[2] for line in lines]
    assert named == [one["meta"]["versionId"] for one in (made, second, last)]
    names = [stage.machine.get(targets(line)[0]).json()["name"][0]["text"] for line in lines]
    assert names == ["Jeanne Martin", "Jeanne Roux", "Jeanne Blanc"]


def test_a_line_about_the_identity_names_the_patient_in_its_version_and_once():
    stage = set_stage()
    person = f"Patient/{stage.person.pk}"
    plain = stage.machine.get(person).json()
    again = stage.machine.put(person, plain | {"birthDate": "1941-03-02"})
    assert again.status_code == 200, again.content
    (line,) = told(stage.machine, activity="people.identity_changed")
    assert targets(line) == [f"{person}/_history/{again.json()['meta']['versionId']}"]


def test_lines_of_who_hides_do_not_exist():
    stage = set_stage()
    written(stage.machine, stage.person)
    (line,) = stage.machine.found("Provenance", patient=str(stage.person.pk))
    machine = Machine(stranger())
    assert machine.get(f"Provenance/{line}").status_code == 404
    assert machine.found("Provenance", patient=str(stage.person.pk)) == []


def test_a_choice_of_sharing_is_told_to_the_person_alone():
    stage = set_stage()
    services.choose_sharing(
        actor=stage.actor,
        person=stage.person,
        chosen=services.Chosen(Choice.OPPOSED, Category.CARE, Audience.HEALTH),
        told=services.Told(),
        now=NOW,
    )
    assert stage.machine.found("Provenance", activity="people.sharing_changed") == []
    person = actor(
        Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({stage.person.pk})
    )
    assert len(Machine(person).found("Provenance", activity="people.sharing_changed")) == 1


def test_what_hides_from_its_reader_is_not_named():
    stage = set_stage()
    hidden = RelativeFactory()
    with gesture(actor=stage.actor, verb="tests.line", now=NOW):
        publish(RelativeChanged(person_id=stage.person.pk, relative_id=hidden.pk))
    (line,) = told(stage.machine, patient=str(stage.person.pk))
    assert targets(line) == [f"Patient/{stage.person.pk}"]
    assert told(stage.machine, target=f"RelatedPerson/{hidden.pk}") == []
    assert told(stage.machine, target=f"Nothing/{hidden.pk}") == []


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("", False),
        ("system/RelatedPerson.s", False),
        ("system/RelatedPerson.r?patient=Patient/{other}", False),
        ("system/RelatedPerson.rs", True),
        ("system/RelatedPerson.r?patient=Patient/{person}", True),
    ],
)
def test_what_the_scopes_do_not_let_read_is_neither_named_nor_found(scope, names):
    stage = set_stage()
    relative = f"RelatedPerson/{written(stage.machine, stage.person)['id']}"
    part = scope.format(person=stage.person.pk, other=uuid7())
    machine = bearing(system_of(stage), f"system/Provenance.rs {part}")
    found = entries(machine.get("/fhir/Provenance?activity=people.relative_changed"))
    assert len(found) == 1
    read = machine.get(f"/fhir/Provenance/{found[0]['id']}").json()
    for line in (*found, read):
        assert [one.partition("/_history")[0] for one in targets(line)] == [
            *([relative] if names else []),
            f"Patient/{stage.person.pk}",
        ]
    assert len(entries(machine.get(f"/fhir/Provenance?target={relative}"))) == names


def entries(answer):
    assert answer.status_code == 200, answer.content
    return [one["resource"] for one in answer.json().get("entry", [])]


def test_what_the_mappings_claim_of_lines_is_said_by_facts():
    said = {f"{kind.partition('.')[0]}.{one.subject}" for kind, one in Fact.known.items()}
    claimed = {line for one in mappings().values() for table in one.tables for line in table.lines}
    assert claimed - said == set()
    assert len(claimed) >= 14
