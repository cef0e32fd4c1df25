"""Tokens that several lists of codes answer, each under its own, or that the hour changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Q

from cordee.fhir.search.parameters import (
    CODED,
    EVERYTHING,
    NOTHING,
    Asking,
    Choice,
    Listed,
    Parameter,
    any_of,
    token_of,
)


@dataclass(frozen=True)
class Either(Parameter):
    """`Either(Choice(…, system), Choice(…, other))`: what one of them at least asks for."""

    choices: tuple[Choice, ...]
    type: ClassVar[str] = "token"
    modifiers: ClassVar[frozenset[str]] = CODED

    def __init__(self, *choices: Choice) -> None:
        object.__setattr__(self, "choices", choices)

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        found = any_of([one.condition(value, "", asking) for one in self.choices])
        return ~found if modifier == "not" else found

    def among(self, codes: Listed, asking: Asking) -> Q:
        return any_of([one.among(codes, asking) for one in self.choices])


@dataclass(frozen=True)
class Field(Parameter):
    """A token that stands in a field as it is: `Field("results__0__code", system)`."""

    path: str
    system: str
    type: ClassVar[str] = "token"
    modifiers: ClassVar[frozenset[str]] = CODED

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        system, code = token_of(value)
        found = Q(**{self.path: code}) if code else EVERYTHING
        if system not in (None, self.system):
            found = NOTHING
        return ~found if modifier == "not" else found

    def among(self, codes: Listed, asking: Asking) -> Q:
        return any_of([Q(**{self.path: code}) for code in codes.get(self.system, {})])


@dataclass(frozen=True)
class Never(Parameter):
    """What the rows of one table of a type never have, and those of another do."""

    kind: str

    @property
    def type(self) -> str:  # type: ignore[override]
        return self.kind

    def answer(self, modifier: str, values: Sequence[str]) -> Q:
        """All those rows lack it, whatever is asked: the other table says what is asked wrongly."""
        lacks = modifier in ("not", "not-in") or (
            modifier == "missing" and tuple(values) == ("true",)
        )
        return EVERYTHING if lacks else NOTHING


@dataclass(frozen=True)
class Standing(Parameter):
    """Codes that depend on when they are asked: what is put off until later, for instance."""

    codes: Callable[[Asking], Mapping[str, Q]]
    system: str
    type: ClassVar[str] = "token"
    modifiers: ClassVar[frozenset[str]] = CODED

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        return Choice(self.codes(asking), self.system).condition(value, modifier, asking)

    def among(self, codes: Listed, asking: Asking) -> Q:
        return Choice(self.codes(asking), self.system).among(codes, asking)
