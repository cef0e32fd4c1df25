"""Instruments whose wording is not free: no word of theirs, and the score all the same."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cordee.assessments.rules.filling import filled
from cordee.assessments.rules.instruments.held import BRADEN, HELD, ZARIT
from cordee.assessments.rules.reading import read
from cordee.assessments.rules.results import Missing
from cordee.assessments.rules.scoring import score
from tests.assessments.sheets import HELD as NAMES
from tests.assessments.sheets import ON, answers, definition, items

COMPUTED = {"total-on": "2026-11-20", "total-by": "Dr Roux"}


def test_each_of_them_has_its_definition_and_the_other_way_round():
    assert set(HELD) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_wording_is_shipped_only_numbers(name):
    for item in items(name):
        if re.fullmatch(r"q\d+", item["linkId"]):
            assert re.fullmatch(r"Question \d+", item["text"])
            assert item["type"] == "integer"
            assert "answerOption" not in item


@pytest.mark.parametrize("name", NAMES)
def test_the_definition_says_why_and_how_to_load_the_text_one_has_rights_to(name):
    said = definition(name)["copyright"]
    assert "Le texte n’est donc pas livré" in said
    assert "linkId" in said


@pytest.mark.parametrize("name", NAMES)
def test_the_bounds_on_the_screen_are_those_of_the_score(name):
    held = HELD[name]
    bounds = {
        item["linkId"]: tuple(one["valueInteger"] for one in item["extension"])
        for item in items(name)
        if item["type"] == "integer"
    }
    wanted = {f"q{at}": span for at, span in enumerate(held.items, start=1)}
    assert bounds == wanted | {"total": (held.least, held.most)}


@pytest.mark.parametrize("name", NAMES)
def test_a_total_is_kept_with_its_day_and_who_computed_it(name):
    held = HELD[name]
    given = answers(COMPUTED | {"how": "total", "total": held.least})
    (result,) = held.score(given, ON)
    assert result.value == held.least
    assert result.points[0].said == "Total calculé le 20/11/2026 par Dr Roux"


@pytest.mark.parametrize("name", NAMES)
def test_a_total_out_of_its_bounds_or_cut_in_two_is_no_total(name):
    held = HELD[name]
    for value in (held.least - 1, held.most + 1, Decimal("2.5"), Decimal("NaN"), True, "3"):
        given = answers(COMPUTED | {"how": "total", "total": value})
        assert held.score(given, ON) == Missing(("total",))


def test_a_total_without_its_day_or_its_author_or_of_a_coming_day_is_not_kept():
    whole = {"how": "total", "total": 30} | COMPUTED
    for absent in COMPUTED:
        left = {key: value for key, value in whole.items() if key != absent}
        assert ZARIT.score(answers(left), ON) == Missing((absent,))
    tomorrow = (ON + timedelta(days=1)).isoformat()
    assert ZARIT.score(answers(whole | {"total-on": tomorrow}), ON) == Missing(("total-on",))
    assert ZARIT.score(answers(whole | {"total-on": "hier"}), ON) == Missing(("total-on",))
    assert ZARIT.score(answers(whole | {"total-by": "  "}), ON) == Missing(("total-by",))
    assert ZARIT.score({}, ON) == Missing(("how",))


def test_numbered_items_add_up_and_each_is_wanted():
    given = answers({"how": "items"} | {f"q{at}": 2 for at in range(1, 23)})
    (result,) = ZARIT.score(given, ON)
    assert (result.value, len(result.points)) == (44, 22)
    assert ZARIT.score({**given, "q7": (Decimal(5),)}, ON) == Missing(("q7",))
    assert ZARIT.score({**given, "q7": ()}, ON) == Missing(("q7",))


def loaded(name, kind, options):
    """The version of a site that holds the rights: its own words, the same linkIds."""
    given = json.loads(json.dumps(definition(name)))
    given["version"] = "1.0-site"
    for item in next(one for one in given["item"] if one["linkId"] == "items")["item"]:
        del item["extension"]
        item |= {"text": f"Texte du site {item['linkId']}", "type": kind, **options}
    return read(given)


def test_a_site_that_loads_its_text_with_worded_choices_is_scored_the_same():
    """A code that is a number is worth this number."""
    codes = [{"valueCoding": {"code": str(at), "display": f"Mot {at}"}} for at in range(5)]
    found = loaded("zarit-22", "choice", {"answerOption": codes})
    said = [
        {"linkId": f"q{at}", "answer": [{"valueCoding": {"code": "3", "display": "Mot 3"}}]}
        for at in range(1, 23)
    ]
    how = {"linkId": "how", "answer": [{"valueCoding": {"code": "items"}}]}
    response = filled(found, [how, {"linkId": "items", "item": said}], today=ON)
    assert response.is_complete, (response.missing, response.errors)
    (result,) = score(found.scoring, response.answers, on=ON)
    assert result.value == 66


def test_a_site_that_loads_yes_and_no_is_scored_the_same():
    given = {"how": ("items",), **{f"q{at}": (at < 3,) for at in range(1, 6)}}
    (result,) = score("algoplus", given, on=ON)
    assert (result.value, result.band.code) == (2, "pain")
    given = {"how": ("items",), **{f"q{at}": (True,) for at in range(1, 23)}}
    assert score("zarit-22", given, on=ON) == Missing(tuple(f"q{at}" for at in range(1, 23)))


@pytest.mark.parametrize("code", ["5", "-1", "", "²", "3.0", " 3", "trois"])
def test_a_code_that_is_no_number_of_the_line_is_no_answer(code):
    given = answers({"how": "items"} | {f"q{at}": 2 for at in range(1, 23)})
    assert ZARIT.score({**given, "q7": (code,)}, ON) == Missing(("q7",))


def test_the_last_line_of_braden_stops_at_three():
    given = answers({"how": "items"} | {f"q{at}": 4 for at in range(1, 6)})
    (result,) = BRADEN.score({**given, "q6": (Decimal(3),)}, ON)
    assert result.value == 23
    assert BRADEN.score({**given, "q6": (Decimal(4),)}, ON) == Missing(("q6",))


EDGES = {
    "zarit-22": [(0, "light"), (20, "light"), (21, "moderate"), (40, "moderate"), (41, "heavy")]
    + [(60, "heavy"), (61, "severe"), (88, "severe")],
    "mna-sf": [(0, "malnourished"), (7, "malnourished"), (8, "at-risk"), (11, "at-risk")]
    + [(12, "normal"), (14, "normal")],
    "braden": [(6, "at-risk"), (18, "at-risk"), (19, "low-risk"), (23, "low-risk")],
    "algoplus": [(0, "unlikely"), (1, "unlikely"), (2, "pain"), (5, "pain")],
    "mini-cog": [(0, "positive"), (2, "positive"), (3, "negative"), (5, "negative")],
}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [(name, value, code) for name, edges in EDGES.items() for value, code in edges],
)
def test_the_edges_of_each_band_and_that_they_were_not_read_again(name, value, code):
    scale = HELD[name].scale(ON)
    assert scale.band(Decimal(value)).code == code
    assert "non relues dans l’original" in scale.caution


def test_a_level_of_frailty_is_kept_without_a_word_on_it():
    held = HELD["clinical-frailty"]
    (result,) = held.score(answers(COMPUTED | {"total": 6}), date(2026, 11, 20))
    assert (result.value, result.out_of, result.band) == (6, 9, None)
