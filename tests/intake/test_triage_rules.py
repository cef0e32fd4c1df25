"""The triage grid: signs first, an organisational delay after, nothing else."""

import copy
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.intake import rules
from cordee.intake.rules.triage import PARIS, Delay, GridError, digest_of, due_at, judge, read_grid

SHIPPED = Path(rules.__file__).parent.parent / "triage" / "2026-1.json"
CONTENT = json.loads(SHIPPED.read_text(encoding="utf-8"))
GRID = read_grid(CONTENT)
ANSWERS = st.dictionaries(st.sampled_from(GRID.codes), st.booleans())


def all_no():
    return dict.fromkeys(GRID.codes, False)


def test_the_shipped_grid_says_that_it_must_be_validated_locally():
    assert "à valider localement" in GRID.title


def test_the_shipped_grid_names_no_disease_and_gives_no_score():
    words = " ".join(entry.question.lower() for entry in (*GRID.signs, *GRID.delays))
    for forbidden in ("diagnostic", "score", "infarctus", "avc", "gravité", "probab"):
        assert forbidden not in words


@given(ANSWERS)
def test_any_sign_wins_over_every_delay(answers):
    verdict = judge(GRID, answers)
    signs = [sign.code for sign in GRID.signs if answers.get(sign.code)]
    assert verdict.is_for_samu is bool(signs)
    if signs:
        assert verdict.delay is None


@given(ANSWERS)
def test_no_delay_is_given_before_every_sign_was_asked(answers):
    verdict = judge(GRID, answers)
    if verdict.delay is not None:
        assert all(answers.get(sign.code) is False for sign in GRID.signs)


@given(ANSWERS, st.sampled_from([question.code for question in GRID.delays]))
def test_one_more_yes_never_makes_the_delay_longer(answers, code):
    answers = {**all_no(), **{k: v for k, v in answers.items() if k not in SIGNS}}
    order = list(Delay)
    before = judge(GRID, {**answers, code: False}).delay
    after = judge(GRID, {**answers, code: True}).delay
    assert order.index(after) <= order.index(before)


SIGNS = {sign.code for sign in GRID.signs}


def test_the_delay_says_which_answer_gave_it():
    verdict = judge(GRID, {**all_no(), "sortie": True, "sous_trois_jours": True})
    assert verdict.delay is Delay.H24
    assert verdict.because == ("sortie",)
    assert judge(GRID, all_no()).delay is Delay.PLANNED


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda c: c.update(signs=[]), "aucun signe"),
        (lambda c: c.pop("signs"), "« signs »"),
        (lambda c: c.update(delays="tout"), "« delays »"),
        (lambda c: c["delays"][0].update(delay="demain"), "demain"),
        (lambda c: c["delays"][0].update(code=c["signs"][0]["code"]), "même code"),
        (lambda c: c["signs"][0].update(code="<script>"), "n’est pas lisible"),
        (lambda c: c["signs"][0].update(question="  "), "Il manque la question"),
        (lambda c: c.update(version=None), "la version"),
        (lambda c: c.update(otherwise="jamais"), "jamais"),
        (lambda c: c.update(version="v" * 41), "la version dépasse 40"),
        (lambda c: c.update(note="a\0b"), "ne s’écrit pas"),
        (lambda c: c["signs"][0].update(question="a\ud800b"), "ne s’écrit pas"),
    ],
)
def test_a_grid_that_cannot_be_used_is_refused_with_a_sentence(spoil, sentence):
    content = copy.deepcopy(CONTENT)
    spoil(content)
    with pytest.raises(GridError) as refused:
        read_grid(content)
    assert sentence in str(refused.value).replace("\u00a0", " ")


def test_changing_one_letter_changes_what_was_signed():
    content = copy.deepcopy(CONTENT)
    content["signs"][0]["question"] += " "
    assert digest_of(content) != GRID.digest
    reordered = dict(reversed(list(CONTENT.items())))
    assert digest_of(reordered) == GRID.digest


def local(*moment):
    return datetime(*moment, tzinfo=PARIS)


def test_tonight_means_before_ten_or_four_hours_when_the_evening_is_over():
    assert due_at(Delay.TONIGHT, local(2026, 11, 22, 14)) == local(2026, 11, 22, 22)
    assert due_at(Delay.TONIGHT, local(2026, 11, 22, 23, 30)) == local(2026, 11, 23, 3, 30)
    assert due_at(Delay.TONIGHT, local(2026, 11, 23, 0, 0)) == local(2026, 11, 23, 22)


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 10, 24), date(2026, 11, 22)])
def test_twenty_four_hours_are_real_hours_even_across_a_clock_change(day):
    asked = datetime(day.year, day.month, day.day, 18, tzinfo=PARIS)
    assert due_at(Delay.H24, asked).timestamp() - asked.timestamp() == 24 * 3600


def test_a_planned_care_is_due_the_morning_it_begins_and_never_in_the_past():
    asked = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert due_at(Delay.PLANNED, asked, date(2026, 12, 1)) == local(2026, 12, 1, 8)
    assert due_at(Delay.PLANNED, asked, date(2020, 1, 1)) == asked + timedelta(hours=4)
    assert due_at(Delay.PLANNED, asked) == asked + timedelta(days=7)


@given(
    st.integers(0, 2 * 365 * 24 * 60).map(lambda m: local(2026, 1, 1) + timedelta(minutes=m)),
    st.sampled_from(Delay),
)
def test_a_deadline_is_always_later_than_the_call(asked, delay):
    assert due_at(delay, asked) > asked
