"""From what the nurse answers to the GIR: adverbs, sub-variables, readings, and the explanation."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.assessments.rules import aggir_variables as variables
from cordee.assessments.rules.aggir import ILLUSTRATIVE
from cordee.assessments.rules.instruments import aggir
from cordee.assessments.rules.results import Missing
from cordee.assessments.rules.scoring import score

ON = date(2026, 11, 27)
ADVERBS = ("spontaneously", "totally", "usually", "correctly")
QUESTIONS = (
    *("coherence-talk", "coherence-conduct", "orientation-time", "orientation-space"),
    *("toilet-upper", "toilet-lower", "dressing-upper", "dressing-middle", "dressing-lower"),
    *("eating-serving", "eating-eating", "elimination-urine", "elimination-stool"),
    *("transfers", "indoors", "outdoors", "alert"),
)


def answered(**changes):
    """All alone, but what is named: `toilet_upper="C"`, or the adverbs that are lacking."""
    said = dict.fromkeys(QUESTIONS, ("A",))
    for name, value in changes.items():
        question = name.replace("_", "-")
        if isinstance(value, str):
            said[question] = (value,)
        else:
            said[question] = ("B",)
            said[question + "-lacks"] = tuple(value)
    return said


def gir(answers):
    (result,) = score("aggir", answers, on=ON)
    return result


@given(st.sets(st.sampled_from(ADVERBS)))
def test_four_adverbs_make_a_none_makes_c_and_one_to_three_make_b(done):
    expected = {0: "C", 4: "A"}.get(len(done), "B")
    assert variables.modality_of(done) == expected


@given(st.text().filter(lambda word: word not in ADVERBS))
def test_a_word_that_is_no_adverb_of_the_grid_is_refused(word):
    with pytest.raises(ValueError, match="adverb"):
        variables.modality_of({word})


@given(st.sampled_from(QUESTIONS[:15]), st.sets(st.sampled_from(ADVERBS), min_size=1))
def test_adverbs_decide_even_against_the_tap_in_part(question, lacking):
    """All four lacking is C in the grid, whatever was tapped; fewer is B."""
    letter = "C" if len(lacking) == 4 else "B"
    tapped = gir(answered(**{question.replace("-", "_"): lacking}))
    assert tapped.value == gir_of_letters({question: letter})
    if letter == "B":
        said = " ".join(point.said for point in tapped.points)
        assert all(variables.ADVERBS[code] in said for code in lacking)


def gir_of_letters(letters):
    """The same grid, said by other answers: one adverb lacking for B."""
    changes = {
        question: ("usually",) if said == "B" else said for question, said in letters.items()
    }
    return gir(answered(**{name.replace("-", "_"): said for name, said in changes.items()})).value


@pytest.mark.parametrize(
    ("variable", "both", "expected"),
    [
        *[("coherence", pair, "C") for pair in ("AC", "CA", "BC", "CB", "CC")],
        *[("coherence", pair, "B") for pair in ("AB", "BA", "BB")],
        *[("orientation", pair, "C") for pair in ("AC", "CA", "BC", "CB", "CC")],
        *[("toilet", pair, "B") for pair in ("AC", "CA", "BC", "CB", "AB", "BB")],
        ("toilet", "CC", "C"),
        *[("dressing", three, "B") for three in ("AAC", "CCA", "BCC", "AAB", "BBB")],
        ("dressing", "CCC", "C"),
        *[("eating", pair, "C") for pair in ("CC", "BC", "CB")],
        *[("eating", pair, "B") for pair in ("AC", "CA", "AB", "BA", "BB")],
        *[("elimination", pair, "C") for pair in ("AC", "CA", "BC", "CB", "CC")],
        *[("elimination", pair, "B") for pair in ("AB", "BA", "BB")],
    ],
)
def test_sub_variables_make_their_variable_as_the_guide_is_cited(variable, both, expected):
    parts = dict(zip(variables.PARTS[variable], both, strict=True))
    assert variables.variable_of(variable, parts, variables.GUIDE.how) == expected


@pytest.mark.parametrize("variable", variables.PARTS)
@pytest.mark.parametrize("reading", variables.READINGS, ids=lambda reading: reading.name)
def test_all_alone_is_a_and_all_lost_is_c_under_every_reading(variable, reading):
    for letter in "AC":
        parts = dict.fromkeys(variables.PARTS[variable], letter)
        assert variables.variable_of(variable, parts, reading.how) == letter


def test_the_readings_differ_only_for_eating_and_elimination_and_none_is_verified():
    differing = {
        name
        for name, parts in variables.PARTS.items()
        for letters in product("ABC", repeat=len(parts))
        if len(
            {
                variables.variable_of(name, dict(zip(parts, letters, strict=True)), reading.how)
                for reading in variables.READINGS
            }
        )
        > 1
    }
    assert differing == {"eating", "elimination"}
    assert not any(reading.reading.verified for reading in variables.READINGS)


def test_where_readings_give_another_gir_the_caution_says_which():
    answers = answered(toilet_upper="C", toilet_lower="C", eating_serving="C")
    by_reading = {
        reading.name: aggir.score(answers, ON, reading)[0].value for reading in variables.READINGS
    }
    assert len(set(by_reading.values())) > 1, "these answers are where readings part"
    said = gir(answers)
    assert said.value == by_reading["guide-2008"]
    other = next(value for value in by_reading.values() if value != said.value)
    assert f"le GIR serait {other}" in said.caution
    assert "n’a pas été lu" in said.caution


def test_where_all_readings_agree_the_caution_says_so_too():
    assert "toutes les lectures connues donnent le même GIR" in gir(answered()).caution


@pytest.mark.parametrize("question", QUESTIONS)
def test_one_discriminating_answer_lacking_gives_no_gir_and_names_it(question):
    answers = answered()
    del answers[question]
    assert score("aggir", answers, on=ON) == Missing((question,))


def test_a_question_done_in_part_without_its_adverbs_gives_no_gir_and_names_them():
    answers = answered() | {"toilet-upper": ("B",)}
    assert score("aggir", answers, on=ON) == Missing(("toilet-upper-lacks",))
    answers["toilet-upper-lacks"] = ("usually", "never")
    assert score("aggir", answers, on=ON) == Missing(("toilet-upper-lacks",))


def test_what_lacks_is_named_in_the_order_of_the_screen():
    assert score("aggir", {}, on=ON) == Missing(QUESTIONS)


@given(st.dictionaries(st.sampled_from(ILLUSTRATIVE), st.sampled_from("ABC")))
def test_illustrative_answers_change_neither_the_gir_nor_what_lacks(illustrative):
    more = {question: (letter,) for question, letter in illustrative.items()}
    for answers in (answered(transfers="C"), {"alert": ("A",)}):
        assert score("aggir", answers | more, on=ON) == score("aggir", answers, on=ON)


def test_adverbs_left_from_before_do_not_count_once_the_question_is_done_alone():
    left = answered() | {"transfers-lacks": ("usually",)}
    assert gir(left) == gir(answered())


def test_each_point_is_explained_from_the_answer_to_the_threshold():
    result = gir(answered(coherence_talk="C", orientation_time=("totally", "usually")))
    said = [point.said.replace("\u00a0", " ").replace("\u202f", " ") for point in result.points]
    assert said[0] == "Cohérence : C (communication C ; comportement A)"
    assert said[1] == (
        "Orientation : B (dans le temps B, ne fait pas totalement ni habituellement ; "
        "dans l’espace A)"
    )
    assert "Communication à distance : A, sans poids dans le calcul" in said
    assert (
        "Groupe A : cohérence C 2 000 ; somme 2 000, moins de 3 390, on passe au groupe suivant"
        in said
    )
    assert said[-1] == f"Rang {13} : GIR 6"
    assert [point.points for point in result.points if "Groupe A" in point.said] == [Decimal(2000)]


def test_the_rank_that_is_reached_says_its_threshold():
    result = gir(answered(toilet_upper="C", toilet_lower="C", dressing_upper=("totally",)))
    said = [point.said.replace("\u202f", " ") for point in result.points]
    assert any("somme 5 000, au moins 4 000, rang 11" in line for line in said)
    assert result.band.code == "GIR-4"


def test_the_irregular_pair_is_told_to_whoever_reads_the_gir():
    assert "n’est pas régulier ici" in gir(answered(transfers="C")).caution
    assert gir(answered(transfers="C")).value == 6
    assert gir(answered(transfers=("usually",))).value == 5
    assert "n’est pas régulier" not in gir(answered()).caution


@pytest.mark.parametrize("level", range(1, 7))
def test_the_apa_is_said_open_from_gir_1_to_4(level):
    band = aggir.SCALE.band(Decimal(level))
    assert ("hors de l’APA" in band.label) == (level > 4)
    assert band.severity == 6 - level


def test_a_reading_added_later_holds_from_its_day_only(monkeypatch):
    later = variables.GuideReading(
        name="lue",
        how=variables.ONLY_ALL_C.how,
        since=date(2027, 1, 1),
        reading=variables.ONLY_ALL_C.reading,
    )
    monkeypatch.setattr(variables, "DEFAULTS", (variables.GUIDE, later))
    assert variables.default_reading(date(2026, 12, 31)) == variables.GUIDE
    assert variables.default_reading(date(2027, 1, 1)) == later
    assert variables.default_reading(date(1999, 1, 1)) == variables.GUIDE
