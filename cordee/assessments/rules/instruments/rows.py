"""Instruments that add up rows: each answer of a row is worth points, and all rows are wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cordee.assessments.rules.results import Answer, Answers, Missing, Point, Result
from cordee.assessments.rules.scales import Scale


@dataclass(frozen=True)
class Choice:
    """One possible answer of a row: its points, and how it is said."""

    points: Decimal
    said: str


@dataclass(frozen=True)
class Row:
    """One question of a scale: its linkId, its name, and its choices by code (or by yes and no)."""

    link_id: str
    name: str
    choices: Mapping[Answer, Choice]


def graded(link_id: str, name: str, codes: Sequence[str], said: Sequence[str]) -> Row:
    """Make a row whose answers are worth 0, 1, 2… in their order."""
    choices: dict[Answer, Choice] = {
        code: Choice(Decimal(rank), words)
        for rank, (code, words) in enumerate(zip(codes, said, strict=True))
    }
    return Row(link_id, name, choices)


def yes_no(link_id: str, name: str, *, yes: str = "0", no: str = "0") -> Row:
    """Make a row answered by yes or no."""
    return Row(
        link_id, name, {True: Choice(Decimal(yes), "oui"), False: Choice(Decimal(no), "non")}
    )


def whole(answers: Answers, link_id: str, least: int, most: int) -> int | None:
    """Give the one whole number answered, both bounds included; None for anything else."""
    given = answers.get(link_id, ())
    if len(given) != 1 or not isinstance(given[0], Decimal) or not given[0].is_finite():
        return None
    number = given[0]
    return int(number) if number == int(number) and least <= number <= most else None


def day(answers: Answers, link_id: str) -> date | None:
    """Give the one day answered, written as FHIR does (2026-11-27); None for anything else."""
    given = answers.get(link_id, ())
    try:
        said = given[0] if len(given) == 1 else None
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None


def counted(answers: Answers, rows: Sequence[Row]) -> tuple[Point, ...] | Missing:
    """Give the points of each row; Missing names every row without one answer that is known."""
    points: list[Point] = []
    lacking: list[str] = []
    for row in rows:
        choice = _chosen(row, answers.get(row.link_id, ()))
        if choice is None:
            lacking.append(row.link_id)
        else:
            said = f"{row.name}\u00a0: {choice.said}"
            points.append(Point(row.link_id, said, choice.points))
    return Missing(tuple(lacking)) if lacking else tuple(points)


def total(points: Sequence[Point]) -> Decimal:
    """Add up the points of an explanation."""
    return sum((point.points for point in points if point.points is not None), Decimal(0))


def most(rows: Sequence[Row]) -> Decimal:
    """Give the highest total that the rows allow."""
    return sum((max(one.points for one in row.choices.values()) for row in rows), Decimal(0))


def summed(answers: Answers, rows: Sequence[Row], scale: Scale) -> tuple[Result, ...] | Missing:
    """Score an instrument that is nothing but the sum of its rows."""
    points = counted(answers, rows)
    if isinstance(points, Missing):
        return points
    return (scale.result(total(points), points),)


def _chosen(row: Row, given: tuple[Answer, ...]) -> Choice | None:
    """A yes is not a 1: Python holds them equal, but an answer of the wrong kind is no answer."""
    if len(given) != 1 or not any(type(key) is type(given[0]) for key in row.choices):
        return None
    return row.choices.get(given[0])
