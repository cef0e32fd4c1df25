"""`$validate` says what would be wrong, and writes nothing."""

import pytest

from cordee.people.models import Person
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import codes

pytestmark = pytest.mark.django_db
INS = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-ins"
PATIENT = {"resourceType": "Patient", "name": [{"family": "Blanc"}], "gender": "female"}


def places(answer):
    assert answer.status_code == 200, answer.content
    return [one.get("expression", [""])[0] for one in answer.json()["issue"]]


def parameters(**named):
    return {"resourceType": "Parameters", "parameter": [{"name": k, **v} for k, v in named.items()]}


def test_what_is_right_is_told_so_and_nothing_is_written(machine):
    answer = machine.post("Patient/$validate", PATIENT)
    assert (answer.status_code, codes(answer)) == (200, ["validate.right"])
    assert answer.json()["issue"][0]["severity"] == "information"
    assert not Person.objects.filter(birth_name="Blanc").exists()


def test_what_is_wrong_is_told_at_its_place_in_both_languages(machine):
    answer = machine.post("Patient/$validate", PATIENT | {"gender": "femme", "pays": "FR"})
    assert places(answer) == ["Patient.gender", "Patient.pays"]
    assert codes(answer) == ["shape.not_in_value_set", "shape.unknown_element"]
    issue = answer.json()["issue"][0]
    assert "obligatoire" in issue["details"]["text"]
    assert "required" in issue["diagnostics"]


def test_any_type_of_r4_is_validated_and_no_other(machine):
    assert codes(machine.post("Media/$validate", {"resourceType": "Media"})) == [
        "shape.missing", "shape.missing",
    ]  # fmt: skip
    assert machine.post("Parapluie/$validate", {"resourceType": "Parapluie"}).status_code == 404


def test_a_profile_is_asked_for_by_name(machine):
    named = parameters(resource={"resource": PATIENT}, profile={"valueUri": INS})
    found = places(machine.post("Patient/$validate", named))
    assert {"Patient.birthDate", "Patient.identifier", "Patient.extension"} <= set(found)
    assert places(machine.post(f"Patient/$validate?profile={INS}", PATIENT)) == found


def test_a_profile_that_is_not_known_is_said(machine):
    answer = machine.post("Patient/$validate?profile=https://exemple.fr/p", PATIENT)
    assert codes(answer) == ["validate.profile"]


def test_a_mode_that_this_door_does_not_do_is_said(machine):
    assert codes(machine.post("Patient/$validate?mode=create", PATIENT)) == ["validate.right"]
    media = {"resourceType": "Basic", "code": {"text": "x"}}
    assert codes(machine.post("Basic/$validate?mode=create", media)) == ["router.interaction"]
    wrong = machine.post("Patient/$validate?mode=peindre", PATIENT)
    assert (wrong.status_code, codes(wrong)) == (400, ["validate.mode"])


def test_what_is_held_here_is_validated_where_it_is(desk, machine):
    person = PersonFactory(qualified=True)
    joins_circle(person, organization=desk)
    assert codes(machine.get(f"Patient/{person.pk}/$validate")) == ["validate.right"]
    hidden = machine.get(f"Patient/{PersonFactory().pk}/$validate")
    assert (hidden.status_code, codes(hidden)) == (404, ["read.absent"])


def test_without_a_resource_there_is_nothing_to_validate(machine):
    answer = machine.post("Patient/$validate", parameters(mode={"valueCode": "create"}))
    assert (answer.status_code, codes(answer)) == (400, ["validate.nothing"])


def test_a_resource_of_another_type_is_said(machine):
    answer = machine.post("Patient/$validate", {"resourceType": "Media"})
    assert codes(answer) == ["validate.type"]


def test_a_parameter_whose_name_is_no_word_is_none(machine):
    body = {"resourceType": "Parameters", "parameter": [{"name": [], "resource": PATIENT}]}
    answer = machine.post("Patient/$validate", body)
    assert answer.status_code in (400, 422), answer.content
