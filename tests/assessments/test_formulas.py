"""Charlson, LACE, HOSPITAL, TUG, EVA: each weight, each edge of each band, and what is refused."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.assessments.rules.instruments import charlson, eva, lace, tug
from cordee.assessments.rules.results import Missing
from cordee.assessments.rules.scales import Dated
from cordee.assessments.rules.scoring import score
from cordee.people.rules.readings import Reading

ON = date(2026, 11, 27)


def answers(**said):
    """Each answer by its question; a number is Decimal, a list is a repeated answer."""
    return {
        name.replace("_", "-"): tuple(value) if isinstance(value, list) else (_typed(value),)
        for name, value in said.items()
    }


def _typed(value):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else value


def scored(name, said):
    found = score(name, answers(**said), on=ON)
    assert not isinstance(found, Missing), found
    return found


def lacking(name, said):
    found = score(name, answers(**said), on=ON)
    assert isinstance(found, Missing)
    return found.link_ids


WELL = {"conditions": ["none"], "diabetes": "none", "liver": "none", "tumour": "none"}
HOME = {"stay": 0, "acute": False, "charlson": 0, "visits": 0}
STABLE = {
    "haemoglobin": 13,
    "oncology": False,
    "sodium": 140,
    "procedure": False,
    "urgent": False,
    "admissions": 0,
    "stay": 4,
}


@pytest.mark.parametrize(
    ("weight", "codes"),
    [
        (1, "infarction heart-failure vascular stroke dementia lung connective ulcer"),
        (2, "hemiplegia kidney leukaemia lymphoma"),
        (6, "aids"),
    ],
)
def test_each_illness_has_its_weight_of_origin(weight, codes):
    for code in codes.split():
        (index,) = scored("charlson", WELL | {"conditions": [code]})
        assert (code, index.value) == (code, weight)


@pytest.mark.parametrize(
    ("question", "code", "weight"),
    [
        *(("diabetes", "uncomplicated", 1), ("diabetes", "complicated", 2)),
        *(("liver", "mild", 1), ("liver", "severe", 3)),
        *(("tumour", "local", 2), ("tumour", "metastatic", 6)),
    ],
)
def test_an_illness_in_two_degrees_counts_once_at_its_degree(question, code, weight):
    (index,) = scored("charlson", WELL | {question: code})
    assert index.value == weight
    assert sum(point.points for point in index.points) == weight


def test_all_the_illnesses_at_their_worst_are_the_whole_of_the_index():
    worst = {"diabetes": "complicated", "liver": "severe", "tumour": "metastatic"}
    (index,) = scored("charlson", worst | {"conditions": list(charlson.CONDITIONS)})
    assert index.value == index.out_of == 33


@pytest.mark.parametrize(
    ("age", "points"), [(0, 0), (49, 0), (50, 1), (59, 1), (60, 2), (70, 3), (79, 3), (80, 4)]
)
def test_the_age_is_a_measure_apart_and_a_point_a_decade_from_50(age, points):
    index, adjusted = scored("charlson", WELL | {"diabetes": "complicated", "age": age})
    assert index.value == 2
    assert adjusted.value == 2 + points
    assert "Sans plafond" not in adjusted.caution


@pytest.mark.parametrize(("age", "without_cap"), [(90, 5), (100, 6)])
def test_past_the_cap_the_other_reading_is_said(age, without_cap):
    adjusted = scored("charlson", WELL | {"age": age})[1]
    assert adjusted.value == 4
    assert f"Sans plafond, l’indice serait {without_cap}." in adjusted.caution
    assert charlson.age_points(age, charlson.NO_CAP.value) == without_cap


@pytest.mark.parametrize(
    ("index", "percent"), [(0, "98"), (1, "96"), (2, "90"), (3, "77"), (4, "53"), (5, "21")]
)
def test_survival_at_ten_years_is_that_of_the_published_table(index, percent):
    assert (charlson.survival(Decimal(index)) * 100).quantize(Decimal(1)) == int(percent)


def test_survival_is_said_of_a_group_and_never_as_nothing_at_all():
    adjusted = scored("charlson", WELL | {"conditions": ["aids"], "age": 85})[1]
    assert any("moins de 1\u00a0%" in point.said for point in adjusted.points)
    assert "non d’une personne" in adjusted.caution


@pytest.mark.parametrize("question", WELL)
def test_charlson_lacks_whatever_is_not_said(question):
    assert lacking("charlson", {k: v for k, v in WELL.items() if k != question}) == (question,)


def test_none_of_these_beside_an_illness_is_no_answer_and_an_absurd_age_is_not_left_out():
    assert lacking("charlson", WELL | {"conditions": ["none", "ulcer"]}) == ("conditions",)
    assert lacking("charlson", WELL | {"conditions": ["flu"]}) == ("conditions",)
    assert lacking("charlson", WELL | {"age": 131}) == ("age",)


@pytest.mark.parametrize(
    ("days", "points"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (6, 4), (7, 5), (13, 5), (14, 7), (60, 7)],
)
def test_lace_counts_the_stay_by_its_days(days, points):
    assert scored("lace", HOME | {"stay": days})[0].value == points


@pytest.mark.parametrize(("index", "points"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (9, 5)])
def test_lace_gives_five_points_and_not_four_from_a_charlson_of_four(index, points):
    assert scored("lace", HOME | {"charlson": index})[0].value == points


@pytest.mark.parametrize(("visits", "points"), [(0, 0), (1, 1), (4, 4), (5, 4), (30, 4)])
def test_lace_counts_four_visits_at_most(visits, points):
    assert scored("lace", HOME | {"visits": visits})[0].value == points


def test_lace_goes_from_0_to_19_and_is_high_from_10():
    worst = {"stay": 14, "acute": True, "charlson": 4, "visits": 4}
    assert scored("lace", worst)[0].value == scored("lace", worst)[0].out_of == 19
    nine, ten = (
        scored("lace", HOME | {"acute": True, "stay": days, "visits": visits})[0]
        for days, visits in ((4, 2), (7, 2))
    )
    assert (nine.value, nine.band.code) == (9, "not-high")
    assert (ten.value, ten.band.code) == (10, "high")


@pytest.mark.parametrize("question", HOME)
def test_lace_lacks_whatever_is_not_said_or_has_decimals_or_is_below_nought(question):
    assert lacking("lace", {k: v for k, v in HOME.items() if k != question}) == (question,)
    for absurd in (-1, 1.5, "3"):
        assert lacking("lace", HOME | {question: absurd}) == (question,)


def both(said):
    return [result.value for result in scored("hospital", STABLE | said)]


@pytest.mark.parametrize(
    ("said", "points"),
    [
        *(({"haemoglobin": 11.9}, 1), ({"haemoglobin": 12}, 0)),
        *(({"sodium": 134.9}, 1), ({"sodium": 135}, 0)),
        *(({"stay": 5}, 2), ({"stay": 4}, 0)),
        *(({"oncology": True}, 2), ({"procedure": True}, 1), ({"urgent": True}, 1)),
    ],
)
def test_hospital_counts_each_line_alike_in_both_versions(said, points):
    assert both(said) == [points, points]


@pytest.mark.parametrize(
    ("admissions", "first", "second"), [(0, 0, 0), (1, 2, 0), (2, 2, 2), (5, 2, 2), (6, 5, 5)]
)
def test_hospital_versions_differ_by_one_stay_in_the_year(admissions, first, second):
    results = scored("hospital", STABLE | {"admissions": admissions})
    assert [result.code for result in results] == ["hospital-2013", "hospital-2016"]
    assert [result.value for result in results] == [first, second]


def test_hospital_goes_from_0_to_13_and_its_bands_begin_at_5_and_7():
    worst = {
        **{"haemoglobin": 9, "oncology": True, "sodium": 130, "procedure": True},
        **{"urgent": True, "admissions": 9, "stay": 9},
    }
    assert both(worst) == [13, 13]
    steps = {
        4: {"oncology": True, "stay": 5},
        5: {"oncology": True, "stay": 5, "urgent": True},
        6: {"oncology": True, "stay": 5, "urgent": True, "procedure": True},
        7: {"oncology": True, "stay": 5, "urgent": True, "procedure": True, "sodium": 130},
    }
    found = {total: scored("hospital", STABLE | said)[0] for total, said in steps.items()}
    assert [result.value for result in found.values()] == list(found)
    bands = [result.band.code for result in found.values()]
    assert bands == ["low", "intermediate", "intermediate", "high"]


@pytest.mark.parametrize("question", STABLE)
def test_hospital_lacks_whatever_is_not_said(question):
    assert lacking("hospital", {k: v for k, v in STABLE.items() if k != question}) == (question,)


def test_a_haemoglobin_in_grams_per_litre_is_no_answer_rather_than_a_good_one():
    assert lacking("hospital", STABLE | {"haemoglobin": 95}) == ("haemoglobin",)
    assert lacking("hospital", {}) == (
        *("haemoglobin", "oncology", "sodium", "procedure", "urgent"),
        *("admissions", "stay"),
    )


@pytest.mark.parametrize(
    ("seconds", "band"),
    [
        (1, "usual"),
        (12, "usual"),
        (12.1, "slow"),
        (19.9, "slow"),
        (20, "very-slow"),
        (90, "very-slow"),
    ],
)
def test_tug_is_cut_where_its_caution_says(seconds, band):
    (result,) = scored("tug", {"seconds": seconds})
    assert (result.value, result.band.code) == (Decimal(str(seconds)), band)
    assert "12\u00a0secondes" in result.caution
    assert "non vérifiés" in result.caution


@pytest.mark.parametrize("absurd", [0, 0.5, 601, "20", True])
def test_tug_refuses_a_stopwatch_that_was_misread(absurd):
    assert lacking("tug", {"seconds": absurd}) == ("seconds",)


def test_tug_says_what_it_lacks_and_the_walking_aid_changes_nothing():
    assert lacking("tug", {"aid": "cane"}) == ("seconds",)
    assert scored("tug", {"seconds": 14, "aid": "cane"}) == scored("tug", {"seconds": 14})


def test_a_cut_decided_later_holds_from_its_day(monkeypatch):
    fourteen = Dated("Ralenti", Decimal(14), date(2027, 1, 1), Reading("plus de 14 s", "essai"))
    monkeypatch.setattr(tug, "SLOW", (*tug.SLOW, fourteen))
    said = answers(seconds=13)
    assert score("tug", said, on=date(2026, 12, 31))[0].band.code == "slow"
    assert score("tug", said, on=date(2027, 1, 1))[0].band.code == "usual"


@pytest.mark.parametrize(
    ("shown", "band"),
    [
        *(
            (0, "none"),
            (0.1, "mild"),
            (3, "mild"),
            (3.9, "mild"),
            (4, "moderate"),
            (5.9, "moderate"),
        ),
        *((6, "strong"), (7.9, "strong"), (8, "extreme"), (10, "extreme")),
    ],
)
def test_pain_has_the_same_words_on_both_rulers(shown, band):
    (ten,) = scored("eva", {"ruler": "10", "pain_10": shown})
    (hundred,) = scored("eva", {"ruler": "100", "pain_100": shown * 10})
    assert ten.band.code == hundred.band.code == band
    assert ten.value == hundred.value == Decimal(str(shown))


def test_pain_lacks_the_ruler_then_the_figure_of_that_ruler():
    assert lacking("eva", {"pain_10": 3}) == ("ruler",)
    assert lacking("eva", {"ruler": "100", "pain_10": 3}) == ("pain-100",)
    assert lacking("eva", {"ruler": "10", "pain_10": 11}) == ("pain-10",)


def test_when_the_pain_was_felt_changes_nothing():
    said = {"ruler": "10", "pain_10": 3}
    assert scored("eva", said | {"moment": "night"}) == scored("eva", said)


@given(st.decimals(min_value=0, max_value=100, places=1))
def test_more_pain_is_never_a_milder_word(shown):
    scale = eva.scale(ON)
    lower, upper = scale.band(shown / 10), scale.band(Decimal(10))
    assert lower.severity <= upper.severity


@given(st.integers(0, 40), st.integers(0, 40))
def test_more_of_anything_never_lowers_lace(low, more):
    for counted in (lace.stay_points, lace.charlson_points, lace.visit_points):
        assert counted(low) <= counted(low + more)


def test_the_bands_of_each_scale_begin_one_after_the_other():
    for scale in (*eva.scales(ON), *tug.scales(ON), *lace.scales(ON)):
        starts = [(step.start, step.just_above) for step in scale.steps]
        assert all(before < after for before, after in pairwise(starts))
        severities = [step.band.severity for step in scale.steps]
        assert severities == sorted(severities)


def test_an_instrument_that_is_not_shipped_has_no_score():
    with pytest.raises(KeyError):
        score("horoscope", {}, on=ON)
