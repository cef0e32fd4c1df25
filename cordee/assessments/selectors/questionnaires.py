"""The instruments of the house, and their definitions read once."""

from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.access.policy import get_visible
from cordee.assessments.models import Questionnaire
from cordee.assessments.policy import may_evaluate
from cordee.assessments.rules import reading
from cordee.assessments.rules.definition import Definition
from cordee.people.models import Person
from cordee.people.rules.sharing import Category

KEPT = 200  # definitions read, after which they are read again
_read: dict[str, Definition] = {}


def questionnaires(actor: Actor) -> QuerySet[Questionnaire]:
    """List every edition: those in use first. One query, without the definitions."""
    known = Questionnaire.objects.visible_to(actor).defer("definition")
    return known.select_related("published_by").order_by("status", "title", "-published_at", "pk")


def questionnaires_to_fill(actor: Actor, person: Person) -> list[Questionnaire]:
    """List what the actor may ask of somebody. Three queries: one, and one a category."""
    allowed = [one.value for one in Category if may_evaluate(actor, person, one)]
    known = Questionnaire.objects.visible_to(actor).active().filter(category__in=allowed)
    return list(known.defer("definition").order_by("title", "pk"))


def get_questionnaire(actor: Actor, pk: UUID) -> Questionnaire:
    """Fetch one edition, definition included. Raises Http404, traced."""
    return get_visible(actor, Questionnaire, pk)


def edition_in_use(actor: Actor, questionnaire: Questionnaire) -> Questionnaire | None:
    """Find the edition in use of the same instrument. One query."""
    known = Questionnaire.objects.visible_to(actor).active()
    found: Questionnaire | None = known.filter(url=questionnaire.url).first()
    return found


def definition_of(questionnaire: Questionnaire) -> Definition:
    """Read a definition once a process: by its fingerprint, it never changes."""
    found = _read.get(questionnaire.digest)
    if found is None:
        if len(_read) >= KEPT:
            _read.clear()
        found = _read[questionnaire.digest] = reading.read(questionnaire.definition)
    return found
