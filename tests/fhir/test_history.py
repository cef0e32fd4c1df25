"""Versions: each one that could be read, and no other; a loser is told so."""

import pytest

from tests.fhir.door import codes
from tests.fhir.stage import set_stage
from tests.support import simultaneously

pytestmark = pytest.mark.django_db
SENT = {
    "resourceType": "Patient",
    "name": [{"use": "official", "family": "Blanc", "given": ["Odile"]}],
    "birthDate": "1938-02-11",
    "maritalStatus": {"text": "veuve"},
}


def written(machine, **more):
    answer = machine.post("Patient", SENT | more)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_each_version_is_read_as_it_was():
    machine = set_stage().machine
    first = written(machine)
    address = f"Patient/{first['id']}"
    married = machine.put(address, first | {"maritalStatus": {"text": "mariée"}}).json()
    renamed = machine.put(address, married | {"birthDate": "1938-02-12"}).json()
    assert [one["meta"]["versionId"] for one in (first, married, renamed)] == ["1-1", "1-2", "2-3"]
    for known in (first, married, renamed):
        read = machine.get(f"{address}/_history/{known['meta']['versionId']}")
        assert read.status_code == 200, read.content
        assert read.json()["maritalStatus"] == known["maritalStatus"]
        assert read.json()["birthDate"] == known["birthDate"]
    bundle = machine.get(f"{address}/_history").json()
    assert sorted(one["response"]["etag"] for one in bundle["entry"]) == [
        'W/"1-1"',
        'W/"1-2"',
        'W/"2-3"',
    ]
    assert machine.get("Patient/_history").json()["total"] >= 3


def test_who_already_has_a_version_is_given_nothing_again():
    machine = set_stage().machine
    known = written(machine)
    answer = machine.get(f"Patient/{known['id']}", if_none_match='W/"1-1"')
    assert (answer.status_code, answer.content) == (304, b"")


def test_who_writes_on_a_version_that_changed_meanwhile_is_refused():
    machine = set_stage().machine
    known = written(machine)
    address = f"Patient/{known['id']}"
    machine.put(address, known | {"birthDate": "1938-02-12"}, if_match='W/"1-1"')
    late = machine.put(address, known | {"birthDate": "1938-02-13"}, if_match='W/"1-1"')
    assert (late.status_code, codes(late)) == (412, ["version.replaced"])
    assert machine.get(address).json()["birthDate"] == "1938-02-12"


def test_a_silence_removes_nothing_and_a_version_named_does():
    machine = set_stage().machine
    known = written(machine)
    address = f"Patient/{known['id']}"
    silent = {key: value for key, value in known.items() if key != "maritalStatus"}
    kept = machine.put(address, silent)
    assert kept.json()["maritalStatus"] == SENT["maritalStatus"]
    gone = machine.put(address, silent, if_match=kept["ETag"])
    assert "maritalStatus" not in gone.json()


def test_a_patch_changes_what_it_names():
    machine = set_stage().machine
    address = f"Patient/{written(machine)['id']}"
    change = [{"op": "replace", "path": "/birthDate", "value": "1940-01-01"}]
    done = machine.send("PATCH", address, change, content_type="application/json-patch+json")
    assert (done.status_code, done.json()["birthDate"]) == (200, "1940-01-01")
    assert done.json()["maritalStatus"] == SENT["maritalStatus"]
    lost = [{"op": "test", "path": "/birthDate", "value": "1900-01-01"}]
    refused = machine.send("PATCH", address, lost, content_type="application/json-patch+json")
    assert (refused.status_code, codes(refused)) == (422, ["patch.inapplicable"])


@pytest.mark.django_db(transaction=True)
def test_of_many_updates_at_once_on_one_version_one_wins():
    stage = set_stage()
    known = written(stage.machine)
    address = f"Patient/{known['id']}"

    def write(day):
        resource = known | {"birthDate": f"1938-03-{day:02d}"}
        return lambda: stage.machine.put(address, resource, if_match='W/"1-1"').status_code

    answers = simultaneously(*(write(1 + number % 28) for number in range(8)))
    assert sorted(answers) == [200] + [412] * 7


def test_no_version_is_lost_when_many_resources_have_many(monkeypatch, caplog):
    monkeypatch.setattr("cordee.access.versions.MOST", 3)
    machine = set_stage().machine
    for _ in range(3):
        known = written(machine)
        for day in ("12", "13"):
            known = machine.put(f"Patient/{known['id']}", known | {"birthDate": f"1938-02-{day}"})
            known = known.json()
    told = machine.get("Patient/_history").json()["entry"]
    versions = [one["response"]["etag"] for one in told if "Blanc" in str(one["resource"]["name"])]
    assert len(versions) == 9
    assert not caplog.records


def test_of_a_resource_with_very_many_versions_none_is_left_out(monkeypatch, caplog):
    monkeypatch.setattr("cordee.access.versions.MOST", 2)
    machine = set_stage().machine
    known = written(machine)
    address = f"Patient/{known['id']}"
    for day in range(10, 17):
        known = machine.put(address, known | {"birthDate": f"1938-02-{day}"}).json()
    bundle = machine.get(f"{address}/_history?_count=3").json()
    told = bundle["entry"]
    while link := next((one for one in bundle["link"] if one["relation"] == "next"), None):
        bundle = machine.get(link["url"].partition("/fhir/")[2]).json()
        told += bundle["entry"]
    days = [one["resource"]["birthDate"] for one in told]
    assert days == [*(f"1938-02-{day}" for day in range(16, 9, -1)), "1938-02-11"]
    assert len({one["response"]["etag"] for one in told}) == 8
    assert machine.get(f"{address}/_history/1-1").json()["birthDate"] == "1938-02-11"
    assert not caplog.records
