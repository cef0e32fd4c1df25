"""Evaluations: those one may read, and nothing about the others."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.access.policy import get_visible
from cordee.assessments.models import Questionnaire, QuestionnaireResponse, ResponseQuerySet
from cordee.assessments.rules import kept
from cordee.assessments.rules.filling import begun
from cordee.assessments.rules.results import Result
from cordee.assessments.selectors.questionnaires import definition_of
from cordee.people.models import Person

Responses = ResponseQuerySet


def blank(
    actor: Actor, person: Person, questionnaire: Questionnaire, now: datetime
) -> QuestionnaireResponse:
    """Make the draft that one is about to open; nothing is written."""
    return QuestionnaireResponse(
        person=person,
        questionnaire=questionnaire,
        category=questionnaire.category,
        items=begun(definition_of(questionnaire)),
        author_id=actor.signatory,
        organization_id=actor.organization_id,
        started_at=now,
        saved_at=now,
    )


def get_response(actor: Actor, pk: UUID) -> QuestionnaireResponse:
    """Fetch an evaluation with its questionnaire and its person. Raises Http404, traced."""
    related = ("questionnaire", "person__commune", "author", "organization", "corrects")
    return get_visible(actor, QuestionnaireResponse.objects.select_related(*related), pk)


def get_draft(actor: Actor, pk: UUID) -> QuestionnaireResponse:
    """Fetch a draft of one’s own, or what became of it. Raises Http404, traced."""
    own = QuestionnaireResponse.objects.filter(author_id=actor.account_id)
    related = ("questionnaire", "person__commune", "author")
    return get_visible(actor, own.select_related(*related), pk)


def _of(actor: Actor, person: Person) -> Responses:
    rows: Responses = QuestionnaireResponse.objects.visible_to(actor).filter(person=person)
    related = rows.select_related("questionnaire", "author", "organization")
    return related.defer("questionnaire__definition", "items")


def evaluations_of(actor: Actor, person: Person) -> Responses:
    """List all but drafts, corrected and withdrawn included, the latest first. One query."""
    return _of(actor, person).exclude(status="in-progress").order_by("-authored_at", "-pk")


def drafts_of(actor: Actor, person: Person) -> Responses:
    """List the drafts of the actor about somebody. One query."""
    return _of(actor, person).drafts().order_by("-saved_at", "-pk")


def standing_of(actor: Actor, person: Person) -> Responses:
    """List what stands today, the latest first. One query."""
    return _of(actor, person).standing().order_by("-authored_at", "-pk")


def history_of(actor: Actor, person: Person, url: str) -> list[QuestionnaireResponse]:
    """List what stands of one instrument, whatever its edition, the oldest first. One query."""
    rows = _of(actor, person).standing().filter(questionnaire__url=url)
    return list(rows.order_by("authored_at", "pk"))


@dataclass(frozen=True)
class Latest:
    """The last evaluation with an instrument, and its main result before that."""

    response: QuestionnaireResponse
    results: tuple[Result, ...]
    before: QuestionnaireResponse | None
    main_before: Result | None

    @property
    def main(self) -> Result | None:
        """The result that is shown first."""
        return self.results[0] if self.results else None


def latest_of(actor: Actor, person: Person) -> list[Latest]:
    """List the last evaluation with each instrument, the most recent first. One query."""
    by_instrument: dict[str, list[QuestionnaireResponse]] = {}
    for response in standing_of(actor, person):
        by_instrument.setdefault(response.questionnaire.url, []).append(response)
    return [_latest(*rows[:2]) for rows in by_instrument.values()]


def _latest(response: QuestionnaireResponse, before: QuestionnaireResponse | None = None) -> Latest:
    results = kept.read_back(response.results)
    earlier = {one.code: one for one in kept.read_back(before.results)} if before else {}
    main = results[0] if results else None
    return Latest(response, results, before, earlier.get(main.code) if main else None)
