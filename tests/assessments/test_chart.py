"""A measure over time as a drawing: each point in its own band, the whole scale in sight."""

from datetime import date
from decimal import Decimal

import pytest

from cordee.assessments.rules.chart import drawn
from cordee.assessments.rules.comparing import Taken, series
from cordee.assessments.rules.instruments import aggir, norton, sega
from cordee.assessments.rules.results import Result

DAYS = (date(2025, 10, 23), date(2026, 5, 21), date(2026, 11, 15))


def course(scale, values, out_of=None):
    taken = [
        Taken("one", "1.0", on, scale.result(Decimal(value), ()))
        for on, value in zip(DAYS, values, strict=False)
    ]
    return drawn(series(taken), out_of)


def stripe_at(chart, spot):
    """The bands where a point stands, by what they are called."""
    return [one.label for one in chart.stripes if one.y <= spot.y <= one.y + one.height]


@pytest.mark.parametrize("gir", range(1, 7))
def test_a_gir_stands_in_the_middle_of_its_own_band(gir):
    (scale,) = aggir.scales(DAYS[0])
    chart = course(scale, (gir,))
    (spot,) = chart.spots
    assert stripe_at(chart, spot) == [scale.band(Decimal(gir)).label]
    (band,) = [one for one in chart.stripes if one.label == scale.band(Decimal(gir)).label]
    assert abs(band.y + band.height / 2 - spot.y) <= 1
    assert (chart.low, chart.high) == (1, 6)
    assert chart.top < chart.high_y < chart.low_y < chart.floor


@pytest.mark.parametrize("score", [0, 8, 10, 26])
def test_a_score_stands_in_the_band_that_it_reached(score):
    chart = course(sega.SCALE, (score,), sega.SCALE.out_of)
    (spot,) = chart.spots
    assert sega.SCALE.band(Decimal(score)).label in stripe_at(chart, spot)
    assert (chart.low, chart.high) == (0, 26)
    assert (chart.low_y, chart.high_y) == (chart.floor, chart.top)


def test_the_bands_cover_the_scale_without_a_hole():
    for scale in (*aggir.scales(DAYS[0]), sega.SCALE, *norton.scales(DAYS[0])):
        chart = course(scale, (scale.steps[0].start,), scale.out_of)
        edges = sorted((one.y, one.y + one.height) for one in chart.stripes)
        assert len(edges) == len(scale.steps)
        assert (edges[0][0], edges[-1][1]) == (chart.top, chart.floor)
        assert all(one[1] == after[0] for one, after in zip(edges, edges[1:], strict=False))


def test_points_go_forward_with_time_and_up_with_the_measure():
    chart = course(sega.SCALE, (12, 9, 14), sega.SCALE.out_of)
    assert [one.x for one in chart.spots] == sorted(one.x for one in chart.spots)
    first, second, third = chart.spots
    assert third.y < first.y < second.y
    assert chart.line == " ".join(f"{one.x},{one.y}" for one in chart.spots)
    assert (second.x - first.x) / (third.x - first.x) == pytest.approx(210 / 388, abs=0.01)


def test_a_measure_of_which_nothing_is_known_is_drawn_without_bands():
    lone = Result("other", "Autre", Decimal(3), None, "", None, (), "")
    chart = drawn(series([Taken("one", "1.0", DAYS[0], lone)]), None)
    assert (chart.stripes, len(chart.spots)) == ((), 1)
    nought = drawn(
        series(
            [
                Taken(
                    "one",
                    "1.0",
                    DAYS[0],
                    Result("other", "Autre", Decimal(0), None, "", None, (), ""),
                )
            ]
        ),
        None,
    )
    assert nought.low < 0 < nought.high
