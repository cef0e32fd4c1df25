"""What the door says of itself is what it does."""

import pytest

from tests.fhir.door import Machine

pytestmark = pytest.mark.django_db


def test_the_door_says_how_one_comes_in_and_what_it_keeps_of_versions():
    machine = Machine()
    (rest,) = machine.get("metadata").json()["rest"]
    security = rest["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    (uris,) = security["extension"]
    told = {one["url"]: one["valueUri"] for one in uris["extension"]}
    assert set(told) == {"authorize", "introspect", "revoke", "token"}
    smart = machine.get(".well-known/smart-configuration").json()
    assert told["token"].endswith(smart["token_endpoint"])
    assert all(one.startswith("http") for one in told.values())
    types = {one["type"]: one for one in rest["resource"]}
    assert {one["versioning"] for one in types.values()} == {"versioned"}
    assert {one["conditionalRead"] for one in types.values()} == {"not-match"}
    for one in types.values():
        done = {interaction["code"] for interaction in one["interaction"]}
        assert one["readHistory"] == ("history-instance" in done), one["type"]
    assert types["Patient"]["readHistory"]
    assert not types["CareTeam"]["readHistory"]
