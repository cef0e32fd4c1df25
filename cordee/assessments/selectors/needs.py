"""What the last multidimensional evaluation found, for who writes a plan from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cordee.access.actor import Actor
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules import filling
from cordee.assessments.rules.instruments import multidimensional
from cordee.assessments.rules.instruments.multidimensional import Need
from cordee.assessments.selectors.questionnaires import definition_of
from cordee.directory.rules import PARIS
from cordee.people.models import Person

INSTRUMENT = "multidimensional"


@dataclass(frozen=True)
class Found:
    """The needs that an evaluation found, unmet ones first."""

    response: QuestionnaireResponse
    needs: tuple[Need, ...]


def needs_found(actor: Actor, person: Person) -> Found | None:
    """Read the needs that the last multidimensional evaluation found, if the actor may read it.

    None when there is none, or when it found nothing. One query.
    """
    rows = QuestionnaireResponse.objects.visible_to(actor).filter(
        person=person, questionnaire__name=INSTRUMENT
    )
    latest = rows.standing().select_related("questionnaire", "author")
    response = latest.order_by("-authored_at", "-pk").first()
    if response is None:
        return None
    on = (response.authored_at or response.saved_at).astimezone(PARIS).date()
    filled = filling.filled(definition_of(response.questionnaire), response.items, today=on)
    found = multidimensional.needs(filled.answers)
    return Found(response, found) if found else None


def readable_among(actor: Actor, ids: Iterable[UUID]) -> dict[UUID, QuestionnaireResponse]:
    """Give those of some evaluations that the actor may read. One query."""
    rows = QuestionnaireResponse.objects.visible_to(actor).filter(pk__in=list(ids))
    found = rows.select_related("questionnaire").defer("items", "questionnaire__definition")
    return {one.pk: one for one in found.order_by("pk")}
