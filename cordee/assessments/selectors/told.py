"""An evaluation as it is read: its results, its answers in words, and how it moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cordee.access.actor import Actor
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules import chart, kept
from cordee.assessments.rules.results import Result
from cordee.assessments.selectors.lines import Section
from cordee.assessments.selectors.responses import evaluations_of, history_of
from cordee.assessments.selectors.sheets import sheet_of
from cordee.people.models import Person


@dataclass(frozen=True)
class Evaluation:
    """One line of the list."""

    response: QuestionnaireResponse
    results: tuple[Result, ...]
    said: str
    """What became of it, when it is not the one that stands."""


@dataclass(frozen=True)
class Course:
    """One measure over time: its points, drawn, and the rows of its table."""

    label: str
    unit: str
    moments: tuple[tuple[QuestionnaireResponse, Result], ...]
    drawn: chart.Drawn


@dataclass(frozen=True)
class Told:
    """One evaluation, whole."""

    response: QuestionnaireResponse
    results: tuple[Result, ...]
    sections: list[Section]
    corrected_by: QuestionnaireResponse | None
    courses: list[Course]
    before: QuestionnaireResponse | None
    results_before: dict[str, Result]


def evaluations_told(actor: Actor, person: Person) -> list[Evaluation]:
    """List what was completed, with what became of it. One query."""
    rows = list(evaluations_of(actor, person))
    corrected = {one.corrects_id for one in rows if one.status == one.Status.AMENDED}
    return [Evaluation(one, kept.read_back(one.results), _said(one, corrected)) for one in rows]


def _said(response: QuestionnaireResponse, corrected: set[UUID | None]) -> str:
    if response.status == response.Status.ENTERED_IN_ERROR:
        return "saisie par erreur"
    if response.pk in corrected:
        return "corrigée depuis"
    return "correction" if response.corrects_id else ""


def told_of(actor: Actor, response: QuestionnaireResponse, today: date) -> Told:
    """Tell an evaluation with what followed and what came before. Two queries."""
    person, url = response.person, response.questionnaire.url
    corrections = QuestionnaireResponse.objects.visible_to(actor).filter(
        corrects=response, status=QuestionnaireResponse.Status.AMENDED
    )
    history = history_of(actor, person, url)
    before = _before(history, response)
    return Told(
        response=response,
        results=kept.read_back(response.results),
        sections=_answered(sheet_of(response, today).sections),
        corrected_by=corrections.first(),
        courses=_courses(history),
        before=before,
        results_before={one.code: one for one in kept.read_back(before.results)} if before else {},
    )


def _before(
    history: list[QuestionnaireResponse], response: QuestionnaireResponse
) -> QuestionnaireResponse | None:
    """The one that stood before; of a correction, before what it corrects."""
    moment = response.authored_at
    earlier = [one for one in history if moment and one.authored_at and one.authored_at < moment]
    return earlier[-1] if earlier else None


def _answered(sections: Iterable[Section]) -> list[Section]:
    """Keep the questions that were answered, under their groups."""
    found = []
    for one in sections:
        lines = [line for line in one.lines if line.values and line.kind != "said"]
        if lines:
            found.append(Section(one.id, one.title, one.level, lines, one.help))
    return found


def courses_of(actor: Actor, person: Person, url: str) -> list[Course]:
    """Tell each measure of an instrument over time, the oldest first. One query."""
    return _courses(history_of(actor, person, url))


def _courses(history: list[QuestionnaireResponse]) -> list[Course]:
    found: dict[str, list[tuple[QuestionnaireResponse, Result]]] = {}
    for response in history:
        for result in kept.read_back(response.results):
            found.setdefault(result.code, []).append((response, result))
    return [_course(moments) for moments in found.values()]


def _course(moments: list[tuple[QuestionnaireResponse, Result]]) -> Course:
    last = moments[-1][1]
    spots = [(one.authored_at, result.value) for one, result in moments if one.authored_at]
    return Course(last.label, last.unit, tuple(moments), chart.drawn(spots, last.out_of))
