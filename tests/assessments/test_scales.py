"""EPICES, GDS, SEGA and Norton: the edges of each band, and never a score of half an answer."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from cordee.assessments.rules.instruments import epices, gds, norton, sega
from cordee.assessments.rules.results import Missing
from tests.assessments.sheets import ON, all_at, answers

D = Decimal
POOREST = {f"q{at}": at in {1, 5} for at in range(1, 12)}
RICHEST = {f"q{at}": at not in {1, 5} for at in range(1, 12)}


def epices_of(*yes, **more):
    return epices.score(answers({f"q{at}": at in yes for at in range(1, 12)} | more), ON)


def one(results):
    assert not isinstance(results, Missing), results
    return results[0]


# EPICES


def test_epices_goes_from_nought_to_a_hundred():
    assert one(epices.score(answers(RICHEST), ON)).value == 0
    assert one(epices.score(answers(POOREST), ON)).value == 100
    assert one(epices_of()).value == D("75.14")


@pytest.mark.parametrize(
    ("number", "coefficient"),
    [(1, "10.06"), (2, "-11.83"), (3, "-8.28"), (4, "-8.28"), (5, "14.80"), (6, "-6.51")]
    + [(7, "-7.10"), (8, "-7.10"), (9, "-9.47"), (10, "-9.47"), (11, "-7.10")],
)
def test_each_yes_of_epices_brings_its_coefficient(number, coefficient):
    assert one(epices_of(number)).value == D("75.14") + D(coefficient)


def test_the_points_of_epices_add_up_to_its_score():
    result = one(epices_of(1, 4, 9))
    assert sum(point.points for point in result.points) == result.value
    assert result.points[0].link_id == "base"
    assert result.points[1].said == "Travailleur social\u00a0: oui"


def test_every_score_of_epices_is_between_nought_and_a_hundred_and_in_its_band():
    for said in product((True, False), repeat=11):
        result, fifth = epices.score(answers({f"q{i + 1}": yes for i, yes in enumerate(said)}), ON)
        assert 0 <= result.value <= 100
        assert (result.band.code == "precarious") == (result.value >= D("30.17"))
        assert (fifth.value >= 4) == (result.value >= D("30.17"))


@pytest.mark.parametrize(
    ("value", "code"),
    [("30.16", "not-precarious"), ("30.17", "precarious"), ("30.18", "precarious")],
)
def test_precarity_begins_at_its_threshold_included(value, code):
    assert epices.precarity_scale(None, ON).band(D(value)).code == code


@pytest.mark.parametrize(
    ("age", "threshold"),
    [(15, "30.17"), (16, "37.27"), (25, "37.27"), (26, "30.17"), (82, "30.17"), (None, "30.17")],
)
def test_the_threshold_is_another_from_16_to_25_years(age, threshold):
    scale = epices.precarity_scale(age, ON)
    assert scale.band(D(threshold)).code.startswith("precarious")
    assert scale.band(D(threshold) - D("0.01")).code.startswith("not-precarious")


def test_an_age_that_is_not_said_is_a_caution():
    assert "l’âge n’est pas dit" in one(epices_of()).caution
    assert "de 16 à 25 ans" in one(epices_of(age=20)).caution
    assert one(epices_of(age=60)).caution == "Seuil de précarité retenu\u00a0: 30,17 ou plus."


@pytest.mark.parametrize(
    ("value", "rank"),
    [("0", 1), ("7.09", 1), ("7.10", 2), ("16.55", 2), ("16.56", 3), ("30.16", 3), ("30.17", 4)]
    + [("48.51", 4), ("48.52", 5), ("100", 5)],
)
def test_quintiles_begin_at_their_cut(value, rank):
    assert epices.rank(D(value), ON) == rank


def test_the_cut_that_was_read_once_only_is_said_so():
    _, fifth = epices_of()
    assert (fifth.value, fifth.out_of, fifth.band.label) == (5, 5, "Quintile 5 sur 5")
    assert "non vérifiée" in fifth.caution


@pytest.mark.parametrize("absent", [f"q{at}" for at in range(1, 12)])
def test_epices_wants_all_its_answers(absent):
    given = answers(POOREST)
    del given[absent]
    assert epices.score(given, ON) == Missing((absent,))


def test_an_answer_of_the_wrong_kind_is_no_answer():
    """In Python a 1 equals a yes: a number that got there must not count as one."""
    assert epices.score(answers(POOREST) | {"q1": (D(1),)}, ON) == Missing(("q1",))
    assert epices.score(answers(POOREST) | {"q1": ("oui",)}, ON) == Missing(("q1",))
    assert epices.score(answers(POOREST) | {"q1": (True, False)}, ON) == Missing(("q1",))


# GDS


@pytest.mark.parametrize("at", range(1, 16))
def test_each_question_of_the_gds_counts_the_answer_of_its_key(at):
    well = {f"q{n}": n in {1, 5, 7, 11, 13} for n in range(1, 16)}
    assert one(gds.score(answers(well), ON)).value == 0
    turned = well | {f"q{at}": not well[f"q{at}"]}
    assert one(gds.score(answers(turned), ON)).value == 1


@pytest.mark.parametrize(
    ("value", "code"),
    [(0, "unlikely"), (5, "unlikely"), (6, "possible"), (9, "possible"), (10, "likely")]
    + [(15, "likely")],
)
def test_the_bands_of_the_gds(value, code):
    given = {f"q{n}": (n in {1, 5, 7, 11, 13}) == (n > value) for n in range(1, 16)}
    result = one(gds.score(answers(given), ON))
    assert (result.value, result.band.code, result.out_of) == (value, code, 15)


def test_the_gds_says_that_it_is_no_diagnosis_and_that_it_is_a_translation():
    caution = gds.scale(ON).caution
    assert "non diagnostic" in caution
    assert "pas la version validée" in caution
    assert "plus de 5" in caution


@pytest.mark.parametrize(
    ("said", "value", "code"),
    [
        ((False, False, True, False), 0, "negative"),
        ((True, False, True, False), 1, "positive"),
        ((False, True, True, False), 1, "positive"),
        ((False, False, False, False), 1, "positive"),
        ((False, False, True, True), 1, "positive"),
        ((True, True, False, True), 4, "positive"),
    ],
)
def test_one_answer_of_the_mini_gds_is_enough(said, value, code):
    given = {f"q{at}": yes for at, yes in enumerate(said, start=1)}
    result = one(gds.score_mini(answers(given), ON))
    assert (result.value, result.band.code) == (value, code)
    assert "à valider localement" in result.caution


# SEGA


@pytest.mark.parametrize(
    ("value", "code"),
    [(0, "low"), (8, "low"), (9, "frail"), (11, "frail"), (12, "very-frail"), (26, "very-frail")],
)
def test_the_bands_of_sega(value, code):
    given = all_at(sega.ROWS, 0)
    for row, at in [(row, at) for at in (1, 2) for row in sega.ROWS][:value]:
        given[row.link_id] = list(row.choices)[at]
    result = one(sega.score(answers(given), ON))
    assert (result.value, result.band.code, result.out_of) == (value, code, 26)


def test_sega_has_thirteen_rows_of_three_answers():
    assert [len(row.choices) for row in sega.ROWS] == [3] * 13


# Norton


@pytest.mark.parametrize(
    ("value", "code"), [(5, "at-risk"), (14, "at-risk"), (15, "low-risk"), (20, "low-risk")]
)
def test_the_bands_of_norton(value, code):
    given = all_at(norton.ROWS, 3)
    for row, at in [(row, at) for at in (2, 1, 0) for row in norton.ROWS][: value - 5]:
        given[row.link_id] = list(row.choices)[at]
    result = one(norton.score(answers(given), ON))
    assert (result.value, result.band.code, result.out_of) == (value, code, 20)
    assert "seuil non vérifié" in result.caution


# All of them


SCORED = [
    (gds.score, gds.ROWS),
    (gds.score_mini, gds.MINI_ROWS),
    (sega.score, sega.ROWS),
    (norton.score, norton.ROWS),
]


@pytest.mark.parametrize(
    ("score", "rows"), SCORED, ids=lambda given: getattr(given, "__name__", "")
)
def test_a_partial_answer_never_gives_a_score_and_says_what_lacks(score, rows):
    whole = answers(all_at(rows, 0))
    assert not isinstance(score(whole, ON), Missing)
    for row in rows:
        assert score({**whole, row.link_id: ()}, ON) == Missing((row.link_id,))
    assert score({}, ON) == Missing(tuple(row.link_id for row in rows))


def test_a_score_of_an_old_paper_uses_the_first_setting_that_is_known():
    given = answers({f"q{n}": n not in {1, 5, 7, 11, 13} for n in range(1, 16)})
    assert one(gds.score(given, date(1970, 1, 1))).band.code == "likely"
