"""What a protocol is: a versioned document about one pathway, as frozen values.

Shapes only. `reading` makes them from a document, `writing` gives the document back,
`consistency` looks for what contradicts itself, `conformance` confronts them with a thread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from cordee.protocols.rules.clocks import Delay


class Refused(Exception):
    """A document that is not a protocol; `problems` says each trouble in a French sentence."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Rule(StrEnum):
    """What a constraint says of facts; the words are those of the documents."""

    RESPONSE = "reponse"
    PRECEDENCE = "precedence"
    ABSENCE = "absence"
    COUNT = "nombre"
    REPEAT = "repetition"
    SILENCE = "silence"


class Certainty(StrEnum):
    """How sure the authors are of a source."""

    READ = "lue"
    KNOWN = "connue, à vérifier"
    LOCAL = "usage local, à valider"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of fact, and codes that its data must hold: each field one of these."""

    kind: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def meets(self, kind: str, data: Mapping[str, Any]) -> bool:
        """Tell whether a fact is one of these."""
        return kind == self.kind and all(
            bool(codes(data.get(name)) & set(wanted)) for name, wanted in self.where
        )

    def covers(self, other: "Pattern") -> bool:
        """Tell whether every fact of the other pattern is one of these."""
        theirs = dict(other.where)
        return self.kind == other.kind and all(
            name in theirs and set(theirs[name]) <= set(wanted) for name, wanted in self.where
        )


Patterns = tuple[Pattern, ...]  # any of them


def codes(value: Any) -> set[str]:
    """Return the codes that a field of a fact holds, as a document writes them."""
    if value is None:
        return set()
    if isinstance(value, bool):
        return {"oui" if value else "non"}
    if isinstance(value, list | tuple):
        return {code for item in value for code in codes(item)}
    return {str(value)}


@dataclass(frozen=True, slots=True)
class Source:
    """Where something comes from, of when, and how sure of it the authors are."""

    text: str
    date: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure that the authors want to follow."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """Who the protocol is for; `facts` propose it, when the thread can tell."""

    text: str
    facts: Patterns = ()


@dataclass(frozen=True, slots=True)
class Exit:
    """What ends the pathway; `unless` facts say afterwards that it had not happened."""

    text: str
    facts: Patterns
    unless: Patterns = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """Due within a delay after the entry, a fact, or the end of a step."""

    within: Delay
    basis: str
    after: Patterns = ()
    step: str = ""
    warning: Delay | None = None


@dataclass(frozen=True, slots=True)
class Already:
    """What was so before the entry counts: `within`, how long before at most; `unless` facts came
    since, still before the entry, that say it is so no more."""

    within: Delay | None = None
    unless: Patterns = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A station of the pathway: done when one of these facts happens."""

    id: str
    title: str
    role: str
    done: Patterns
    clock: Clock | None = None
    already: Already | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """What must, or must not, happen. Which fields speak depends on the rule (`reading.SHAPES`).

    `facts`: what is expected, or forbidden. `after`: what starts it, or must come before.
    `already`: of a count, what is expected may have come before the entry; of what is to come again
    and again, what starts it.
    """

    id: str
    title: str
    role: str
    rule: Rule
    basis: str
    facts: Patterns
    after: Patterns = ()
    within: Delay | None = None
    unless: Patterns = ()
    until: Patterns = ()
    for_each: str = ""
    at_least: int | None = None
    at_most: int | None = None
    warning: Delay | None = None
    already: Already | None = None

    @property
    def counts_before(self) -> Patterns:
        """What, before the entry, counts when it is already so."""
        return self.facts if self.rule is Rule.COUNT else self.after


@dataclass(frozen=True)
class Protocol:
    """One version of one protocol. Without slots: what is derived from it is kept beside it."""

    id: str
    version: str
    title: str
    status: str
    authors: tuple[str, ...]
    sources: tuple[Source, ...]
    obligations: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    inclusion: tuple[Criterion, ...]
    steps: tuple[Step, ...]
    exits: tuple[Exit, ...]
    constraints: tuple[Constraint, ...]

    @property
    def name(self) -> str:
        """Return what tells this version from any other: « sortie@2 »."""
        return f"{self.id}@{self.version}"

    @cached_property
    def places(self) -> dict[str, tuple[tuple[str, str, Pattern], ...]]:
        """Where a kind of fact counts: (place, id or rank, pattern), by kind."""
        found: dict[str, list[tuple[str, str, Pattern]]] = {}
        for place, of, patterns in self._spoken():
            for pattern in patterns:
                found.setdefault(pattern.kind, []).append((place, of, pattern))
        return {kind: tuple(places) for kind, places in found.items()}

    @property
    def titles(self) -> dict[str, str]:
        """The title of each step and of each constraint, by id, in their order."""
        steps = {one.id: one.title for one in self.steps}
        return steps | {one.id: one.title for one in self.constraints}

    @cached_property
    def step_of(self) -> dict[str, Step]:
        """The steps, by id."""
        return {step.id: step for step in self.steps}

    @cached_property
    def by_id(self) -> dict[str, Constraint]:
        """The constraints, by id."""
        return {one.id: one for one in self.constraints}

    def _spoken(self) -> Iterator[tuple[str, str, Patterns]]:
        for rank, leaving in enumerate(self.exits):
            yield "exit", str(rank), leaving.facts
            yield "stay", str(rank), leaving.unless
        for step in self.steps:
            yield "done", step.id, step.done
            yield "start", step.id, step.clock.after if step.clock else ()
            if step.already:
                yield "already", step.id, step.done
                yield "undone", step.id, step.already.unless
        for one in self.constraints:
            yield "facts", one.id, one.facts
            yield "after", one.id, one.after
            yield "unless", one.id, one.unless
            yield "until", one.id, one.until
            if one.already:
                yield "already", one.id, one.counts_before
                yield "undone", one.id, one.already.unless

    def proposed_by(self, kind: str, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the criteria that this fact meets: the entry may be proposed, never decided."""
        return tuple(
            one.text
            for one in self.inclusion
            if any(pattern.meets(kind, data) for pattern in one.facts)
        )
