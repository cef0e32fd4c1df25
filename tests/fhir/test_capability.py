"""What the door says of itself is what it does."""

import pytest

from tests.fhir.door import Machine, codes
from tests.fhir.stage import set_stage

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
    by_version = {name for name, one in types.items() if one["versioning"] == "versioned-update"}
    assert by_version == {"CareTeam", "HealthcareService"}
    assert {one["versioning"] for one in types.values()} == {"versioned", "versioned-update"}
    assert {one["conditionalRead"] for one in types.values()} == {"not-match"}
    for one in types.values():
        done = {interaction["code"] for interaction in one["interaction"]}
        assert one["readHistory"] == ("history-instance" in done), one["type"]
    assert types["Patient"]["readHistory"]
    assert not types["CareTeam"]["readHistory"]
    guide = "https://interop.esante.gouv.fr/ig/fhir/cdl/StructureDefinition/cdl-document-reference"
    assert f"{guide}|3.0.1" in rest["documentation"]
    assert "tde-auditevent" not in rest["documentation"]  # no trace comes in


def test_openid_connect_finds_what_it_asks_for_where_it_looks():
    told = Machine().get(".well-known/openid-configuration").json()
    smart = Machine().get(".well-known/smart-configuration").json()
    assert told.items() >= smart.items()
    assert told["subject_types_supported"] == ["public"]
    assert told["id_token_signing_alg_values_supported"] == ["RS256"]


@pytest.mark.parametrize("address", ["oauth/rien", "oauth/token/", ".well-known/x", "a\nb", "?"])
def test_nothing_under_the_door_is_ever_a_page(address):
    answer = Machine().get(address)
    assert answer["Content-Type"].startswith("application/fhir+json")
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_bundle_is_sent_to_the_base_with_its_slash_or_without():
    machine = set_stage().machine
    body = {"resourceType": "Bundle", "type": "batch"}
    answer = machine.browser.post("/fhir", body, "application/fhir+json")
    assert (answer.status_code, answer.json()["type"]) == (200, "batch-response")
    nobody = Machine().browser.post("/fhir", body, "application/fhir+json")
    assert (nobody.status_code, codes(nobody)) == (401, ["caller.unknown"])
