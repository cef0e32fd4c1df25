"""Questionnaires, evaluations and protocols that partners send: nothing believed, nothing lost."""

from datetime import datetime, timedelta

import pytest

from cordee.assessments.models import Questionnaire, QuestionnaireResponse
from tests.assessments.questionnaires import choice, fhirpath, question, sheet
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.people import PersonFactory
from tests.fhir.door import Machine, codes
from tests.fhir.rows import questionnaire_response
from tests.support import NOW, Role, actor, stranger

pytestmark = pytest.mark.django_db
BEFORE = NOW - timedelta(days=310)
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


def places(answer):
    return [one["expression"][0] for one in answer.json()["issue"]]


def walking(stage, **said):
    """An evaluation by the small instrument, as a partner sends it."""
    answers = said.pop("answers", {"sort": {"valueCoding": {"code": "oui"}}})
    items = [{"linkId": name, "answer": [value]} for name, value in answers.items()]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:essai:marche|3",
        "status": "completed",
        "subject": {"reference": f"Patient/{stage.person.pk}"},
        "item": [{"linkId": "marche", "item": items}],
        **said,
    }


@pytest.fixture
def instrument():
    return QuestionnaireFactory(url="urn:essai:marche", edition="3")


# --- questionnaires ----------------------------------------------------------------------------


def test_a_definition_that_comes_in_is_kept_and_is_not_in_use(stage):
    answer = stage.machine.post("Questionnaire", sheet(question("a"), url="urn:essai:neuf"))
    assert (answer.status_code, answer.json()["status"]) == (201, "draft")
    assert Questionnaire.objects.get(url="urn:essai:neuf").status == "draft"


def test_all_that_is_not_supported_is_listed_at_its_place_and_nothing_is_kept(stage):
    bad = sheet(
        question("a", "reference"),
        question("b", enableWhen=[{"question": "z", "operator": "exists", "answerBoolean": True}]),
        url="urn:essai:neuf",
    )
    answer = stage.machine.post("Questionnaire", bad)
    assert answer.status_code == 422
    assert set(codes(answer)) == {"questionnaire.not_supported"}
    assert "Questionnaire.item[0]" in places(answer)
    assert not Questionnaire.objects.filter(url="urn:essai:neuf").exists()


def test_the_same_text_sent_again_is_kept_once_whatever_its_sender_numbers_it(stage):
    text = sheet(question("a"), url="urn:essai:neuf")
    first = stage.machine.post("Questionnaire", text).json()["id"]
    again = stage.machine.post("Questionnaire", text | {"id": "chez-eux", "status": "retired"})
    assert (again.status_code, again.json()["id"]) == (201, first)


def test_what_is_published_does_not_change_by_the_door(stage):
    row = QuestionnaireFactory(url="urn:essai:publie", edition="1")
    said = stage.machine.get(f"Questionnaire/{row.pk}").json()
    answer = stage.machine.put(f"Questionnaire/{row.pk}", said | {"title": "Un autre"})
    assert (answer.status_code, codes(answer)) == (422, ["assessments.edition_exists"])


def test_who_brings_no_questionnaire_to_the_house_brings_none_by_the_door():
    machine = Machine(actor(Role.ORIENTEUSE))
    answer = machine.post("Questionnaire", sheet(question("a"), url="urn:essai:neuf"))
    assert answer.status_code == 403


def test_a_questionnaire_is_found_by_its_address_its_version_and_its_title(stage, instrument):
    pk = str(instrument.pk)
    assert stage.machine.found("Questionnaire", url="urn:essai:marche") == [pk]
    assert stage.machine.found("Questionnaire", url="urn:essai:marche", version="2") == []
    assert pk in stage.machine.found("Questionnaire", title="pas faits")
    assert pk in stage.machine.found("Questionnaire", status="active")


# --- evaluations -------------------------------------------------------------------------------


def test_an_evaluation_that_comes_in_is_completed_by_who_sends_it(stage, instrument):
    answer = stage.machine.post("QuestionnaireResponse", walking(stage))
    assert answer.status_code == 201, answer.content
    row = QuestionnaireResponse.objects.get(pk=answer.json()["id"])
    assert (row.status, row.author_id) == ("completed", stage.account.pk)
    assert row.questionnaire == instrument


def test_an_answer_that_is_missing_is_named_and_nothing_is_kept(stage, instrument):
    answer = stage.machine.post(
        "QuestionnaireResponse", walking(stage, answers={"pas": {"valueInteger": 3}})
    )
    assert (answer.status_code, codes(answer)) == (422, ["questionnaire_response.answer"])
    assert places(answer) == ["QuestionnaireResponse.repeat(item).where(linkId='sort')"]
    assert not QuestionnaireResponse.objects.exists()


def test_an_answer_to_a_question_that_is_not_asked_is_refused(stage, instrument):
    answers = {"sort": {"valueCoding": {"code": "oui"}}, "pourquoi": {"valueString": "le froid"}}
    answer = stage.machine.post("QuestionnaireResponse", walking(stage, answers=answers))
    assert (answer.status_code, codes(answer)) == (422, ["questionnaire_response.not_asked"])
    assert not QuestionnaireResponse.objects.exists()


