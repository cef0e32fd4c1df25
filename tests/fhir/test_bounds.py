"""What a request may ask of the memory and of the numbers of the house."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from cordee.fhir.models import KeptBody
from tests.fhir.door import JSON, codes
from tests.fhir.stage import set_stage
from tests.support import Browser, arranging

pytestmark = pytest.mark.django_db
PATCH = "application/json-patch+json"
PATIENT = {
    "resourceType": "Patient",
    "name": [{"use": "official", "family": "Blanc", "given": ["Odile"]}],
    "birthDate": "1938-02-11",
}
MANY = "&".join(["name=a"] * 2_100)
EXTENSION = [{"url": "urn:x:not", "valueBoolean": True}]


@pytest.fixture
def machine():
    return set_stage().machine


def doubling():
    """Two lists, each copied into the other in turn."""
    yield {"op": "add", "path": "/extension", "value": [{"url": "urn:a"}, {"url": "urn:b"}]}
    for turn in range(30):
        one, other = ("0", "1") if turn % 2 else ("1", "0")
        path = f"/extension/{other}/extension"
        yield {"op": "copy", "from": f"/extension/{one}", "path": f"{path}{turn}"}


def deepening():
    """Lists in lists, one level at a time."""
    deep: object = []
    for _ in range(50):
        deep = [deep]
    for turn in range(150):
        yield {"op": "add", "path": "/extension" + "/0" * (51 * turn), "value": deep}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ([{"op": "copy", "from": "", "path": "/extension"}], 422, "patch.inapplicable"),
        ([{"op": "copy", "from": "/name", "path": "/name/0/x"}], 422, "patch.inapplicable"),
        (list(doubling()), 422, "patch.inapplicable"),
        (list(deepening()), 400, "reading.too_deep"),
    ],
    ids=["whole into itself", "into its child", "doubling", "deepening"],
)
def test_a_patch_does_not_grow_without_end(machine, changes, status, code):
    pk = machine.post("Patient", PATIENT).json()["id"]
    answer = machine.send("PATCH", f"Patient/{pk}", changes, content_type=PATCH)
    assert (answer.status_code, codes(answer)) == (status, [code])
    if changes[0]["op"] == "add" and status == 422:
        assert "too much is copied" in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    "number", ["1e-99999999999999999999", "1e-400000000", "1" * 200, "0." + "1" * 200]
)
def test_a_number_that_nothing_holds_is_refused_by_its_name(machine, number):
    raw = json.dumps(PATIENT)[:-1] + f', "multipleBirthInteger": {number}}}'
    answer = machine.post("Patient", raw)
    assert (answer.status_code, codes(answer)) == (400, ["reading.number"])


def test_an_address_of_too_many_words_is_answered_in_fhir(machine):
    for answer in (machine.get(f"Patient?{MANY}"), machine.get(f"metadata?{MANY}")):
        assert answer["Content-Type"].startswith(JSON)
        assert answer.status_code in (200, 400)


@pytest.mark.parametrize(
    "bad",
    [
        {"request": {"method": "GET", "url": f"Patient?{MANY}"}},
        {
            "request": {"method": "PATCH", "url": "Patient?name=a"},
            "resource": {"resourceType": "Binary", "contentType": PATCH, "data": 5},
        },
    ],
    ids=["too many words", "a patch that is no text"],
)
def test_one_entry_of_a_batch_never_hides_the_answers_of_the_others(machine, bad):
    good = {"request": {"method": "POST", "url": "Patient"}, "resource": PATIENT}
    answer = machine.post("", {"resourceType": "Bundle", "type": "batch", "entry": [good, bad]})
    assert answer.status_code == 200, answer.content
    first, second = [one["response"] for one in answer.json()["entry"]]
    assert first["status"] == "201 Created"
    assert second["outcome"]["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"implicitRules": "urn:x:rules"}, "Patient.implicitRules"),
        ({"modifierExtension": EXTENSION}, "Patient.modifierExtension"),
        (
            {"contact": [{"name": {"family": "B"}, "modifierExtension": EXTENSION}]},
            "Patient.contact[0].modifierExtension",
        ),
    ],
)
def test_what_changes_the_meaning_of_the_rest_is_not_kept_unread(machine, more, place):
    known = machine.post("Patient", PATIENT).json()
    changes = [{"op": "add", "path": f"/{name}", "value": one} for name, one in more.items()]
    for answer in (
        machine.post("Patient", PATIENT | more),
        machine.put(f"Patient/{known['id']}", known | more),
        machine.send("PATCH", f"Patient/{known['id']}", changes, content_type=PATCH),
    ):
        assert (answer.status_code, codes(answer)) == (422, ["write.changes_meaning"])
        assert answer.json()["issue"][0]["expression"] == [place]
    assert codes(machine.post("Patient/$validate", PATIENT | more)) == ["write.changes_meaning"]


@pytest.mark.parametrize("address", ["/fhir", "/fhir/"])
def test_the_door_opens_no_session_of_pages_with_its_last_slash_or_without(address):
    answer = Browser().post(address, {}, content_type="application/fhir+json")
    assert answer.status_code == 401
    assert not hasattr(answer.wsgi_request, "session")


# --- kept before it was refused ----------------------------------------------------------------


def kept_under_a_modifier(machine):
    """A Patient that was kept with what changes the meaning of the rest, before it was refused."""
    said = PATIENT | {"extension": [{"url": "urn:x:dose", "valueString": "deux"}]}
    made = machine.post("Patient", said).json()
    row = KeptBody.objects.get(resource_id=made["id"])
    with arranging():
        more = json.dumps({"modifierExtension": EXTENSION})[1:-1]
        KeptBody.objects.filter(pk=row.pk).update(sent=f"{{{more},{row.sent[1:]}")
    return made


def test_what_comes_over_it_is_not_read_under_it_and_it_stays_in_the_history(machine):
    made = kept_under_a_modifier(machine)
    address = f"Patient/{made['id']}"
    before = machine.get(address)
    assert before.json()["modifierExtension"] == EXTENSION
    again = machine.put(address, PATIENT | {"id": made["id"], "birthDate": "1939-02-11"})
    assert again.status_code == 200, again.content
    told = machine.get(address).content.decode()
    assert ("urn:x:not" in told, "urn:x:dose" in told) == (False, False)
    version = before.json()["meta"]["versionId"]
    former = machine.get(f"{address}/_history/{version}").json()
    assert former["modifierExtension"] == EXTENSION


def test_who_keeps_the_house_is_told_where_it_stands(machine):
    made = kept_under_a_modifier(machine)
    out = StringIO()
    call_command("sort_received", stdout=out)
    assert f"Patient/{made['id']}" in out.getvalue()
