"""What the door answers is FHIR: every answer is judged as what comes in is."""

import json
import re
from pathlib import Path

import pytest

from cordee.fhir.shape import troubles
from tests.fhir.door import Machine
from tests.fhir.stage import set_stage
from tests.fhir.test_bundles import bundle, entry, patient

pytestmark = pytest.mark.django_db
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def wrong(resource):
    return [(one.path, one.code) for one in troubles(resource) if one.severity == "error"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_is_read_keeps_r4_and_the_profiles_it_claims(path):
    dated = re.compile(r'("versionId": "[^"]*){moment}')  # in a version, a moment is its digits
    text = dated.sub(r"\g<1>" + "2" * 20, path.read_text("utf-8"))
    text = text.replace("{moment}", "2026-11-27T10:00:00.000Z")
    assert wrong(json.loads(re.sub(r"\{(\w+)\}", r"\1", text))) == []


def test_what_the_door_says_of_itself_keeps_r4():
    assert wrong(Machine().get("metadata").json()) == []


def test_what_is_found_keeps_r4():
    stage = set_stage()
    found = stage.machine.search("Patient", _total="accurate", inconnu="x").json()
    assert len(found["entry"]) == 2
    assert wrong(found) == []


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_what_is_answered_to_many_requests_keeps_r4(kind):
    stage = set_stage()
    sent = bundle(
        kind,
        entry("POST", "Patient", patient("Blanc")),
        entry("GET", f"Patient/{stage.person.pk}"),
        *([entry("GET", "Patient/nul")] if kind == "batch" else []),
    )
    assert wrong(stage.machine.post("", sent, prefer="return=representation").json()) == []


def test_a_refusal_keeps_r4():
    stage = set_stage()
    assert wrong(stage.machine.post("Patient", {"resourceType": "Patient", "a": 1}).json()) == []
    assert wrong(stage.machine.get("Patient/nul").json()) == []