def test_a_score_that_a_partner_counted_is_never_believed(stage):
    text = sheet(
        choice("a", {"x": 1, "y": 2}),
        question("total", "integer", extension=[fhirpath(CALCULATED, "3 + 4")]),
        url="urn:essai:score",
    )
    QuestionnaireFactory(url="urn:essai:score", edition="1", definition=text)
    sent = walking(stage, questionnaire="urn:essai:score|1")
    items = [{"linkId": "a", "answer": [{"valueCoding": {"system": "urn:codes", "code": "y"}}]}]
    wrong = [*items, {"linkId": "total", "answer": [{"valueInteger": 99}]}]
    answer = stage.machine.post("QuestionnaireResponse", sent | {"item": wrong})
    assert (answer.status_code, codes(answer)) == (422, ["questionnaire_response.not_asked"])
    answer = stage.machine.post("QuestionnaireResponse", sent | {"item": items})
    assert answer.status_code == 201, answer.content
    (total,) = [one for one in answer.json()["item"] if one["linkId"] == "total"]
    assert total["answer"] == [{"valueInteger": 7}]


def test_an_evaluation_of_another_day_would_count_as_of_today_and_is_refused(stage, instrument):
    answer = stage.machine.post("QuestionnaireResponse", walking(stage, authored="2026-08-01"))
    assert codes(answer) == ["questionnaire_response.another_day"]
    assert not QuestionnaireResponse.objects.exists()


@pytest.mark.parametrize(("authored", "status"), [(BEFORE, 200), (NOW, 422), (None, 200)])
def test_a_correction_is_of_the_day_of_what_it_corrects(stage, instrument, authored, status):
    about = {"person": stage.person, "questionnaire": instrument, "author": stage.account}
    done = ResponseFactory(**about, authored_at=BEFORE)
    draft = ResponseFactory(**about, draft=True, corrects=done)
    said = stage.machine.get(f"QuestionnaireResponse/{draft.pk}").json() | {"status": "amended"}
    if authored:
        said["authored"] = authored.isoformat()
    answer = stage.machine.put(f"QuestionnaireResponse/{draft.pk}", said)
    assert answer.status_code == status, answer.content
    if status == 422:
        assert codes(answer) == ["questionnaire_response.another_day"]
        return
    assert datetime.fromisoformat(answer.json()["authored"]) == BEFORE
    draft.refresh_from_db()
    assert draft.saved_at > NOW - timedelta(days=1)


def test_a_draft_that_somebody_types_is_not_overwritten_by_a_partner(stage, instrument):
    draft = ResponseFactory(
        person=stage.person, questionnaire=instrument, author=stage.account, draft=True
    )
    before = draft.items
    answer = stage.machine.post("QuestionnaireResponse", walking(stage))
    assert codes(answer) == ["questionnaire_response.draft_under_way"]
    draft.refresh_from_db()
    assert (draft.status, draft.items) == ("in-progress", before)


def test_a_draft_is_sent_then_completed(stage, instrument):
    sent = walking(stage, status="in-progress", answers={"pas": {"valueInteger": 3}})
    first = stage.machine.post("QuestionnaireResponse", sent)
    assert (first.status_code, first.json()["status"]) == (201, "in-progress"), first.content
    pk = first.json()["id"]
    done = stage.machine.put(
        f"QuestionnaireResponse/{pk}", walking(stage, id=pk), if_match=first["ETag"]
    )
    assert (done.status_code, done.json()["status"]) == (200, "completed"), done.content
    late = walking(stage, id=pk, answers={"sort": {"valueCoding": {"code": "non"}}})
    late["item"][0]["item"].append({"linkId": "pourquoi", "answer": [{"valueString": "froid"}]})
    again = stage.machine.put(f"QuestionnaireResponse/{pk}", late)
    assert codes(again) == ["assessments.completed"]


def test_an_evaluation_about_who_hides_is_refused_as_about_nobody(stage, instrument):
    hidden = {"reference": f"Patient/{PersonFactory().pk}"}
    nobody = {"reference": "Patient/01900000-0000-7000-8000-000000000000"}
    said = [
        stage.machine.post("QuestionnaireResponse", walking(stage, subject=one))
        for one in (hidden, nobody)
    ]
    assert [one.status_code for one in said] == [422, 422]
    assert said[0].json() == said[1].json()


def test_a_protected_evaluation_hides_from_who_may_not_read_it(stage):
    row = ResponseFactory(
        person=stage.person, questionnaire=QuestionnaireFactory(category="mental_health")
    )
    assert stage.machine.get(f"QuestionnaireResponse/{row.pk}").status_code == 404
    assert stage.machine.found("QuestionnaireResponse", patient=str(stage.person.pk)) == []


def test_evaluations_are_found_by_person_questionnaire_day_and_state(stage):
    row = questionnaire_response.make(stage)
    found, pk = stage.machine.found, str(row.pk)
    assert found("QuestionnaireResponse", patient=str(stage.person.pk)) == [pk]
    assert found("QuestionnaireResponse", questionnaire=row.questionnaire.url) == [pk]
    assert found("QuestionnaireResponse", authored="2026-11-23", status="completed") == [pk]
    assert found("QuestionnaireResponse", authored="lt2026-11-23") == []
    assert Machine(stranger()).found("QuestionnaireResponse", status="completed") == []


# --- protocols ---------------------------------------------------------------------------------


def test_a_protocol_that_comes_in_is_a_draft_of_the_structure_and_given_back_whole(stage):
    sent = {
        "resourceType": "PlanDefinition",
        "url": "https://partenaire.exemple/PlanDefinition/ic",
        "name": "InsuffisanceCardiaque",
        "title": "Suivi",
        "status": "active",
        "library": ["https://partenaire.exemple/Library/x"],
    }
    answer = stage.machine.post("PlanDefinition", sent)
    said = answer.json()
    assert (answer.status_code, said["status"]) == (201, "draft"), said
    assert said["library"] == sent["library"]
    assert stage.machine.found("PlanDefinition", title="suivi", status="draft") == [said["id"]]
    elsewhere = Machine(stranger())
    assert elsewhere.get(f"PlanDefinition/{said['id']}").status_code == 404
