"""Answers, read without guessing: an answer that is absent or unknown is no answer."""

from collections.abc import Iterable
from decimal import Decimal

from cordee.assessments.rules.results import Answers


def chosen(answers: Answers, link_id: str, allowed: Iterable[str]) -> str | None:
    """The one code that was chosen; None when none was, when two were, or when it is unknown."""
    given = answers.get(link_id, ())
    if len(given) != 1 or not isinstance(given[0], str) or given[0] not in set(allowed):
        return None
    return given[0]


def chosen_many(answers: Answers, link_id: str, allowed: Iterable[str]) -> frozenset[str] | None:
    """The codes that were chosen; None when none was, or when one of them is unknown."""
    given = answers.get(link_id, ())
    known = set(allowed)
    codes = frozenset(code for code in given if isinstance(code, str) and code in known)
    return codes if codes and len(codes) == len(set(given)) else None


def number(answers: Answers, link_id: str, low: Decimal, high: Decimal) -> Decimal | None:
    """The number that was given; None when none was, or when it is out of its range."""
    given = answers.get(link_id, ())
    if len(given) != 1 or not isinstance(given[0], Decimal) or not given[0].is_finite():
        return None
    return given[0] if low <= given[0] <= high else None
