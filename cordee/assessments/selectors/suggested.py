"""What a result calls for next, and that the reader may begin."""

from collections.abc import Iterable
from dataclasses import dataclass

from cordee.access.actor import Actor
from cordee.access.policy import is_allowed
from cordee.assessments.models import Questionnaire, QuestionnaireResponse
from cordee.assessments.policy import Undertaking
from cordee.assessments.rules.results import Result
from cordee.assessments.rules.suggesting import next_instruments


@dataclass(frozen=True)
class Suggested:
    """An instrument in use to do next, and why."""

    questionnaire: Questionnaire
    why: str


def suggested_after(
    actor: Actor, response: QuestionnaireResponse, results: Iterable[Result]
) -> list[Suggested]:
    """List what these results call for: in use, that the actor may ask, and not done since.

    No query when nothing is called for; else two, and one an instrument.
    """
    why = {one.instrument: one.why for one in next_instruments(results)}
    if not why:
        return []
    known = Questionnaire.objects.visible_to(actor).active().filter(name__in=why)
    rows = QuestionnaireResponse.objects.visible_to(actor).filter(
        person=response.person_id, authored_at__gte=response.authored_at
    )
    done = set(rows.standing().order_by("pk").values_list("questionnaire__name", flat=True))
    return [
        Suggested(one, why[one.name])
        for one in known.defer("definition").order_by("title", "pk")
        if one.name not in done
        and is_allowed(actor, "assessments.begin", Undertaking(response.person, one))
    ]
