"""The simulator: repeatable, true to the rule, and honest about what it assumes."""

import math
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cordee.broker.management.commands import simulate_broker
from cordee.broker.management.tables import picture
from cordee.broker.rules import DEFAULTS, Tier, Urgency, needs
from cordee.broker.rules.comparison import compared, doubts, trade_off
from cordee.broker.rules.curves import ASSUMED
from cordee.broker.rules.simulation import (
    NEVER,
    Known,
    broadcast,
    figures,
    one_by_one,
    play,
    waves,
)

DAY = DEFAULTS[Urgency.DAY]
CASES = needs.drawn(60, Urgency.DAY, ASSUMED)


def known(case, *answers):
    """The same need, whose first professionals are known to answer like this."""
    told = [replace(fate, known=one) for fate, one in zip(case.fates, answers, strict=False)]
    return replace(case, fates=tuple(told))


def test_the_same_seed_gives_the_same_figures_and_another_does_not():
    again = needs.drawn(60, Urgency.DAY, ASSUMED)
    other = needs.drawn(60, Urgency.DAY, ASSUMED, seed=7)
    ours = play(CASES, waves(DAY), ASSUMED)
    assert play(again, waves(DAY), ASSUMED) == ours
    assert play(other, waves(DAY), ASSUMED) != ours


def test_the_three_goals_of_the_first_yes_policy_are_reached_with_the_stated_curves():
    found = compared(needs.UNSCHEDULED, 200)
    assert found.coverage_share >= 0.98
    assert found.texts_share <= 0.4
    assert found.delay_share <= 1 / 3


def test_a_broadcast_finds_at_least_what_waves_find_and_sooner():
    for case in CASES:
        assert broadcast(case, ASSUMED).texts == len(case.fates)
        assert waves(DAY)(case, ASSUMED).texts <= len(case.fates)
    ours, everybody = (play(CASES, way, ASSUMED) for way in (waves(DAY), broadcast))
    assert everybody.found >= ours.found
    assert everybody.median_minutes <= ours.median_minutes


def test_nobody_is_found_when_nobody_answers():
    mute = replace(ASSUMED, answers=0.0, calls_back=0.0, picks_up=0.0)
    for way in (waves(DAY), broadcast, one_by_one):
        assert play(CASES, way, mute).found == 0
        assert play(CASES, way, mute).median_minutes == NEVER


def test_the_first_yes_stops_the_search_at_its_own_minute():
    alone = next(case for case in CASES if case.fates[0].ranked.candidate.tier is Tier.ZONE)
    silent = [Known(False, NEVER)] * 60
    case = known(alone, Known(False, 3), Known(True, 6), Known(True, 9), *silent)
    assert waves(DAY)(case, ASSUMED).minutes == 6
    assert broadcast(case, ASSUMED).minutes == 6


def test_a_wave_in_which_everybody_refuses_is_not_waited_for():
    case = known(CASES[0], *[Known(False, 2)] * 60)
    played = waves(DAY)(case, ASSUMED)
    assert played.minutes == NEVER
    assert played.texts == len(case.fates)


def test_calls_are_made_only_while_the_desk_is_held():
    evening = next(case for case in CASES if case.launched_at.hour >= 18)
    refusing = replace(ASSUMED, willing=(2.0, 5.0), by_tier=dict.fromkeys(ASSUMED.by_tier, 0.0))
    late = replace(evening, launched_at=evening.launched_at.replace(hour=19, minute=29))
    soon = replace(late, deadline_at=late.launched_at + timedelta(minutes=90))
    assert one_by_one(soon, refusing).calls <= 1


def test_no_search_to_sum_up_is_said():
    with pytest.raises(ValueError, match="no search"):
        figures([])


def test_wanting_more_chance_disturbs_more_phones():
    points = trade_off(Urgency.DAY, CASES, ASSUMED)
    texts = [one.figures.texts for one in points]
    assert texts == sorted(texts)
    assert [one.wanted_chance for one in points if one.is_shipped] == [DAY.wanted_chance]


def test_every_assumption_is_dated_said_and_put_in_doubt():
    assert ASSUMED.dated_on.year == 2026
    assert "hypothèse" in ASSUMED.source
    assert len(doubts()) >= 5
    assert len({curves.name for _, curves in doubts()}) == 1


def test_the_picture_is_a_whole_document_that_says_what_it_shows():
    root = ElementTree.fromstring(picture(20))
    words = "".join(root.itertext())
    for expected in ("réglage livré", "à tous", "un par un", "téléphones dérangés par besoin"):
        assert expected in words
    assert "nan" not in picture(20)
    assert not math.isnan(float(root.attrib["viewBox"].split()[2]))


def test_the_command_prints_its_tables_and_writes_them_between_their_marks(tmp_path, monkeypatch):
    document = tmp_path / "recherches.md"
    document.write_text("Avant\n<!-- chiffres -->\nvieux\n<!-- fin des chiffres -->\nAprès\n")
    monkeypatch.setattr(simulate_broker, "DOCUMENT", document)
    monkeypatch.setattr(simulate_broker, "PICTURE", tmp_path / "image.svg")
    out = StringIO()
    call_command("simulate_broker", needs=6, write=True, stdout=out)
    text = document.read_text()
    assert text.startswith("Avant\n")
    assert text.endswith("Après\n")
    assert "vieux" not in text
    assert "nos vagues" in text
    assert "nos vagues" in out.getvalue()
    assert (tmp_path / "image.svg").read_text().startswith("<svg")


def test_the_command_refuses_no_need_at_all():
    with pytest.raises(CommandError):
        call_command("simulate_broker", needs=0)
