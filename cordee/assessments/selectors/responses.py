"""Evaluations: those one may read, and nothing about the others."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible
from cordee.assessments.models import (
    AskedPart,
    Questionnaire,
    QuestionnaireResponse,
    ResponseQuerySet,
)
from cordee.assessments.rules import kept
from cordee.assessments.rules.comparing import Change, Comparable, Taken, since_last_time
from cordee.assessments.rules.filling import begun, filled
from cordee.assessments.rules.reassessing import Reassessment, reassessment
from cordee.assessments.rules.results import Result
from cordee.assessments.selectors.editions import NOTHING, comparable_among
from cordee.assessments.selectors.questionnaires import definition_of
from cordee.directory.rules import PARIS
from cordee.kernel.base import any_of
from cordee.people.models import Merge, Person

Responses = ResponseQuerySet


def blank(
    actor: Actor, person: Person, questionnaire: Questionnaire, now: datetime
) -> QuestionnaireResponse:
    """Make the draft that one is about to open; nothing is written. One query.

    What one had answered to an edition that was retired meanwhile is taken up where it fits.
    """
    definition = definition_of(questionnaire)
    known = _of(actor, person).drafts().filter(author_id=actor.account_id)
    other = known.filter(questionnaire__url=questionnaire.url).exclude(questionnaire=questionnaire)
    left = other.order_by("-saved_at", "-pk").values_list("items", flat=True).first()
    today = now.astimezone(PARIS).date()
    return QuestionnaireResponse(
        person=person,
        questionnaire=questionnaire,
        category=questionnaire.category,
        items=filled(definition, left, today=today).items if left else begun(definition),
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
    related = ("questionnaire", "person__commune", "author", "corrects")
    return get_visible(actor, own.select_related(*related), pk)


def responses(actor: Actor) -> Responses:
    """List what the actor may read of everybody, drafts of their own included. One query."""
    rows: Responses = QuestionnaireResponse.objects.visible_to(actor)
    return rows.select_related("questionnaire", "author").defer("questionnaire__definition")


def _of(actor: Actor, person: Person) -> Responses:
    rows: Responses = QuestionnaireResponse.objects.seen_about(actor, person.pk)
    return _related(rows)


def _related(rows: Responses) -> Responses:
    related = rows.select_related("questionnaire", "author", "organization")
    return related.defer("questionnaire__definition", "items")


def evaluations_of(actor: Actor, person: Person) -> Responses:
    """List all but drafts, corrected and withdrawn included, the latest first. Two queries."""
    return _of(actor, person).exclude(status="in-progress").order_by("-authored_at", "-pk")


def drafts_of(actor: Actor, person: Person) -> list[QuestionnaireResponse]:
    """List the drafts of the actor about somebody. Two queries, planned once."""
    return _drafts(actor, person.pk)


_drafts = FetchAbout(
    lambda: _related(QuestionnaireResponse.objects.drafts()).order_by("-saved_at", "-pk")
)


def drafts_astray(merge_id: UUID) -> list[QuestionnaireResponse]:
    """List the drafts begun while two records were one, and left where the other was kept: what
    they correct or settle, or the part that their author was asked for, went back. Two queries.
    """
    merge = Merge.objects.get(pk=merge_id)
    parts = AskedPart.objects.awaited().filter(
        questionnaire=OuterRef("questionnaire"), guest=OuterRef("author")
    )
    went_back = (
        Q(corrects__person=merge.absorbed_id)
        | Q(settles__overlap=ArraySubquery(_ids_about(merge.absorbed_id)))
        | Q(Exists(parts.filter(person=merge.absorbed_id)))
        & ~Q(Exists(parts.filter(person=merge.survivor_id)))
    )
    rows = QuestionnaireResponse.objects.drafts().filter(
        went_back, person=merge.survivor_id, started_at__gte=merge.merged_at
    )
    return list(rows.order_by("pk"))


def _ids_about(person_id: UUID) -> Any:
    return QuestionnaireResponse.objects.filter(person=person_id).values("pk")


def standing_of(actor: Actor, person: Person) -> list[QuestionnaireResponse]:
    """List what stands today, the latest first. Two queries, planned once."""
    return _standing(actor, person.pk)


_standing = FetchAbout(
    lambda: _related(QuestionnaireResponse.objects.standing()).order_by("-authored_at", "-pk")
)


def history_of(actor: Actor, person: Person, url: str) -> list[QuestionnaireResponse]:
    """List what stands of one instrument, whatever its edition, the oldest first. Two queries."""
    rows = _of(actor, person).standing().filter(questionnaire__url=url)
    return list(rows.order_by("authored_at", "pk"))


def last_results(
    actor: Actor, url: str, persons: Collection[UUID]
) -> dict[UUID, tuple[datetime, tuple[Result, ...]]]:
    """Say of several persons what the last evaluation with an instrument gives. One query."""
    rows = QuestionnaireResponse.objects.visible_to(actor).standing()
    rows = rows.filter(questionnaire__url=url, person__in=any_of(persons, "uuid"))
    rows = rows.order_by("person", "-authored_at", "-pk").distinct("person")
    found = rows.values_list("person", "authored_at", "results")
    return {person: (at, kept.read_back(results)) for person, at, results in found}


@dataclass(frozen=True)
class Latest:
    """The last evaluation with an instrument, what changed since, and when to do it again."""

    response: QuestionnaireResponse
    results: tuple[Result, ...]
    change: Change | None
    again: Reassessment | None

    @property
    def main(self) -> Result | None:
        """The result that is shown first."""
        return self.results[0] if self.results else None


def latest_of(actor: Actor, person: Person, now: datetime) -> list[Latest]:
    """List the last evaluation with each instrument, the most recent first. Three queries."""
    by_instrument: dict[str, list[QuestionnaireResponse]] = {}
    for response in standing_of(actor, person):
        by_instrument.setdefault(response.questionnaire.url, []).append(response)
    declared = comparable_among(actor, by_instrument)
    return [
        _latest(rows, now, declared.get(url, NOTHING).comparable)
        for url, rows in by_instrument.items()
    ]


def _latest(rows: list[QuestionnaireResponse], now: datetime, comparable: Comparable) -> Latest:
    last = rows[0]
    results = kept.read_back(last.results)
    moments = taken(reversed(rows), results[0].code) if results else []
    again = reassessment(last.questionnaire.name, last.authored_at or now, now)
    return Latest(last, results, since_last_time(moments, comparable), again)


def taken(rows: Iterable[QuestionnaireResponse], code: str) -> list[Taken]:
    """Say one measure of several evaluations as the rules compare it."""
    return [
        Taken(
            one.questionnaire.name,
            one.questionnaire.edition,
            one.authored_at.astimezone(PARIS).date(),
            result,
        )
        for one in rows
        if one.authored_at
        for result in kept.read_back(one.results)
        if result.code == code
    ]
