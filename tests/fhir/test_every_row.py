"""A code that all rows of a type have finds them all; asked the other way, none."""

import pytest

from tests.fhir.rows import encounter, questionnaire_response
from tests.fhir.stage import set_stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("words", [{"status": "final"}, {"category": "survey"}])
def test_a_code_that_every_row_has_finds_every_row(words):
    stage = set_stage()
    row = encounter.make(stage)
    assert str(row.pk) in stage.machine.found("Observation", **words)
    others = {f"{name}__not": value for name, value in words.items()}
    assert stage.machine.found("Observation", **others) == []


def test_an_evaluation_is_found_by_the_one_identifier_that_its_sender_gave():
    stage = set_stage()
    questionnaire_response.before_sent(stage)
    sent = {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": "urn:partner:qr", "value": "r-88"},
        "questionnaire": "urn:essai:marche|3",
        "status": "in-progress",
        "subject": {"reference": f"Patient/{stage.person.pk}"},
    }
    once = "identifier=urn:partner:qr|r-88"
    pk = stage.machine.post("QuestionnaireResponse", sent, if_none_exist=once).json()["id"]
    again = stage.machine.post("QuestionnaireResponse", sent, if_none_exist=once)
    assert (again.status_code, again.json()["id"]) == (200, pk)
    assert stage.machine.found("QuestionnaireResponse", identifier="r-88") == [pk]
