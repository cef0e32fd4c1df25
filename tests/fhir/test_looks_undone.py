"""What a request read before it was undone was read all the same: its lines of trace stay."""

import base64
import json

import pytest

from cordee.people.models import Person
from tests.fhir.test_bundles import bundle, entry, followed, patient, relative
from tests.support import traces

pytestmark = pytest.mark.django_db


def test_on(path, value):
    """A patch that only asks whether a value stands there."""
    changes = json.dumps([{"op": "test", "path": path, "value": value}]).encode()
    carried = {"contentType": "application/json-patch+json"}
    return {"resourceType": "Binary", "data": base64.b64encode(changes).decode(), **carried}


test_on.__test__ = False  # the operation of JSON Patch is called so


def told_of(person):
    """The lines that say that somebody was looked at."""
    return [one["kind"] for one in traces() if one["persons"] == [person.pk]]


@pytest.mark.parametrize("day", ["1932-05-17", "1950-01-01"])
def test_a_patch_that_asked_before_the_rollback_leaves_its_look(desk, machine, day):
    person = followed(desk, birth_date="1932-05-17")
    other = followed(desk)
    sent = bundle(
        "transaction",
        entry("PATCH", f"Patient/{person.pk}", test_on("/birthDate", day)),
        entry("PATCH", f"Patient/{other.pk}", test_on("/birthDate", "1800-01-01")),
    )
    answer = machine.post("", sent)
    right = day == "1932-05-17"
    assert answer.status_code == 422
    assert answer.json()["issue"][0]["expression"] == [f"Bundle.entry[{int(right)}]"]
    assert told_of(person) == ["read"]
    assert told_of(other) == ["read"] * right


def test_what_was_read_before_the_rollback_leaves_its_look(desk, machine):
    person = followed(desk)
    nobody = "Patient/01900000-0000-7000-8000-000000000000"
    sent = bundle("transaction", entry("GET", f"Patient/{person.pk}"), entry("GET", nobody))
    assert machine.post("", sent).status_code == 404
    assert told_of(person) == ["read"]


def test_a_transaction_that_is_kept_tells_each_look_once(desk, machine):
    person = followed(desk)
    sent = bundle("transaction", entry("GET", f"Patient/{person.pk}"))
    assert machine.post("", sent).status_code == 200
    assert told_of(person) == ["read"]


@pytest.mark.parametrize("refused", ["Patient?family=Personne", "urn:uuid:x"])
def test_whom_a_conditional_reference_finds_is_told_whatever_follows(desk, machine, refused):
    person = followed(desk, birth_date="1932-05-17")
    link = f"Patient?_id={person.pk}&birthdate=1932-05-17"
    sent = bundle(
        "transaction",
        entry("POST", "RelatedPerson", relative(link)),
        entry("POST", "RelatedPerson", relative(refused)),
    )
    assert machine.post("", sent).status_code in (412, 422)
    assert told_of(person) == ["list"]


def test_whom_several_conditions_find_are_told(desk, machine):
    one, two = (followed(desk, birth_name="Blanc") for _ in "ab")
    sent = bundle("transaction", entry("POST", "RelatedPerson", relative("Patient?family=Blanc")))
    assert machine.post("", sent).status_code == 412
    (line,) = traces("list")
    assert set(line["persons"]) == {one.pk, two.pk}


def test_whom_a_conditional_write_finds_is_told_even_when_it_is_refused(desk, machine):
    person = followed(desk, birth_name="Blanc", birth_date="1932-05-17")
    body = patient("Gris", id="x") | {"birthDate": "1932-05-17"}
    answer = machine.put("Patient?birthdate=1932-05-17", body, if_match='W/"9"')
    assert answer.status_code == 412
    assert told_of(person) == ["list"]
    assert Person.objects.get(pk=person.pk).birth_name == "Blanc"
