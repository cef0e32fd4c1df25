"""Ce qui a changé depuis la dernière fois, et ce sur quoi une équipe n’est pas d’accord.

Deux mesures ne se comparent que si c’est la même : même instrument, même code, même étendue, et
même version, sauf versions déclarées comparables par qui les publie. Rien n’est moyenné : ni deux
dates, ni deux professionnels.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cordee.assessments.rules.measures import higher_is_better, scale_of
from cordee.assessments.rules.results import Answer, Answers, Result
from cordee.assessments.rules.scales import Scale
from cordee.kernel.typography import NBSP, full_day

Comparable = Collection[Collection[str]]
"""Groups of versions of one instrument that measure the same thing, as who publishes them says."""


class Direction(StrEnum):
    """Which way a measure went."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    NOT_COMPARABLE = "not-comparable"


@dataclass(frozen=True)
class Taken:
    """One measure, the day it was taken, with which version of which instrument."""

    instrument: str
    version: str
    on: date
    result: Result


@dataclass(frozen=True)
class Change:
    """What became of a measure, in a sentence; `by` is None when it cannot be compared."""

    direction: Direction
    said: str
    by: Decimal | None = None


@dataclass(frozen=True)
class Stripe:
    """A band as a stripe of a chart; the last one has no end when the measure has no top, or when
    each value is a band of its own."""

    begins: Decimal
    ends: Decimal | None
    label: str
    severity: int


@dataclass(frozen=True)
class Series:
    """A measure over time: its points in order, its stripes, and how many were left out."""

    points: tuple[tuple[date, Decimal], ...]
    stripes: tuple[Stripe, ...]
    left_out: int
    is_levels: bool = False
    """Whether each value is a band of its own."""
    why_not: tuple[str, ...] = ()
    """Why those are not drawn with the last one."""


def change(before: Taken, after: Taken, comparable: Comparable | None = None) -> Change:
    """Compare two measures, the older first."""
    why = _unlike(before, after, comparable or ())
    if why:
        return Change(Direction.NOT_COMPARABLE, f"Non comparable{NBSP}: {why}.")
    by = after.result.value - before.result.value
    since = full_day(before.on)
    value = _out_of(after.result)
    if not by:
        return Change(
            Direction.SAME, f"Sans changement{NBSP}: {value}, comme le {since}.", Decimal(0)
        )
    moved = f"{_number(before.result.value)} puis {value} ({_signed(by)} depuis le {since})"
    rises = higher_is_better(after.result.code, after.on)
    if rises is None:
        said = f"Non jugé, le sens de cette mesure n’est pas connu{NBSP}: {moved}."
        return Change(Direction.NOT_COMPARABLE, said, by)
    better = (by > 0) == rises
    word = "Mieux" if better else "Moins bien"
    said = f"{word}{NBSP}: {moved}{_bands(before.result, after.result)}."
    return Change(Direction.BETTER if better else Direction.WORSE, said, by)


def since_last_time(taken: Sequence[Taken], comparable: Comparable | None = None) -> Change | None:
    """Compare the last measure with the one before it; None when there was only one, or none.

    Measures of one day keep the order in which they are given."""
    ordered = sorted(taken, key=lambda one: one.on)
    return change(ordered[-2], ordered[-1], comparable) if len(ordered) > 1 else None


def histories(taken: Sequence[Taken]) -> Mapping[str, tuple[Taken, ...]]:
    """Part what an instrument gave by measure, each in the order of time."""
    found: dict[str, list[Taken]] = {}
    for one in sorted(taken, key=lambda one: one.on):
        found.setdefault(one.result.code, []).append(one)
    return {code: tuple(many) for code, many in found.items()}


def series(taken: Sequence[Taken], comparable: Comparable | None = None) -> Series:
    """Draw a measure over time: what is not comparable with the last one is left out, and counted.

    The stripes are those by which the last result was cut; none when they are not known."""
    ordered = sorted(taken, key=lambda one: one.on)
    if not ordered:
        return Series((), (), 0)
    last = ordered[-1]
    judged = [(one, _unlike(one, last, comparable or ())) for one in ordered]
    kept = [one for one, why in judged if not why]
    why_not = tuple(dict.fromkeys(why for _, why in judged if why))
    points = tuple((one.on, one.result.value) for one in kept)
    scale = _scale_of(last)
    stripes = _stripes(scale) if scale else ()
    levels = bool(scale and scale.is_levels)
    return Series(points, stripes, len(ordered) - len(kept), levels, why_not)


