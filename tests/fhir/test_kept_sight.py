"""Who is told what a partner sent: its sender, whoever is told of care, and no writer besides."""

from dataclasses import replace

import pytest

from cordee.access.sight import seen_by
from cordee.fhir.models import KeptBody
from cordee.intake.models import CareRequest
from tests.factories.directory import AccountFactory
from tests.fhir.door import Machine, codes
from tests.fhir.test_care import sent
from tests.fhir.test_evaluations import question, sheet
from tests.fhir.test_sight import SENT, written
from tests.support import arranging, coordinator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(stage):
    """Another coordinator of the desk, who sent nothing."""
    return coordinator_of(stage.desk, account_id=AccountFactory().pk)


def test_what_is_said_of_somebody_not_known_yet_is_told_to_its_sender_alone(stage, colleague):
    nobody = {"display": "Mme Grandidier"}
    answer = stage.machine.post("ServiceRequest", sent("ServiceRequest", stage, subject=nobody))
    assert answer.status_code == 201, answer.content
    pk = answer.json()["id"]
    assert stage.machine.get(f"ServiceRequest/{pk}").json()["identifier"]
    said = Machine(colleague).get(f"ServiceRequest/{pk}")
    assert (said.status_code, said.json().get("identifier")) == (200, None)
    with seen_by(colleague):
        assert not KeptBody.objects.filter(resource_id=pk).exists()
    with arranging():
        CareRequest.objects.filter(pk=pk).update(person=stage.person)
    assert KeptBody.objects.get(resource_id=pk).person_id == stage.person.pk
    assert Machine(colleague).get(f"ServiceRequest/{pk}").json()["identifier"]


def test_who_writes_over_what_they_were_not_told_is_not_told_it_afterwards(stage, colleague):
    pk = written(stage)
    address = f"Patient/{pk}"
    read = Machine(colleague).get(address).json()
    assert "maritalStatus" not in read
    again = Machine(colleague).put(address, read)
    assert again.status_code == 200, again.content
    assert "maritalStatus" not in Machine(colleague).get(address).json()
    assert stage.machine.get(address).json()["maritalStatus"] == SENT["maritalStatus"]


def test_what_was_kept_before_is_told_by_its_own_author(stage, colleague):
    pk = written(stage)
    with arranging():
        kept = KeptBody.objects.filter(resource_id=pk)
        kept.update(author=colleague.account_id, sent='{"maritalStatus":{"text":"mariée"}}')
    told = Machine(colleague).get(f"Patient/{pk}/_history").content.decode()
    assert "mariée" in told
    assert "veuve" not in told


def test_bound_to_one_person_a_caller_writes_nothing_about_nobody(stage):
    answer = stage.machine.post("Questionnaire", sheet(question("a"), url="urn:essai:neuf"))
    said = answer.json()
    bound = Machine(replace(stage.actor, only_person=stage.person.pk))
    refused = bound.put(f"Questionnaire/{said['id']}", said | {"title": "Un autre"})
    assert refused.status_code == 403, refused.content
    assert codes(refused) == ["caller.one_person"]
