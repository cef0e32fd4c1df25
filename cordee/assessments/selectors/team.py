"""Several evaluations of one person with one instrument, side by side: where a team differs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cordee.access.actor import Actor
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules import filling
from cordee.assessments.rules.comparing import Part, disagreements
from cordee.assessments.rules.together import WINDOW
from cordee.assessments.selectors.lines import Known, Line
from cordee.assessments.selectors.questionnaires import definition_of
from cordee.assessments.selectors.sheets import Sheet, sheet_of
from cordee.directory.rules import PARIS
from cordee.kernel.typography import full_day

FREE = ("string", "text", "url")


@dataclass(frozen=True)
class Row:
    """One question: what each answered, in the order of the columns; "" when they did not."""

    text: str
    where: str
    said: tuple[str, ...]
    is_disputed: bool


@dataclass(frozen=True)
class Team:
    """What several professionals answered: one column each, nothing averaged."""

    parts: tuple[QuestionnaireResponse, ...]
    rows: tuple[Row, ...]

    @property
    def disputed(self) -> int:
        """On how many questions they differ."""
        return sum(one.is_disputed for one in self.rows)


def parts_around(actor: Actor, response: QuestionnaireResponse) -> list[QuestionnaireResponse]:
    """List what each professional answered, about the same days, to the same edition.

    Of an evaluation that settled others, those. The last of each author, and each part that was
    asked for, the oldest first; what the actor may not read is not there. One query.
    """
    rows = QuestionnaireResponse.objects.visible_to(actor).select_related(
        "questionnaire", "author", "organization"
    )
    if response.settles:
        return list(rows.filter(pk__in=response.settles).order_by("authored_at", "pk"))
    if response.authored_at is None:
        return []
    near = (response.authored_at - WINDOW.value, response.authored_at + WINDOW.value)
    same = rows.standing_or_part().filter(
        person=response.person_id,
        questionnaire=response.questionnaire_id,
        settles=None,
        authored_at__range=near,
    )
    last = {
        one.pk if one.status == one.Status.PART else one.author_id: one
        for one in same.order_by("authored_at", "pk")
    }
    return sorted(last.values(), key=lambda one: (one.authored_at, one.pk))


def team_of(parts: Iterable[QuestionnaireResponse]) -> Team:
    """Put parts side by side, question by question, in the order of the screen."""
    known = tuple(parts)
    sheets = [sheet_of(one, _day(one)) for one in known]
    disputed = disputed_among(known, sheets)
    lines: dict[str, list[Line | None]] = {}
    for place, sheet in enumerate(sheets):
        for line in sheet.questions:
            lines.setdefault(line.name, [None] * len(known))[place] = line
    rows = [_row(name, found, disputed) for name, found in lines.items()]
    return Team(known, tuple(one for one in rows if any(one.said)))


def disputed_among(parts: Iterable[QuestionnaireResponse], sheets: Iterable[Sheet]) -> set[str]:
    """Give the questions on which they differ; notes in free words stand side by side."""
    said = [
        Part(str(one.author_id), _day(one), sheet.filled.answers)
        for one, sheet in zip(parts, sheets, strict=True)
    ]
    free = {
        row.item.link_id for sheet in sheets for row in sheet.filled.rows if row.item.type in FREE
    }
    return {one.link_id for one in disagreements(said, free)}


def items_agreed(parts: Iterable[QuestionnaireResponse], today: date) -> list[dict[str, Any]]:
    """Give the answers of the parts, without those on which they differ, which stay to be given."""
    known = tuple(parts)
    sheets = [sheet_of(one, _day(one)) for one in known]
    disputed = disputed_among(known, sheets)
    fields: dict[str, list[str]] = {}
    for sheet in sheets:
        for line in sheet.questions:
            if line.values and link_of(line.name) not in disputed:
                _take(fields, line)
    definition = definition_of(known[-1].questionnaire)
    typed = filling.typed(definition, fields)
    return filling.filled(definition, typed.items, today=today).items


def said_by_team(actor: Actor, draft: QuestionnaireResponse) -> dict[str, Known]:
    """Give, by question on which they differ, who answered what; none when nothing is settled."""
    if not draft.settles:
        return {}
    parts = tuple(parts_around(actor, draft))
    sheets = [sheet_of(one, _day(one)) for one in parts]
    disputed = disputed_among(parts, sheets)
    by_link: dict[str, dict[Any, list[str]]] = {}
    for part, sheet in zip(parts, sheets, strict=True):
        for link_id, values in sheet.filled.answers.items():
            if link_id in disputed and len(values) == 1:
                said = by_link.setdefault(link_id, {}).setdefault(values[0], [])
                said.append(f"{part.author.name}, le {full_day(_day(part))}")
    return {link_id: _known(said) for link_id, said in by_link.items()}


def _known(said: dict[Any, list[str]]) -> Known:
    (value, who), *others = ((value, " ; ".join(names)) for value, names in said.items())
    return Known(value, who, tuple(others))


def link_of(path: str) -> str:
    """Give the linkId that a path ends on."""
    return path.rpartition("/")[2].partition(":")[0]


def _take(fields: dict[str, list[str]], line: Line) -> None:
    """The last who answered is heard; notes in free words follow one another."""
    noted = fields.get(line.name, [])
    if line.input == "textarea" and noted and list(line.values) != noted:
        fields[line.name] = ["\n".join([*noted, *line.values])]
        return
    fields[line.name] = list(line.values)
    if unit := next((one.code for one in line.units if one.chosen), ""):
        fields[f"{line.name}.unit"] = [unit]


def _row(name: str, found: list[Line | None], disputed: set[str]) -> Row:
    line = next(one for one in found if one)
    said = tuple(one.said if one else "" for one in found)
    return Row(line.text, line.where, said, link_of(name) in disputed)


def _day(response: QuestionnaireResponse) -> date:
    return (response.authored_at or response.saved_at).astimezone(PARIS).date()
