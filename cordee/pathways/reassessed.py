"""An evaluation whose day has come, on the worklist of who made it, until it is done again."""

from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.assessments import selectors as assessments
from cordee.assessments.models import QuestionnaireResponse
from cordee.kernel.facts import StoredFact
from cordee.pathways import services
from cordee.pathways.selectors import every_open, open_for
from cordee.people import selectors as people
from cordee.people.facts import persons_of
from cordee.people.rules.sharing import Category
from cordee.plans.rules.rhythms import end_of

KIND, ROOM = "reassess", "assessments/response/"


def remind(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Open the task of an evaluation of care, for the structure that made it.

    What is protected is told on no worklist: it is said on the thread and in its panel, to who may
    read it.
    """
    if response := assessments.response_now(UUID(fact.data["response_id"])):
        _ask(actor, response, now)


def _ask(actor: Actor, response: QuestionnaireResponse, now: datetime) -> None:
    if response.organization_id is None or not _is_owed(response, now):
        return
    again = assessments.owed_again(response, now)
    ask = services.Ask(
        kind=KIND,
        origin=f"{ROOM}{response.pk}",
        organization_id=response.organization_id,
        person_id=response.person_id,
        assignee_id=response.author_id,
        deadline_at=end_of(again.due_on) if again else None,
    )
    services.open_task(actor=actor, ask=ask, now=now)


def look(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Something moved around a person: what is no longer owed leaves the list."""
    named = persons_of(fact)
    about = [task for person in named for task in open_for(person, KIND)]
    tasks = about if named else list(every_open(KIND))
    for task in tasks:
        response = assessments.response_now(UUID(task.origin.removeprefix(ROOM)))
        if response is None or not _is_owed(response, now):
            services.drop(actor=actor, task=task, now=now)


def look_at_who_follows(actor: Actor, fact: StoredFact, now: datetime) -> None:
    """Who follows a person changed: what is no longer owed leaves the list; what is, whose day came
    before, is asked again."""
    look(actor, fact, now)
    for response in assessments.last_ones_of(persons_of(fact)):
        _ask(actor, response, now)


def ask_of_some(actor: Actor, after: str, many: int, now: datetime) -> UUID | None:
    """Ask for what is owed about some of all the persons, in order: who follows them changed.

    Returns the last one, when others follow.
    """
    persons = assessments.whom_evaluated(now, after, many)
    for response in assessments.last_ones_of(persons):
        _ask(actor, response, now)
    return persons[-1] if len(persons) == many else None


def _is_owed(response: QuestionnaireResponse, now: datetime) -> bool:
    if response.category != Category.CARE or response.organization_id is None:
        return False
    desk, person = response.organization_id, response.person_id
    follows = people.is_followed(desk, person, response.author_id)
    return follows and assessments.owed_again(response, now) is not None
