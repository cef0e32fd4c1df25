"""Requests, tasks, notes and plans through the machine's door: what it refuses, what it hides."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from cordee.access.actor import Role
from cordee.fhir.models import KeptBody
from cordee.fhir.resources.document_reference import VISIBILITY
from cordee.fhir.shape.claims import asked, known
from cordee.intake.models import CareRequest, Draft
from cordee.liaison.models import Note
from cordee.plans import services as plans
from cordee.plans.models import Goal
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import Domain
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.liaison import note_of
from tests.factories.messaging import MessageFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import Machine, codes
from tests.fhir.rows.care_plan import make as plan_of
from tests.fhir.rows.flag import make as alert_raised
from tests.fhir.test_golden import make
from tests.plans.scene import active, begin, said, set_around, write_goal, write_need
from tests.support import NOW, coordinator_of

pytestmark = pytest.mark.django_db
SENT = Path(__file__).parent / "sent"
CDL = "https://interop.esante.gouv.fr/ig/fhir/cdl/StructureDefinition/cdl-document-reference"
OURS = "https://cordee.fr/fhir/CodeSystem/"


def sent(name, stage, **changed):
    text = (SENT / f"{name}.json").read_text("utf-8")
    for word, pk in stage.names.items():
        text = text.replace(word, pk)
    return json.loads(text) | changed


def text_of(words, kind="text/plain"):
    data = base64.b64encode(words.encode()).decode()
    return {"attachment": {"contentType": kind, "data": data}}


# --- requests ----------------------------------------------------------------------------------


def test_a_request_sent_twice_is_one_and_other_words_are_another(stage):
    first = stage.machine.post("ServiceRequest", sent("ServiceRequest", stage))
    again = stage.machine.post("ServiceRequest", sent("ServiceRequest", stage))
    other = sent("ServiceRequest", stage, reasonCode=[{"text": "Autre chose"}])
    assert first.json()["id"] == again.json()["id"]
    assert stage.machine.post("ServiceRequest", other).json()["id"] != first.json()["id"]
    assert CareRequest.objects.count() == 2


def test_the_desk_goes_on_with_what_was_sent_and_says_who_the_person_is(stage):
    answer = stage.machine.post("ServiceRequest", sent("ServiceRequest", stage))
    request = CareRequest.objects.get(pk=answer.json()["id"])
    typed = Draft.objects.get(request=request).content
    assert request.person is None
    assert request.organization == stage.desk
    assert (request.kind, request.frequency) == ("dressing", "daily")
    assert request.visit_times == ["morning"]
    words = ("Pansement simple", "Suites d’une chute", "Sonner deux fois")
    assert request.need == "\n".join((*words, "Urgence dite\u00a0: urgent"))
    assert typed["person_id"] == [str(stage.person.pk)]
    assert typed["birth_name"] == ["Grandidier"]
    assert request.caller.name == "Docteur Arnaud"
    kept = KeptBody.objects.get(resource_id=request.pk)
    assert (kept.person, kept.category) == (stage.person, "care")  # goes as what is known of her


def test_a_hospital_sends_a_request_to_the_desk_that_it_names_once_and_for_all(stage):
    hospital = OrganizationFactory(kind="hospital", name="Hôpital des Vallées")
    joins_circle(stage.person, organization=hospital)
    sender = replace(
        coordinator_of(hospital, account_id=AccountFactory().pk), role=Role.HOSPITAL, name="Paul"
    )
    desk = [{"reference": f"Organization/{stage.desk.pk}"}]
    body = sent("ServiceRequest", stage, performer=desk)
    answer = Machine(sender).post("ServiceRequest", body)
    assert answer.status_code == 201, answer.content
    assert Machine(sender).post("ServiceRequest", body)["Location"] == answer["Location"]
    request = CareRequest.objects.get()
    assert (request.organization, request.caller.structure) == (stage.desk, hospital.name)
    assert stage.machine.get(f"ServiceRequest/{request.pk}").json()["status"] == "active"
    other = sent("ServiceRequest", stage, performer=[{"reference": f"Organization/{hospital.pk}"}])
    refused = Machine(sender).post("ServiceRequest", other)
    assert codes(refused) == ["service_request.nobody_answers"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"status": "draft"}, "service_request.asks_nothing"),
        ({"intent": "plan"}, "service_request.asks_nothing"),
        ({"doNotPerform": True}, "service_request.asks_nothing"),
        ({"note": [{"text": "x" * 2001}]}, "service_request.too_long"),
        ({"occurrencePeriod": {"start": "2031-01-01"}}, "service_request.need"),
    ],
)
def test_a_request_that_cannot_be_looked_for_is_refused_whole(stage, changed, code):
    body = sent("ServiceRequest", stage)
    if "occurrencePeriod" in changed:
        del body["occurrenceTiming"]
    answer = stage.machine.post("ServiceRequest", body | changed)
    assert answer.status_code == 422
    assert codes(answer) == [code]
    assert not CareRequest.objects.exists()


def test_a_request_is_cancelled_and_nothing_else_of_it_is_changed(stage):
    row = CareRequestFactory(organization=stage.desk)
    read = stage.machine.get(f"ServiceRequest/{row.pk}").json()
    late = stage.machine.put(f"ServiceRequest/{row.pk}", read | {"priority": "stat"})
    assert (late.status_code, codes(late)) == (422, ["update.not_here"])
    done = stage.machine.put(f"ServiceRequest/{row.pk}", read | {"status": "revoked"})
    assert done.json()["status"] == "revoked"
    row.refresh_from_db()
    assert (row.state, row.end_reason) == ("cancelled", "asked")


def test_a_request_that_ends_without_a_reason_of_ours_ends_at_the_demand_of_who_asked(stage):
    row = CareRequestFactory(organization=stage.desk)
    url = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
    changes = [
        {"op": "replace", "path": "/status", "value": "revoked"},
        {"op": "add", "path": "/extension", "value": [{"url": url, "valueString": "fini"}]},
    ]
    kind = {"content_type": "application/json-patch+json"}
    answer = stage.machine.send("PATCH", f"ServiceRequest/{row.pk}", changes, **kind)
    assert (answer.status_code, answer.json()["status"]) == (200, "revoked")
    row.refresh_from_db()
    assert row.end_reason == "asked"


# --- tasks -------------------------------------------------------------------------------------


def test_a_task_done_by_hand_is_completed_and_opened_again(stage):
    row = TaskFactory(organization=stage.desk, kind="read_note")
    read = stage.machine.get(f"Task/{row.pk}").json()
    done = stage.machine.put(f"Task/{row.pk}", read | {"status": "completed"})
    assert done.json()["status"] == "completed", done.content
    assert stage.machine.found("Task", status="completed") == [str(row.pk)]
    again = stage.machine.put(f"Task/{row.pk}", done.json() | {"status": "requested"})
    assert again.json()["status"] == "requested"
    assert stage.machine.found("Task", status="requested") == [str(row.pk)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"status": "completed"}, "pathways.settles_itself"),
        ({"status": "cancelled"}, "task.move"),
        ({"priority": "stat"}, "update.not_here"),
    ],
)
def test_a_task_moves_by_its_services_alone(stage, changed, code):
    row = TaskFactory(organization=stage.desk)
    read = stage.machine.get(f"Task/{row.pk}").json()
    answer = stage.machine.put(f"Task/{row.pk}", read | changed)
    assert (answer.status_code, codes(answer)) == (422, [code])
    row.refresh_from_db()
    assert row.state == "open"


# --- notes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        [text_of("<p>Bonjour</p>", "text/html")],
        [text_of("Un texte"), text_of("et une photo", "image/png")],
        [text_of("x" * 2001)],
        [{"attachment": {"contentType": "text/plain", "url": "https://partner.example/1"}}],
    ],
)
def test_a_note_that_nobody_would_read_whole_is_refused(stage, content):
    answer = stage.machine.post(
        "DocumentReference", sent("DocumentReference", stage, content=content)
    )
    assert (answer.status_code, codes(answer)) == (422, ["document_reference.text_only"])
    assert not Note.objects.exists()


def test_a_note_is_answered_corrected_once_and_its_version_says_so(stage):
    note = sent("DocumentReference", stage)
    first = stage.machine.post("DocumentReference", note)
    assert stage.machine.post("DocumentReference", note).json()["id"] == first.json()["id"]
    target = {"reference": f"DocumentReference/{first.json()['id']}"}
    reply = stage.machine.post(
        "DocumentReference",
        note
        | {"masterIdentifier": {"value": "N-2"}, "content": [text_of("Merci.")]}
        | {"relatesTo": [{"code": "appends", "target": target}]},
    )
    written = Note.objects.get(pk=reply.json()["id"])
    assert (written.is_reply, str(written.thread_id)) == (True, first.json()["id"])
    correction = {"relatesTo": [{"code": "replaces", "target": target}]}
    body = note | correction | {"content": [text_of("Passage fait à midi.")]}
    assert stage.machine.post("DocumentReference", body).status_code == 201
    again = stage.machine.get(target["reference"])
    assert again.json()["status"] == "superseded"
    assert again["ETag"] != first["ETag"]
    assert codes(stage.machine.post("DocumentReference", body)) == ["liaison.gone"]
    related = stage.machine.found("DocumentReference", relatesto=target["reference"])
    assert len(related) == 2  # what answers it, and what corrects it
    named = stage.machine.found("DocumentReference", identifier="N-2")
    assert named == [reply.json()["id"]]


def test_what_failed_was_received_by_nobody(stage):
    MessageFactory(failed=True, organization=stage.desk, person=stage.person)
    told = {"organization": stage.desk, "person": stage.person, "state": "delivered"}
    done = MessageFactory(sent=True, settled_at=NOW, **told)
    day = NOW.date().isoformat()
    assert stage.machine.found("Communication", received=day) == [str(done.pk)]


def test_a_restricted_note_says_its_category(stage):
    label = [{"coding": [{"code": "R"}]}]
    for borne in ({"securityLabel": label}, {"meta": {"security": label[0]["coding"]}}):
        note = sent("DocumentReference", stage, **borne)
        del note["category"]
        answer = stage.machine.post("DocumentReference", note)
        assert codes(answer) == ["document_reference.category"]


def test_a_note_that_is_masked_from_somebody_is_refused(stage):
    note = sent("DocumentReference", stage)
    for system in VISIBILITY:
        note["securityLabel"] = [{"coding": [{"system": system, "code": "INVISIBLE_PATIENT"}]}]
        assert codes(stage.machine.post("DocumentReference", note)) == ["document_reference.masked"]
    assert stage.machine.found("DocumentReference", patient=f"Patient/{stage.person.pk}") == []


def test_a_note_holds_what_is_checked_of_the_notebook_of_the_ans(stage):
    note = note_of(stage.person, AccountFactory(), organization=stage.desk)
    told = stage.machine.get(f"DocumentReference/{note.pk}").json()
    assert asked(known()[CDL], told, "DocumentReference") == []
    assert stage.machine.found("DocumentReference", type="GEN") == [str(note.pk)]
    assert stage.machine.found("DocumentReference", _security="N") == [str(note.pk)]


def test_a_protected_note_is_absent_for_who_may_not_read_it(stage):
    hidden = note_of(stage.person, AccountFactory(), category="mental_health")
    shown = note_of(stage.person, AccountFactory(), organization=stage.desk)
    person = f"Patient/{stage.person.pk}"
    assert stage.machine.get(f"DocumentReference/{hidden.pk}").status_code == 404
    assert stage.machine.found("DocumentReference", patient=person) == [str(shown.pk)]
    label = {"patient": person, "_security": "R"}
    assert stage.machine.found("DocumentReference", **label) == []


# --- plans -------------------------------------------------------------------------------------


def test_a_protected_line_of_a_plan_leaves_no_trace(stage):
    plan = plan_of(stage)
    hidden = Goal.objects.get(plan=plan, category="mental_health")
    shown = Goal.objects.get(plan=plan, category="coordination")
    read = stage.machine.get(f"CarePlan/{plan.pk}")
    assert str(hidden.pk) not in read.content.decode()
    assert read.json()["goal"] == [{"reference": f"Goal/{shown.pk}"}]
    assert stage.machine.get(f"Goal/{hidden.pk}").status_code == 404
    assert stage.machine.found("Goal", patient=f"Patient/{plan.person_id}") == [str(shown.pk)]
    assert stage.machine.found("CarePlan", goal=f"Goal/{shown.pk}") == [str(plan.pk)]
    assert stage.machine.found("CarePlan", goal=f"Goal/{hidden.pk}") == []


def test_a_version_that_changes_only_what_is_hidden_makes_no_version_of_what_is_read():
    around = set_around()
    plan, _ = active(around)
    reader = Machine(coordinator_of(around.dac, account_id=AccountFactory().pk))
    shown = Goal.objects.get(plan=plan)
    read = [f"CarePlan/{plan.pk}", f"Goal/{shown.pk}", f"Condition/{shown.need_id}"]

    def told():
        return [reader.get(one).json() for one in read]

    def agreed_again():
        plans.propose(actor=around.coordinator, plan=plan, now=NOW)
        plan.refresh_from_db()
        said(around, plan, Decision.AGREED)
        plan.refresh_from_db()
        begin(around, plan)

    before = told()
    write_goal(around, plan, write_need(around, plan, Domain.PSYCHIC))
    plan.refresh_from_db()
    agreed_again()
    assert plan.in_force == 2
    assert told() == before
    write_need(around, plan)
    agreed_again()
    versions = [[one["meta"]["versionId"] for one in some] for some in (before, told())]
    assert all(one != other for one, other in zip(*versions, strict=True))


def test_a_code_is_looked_for_under_its_own_system(stage):
    plan = plan_of(stage)
    found = stage.machine.found("Condition", category=f"{OURS}plan-domain|functional")
    assert len(found) == 1
    assert stage.machine.found("Condition", category="http://loinc.org|functional") == []
    every = {"patient": f"Patient/{plan.person_id}", "category:not": "functional"}
    assert stage.machine.found("Condition", **every) == []


def test_what_a_plan_brings_along_is_what_its_reader_may_read(stage):
    plan = plan_of(stage)
    person = f"Patient/{plan.person_id}"
    answer = stage.machine.search("CarePlan", patient=person, _include="CarePlan:goal").json()
    brought = [one["resource"] for one in answer["entry"] if one["search"]["mode"] == "include"]
    assert [one["resourceType"] for one in brought] == ["Goal"]
    shown = Goal.objects.get(plan=plan, category="coordination")
    assert brought[0]["id"] == str(shown.pk)


# --- messages and alerts -----------------------------------------------------------------------


def test_a_message_names_nobody_whom_its_reader_may_not_know(stage):
    stranger = PersonFactory()
    row = MessageFactory(organization=stage.desk, person=stranger)
    read = stage.machine.get(f"Communication/{row.pk}")
    assert str(stranger.pk) not in read.content.decode()
    assert stage.machine.found("Communication", patient=f"Patient/{stranger.pk}") == []


def test_an_alert_and_its_visit_are_found_from_each_other(stage):
    alert = alert_raised(stage)
    assert stage.machine.found("Flag", encounter=f"Encounter/{alert.visit_id}") == [str(alert.pk)]
    assert stage.machine.found("Flag", status="active") == [str(alert.pk)]
    chained = {"encounter.patient": f"Patient/{alert.person_id}"}
    assert stage.machine.found("Observation", **chained) == [str(alert.visit_id)]


# --- history -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "type_name", ["ServiceRequest", "Task", "Communication", "Flag", "Encounter", "Observation"]
)
def test_what_a_row_was_is_told_as_it_was(stage, type_name):
    row = make(type_name, stage)
    now = stage.machine.get(f"{type_name}/{row.pk}")
    history = stage.machine.get(f"{type_name}/{row.pk}/_history")
    assert history.status_code == 200, history.content
    assert [one["resource"] for one in history.json()["entry"]] == [now.json()]
    version = now.json()["meta"]["versionId"]
    assert stage.machine.get(f"{type_name}/{row.pk}/_history/{version}").json() == now.json()
