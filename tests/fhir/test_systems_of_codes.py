"""A code is found under its own system, told apart from the same code of another, and left out."""

import pytest

from tests.fhir.stage import set_stage
from tests.fhir.test_golden import rows_of

pytestmark = pytest.mark.django_db
HL7 = "http://hl7.org/fhir/"
SYSTEMS = [
    ("CareTeam", "status", "care-team-status"),
    ("Consent", "status", "consent-state-codes"),
    ("Location", "status", "location-status"),
    ("Patient", "gender", "administrative-gender"),
    ("PlanDefinition", "status", "publication-status"),
    ("Questionnaire", "status", "publication-status"),
    ("QuestionnaireResponse", "status", "questionnaire-answers-status"),
    ("Task", "status", "task-status"),
]


@pytest.mark.parametrize(("type_name", "name", "system"), SYSTEMS)
def test_a_status_is_found_under_its_own_system(type_name, name, system):
    stage = set_stage()
    pk = str(rows_of(type_name).make(stage).pk)
    code = stage.machine.get(f"{type_name}/{pk}").json()[name]
    found = stage.machine.found
    assert pk in found(type_name, **{name: f"{HL7}{system}|{code}"})
    assert pk in found(type_name, **{name: code})
    assert found(type_name, **{name: f"urn:another|{code}"}) == []
    assert pk not in found(type_name, **{f"{name}__not": f"{HL7}{system}|{code}"})
    assert pk in found(type_name, **{f"{name}__not": f"{HL7}{system}|another"})


def test_a_relationship_is_found_under_the_system_that_says_it():
    stage = set_stage()
    pk = str(rows_of("RelatedPerson").make(stage).pk)
    said = stage.machine.get(f"RelatedPerson/{pk}").json()["relationship"]
    for one in (coding for concept in said for coding in concept["coding"]):
        token = f"{one['system']}|{one['code']}"
        assert pk in stage.machine.found("RelatedPerson", relationship=token), token
    assert stage.machine.found("RelatedPerson", relationship="urn:another|C") == []
