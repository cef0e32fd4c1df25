"""An evaluation as it is read: its results, its answers in words, and how it moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.assessments.models import ComparableEditions, QuestionnaireResponse
from cordee.assessments.rules import chart, kept
from cordee.assessments.rules.comparing import Change, series, since_last_time
from cordee.assessments.rules.reassessing import Reassessment, reassessment
from cordee.assessments.rules.results import Result
from cordee.assessments.selectors.editions import NOTHING, Declared, comparable_among
from cordee.assessments.selectors.lines import Section
from cordee.assessments.selectors.responses import evaluations_of, history_of, taken
from cordee.assessments.selectors.sheets import sheet_of
from cordee.assessments.selectors.suggested import Suggested, suggested_after
from cordee.directory.rules import PARIS
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
    moments: tuple[tuple[QuestionnaireResponse, Result], ...]
    drawn: chart.Drawn
    left_out: int
    """How many cannot be compared with the last one, and are not drawn."""
    why_not: tuple[str, ...] = ()
    """Why they cannot."""
    declared: tuple[ComparableEditions, ...] = ()
    """What makes editions comparable that stand on one line here."""


@dataclass(frozen=True)
class Told:
    """One evaluation, whole: each result with what changed since the time before."""

    response: QuestionnaireResponse
    results: tuple[tuple[Result, Change | None], ...]
    sections: list[Section]
    corrected_by: QuestionnaireResponse | None
    courses: list[Course]
    again: Reassessment | None
    """When to do it again: of the last that stands alone."""
    suggested: list[Suggested]
    """What it calls for next: of the last that stands alone."""


def evaluations_told(actor: Actor, person: Person) -> list[Evaluation]:
    """List what was completed, with what became of it. One query."""
    rows = list(evaluations_of(actor, person))
    corrected = {one.corrects_id for one in rows if one.status == one.Status.AMENDED}
    return [Evaluation(one, kept.read_back(one.results), _said(one, corrected)) for one in rows]


def _said(response: QuestionnaireResponse, corrected: set[UUID | None]) -> str:
    if response.status == response.Status.ENTERED_IN_ERROR:
        return "saisie par erreur"
    if response.status == response.Status.PART:
        return "une part"
    if response.pk in corrected:
        return "corrigée depuis"
    return "correction" if response.corrects_id else ""


def told_of(actor: Actor, response: QuestionnaireResponse, now: datetime) -> Told:
    """Tell an evaluation with what followed and what came before. Three queries, and those of
    `suggested_after`."""
    person, url = response.person, response.questionnaire.url
    today = now.astimezone(PARIS).date()
    corrections = QuestionnaireResponse.objects.visible_to(actor).filter(
        corrects=response, status=QuestionnaireResponse.Status.AMENDED
    )
    history = history_of(actor, person, url)
    until = [one for one in history if _is_before(one, response)] + [response]
    results = kept.read_back(response.results)
    declared = comparable_among(actor, [url]).get(url, NOTHING)
    is_last = bool(history) and history[-1].pk == response.pk
    return Told(
        response=response,
        results=tuple(
            (one, since_last_time(taken(until, one.code), declared.comparable)) for one in results
        ),
        sections=_answered(sheet_of(response, today).sections),
        corrected_by=corrections.first(),
        courses=_courses(history, declared),
        again=_again(response, now) if is_last else None,
        suggested=suggested_after(actor, response, results) if is_last else [],
    )


def _again(response: QuestionnaireResponse, now: datetime) -> Reassessment | None:
    return reassessment(response.questionnaire.name, response.authored_at or now, now)


def _is_before(one: QuestionnaireResponse, response: QuestionnaireResponse) -> bool:
    """Whether it stood when the other was made; what a correction corrects stands no more."""
    if not one.authored_at or not response.authored_at:
        return False
    return one.pk != response.pk and one.authored_at < response.authored_at


def _answered(sections: Iterable[Section]) -> list[Section]:
    """Keep the questions that were answered, under their groups."""
    found = []
    for one in sections:
        lines = [line for line in one.lines if line.values and line.kind != "said"]
        if lines:
            found.append(Section(one.id, one.title, one.level, lines, one.help))
    return found


def courses_of(actor: Actor, person: Person, url: str) -> list[Course]:
    """Tell each measure of an instrument over time, the oldest first. Two queries."""
    declared = comparable_among(actor, [url]).get(url, NOTHING)
    return _courses(history_of(actor, person, url), declared)


def _courses(history: list[QuestionnaireResponse], declared: Declared) -> list[Course]:
    found: dict[str, list[tuple[QuestionnaireResponse, Result]]] = {}
    for response in history:
        for result in kept.read_back(response.results):
            found.setdefault(result.code, []).append((response, result))
    return [_course(moments, declared) for moments in found.values()]


def _course(moments: list[tuple[QuestionnaireResponse, Result]], declared: Declared) -> Course:
    last = moments[-1][1]
    found = series(taken([one for one, _ in moments], last.code), declared.comparable)
    drawn = chart.drawn(found, last.out_of)
    editions = {one.questionnaire.edition for one, _ in moments}
    said = tuple(
        one for one in declared.said if {one.edition.edition, one.before.edition} <= editions
    )
    return Course(last.label, tuple(moments), drawn, found.left_out, found.why_not, said)
