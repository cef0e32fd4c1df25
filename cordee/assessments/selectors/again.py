"""When an evaluation is to be done again, for the house: as things stand."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules.reassessing import Reassessment, State, reassessment
from cordee.people.models import Person

OWED = frozenset({State.DUE, State.LATE})


def response_now(pk: UUID) -> QuestionnaireResponse | None:
    """Fetch an evaluation as it stands, for the house that looks at its day. One query."""
    rows = QuestionnaireResponse.objects.select_related("questionnaire", "person")
    found: QuestionnaireResponse | None = rows.filter(pk=pk).first()
    return found


def last_of(person: Person, url: str) -> QuestionnaireResponse | None:
    """Find the last evaluation that stands, with an instrument, whatever its edition. One query."""
    rows = QuestionnaireResponse.objects.standing().filter(person=person, questionnaire__url=url)
    ordered = rows.select_related("questionnaire", "person").order_by("-authored_at", "-pk")
    found: QuestionnaireResponse | None = ordered.first()
    return found


def again_of(response: QuestionnaireResponse, now: datetime) -> Reassessment | None:
    """Say when it is to be done again; None when it is not: no rhythm, another since, a death.

    One query.
    """
    if response.person.deceased_on or response.authored_at is None:
        return None
    last = last_of(response.person, response.questionnaire.url)
    if last is None or last.pk != response.pk:
        return None
    return reassessment(response.questionnaire.name, response.authored_at, now)


def owed_again(response: QuestionnaireResponse, now: datetime) -> Reassessment | None:
    """Say since when it is owed; None while it is not. One query."""
    again = again_of(response, now)
    return again if again and again.state in OWED else None


def last_ones_of(persons: Iterable[UUID]) -> Iterator[QuestionnaireResponse]:
    """Give the last evaluation that stands of some persons, with each instrument. One query."""
    rows = QuestionnaireResponse.objects.standing().filter(person__in=list(persons))
    rows = rows.select_related("questionnaire", "person")
    ordered = rows.order_by("person", "questionnaire__url", "-authored_at", "-pk")
    yield from ordered.distinct("person", "questionnaire__url")


def whom_evaluated(before: datetime, after: str, many: int) -> list[UUID]:
    """Name some of those who were evaluated before a moment, in order, for the house. One query."""
    rows = QuestionnaireResponse.objects.standing().filter(authored_at__lt=before)
    found = Person.objects.filter(pk__in=rows.values("person"))
    if after:
        found = found.filter(pk__gt=after)
    return list(found.order_by("pk").values_list("pk", flat=True)[:many])
