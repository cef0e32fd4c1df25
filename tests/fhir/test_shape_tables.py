"""The tables of R4 are those of HL7, and every rule of HL7 is either checked or named as left."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cordee.fhir.shape import tables
from cordee.fhir.shape.invariants import ELSEWHERE, RULES, UNCHECKED, words
from cordee.fhir.shape.trouble import ISSUE_TYPES, SENTENCES
from host.frontend import install
from tools import draw_shape

PEERS = Path(__file__).parent / "peers"


def test_the_tables_are_those_of_the_package():
    for name, text in draw_shape.drawn().items():
        path = draw_shape.TABLES / name
        assert path.read_text(encoding="utf-8") == text, f"{name}: run tools/draw_shape.py"


def test_the_tables_say_where_they_come_from():
    assert tables.about() == {
        "source": "HL7 FHIR R4, http://hl7.org/fhir/R4/",
        "version": "4.0.1",
        "date": "2019-11-01",
        "license": "CC0-1.0",
        "package": "hl7.fhir.r4.core",
    }


def test_every_rule_of_r4_is_checked_or_named_as_left():
    checked = set(words())
    left = {
        key for key in tables.invariants() if not {key, key.split("-")[0]}.isdisjoint(UNCHECKED)
    }
    assert checked & left == set()
    assert checked | left == set(tables.invariants())


def test_a_rule_is_checked_where_r4_puts_it():
    for rule in RULES:
        places = tables.invariants()[rule.key]["on"]
        kinds = {rule.kind, tables.QUANTITIES.get(rule.kind, rule.kind)}
        assert any(kind in (place, place.rpartition(".")[0]) for kind in kinds for place in places)
    assert not set(ELSEWHERE) & {rule.key for rule in RULES}


def test_each_code_has_its_sentences_in_both_languages():
    assert set(SENTENCES) - {"missing_one"} == set(ISSUE_TYPES)
    for french, english in SENTENCES.values():
        assert french.endswith((".", "?"))
        assert english.endswith(".")
    issue_types = tables.codes_of("http://hl7.org/fhir/ValueSet/issue-type") or {}
    assert set(ISSUE_TYPES.values()) <= issue_types["http://hl7.org/fhir/issue-type"]


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


def test_the_shape_needs_nothing_of_the_house():
    """It is asked in a process where Django was never set up."""
    code = "import sys; from cordee.fhir.shape import troubles; troubles({}); "
    code += "print('django' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
