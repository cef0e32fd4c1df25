"""The evaluator, alone: what it refuses, what it mends of the library, what it never does."""

from datetime import date
from decimal import Decimal

import pytest
from fhirpathpy.engine.nodes import ResourceNode

from cordee.assessments.rules import urls
from cordee.assessments.rules.fhirpath import evaluation, parsing
from cordee.assessments.rules.fhirpath.evaluation import Scene, evaluate
from cordee.assessments.rules.fhirpath.parsing import Unreadable, parsed
from cordee.assessments.rules.fhirpath.plain import plain
from cordee.assessments.rules.fhirpath.reads import Reads, reads_of

WEIGHT = [{"url": urls.ORDINAL, "valueDecimal": Decimal("1.5")}]
QUANTITY = {"value": Decimal(70), "unit": "kg", "code": "kg"}


def line(link_id, *answers, **said):
    return {"linkId": link_id, "answer": list(answers), **said}


RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "item": [
        line("n", {"valueInteger": Decimal(3)}),
        line("d", {"valueDecimal": Decimal("2.5")}),
        line(
            "c", {"valueCoding": {"code": "x", "extension": WEIGHT}}, {"valueCoding": {"code": "y"}}
        ),
        line("b", {"valueBoolean": False}),
        line("s", {"valueString": "oui"}, {"valueString": "non"}),
        line("j", {"valueDate": "1940-05-01"}),
        line("h", {"valueTime": "14:05:00"}),
        line("q", {"valueQuantity": QUANTITY}),
        {"linkId": "g", "item": [line("n2", {"valueInteger": Decimal(3), "item": [line("n3")]})]},
    ],
}
GROUP = RESPONSE["item"][-1]


def scene(**variables):
    return Scene(RESPONSE, GROUP, variables, date(2026, 11, 27), 12)


def values(text, **variables):
    return [plain(one) for one in evaluate(parsed(text), scene(**variables))]


@pytest.mark.parametrize(
    "text",
    [
        "%resource",
        "%resource.item",
        "%resource.item.where(linkId = 'n').answer.value",
        "%resource.item.where(linkId = 'c').answer.value",
        "%resource.item.where(linkId in ('n' | 'd' | 'j')).answer",
        "%resource.item.where(linkId = 'n' or linkId = 'q').answer.value",
        "%resource.item.where(linkId = 'g').item.where(linkId = 'n2').answer.value",
        "%resource.item.item.answer.item",
        "%resource.item.answer.value",
        "%resource.item.where(linkId = 'absent').answer.value",
        "%context.item.where(linkId = 'n2').answer.item.where(linkId = 'n3')",
        "%context.answer.value",
        "%resource.where(linkId = 'x')",
        "%resource.item.where(linkId = 'n').answer.value + %context.item.answer.value",
    ],
)
def test_a_path_that_is_followed_at_once_gives_what_the_library_gives(text):
    read = parsed(text)
    step_by_step = parsing.Parsed(read.text, read.tree, read.variables, read.tree, {})

    def seen(found):
        nodes = [one for one in found if isinstance(one, ResourceNode)]
        assert len(nodes) == len(found) or "+" in text
        return [(one.path, one.data) if one in nodes else one for one in found]

    assert seen(evaluate(read, scene())) == seen(evaluate(step_by_step, scene()))
    assert read.paths or text == "%resource"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("%resource.item.where(linkId = 'b').answer.where(value).count()", [0]),
        ("%resource.item.where(linkId = 'b').answer.exists(value = false)", [True]),
        ("%resource.item.where(linkId = 'n').answer.value.sum()", [3]),
        ("%resource.item.answer.value.ofType(integer)", [3]),
        ("(%resource.item | %resource.item.item).answer.value.ofType(integer).count()", [2]),
        ("(1 | 2 | 3).select($this * 2).where($this > 2)", [4, 6]),
        ("(1 | 2).where((3 | 4).exists($this > 3) and $this = 2)", [2]),
        ("(1 | 2) = (1 | 2)", [True]),
        ("(1 | 2) = (1 | 3)", [False]),
        ("(1 | 2).combine(1 | 2).distinct().count()", [2]),
        ("(1 | 2 | 3).exclude(2)", [1, 3]),
        ("1.0 in (1 | 2)", [True]),
        ("(1 | 1.0).count()", [1]),
        ("-(%v) + %v", [0]),
        ("@2026-11 = @2026-11-27", []),
        ("@2026-10 < @2026-11-27", [True]),
        ("%resource.item.where(linkId = 'j').answer.value < today() - 80 years", [True]),
        ("%resource.item.where(linkId = 'j').answer.value = @1940-05-01", [True]),
        ("%resource.item.where(linkId = 'h').answer.value > @T14:00", [True]),
        ("%resource.item.where(linkId = 'q').answer.value > 65 'kg'", [True]),
        ("%resource.item.where(linkId = 'q').answer.value > 65 'g'", []),
        ("%resource.item.where(linkId = 'q').answer.value = 70 'kg'", [True]),
        ("%resource.item.where(linkId = 'c').answer.weight()", [Decimal("1.5")]),
        ("%resource.item.where(linkId = 'c').answer.value.ordinal()", [Decimal("1.5")]),
        ("%resource.item.where(linkId = 's').answer.value.join(', ')", ["oui, non"]),
        ("%resource.item.where(linkId = 'n').answer.value.toString() & ' pas'", ["3 pas"]),
        ("QuestionnaireResponse.item.where(linkId = 'n').answer.value", [3]),
        ("item.where(linkId = 'n2').answer.value", [3]),
        ("%resource.repeat(item | answer.item).linkId.last()", ["n3"]),
        ("(3).convertsToBoolean() or '3'.toInteger() = 3", [True]),
        ("true and 1", [True]),
        ("(true | false) and true", []),
        ("5.coalesce({}, 6)", [6]),
    ],
)
def test_an_operator_answers_as_the_specification_says(text, found):
    assert values(text, v=[2]) == found


