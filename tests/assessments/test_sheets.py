"""The sheets in our own words: their sums, what is heard whatever the sum, and no half score."""

from decimal import Decimal

import pytest

from cordee.assessments.rules.instruments import carer, coordination, functional, multidimensional
from cordee.assessments.rules.results import Missing
from tests.assessments.sheets import ON, all_at, answers

D = Decimal
SCORED = [
    (functional.score, (*functional.BASIC, *functional.INSTRUMENTAL)),
    (carer.score, carer.ROWS),
    (coordination.score, coordination.ROWS),
    (multidimensional.score, multidimensional.ROWS),
]


@pytest.mark.parametrize(("score", "rows"), SCORED, ids=["functional", "carer", "need", "whole"])
def test_a_partial_answer_never_gives_a_score_and_says_what_lacks(score, rows):
    whole = answers(all_at(rows, 0))
    assert not isinstance(score(whole, ON), Missing)
    for row in rows:
        assert score({**whole, row.link_id: ()}, ON) == Missing((row.link_id,))
        assert score({**whole, row.link_id: ("?",)}, ON) == Missing((row.link_id,))
    assert score({}, ON) == Missing(tuple(row.link_id for row in rows))


def functional_of(**said):
    rows = (*functional.BASIC, *functional.INSTRUMENTAL)
    return functional.score(answers(all_at(rows, 0) | said), ON)


def test_gestures_count_by_halves_and_activities_do_not():
    basic, instrumental = functional_of(wash="some-help", phone="some-help")
    assert (basic.value, basic.out_of) == (D("5.5"), 6)
    assert (instrumental.value, instrumental.out_of) == (7, 8)
    basic, instrumental = functional_of(wash="full-help", phone="full-help")
    assert (basic.value, instrumental.value) == (5, 7)


@pytest.mark.parametrize(
    ("value", "code"), [("0", "none-alone"), ("0.5", "some-alone"), ("5.5", "some-alone")]
)
def test_the_bands_of_gestures_say_facts_and_borrow_no_threshold(value, code):
    assert functional.BASIC_SCALE.band(D(value)).code == code
    assert functional.BASIC_SCALE.band(D(6)).code == "all-alone"
    assert functional.INSTRUMENTAL_SCALE.band(D(7)).code == "some-alone"
    assert functional.INSTRUMENTAL_SCALE.band(D(8)).code == "all-alone"


def test_each_measure_explains_its_own_activities_only():
    basic, instrumental = functional_of()
    assert [point.link_id for point in basic.points] == [row.link_id for row in functional.BASIC]
    assert len(instrumental.points) == 8
    assert all("non validée" in result.caution for result in (basic, instrumental))


def carer_of(value, **said):
    given = all_at(carer.ROWS, 0)
    for row, at in [(row, at) for at in (1, 2, 3) for row in carer.ROWS][:value]:
        given[row.link_id] = list(row.choices)[at]
    (result,) = carer.score(answers(given | said), ON)
    return result


@pytest.mark.parametrize(
    ("value", "code"),
    [(0, "light"), (9, "light"), (10, "sensible"), (19, "sensible"), (20, "heavy"), (30, "heavy")],
)
def test_the_marks_of_the_carer(value, code):
    result = carer_of(value)
    assert (result.value, result.band.code, result.out_of) == (value, code, 30)
    assert "non validés" in result.caution


def test_a_carer_who_cannot_go_on_is_heard_whatever_the_total():
    result = carer_of(0, hold="no")
    assert result.band.code == "light"
    assert carer.CANNOT_GO_ON in result.caution
    assert carer.CANNOT_GO_ON not in carer_of(0, hold="unsure").caution


def test_a_person_whom_nobody_would_help_tomorrow_is_heard_whatever_the_total():
    assert carer.NOBODY in carer_of(0, backup="nobody").caution
    assert carer.NOBODY not in carer_of(0, backup="unsure").caution


@pytest.mark.parametrize(
    ("value", "code"),
    [(0, "one-off"), (7, "one-off"), (8, "simple"), (15, "simple"), (16, "sustained")]
    + [(22, "sustained"), (23, "intense"), (30, "intense")],
)
def test_the_marks_of_the_coordination_need(value, code):
    given = all_at(coordination.ROWS, 0)
    for row, at in [(row, at) for at in (1, 2, 3) for row in coordination.ROWS][:value]:
        given[row.link_id] = list(row.choices)[at]
    (result,) = coordination.score(answers(given), ON)
    assert (result.value, result.band.code, result.out_of) == (value, code, 30)
    assert "non validés" in result.caution


def test_the_evaluation_counts_the_domains_with_an_unmet_need_and_judges_nothing():
    said = all_at(multidimensional.ROWS, 0) | {"housing-need": "yes", "rights-need": "watch"}
    (result,) = multidimensional.score(answers(said), ON)
    assert (result.value, result.out_of, result.band) == (1, 8, None)
    assert "non une échelle" in result.caution


def test_needs_are_given_unmet_first_with_the_words_of_who_evaluated():
    said = {
        "clinical-need": "watch",
        "functional-need": "no",
        "housing-need": "yes",
        "housing-note": " Chauffage en panne. ",
    }
    found = multidimensional.needs(answers(said))
    assert [(need.domain, need.is_unmet, need.note) for need in found] == [
        ("housing", True, "Chauffage en panne."),
        ("clinical", False, ""),
    ]
