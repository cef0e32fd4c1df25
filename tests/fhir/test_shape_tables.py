"""The tables of R4 are those of HL7, and every rule of HL7 is either checked or named as left."""

import subprocess
import sys

from cordee.fhir.shape import tables
from cordee.fhir.shape.invariants import ELSEWHERE, RULES, UNCHECKED, words
from cordee.fhir.shape.trouble import ISSUE_TYPES, SENTENCES
from tools import draw_shape


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


def test_the_shape_needs_nothing_of_the_house():
    """It is asked in a process where Django was never set up."""
    code = "import sys; from cordee.fhir.shape import troubles; troubles({}); "
    code += "print('django' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