@dataclass(frozen=True)
class Part:
    """What one professional answered, and when."""

    author: str
    on: date
    answers: Answers


@dataclass(frozen=True)
class Disagreement:
    """One question with several answers: who said what, the most recent first."""

    link_id: str
    said: tuple[tuple[str, date, tuple[Answer, ...]], ...]


def disagreements(
    parts: Sequence[Part], free_texts: Collection[str] = ()
) -> tuple[Disagreement, ...]:
    """Give the questions to which several professionals gave different answers.

    Who answered twice is heard on the last answer. Free texts are notes that stand side by side,
    not answers that disagree."""
    last: dict[str, dict[str, tuple[date, tuple[Answer, ...]]]] = {}
    for part in sorted(parts, key=lambda one: one.on):
        for link_id, values in part.answers.items():
            if values and link_id not in free_texts:
                last.setdefault(link_id, {})[part.author] = (part.on, values)
    return tuple(
        Disagreement(link_id, _newest_first(by_author))
        for link_id, by_author in last.items()
        if len({_alike(values) for _, values in by_author.values()}) > 1
    )


def agreed(parts: Sequence[Part], free_texts: Collection[str] = ()) -> Answers:
    """Put the parts of a team together, without the questions on which it disagrees.

    So a disputed answer is a missing one: no score is made of it until the team has settled it."""
    disputed = {one.link_id for one in disagreements(parts, free_texts)}
    whole: dict[str, tuple[Answer, ...]] = {}
    for part in sorted(parts, key=lambda one: one.on):
        for link_id, values in part.answers.items():
            if values and link_id in free_texts:
                whole[link_id] = (*whole.get(link_id, ()), *values)
            elif values and link_id not in disputed:
                whole[link_id] = values
    return whole


def _unlike(before: Taken, after: Taken, comparable: Comparable) -> str:
    one, other = before.result, after.result
    if (before.instrument, one.code) != (after.instrument, other.code):
        return f"ce n’est pas la même mesure ({one.label} puis {other.label})"
    if (one.unit, one.out_of) != (other.unit, other.out_of):
        return "l’unité ou l’étendue a changé"
    both = {before.version, after.version}
    if before.version != after.version and not any(both <= set(group) for group in comparable):
        return f"la version a changé ({before.version} puis {after.version})"
    return ""


def _bands(before: Result, after: Result) -> str:
    if not before.band or not after.band or before.band.code == after.band.code:
        return ""
    return f", de «{NBSP}{before.band.label}{NBSP}» à «{NBSP}{after.band.label}{NBSP}»"


def _scale_of(last: Taken) -> Scale | None:
    band = last.result.band
    return scale_of(last.result.code, last.on, band.code) if band else None


def _stripes(scale: Scale) -> tuple[Stripe, ...]:
    top = None if scale.is_levels else scale.out_of
    ends = [*(step.start for step in scale.steps[1:]), top]
    return tuple(
        Stripe(step.start, end, step.band.label, step.band.severity)
        for step, end in zip(scale.steps, ends, strict=False)
    )


def _newest_first(
    by_author: Mapping[str, tuple[date, tuple[Answer, ...]]],
) -> tuple[tuple[str, date, tuple[Answer, ...]], ...]:
    said = [(author, on, values) for author, (on, values) in by_author.items()]
    return tuple(sorted(said, key=lambda one: one[1], reverse=True))


def _alike(values: tuple[Answer, ...]) -> frozenset[tuple[str, Answer]]:
    """Answers given in another order are the same; a yes is not a 1."""
    return frozenset((type(value).__name__, value) for value in values)


def _out_of(result: Result) -> str:
    unit = f"{NBSP}{result.unit}" if result.unit else ""
    top = "" if result.out_of is None else f" sur {_number(result.out_of)}"
    return f"{_number(result.value)}{unit}{top}"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


def _signed(value: Decimal) -> str:
    return f"{'+' if value > 0 else '−'}{_number(abs(value))}"


def groups(pairs: Collection[tuple[str, str]]) -> tuple[frozenset[str], ...]:
    """Gather versions that were declared comparable two by two: what two share, all share."""
    found: list[set[str]] = []
    for pair in pairs:
        near = [one for one in found if one & set(pair)]
        found = [one for one in found if one not in near] + [set(pair).union(*near)]
    return tuple(frozenset(one) for one in found)
