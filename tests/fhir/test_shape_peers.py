"""Two other validators are asked about the same resources; where they differ, who is right is said.

`@medplum/core` judges by definitions of its own (it rewrote some of R4's); `fhir` by those of R4.
Neither is a measure of ours: each lets through much that R4 forbids.
"""

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest

from cordee.fhir.shape import tables, troubles
from host.frontend import install
from tests.fhir.generated import resource, spoiled

PEERS = Path(__file__).parent / "peers"
_SERVED = """Patient RelatedPerson Practitioner PractitionerRole Organization Location CareTeam
Consent HealthcareService ServiceRequest Task Communication CommunicationRequest DocumentReference
Flag Questionnaire QuestionnaireResponse Observation Condition Goal CarePlan PlanDefinition
Encounter Slot Schedule Appointment Subscription AuditEvent Provenance"""
SERVED = _SERVED.split()
# What they find wrong in what is right, and why they are mistaken.
MISTAKEN = {
    'Invalid reference: got "https:"': "a whole address is a reference (R4, references, literal)",
    "Unexpected property": "they do not know every type of an extension (valueUuid, valueMeta…)",
}
# What one of them at least sees, with what ours calls it.
SEEN = {"unknown_element", "missing", "wrong_type", "not_a_list", "a_list", "not_in_value_set"}
SEEN |= {"null"}
# What neither sees in every case: an empty object or text, which R4 forbids (ele-1; strings).
UNSEEN = {"empty"}


def drawn() -> tuple[list, list]:
    right = [resource(kind, Random(seed), seed) for kind in SERVED for seed in range(4)]
    wrong = []
    for rank, one in enumerate(right * 2):
        broken = deepcopy(one)
        wrong.append((broken, spoiled(broken, Random(rank))))
    return right, wrong


@pytest.fixture(scope="module")
def asked():
    """What they say of what is right, then of what is wrong: all asked at once."""
    install(PEERS)
    right, wrong = drawn()
    resources = [*right, *(one for one, _ in wrong)]
    run = subprocess.run(
        [Path(sys.prefix) / "bin" / "node", "peers.mjs"],
        cwd=PEERS,
        input=json.dumps(resources, default=float),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answers = json.loads(run.stdout)
    assert len(answers) == len(resources)
    return list(zip(right, answers[: len(right)], strict=True)), list(
        zip(wrong, answers[len(right) :], strict=True)
    )


def test_what_is_right_they_find_right_but_for_mistakes_of_theirs(asked):
    for one, answer in asked[0]:
        assert troubles(one) == []
        said = [*answer["medplum"], *answer["fhir"]]
        assert not [text for text in said if not any(known in text for known in MISTAKEN)], one


def test_what_is_wrong_one_of_them_sees_too_but_for_what_neither_looks_at(asked):
    codes = set()
    for (broken, (path, code)), answer in asked[1]:
        codes.add(code)
        assert (path, code) in [(one.path, one.code) for one in troubles(broken)]
        if not answer["medplum"] and not answer["fhir"]:
            assert code in UNSEEN, (path, code)
    assert SEEN - {"null"} <= codes <= SEEN | UNSEEN


def test_each_of_them_lets_through_what_the_other_sees(asked):
    """Why two are asked."""
    blind = {"medplum": set(), "fhir": set()}
    for (_, (_, code)), answer in asked[1]:
        for name, codes in blind.items():
            codes |= set() if answer[name] else {code}
    assert "not_in_value_set" in blind["medplum"]
    assert "a_list" in blind["fhir"]


@pytest.fixture(scope="module")
def theirs():
    """The same elements, as another package drew them from HL7's own pages."""
    install(PEERS)
    path = PEERS / "node_modules" / "fhir" / "profiles" / "types.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_another_package_knows_the_same_elements(theirs):
    """One that rewrote R4 was thus found out, and left (ADR 39)."""
    for name in sorted(theirs):
        kind = theirs[name]
        if kind.get("_kind") != "primitive-type":
            _compare(name, name, kind["_properties"])


# That package leaves out these three, which are defined by a reference to another definition.
MISSED = {
    "ClaimResponse.adjudication",
    "ExplanationOfBenefit.adjudication",
    "Invoice.totalPriceComponent",
    "SubstanceSpecification.molecularWeight",
}


def _compare(path, kind, properties):
    elements = tables.kind(kind).elements.values()
    ours = {name: (one, type_name) for one in elements for name, type_name in one.names().items()}
    others = {one["_name"]: one for one in properties if not one["_name"].startswith("_")}
    assert {f"{path}.{name}" for name in set(ours) ^ set(others)} <= MISSED
    for name in set(ours) & set(others):
        element, type_name = ours[name]
        other = others[name]
        assert element.repeats is other["_multiple"], f"{path}.{name}"
        assert bool(element.least) is other.get("_required", False), f"{path}.{name}"
        is_bound = other.get("_valueSetStrength") == "required"
        value_set = other.get("_valueSet", "").partition("|")[0] if is_bound else ""
        assert element.codes == value_set, f"{path}.{name}"
        inner = type_name.removeprefix("@")
        if type_name.startswith("@") and other.get("_properties") and inner != path:
            _compare(f"{path}.{name}", inner, other["_properties"])
