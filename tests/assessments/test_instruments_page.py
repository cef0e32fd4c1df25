"""The page of instruments says what the code does, and shows the bands of the scores."""

import random
import subprocess
import sys
from decimal import Decimal

import pytest

from cordee.assessments.rules.filling import filled
from cordee.assessments.rules.results import Band, Missing
from cordee.assessments.rules.scales import Scale, Step
from cordee.assessments.rules.scoring import NAMES, score
from cordee.assessments.rules.shown import SCALES, said_bands
from tests.architecture.house import ROOT
from tests.assessments.sheets import ON, definition
from tests.assessments.test_definitions import FORMULAS, read, response

PAGE = (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8")


def test_the_page_is_the_one_of_the_code():
    run = subprocess.run(
        [sys.executable, "tools/write_instruments.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_score_says_its_scales():
    assert set(SCALES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_holds_source_rights_meaning_and_cautions_of_each_instrument(name):
    given = definition(name)
    section = PAGE.split(f"\n## {given['title']}\n", 1)[1].split("\n## ", 1)[0]
    for said in (given["description"], given["purpose"], given["copyright"]):
        assert said in section
    for scale in SCALES[name](ON):
        assert scale.source in section
        assert scale.caution in section
        assert all(step.band.label in section for step in scale.steps)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_result_is_one_of_the_measures_that_the_page_shows(name):
    dice = random.Random(name)
    shown = {scale.code: scale for scale in SCALES[name](ON)}
    for _ in range(40):
        found = score(name, filled(read(name), response(name, dice), today=ON).answers, on=ON)
        if isinstance(found, Missing):
            continue
        for result in found:
            scale = shown[result.code]
            assert (result.label, result.source) == (scale.label, scale.source)
            assert (result.out_of, result.unit) == (scale.out_of, scale.unit)
            assert result.band == scale.band(result.value)
            assert result.caution.startswith(scale.caution)
            assert all(point.said for point in result.points)


def scale_of(*starts, out_of=None):
    """A scale whose bands are named by their rank; « >12 » begins just above 12."""
    steps = tuple(
        Step(Decimal(start.lstrip(">")), Band(str(at), str(at), at), start.startswith(">"))
        for at, start in enumerate(starts)
    )
    return Scale("x", "x", "", None if out_of is None else Decimal(out_of), steps, "x")


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        (scale_of("0", "10"), ["moins de 10", "10 ou plus"]),
        (scale_of("0", "5", "7"), ["moins de 5", "de 5 à moins de 7", "7 ou plus"]),
        (scale_of("0", ">12", "20"), ["12 ou moins", "plus de 12 et moins de 20", "20 ou plus"]),
        (scale_of("0", ">8", ">11"), ["8 ou moins", "plus de 8 et jusqu’à 11", "plus de 11"]),
        (scale_of("0", "3", ">6"), ["moins de 3", "de 3 à 6", "plus de 6"]),
        (scale_of("0", ">0", "6", out_of=6), ["0", "plus de 0 et moins de 6", "6"]),
        (scale_of("0", "7.10"), ["moins de 7,1", "7,1 ou plus"]),
        (scale_of("1", "2", "3"), ["1", "2", "3"]),
        (scale_of(), []),
    ],
)
def test_a_band_is_said_from_where_to_where(scale, said):
    assert [values for values, _ in said_bands(scale)] == said
