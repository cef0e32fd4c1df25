"""A questionnaire being filled in, as the screen shows it: what is asked now, what is missing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from cordee.assessments.models import Questionnaire, QuestionnaireResponse
from cordee.assessments.rules import filling, scoring
from cordee.assessments.rules.definition import Definition
from cordee.assessments.rules.results import Missing, Result
from cordee.assessments.selectors.lines import Known, Line, Section, line_of, section_of
from cordee.assessments.selectors.questionnaires import definition_of


@dataclass(frozen=True)
class Sheet:
    """What the server decided: lines to show, what is missing, the score once nothing is."""

    definition: Definition
    filled: filling.Filled
    results: tuple[Result, ...]
    unread: Mapping[str, str] = field(default_factory=dict)
    """What was typed and could not be read, by path: it is not kept, and it is said."""
    typed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    known: Mapping[str, Known] = field(default_factory=dict)
    """What other evaluations say, by question."""

    @property
    def items(self) -> list[dict[str, Any]]:
        """The answers, ready to be kept."""
        return self.filled.items

    @cached_property
    def sections(self) -> list[Section]:
        """The lines under the groups that hold them, in the order of the screen."""
        sections = [Section("", "", 0)]
        for row in self.filled.rows:
            if row.item.type == "group":
                sections.append(section_of(row))
                continue
            typed = self.typed.get(row.path)
            line = line_of(row, self._wrong(row.path), typed, self.known.get(row.item.link_id))
            where = sections[-1].title.partition("\u00a0:")[0]
            sections[-1].lines.append(replace(line, where=where.partition(" :")[0]))
        return [one for one in sections if one.lines or one.title]

    def _wrong(self, path: str) -> str:
        return self.unread.get(path) or self.filled.errors.get(path, "")

    @cached_property
    def questions(self) -> list[Line]:
        """Those that take an answer, in order."""
        return [line for one in self.sections for line in one.lines if line.takes_an_answer]

    @property
    def asked(self) -> int:
        """How many questions are asked now."""
        return len(self.questions)

    @property
    def answered(self) -> int:
        """How many of them have an answer."""
        return sum(bool(one.values) and not one.error for one in self.questions)

    @cached_property
    def lacking(self) -> list[Line]:
        """The required questions that still want an answer."""
        missing = set(self.filled.missing)
        return [one for one in self.questions if one.name in missing and not one.error]

    @cached_property
    def mistaken(self) -> list[Line]:
        """The questions whose answer is to be corrected."""
        return [line for one in self.sections for line in one.lines if line.error]

    @cached_property
    def apart(self) -> list[str]:
        """What is wrong or missing elsewhere than in a question: of a group, of the whole."""
        shown = {line.name for line in (*self.mistaken, *self.lacking)}
        groups = {row.path: row.item.text for row in self.filled.rows if row.item.type == "group"}
        said = dict(self.filled.errors) | {
            path: "rien n’y est répondu"
            for path in groups
            if path in self.filled.missing and not any(one.startswith(path) for one in shown)
        }
        return [
            f"{groups[path]}\u00a0: {words}" if path in groups else words
            for path, words in said.items()
            if path not in shown
        ]

    @property
    def wrong(self) -> int:
        """How many answers are to be corrected."""
        return len(self.mistaken)

    @property
    def is_whole(self) -> bool:
        """Whether it may be completed."""
        return not (self.filled.missing or self.filled.errors or self.unread)

    @property
    def is_scored(self) -> bool:
        """Whether this instrument gives a score."""
        return self.definition.scoring in scoring.NAMES

    @cached_property
    def signature(self) -> str:
        """What the questions look like, answers left out: when it moves, the page is redrawn."""
        groups = [(one.instance, one.again) for one in self.sections]
        lines = [
            (one.name, one.kind, one.error, tuple(option.code for option in one.options))
            + ((one.values,) if one.kind == "shown" else ())
            for section in self.sections
            for one in section.lines
        ]
        return hashlib.sha256(repr((groups, lines)).encode()).hexdigest()[:16]


def sheet_of(response: QuestionnaireResponse, today: date) -> Sheet:
    """Show a draft as it was kept."""
    return _sheet(definition_of(response.questionnaire), response.items, today)


def sheet_typed(
    response: QuestionnaireResponse, fields: Mapping[str, Sequence[str]], today: date
) -> Sheet:
    """Show what was just typed: what cannot be read is said, and stays in its field."""
    definition = definition_of(response.questionnaire)
    given = {name: values for name, values in fields.items() if not name.startswith("_")}
    typed = filling.typed(definition, given)
    return _sheet(definition, typed.items, today, typed.errors, given)


def preview_of(questionnaire: Questionnaire, today: date) -> list[Section]:
    """Show an edition before anything is answered."""
    return _sheet(definition_of(questionnaire), [], today).sections


def _sheet(
    definition: Definition,
    items: Sequence[Mapping[str, Any]],
    today: date,
    unread: Mapping[str, str] | None = None,
    typed: Mapping[str, Sequence[str]] | None = None,
) -> Sheet:
    filled = filling.filled(definition, items, today=today)
    whole = not (filled.missing or filled.errors or unread)
    results = scored(definition, filled, today) if whole else ()
    return Sheet(definition, filled, results, unread or {}, typed or {})


def scored(definition: Definition, filled: filling.Filled, today: date) -> tuple[Result, ...]:
    """Count the score of whole answers; none where the instrument has none, or lacks one."""
    if definition.scoring not in scoring.NAMES:
        return ()
    found = scoring.score(definition.scoring, filled.answers, on=today)
    return () if isinstance(found, Missing) else found
