"""What is already known of somebody, proposed where it is asked again: nobody types it twice."""

from collections.abc import Iterator
from datetime import date

from cordee.access.actor import Actor
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.rules import feeding, filling, kept
from cordee.assessments.rules.feeds import PERSON, sources_of
from cordee.assessments.selectors.lines import Known
from cordee.assessments.selectors.questionnaires import definition_of
from cordee.directory.rules import PARIS
from cordee.people.models import Person
from cordee.people.rules.sharing import PROTECTED

BIRTH_DATE = "birth-date"
READ = 30  # evaluations at most: older ones are history
RESTRICTED = "Cette évaluation-là est lue par moins de personnes que celle-ci"


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
    """Read the latest evaluations with an instrument that feeds this one, and no other."""
    sources = sorted(sources_of(draft.questionnaire.name))
    rows = QuestionnaireResponse.objects.visible_to(actor).filter(
        person=draft.person, questionnaire__name__in=sources
    )
    latest = rows.standing().order_by("-authored_at", "-pk")[:READ]
    for one in latest.select_related("questionnaire", "author"):
        filled = filling.filled(definition_of(one.questionnaire), one.items, today=today)
        results = kept.read_back(one.results)
        on = (one.authored_at or one.saved_at).astimezone(PARIS).date()
        name = one.questionnaire.name
        yield from feeding.known_of(
            name,
            filled.answers,
            results,
            on,
            one.author.name,
            is_restricted=one.category != draft.category and one.category in PROTECTED,
        )


def _said(proposal: feeding.Proposal) -> Known:
    others = tuple((one.value, _words(one)) for one in proposal.others)
    return Known(proposal.value, _words(proposal), others)


def _words(proposal: feeding.Proposal) -> str:
    """Say where it comes from, its age when it is old, and whether more people would read it."""
    restricted = RESTRICTED if proposal.is_restricted else ""
    said = (proposal.said_source, proposal.said_age, restricted)
    return ". ".join(one.rstrip(".") for one in said if one)
