"""What changed since last time, and what a team does not agree on: told, never averaged."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cordee.assessments.rules.comparing import (
    Direction,
    Part,
    Taken,
    agreed,
    change,
    disagreements,
    histories,
    series,
    since_last_time,
)
from cordee.assessments.rules.instruments import coordination, functional, gds, norton, sega
from cordee.assessments.rules.measures import (
    HIGHER_IS_BETTER,
    higher_is_better,
    scale_of,
    scales_on,
)
from cordee.assessments.rules.results import Band, Missing, Result
from cordee.assessments.rules.scoring import NAMES, score
from tests.assessments.sheets import ON, all_at, answers, first_choices

D = Decimal
MARCH, JUNE, NOVEMBER = date(2026, 3, 3), date(2026, 6, 1), date(2026, 11, 27)


def taken(value, on, scale=sega.SCALE, instrument="sega-a", version="1.0"):
    return Taken(instrument, version, on, scale.result(D(value), ()))


def other(value, on):
    """A measure of which nothing is known but its number."""
    result = Result("site", "Mesure du site", D(value), None, "", None, (), "")
    return Taken("site", "1.0", on, result)


@pytest.mark.parametrize(
    ("scale", "instrument", "before", "after", "direction"),
    [
        (sega.SCALE, "sega-a", 12, 9, Direction.BETTER),
        (sega.SCALE, "sega-a", 9, 12, Direction.WORSE),
        (norton.scale(ON), "norton", 12, 16, Direction.BETTER),
        (norton.scale(ON), "norton", 16, 12, Direction.WORSE),
        (gds.scale(ON), "gds-15", 7, 7, Direction.SAME),
    ],
)
def test_each_measure_knows_which_way_is_better(scale, instrument, before, after, direction):
    one, two = (
        taken(value, on, scale, instrument) for value, on in ((before, MARCH), (after, JUNE))
    )
    assert change(one, two).direction is direction
    assert change(one, two).by == after - before


def test_a_change_is_said_in_a_sentence_with_its_bands():
    said = change(taken(12, MARCH), taken(9, JUNE)).said
    assert said == (
        "Mieux\u00a0: 12 puis 9 sur 26 (−3 depuis le mardi 3\u00a0mars 2026), "
        "de «\u00a0Très fragile\u00a0» à «\u00a0Fragile\u00a0»."
    )
    said = change(taken(9, MARCH), taken(10, JUNE)).said
    assert said == "Moins bien\u00a0: 9 puis 10 sur 26 (+1 depuis le mardi 3\u00a0mars 2026)."
    assert change(taken(9, MARCH), taken(9, JUNE)).said.startswith(
        "Sans changement\u00a0: 9 sur 26"
    )


def test_another_instrument_another_version_or_another_range_is_not_compared():
    before = taken(9, MARCH)
    instrument = taken(9, JUNE, gds.scale(ON), "gds-15")
    version = taken(12, JUNE, version="2.0")
    longer = replace(taken(9, JUNE), result=replace(sega.SCALE.result(D(9), ()), out_of=D(30)))
    for after in (instrument, version, longer):
        found = change(before, after)
        assert (found.direction, found.by) == (Direction.NOT_COMPARABLE, None)
    assert "la version a changé (1.0 puis 2.0)" in change(before, version).said


def test_versions_that_are_declared_comparable_are_compared():
    found = change(taken(9, MARCH), taken(12, JUNE, version="2.0"), [{"1.0", "2.0"}])
    assert found.direction is Direction.WORSE


def test_a_measure_whose_direction_is_not_known_is_told_and_not_judged():
    found = change(other(3, MARCH), other(5, JUNE))
    assert (found.direction, found.by) == (Direction.NOT_COMPARABLE, 2)
    assert "le sens de cette mesure n’est pas connu" in found.said
    assert change(other(3, MARCH), other(3, JUNE)).direction is Direction.SAME


def test_halves_are_written_with_a_comma_and_hundreds_in_full():
    found = change(other("5.50", MARCH), other(100, JUNE))
    assert "5,5 puis 100 (+94,5" in found.said


def test_the_last_time_is_the_one_before_whatever_the_order_they_are_given_in():
    many = [taken(9, NOVEMBER), taken(14, MARCH), taken(12, JUNE)]
    assert since_last_time(many).by == -3
    assert since_last_time(many[:1]) is None
    assert since_last_time([]) is None


def test_a_last_time_that_cannot_be_compared_is_not_skipped_in_silence():
    found = since_last_time([taken(9, MARCH), taken(9, JUNE, version="0.9"), taken(12, NOVEMBER)])
    assert found.direction is Direction.NOT_COMPARABLE


def test_a_series_has_its_points_in_order_its_stripes_and_what_was_left_out():
    drawn = series([taken(9, NOVEMBER), taken(14, MARCH), taken(12, JUNE, version="0.9")])
    assert drawn.points == ((MARCH, D(14)), (NOVEMBER, D(9)))
    assert drawn.left_out == 1
    assert [(one.begins, one.ends, one.severity) for one in drawn.stripes] == [
        (0, 8, 0),
        (8, 11, 2),
        (11, 26, 3),
    ]
    assert series([]).points == ()
    assert series([other(3, MARCH)]).stripes == ()


def test_every_measure_of_ours_has_its_steps_in_order_and_bands_of_its_own():
    known = scales_on(ON)
    assert len({scale.code for scale in known}) > 20
    cut = [(scale.code, step.band.code) for scale in known for step in scale.steps]
    assert len(set(cut)) == len(cut)
    for scale in known:
        starts = [step.start for step in scale.steps]
        assert starts == sorted(starts)
        assert all(scale_of(scale.code, ON, step.band.code) == scale for step in scale.steps)
    assert {scale.code for scale in known} >= HIGHER_IS_BETTER
    assert scale_of("site", ON) is None


@pytest.mark.parametrize("name", NAMES)
def test_what_an_instrument_scores_is_a_measure_that_is_known(name):
    """So that its change is judged, and its bands drawn."""
    results = score(name, first_choices(name), on=ON)
    assert not isinstance(results, Missing), results
    for result in results:
        assert scale_of(result.code, ON).out_of == result.out_of
        assert higher_is_better(result.code, ON) is not None


def test_a_gir_that_falls_is_a_loss():
    gir = scale_of("gir", ON)
    assert change(taken(4, MARCH, gir, "aggir"), taken(3, JUNE, gir, "aggir")).direction is (
        Direction.WORSE
    )


def test_the_stripes_are_those_by_which_the_last_result_was_cut():
    """At 20 the threshold of EPICES is another: the stripe of all ages would lie about 35."""
    given = answers({f"q{at}": at in {1, 2, 3, 4, 5, 8, 9} for at in range(1, 12)})
    for age, threshold in ((D(20), D("37.27")), (D(60), D("30.17"))):
        result, _ = score("epices", given | {"age": (age,)}, on=ON)
        (low, high) = series([Taken("epices", "1.0", ON, result)]).stripes
        assert (low.ends, high.begins) == (threshold, threshold)


def test_bands_that_are_no_longer_known_draw_no_stripe():
    result = replace(sega.SCALE.result(D(9), ()), band=Band("old", "Ancienne tranche", 1))
    assert series([Taken("sega-a", "1.0", JUNE, result)]).stripes == ()


def test_each_measure_of_an_instrument_has_its_own_history():
    given = answers(all_at((*functional.BASIC, *functional.INSTRUMENTAL), 0))
    results = score("functional", given, on=ON)
    many = [Taken("functional", "1.0", on, one) for on in (NOVEMBER, MARCH) for one in results]
    found = histories(many)
    assert list(found) == ["functional-basic", "functional-instrumental"]
    assert [one.on for one in found["functional-basic"]] == [MARCH, NOVEMBER]


# A team


def part(author, on=JUNE, **said):
    return Part(author, on, answers(said))


def test_professionals_who_differ_are_shown_each_with_the_most_recent_first():
    parts = [part("Mme Roux", MARCH, mood="sad", falls="none"), part("Dr Klein", mood="normal")]
    (found,) = disagreements(parts)
    assert found.link_id == "mood"
    assert found.said == (("Dr Klein", JUNE, ("normal",)), ("Mme Roux", MARCH, ("sad",)))


def test_numbers_are_never_averaged():
    parts = [part("Mme Roux", pain=2), part("Dr Klein", pain=6)]
    assert [values for _, _, values in disagreements(parts)[0].said] == [(D(2),), (D(6),)]
    assert "pain" not in agreed(parts)


def test_who_answers_again_corrects_themselves_and_disagrees_with_nobody():
    parts = [part("Mme Roux", mood="sad"), part("Mme Roux", MARCH, mood="normal")]
    assert disagreements(parts) == ()
    assert agreed(parts) == {"mood": ("sad",)}


def test_several_answers_in_another_order_are_the_same():
    one = Part("Mme Roux", JUNE, {"conditions": ("stroke", "lung")})
    two = Part("Dr Klein", JUNE, {"conditions": ("lung", "stroke")})
    assert disagreements([one, two]) == ()


def test_a_yes_and_a_one_are_not_the_same_answer_and_two_zeros_are():
    assert disagreements([part("A", x=True), part("B", x=1)])
    assert not disagreements([part("A", x=D("2.0")), part("B", x=2)])


def test_notes_stand_side_by_side_and_are_no_disagreement():
    parts = [part("Mme Roux", MARCH, note="Mange peu."), part("Dr Klein", note="A maigri.")]
    assert disagreements(parts, {"note"}) == ()
    assert agreed(parts, {"note"}) == {"note": ("Mange peu.", "A maigri.")}


def test_a_disputed_answer_is_a_missing_one_so_that_no_score_hides_it():
    whole = all_at(coordination.ROWS, 1)
    parts = [part("Mme Roux", **whole), part("Dr Klein", health="3")]
    assert score("coordination-need", agreed(parts), on=ON) == Missing(("health",))
    (result,) = score("coordination-need", agreed(parts[:1]), on=ON)
    assert result.value == 10


def test_professionals_who_share_the_questions_make_one_whole():
    whole = all_at(coordination.ROWS, 1)
    first = {key: value for key, value in whole.items() if key in {"health", "daily"}}
    rest = {key: value for key, value in whole.items() if key not in first}
    (result,) = score("coordination-need", agreed([part("A", **first), part("B", **rest)]), on=ON)
    assert result.value == 10
