"""RelatedPerson: the relatives of somebody, written down, corrected and taken away."""

import pytest

from cordee.people.models import Relative
from tests.factories.people import RelativeFactory
from tests.fhir.door import Machine, codes
from tests.fhir.stage import set_stage
from tests.support import arranging, stranger

pytestmark = pytest.mark.django_db
QUALITIES = "https://cordee.fr/fhir/CodeSystem/relative-quality"
ROLE_CODE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"


def sent(stage, **more):
    return {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{stage.person.pk}"},
        "name": [{"family": "Martin", "given": ["Jeanne", "Rose"]}],
        "relationship": [{"coding": [{"system": QUALITIES, "code": "trusted"}]}],
        "telecom": [{"system": "phone", "value": "06 39 98 00 45"}],
        **more,
    }


def test_a_relative_that_a_partner_sends_is_written_down_in_the_circle():
    stage = set_stage()
    answer = stage.machine.post("RelatedPerson", sent(stage))
    assert answer.status_code == 201, answer.content
    row = Relative.objects.get(pk=answer.json()["id"])
    assert (row.name, row.phone, row.is_trusted) == ("Jeanne Martin", "+33639980045", True)
    assert row.person_id == stage.person.pk
    found = stage.machine.found("RelatedPerson", patient=str(stage.person.pk), name="jeanne")
    assert found == [str(row.pk)]
    assert stage.machine.found("RelatedPerson", relationship="trusted") == [str(row.pk)]
    assert stage.machine.found("RelatedPerson", phone="06 39 98 00 45") == [str(row.pk)]


def test_a_relative_that_is_deleted_is_gone_and_no_longer_listed():
    stage = set_stage()
    row = RelativeFactory(person=stage.person)
    address = f"RelatedPerson/{row.pk}"
    assert stage.machine.send("DELETE", address).status_code == 204
    assert stage.machine.get(address).status_code == 410
    assert stage.machine.found("RelatedPerson", patient=str(stage.person.pk)) == []
    row.refresh_from_db()
    assert row.ended_at is not None


def test_a_relative_stays_that_of_the_same_person():
    stage, other = set_stage(), set_stage()
    row = RelativeFactory(person=stage.person)
    body = sent(stage) | {"id": str(row.pk), "patient": {"reference": "Patient/nobody"}}
    answer = stage.machine.put(f"RelatedPerson/{row.pk}", body)
    assert (answer.status_code, codes(answer)) == (422, ["incoming.nowhere"])
    body["patient"] = {"reference": f"Patient/{other.person.pk}"}
    hidden = stage.machine.put(f"RelatedPerson/{row.pk}", body)
    assert hidden.json() == answer.json()


def test_without_a_patient_nothing_is_written():
    stage = set_stage()
    body = sent(stage)
    del body["patient"]
    answer = stage.machine.post("RelatedPerson", body)
    assert answer.status_code == 422, answer.content
    assert not Relative.objects.exists()


def test_a_number_that_cannot_exist_is_refused_in_the_words_of_the_room():
    stage = set_stage()
    body = sent(stage, telecom=[{"system": "phone", "value": "12"}])
    answer = stage.machine.post("RelatedPerson", body)
    assert (answer.status_code, codes(answer)) == (422, ["people.relative"])


def test_relatives_of_who_hides_do_not_exist():
    stage = set_stage()
    row = RelativeFactory(person=stage.person)
    machine = Machine(stranger())
    assert machine.get(f"RelatedPerson/{row.pk}").status_code == 404
    assert machine.found("RelatedPerson", patient=str(stage.person.pk)) == []


def test_a_name_in_parts_is_given_back_as_it_was_sent_until_it_is_another():
    stage = set_stage()
    names = [{"use": "official", "family": "Martin", "given": ["Jeanne", "Rose"]}]
    pk = stage.machine.post("RelatedPerson", sent(stage, name=names)).json()["id"]
    assert stage.machine.get(f"RelatedPerson/{pk}").json()["name"] == names
    with arranging():
        Relative.objects.filter(pk=pk).update(name="Jeanne Blanc")
    assert stage.machine.get(f"RelatedPerson/{pk}").json()["name"] == [{"text": "Jeanne Blanc"}]


def test_a_name_that_is_corrected_does_not_leave_the_former_one_beside_it():
    stage = set_stage()
    pk = stage.machine.post("RelatedPerson", sent(stage)).json()["id"]
    names = [{"family": "Blanc", "given": ["Jeanne"]}]
    answer = stage.machine.put(f"RelatedPerson/{pk}", sent(stage, id=pk, name=names))
    assert answer.status_code == 200, answer.content
    assert stage.machine.get(f"RelatedPerson/{pk}").json()["name"] == names


# --- without saying which version was read -------------------------------------------------------


def known(stage):
    """A daughter, trusted, called first, with a number and an address."""
    return RelativeFactory(
        person=stage.person,
        name="Jeanne Martin",
        link="child",
        phone="+33639980045",
        email="jeanne@example.org",
        is_trusted=True,
        is_called_first=True,
    )


def little(stage, row, **more):
    """What a partner who never read her says."""
    patient = {"reference": f"Patient/{stage.person.pk}"}
    return {"resourceType": "RelatedPerson", "id": str(row.pk), "patient": patient, **more}


def put_by_its_address(stage, row, body):
    return stage.machine.put(f"RelatedPerson/{row.pk}", body)


def put_by_a_condition(stage, row, body):
    return stage.machine.put(f"RelatedPerson?identifier=urn:uuid:{row.pk}", body)


def in_a_transaction(stage, row, body):
    asks = {"method": "PUT", "url": f"RelatedPerson/{row.pk}"}
    entries = [{"resource": body, "request": asks}]
    return stage.machine.post(
        "", {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    )


@pytest.mark.parametrize("written", [put_by_its_address, put_by_a_condition, in_a_transaction])
def test_silence_takes_nothing_from_who_does_not_name_the_version(written):
    stage = set_stage()
    row = known(stage)
    telecom = [{"system": "email", "value": "j.martin@example.org"}]
    neighbour = [{"coding": [{"system": ROLE_CODE, "code": "NBOR"}]}]
    answer = written(stage, row, little(stage, row, telecom=telecom, relationship=neighbour))
    assert answer.status_code == 200, answer.content
    row.refresh_from_db()
    assert (row.name, row.phone, row.email) == (
        "Jeanne Martin", "+33639980045", "j.martin@example.org"
    )  # fmt: skip
    assert (row.link, row.is_trusted, row.is_called_first) == ("neighbour", True, True)


def test_what_is_left_out_of_the_version_that_was_read_goes():
    stage = set_stage()
    row = known(stage)
    address = f"RelatedPerson/{row.pk}"
    version = stage.machine.get(address).headers["ETag"]
    body = little(stage, row, name=[{"text": "Jeanne Martin"}])
    assert stage.machine.put(address, body, if_match=version).status_code == 200
    row.refresh_from_db()
    assert (row.phone, row.email, row.link) == ("", "", "other")
    assert (row.is_trusted, row.is_called_first) == (False, False)
    assert stage.machine.put(address, body, if_match=version).status_code == 412


def test_a_patch_that_removes_a_number_removes_it():
    stage = set_stage()
    row = known(stage)
    changes = [{"op": "remove", "path": "/telecom"}]
    kind = {"content_type": "application/json-patch+json"}
    answer = stage.machine.send("PATCH", f"RelatedPerson/{row.pk}", changes, **kind)
    assert answer.status_code == 200, answer.content
    row.refresh_from_db()
    assert (row.phone, row.email, row.is_trusted) == ("", "", True)