def test_the_day_is_an_argument():
    for day in (date(2020, 2, 29), date(2026, 11, 27)):
        said = evaluate(parsed("today()"), Scene(RESPONSE, None, {}, day))
        assert [str(one) for one in said] == [day.isoformat()]


def test_a_variable_is_not_changed_by_what_reads_it():
    known = {"v": [Decimal(2), Decimal(3)]}
    assert values("%v.combine(4).count() + %v.tail().count()", **known) == [4]
    assert known == {"v": [Decimal(2), Decimal(3)]}


@pytest.mark.parametrize("bound", ["MAX_STEPS", "MAX_ELEMENTS", "MAX_CHARACTERS"])
def test_each_bound_stops_by_itself(bound, monkeypatch):
    text = "('aaaa' & 'bbbb').toChars().select($this).count()"
    assert values(text) == [8]
    monkeypatch.setattr(evaluation, bound, 6)
    assert values(text) == []


@pytest.mark.parametrize("text", ["%'ext'", "a.b(", "1 = = 1", "é", "linked('x')", "\x00"])
def test_what_is_not_understood_is_refused_before_anything_is_evaluated(text):
    with pytest.raises(Unreadable):
        parsed(text)


@pytest.mark.parametrize(
    ("text", "links", "whole", "own"),
    [
        ("1 + 1", "", False, False),
        ("%resource.item.where(linkId = 'a').answer.value", "a", False, False),
        ("%resource.item.where('b' = linkId)", "", True, False),
        ("%resource.descendants().where(linkId = 'a' or linkId = 'b').count()", "ab", False, False),
        (
            "%resource.item.where(linkId = 'a').item.where(linkId.startsWith('b'))",
            "a",
            False,
            False,
        ),
        ("%resource.item.count()", "", True, False),
        ("%resource.item[0].where(linkId = 'a')", "a", True, False),
        ("iif(%resource.item.where(linkId = 'a').exists(), 1, today())", "a", False, False),
        ("item.where(linkId = 'a')", "a", False, False),
        ("answer.value", "", False, True),
        ("$this.answer.value", "", False, True),
        ("%context.item.where(linkId = 'a').exists($this.answer.exists())", "a", False, False),
        ("%resource.item.answer.value.ofType(integer)", "", True, False),
        ("%v.where(linkId = 'a')", "a", False, False),
    ],
)
def test_an_expression_says_which_lines_it_reads(text, links, whole, own):
    assert reads_of(text) == Reads(frozenset(links), whole, own)
