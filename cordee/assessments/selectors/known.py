"""What is already known of somebody, proposed where it is asked again: nobody types it twice."""

from collections.abc import Iterator
from datetime import date

from cordee.access.actor import Actor
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules import feeding, filling, kept
from cordee.assessments.rules.feeds import PERSON
from cordee.assessments.selectors.lines import Known
from cordee.assessments.selectors.questionnaires import definition_of
from cordee.directory.rules import PARIS
from cordee.people.models import Person

BIRTH_DATE = "birth-date"


def proposals_of(actor: Actor, draft: QuestionnaireResponse, today: date) -> dict[str, Known]:
    """Give, by question, what other evaluations that the actor may read say of it. One query."""
    known = [*_of_the_record(draft.person), *_answered(actor, draft, today)]
    found = feeding.proposals(draft.questionnaire.name, known, on=today)
    return {one.link_id: _said(one) for one in found}


def _of_the_record(person: Person) -> Iterator[feeding.Known]:
    born = person.birth_date
    if born:
        yield feeding.Known(PERSON, BIRTH_DATE, born.isoformat(), born, "")


def _answered(actor: Actor, draft: QuestionnaireResponse, today: date) -> Iterator[feeding.Known]:
    rows = QuestionnaireResponse.objects.visible_to(actor).filter(person=draft.person).standing()
    others = rows.exclude(questionnaire__url=draft.questionnaire.url)
    for one in others.select_related("questionnaire", "author").order_by("authored_at", "pk"):
        filled = filling.filled(definition_of(one.questionnaire), one.items, today=today)
        results = kept.read_back(one.results)
        on = (one.authored_at or one.saved_at).astimezone(PARIS).date()
        name = one.questionnaire.name
        yield from feeding.known_of(name, filled.answers, results, on, one.author.name)


def _said(proposal: feeding.Proposal) -> Known:
    words = " ".join(filter(None, (proposal.said_source, proposal.said_age)))
    others = tuple((one.value, one.said_source) for one in proposal.others)
    return Known(proposal.value, words, others)
