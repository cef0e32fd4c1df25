"""The day of a reassessment: waited for once an evaluation is whole, then said on the thread."""

from datetime import datetime, time

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.assessments.facts import DUE
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules.reassessing import reassessment
from cordee.assessments.selectors import owed_again
from cordee.directory.rules import PARIS
from cordee.kernel.facts import publish
from cordee.kernel.queue import later
from cordee.people.rules.sharing import Category

MORNING = time(6)
"""When the day of a reassessment begins: before those who work it."""


@action("assessments.remind", on="response")
def remind(
    *, actor: Actor, response: QuestionnaireResponse, now: datetime
) -> QuestionnaireResponse:
    """Say on the thread that an evaluation is to be done again, if it is."""
    if owed_again(response, now):
        fact = DUE[Category(response.category)]
        publish(
            fact(
                person_id=response.person_id,
                response_id=response.pk,
                questionnaire_id=response.questionnaire_id,
            )
        )
    return response


def wait_for_its_day(response: QuestionnaireResponse, now: datetime) -> None:
    """Look again on the day it is to be done again; nothing to wait for without a rhythm."""
    again = reassessment(response.questionnaire.name, response.authored_at or now, now)
    if again:
        at = datetime.combine(again.due_on, MORNING, tzinfo=PARIS)
        later("cordee.assessments.jobs.look_again", at=max(at, now), response_id=str(response.pk))
