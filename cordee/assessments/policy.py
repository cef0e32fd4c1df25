"""Who sees an evaluation, who makes one, and who publishes a questionnaire."""

from dataclasses import dataclass

from django.db.models import Q

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import NOTHING, allows, sees, signed_in
from cordee.assessments.facts import COMPLETED, CORRECTED, DUE, WITHDRAWN
from cordee.assessments.models import (
    AskedPart,
    ComparableEditions,
    Questionnaire,
    QuestionnaireResponse,
)
from cordee.assessments.rules.about import CATEGORIES
from cordee.people.models import Person
from cordee.people.policy import STEERING, knows, may_act, may_steer, tells, through_person
from cordee.people.rules.sharing import PROTECTED, Category

sees(Questionnaire)(signed_in)
sees(ComparableEditions)(signed_in)

for _facts in (COMPLETED, CORRECTED, WITHDRAWN, DUE):
    for _category, _fact in _facts.items():
        tells(_fact.kind, _category)

_known = {category: through_person("person", category) for category in CATEGORIES}
_followed = through_person("person", Category.COORDINATION)


@sees(QuestionnaireResponse)
def evaluations(actor: Actor) -> Q:
    """Each by the category of its questionnaire; a draft by its author alone, while they follow.

    As with a protected note, an author keeps sight of what they wrote while in the circle.
    """
    if actor.role is Role.SYSTEM:
        return Q()
    seen = NOTHING
    for category, known in _known.items():
        seen |= Q(category=category) & known(actor)
    seen &= ~Q(status=QuestionnaireResponse.Status.IN_PROGRESS)
    if actor.account_id and actor.purpose is not Purpose.EMERGENCY:
        seen |= Q(author_id=actor.account_id) & _followed(actor)
    return seen


@sees(AskedPart)
def asked_parts(actor: Actor) -> Q:
    """As the evaluation that it belongs to; who asks and who is asked, while they follow."""
    if actor.role is Role.SYSTEM:
        return Q()
    seen = NOTHING
    for category, known in _known.items():
        seen |= Q(category=category) & known(actor)
    if actor.account_id and actor.purpose is not Purpose.EMERGENCY:
        mine = Q(guest_id=actor.account_id) | Q(asked_by_id=actor.account_id)
        seen |= mine & _followed(actor)
    return seen


@dataclass(frozen=True)
class Undertaking:
    """Somebody about to be asked a questionnaire."""

    person: Person
    questionnaire: Questionnaire


def may_evaluate(actor: Actor, person: Person, category: Category) -> bool:
    """Say whether the actor may write an evaluation of this category about somebody.

    Who may read care writes care. What is protected is written by whoever steers the pathway, as a
    protected note is, and read by its author and with her consent.
    """
    if not actor.account_id or not may_act(actor, person):
        return False
    if category in PROTECTED:
        return may_steer(actor, person)
    return actor.role is Role.SYSTEM or knows(actor, person.pk, category)


@allows("assessments.ask_part")
@allows("assessments.settle")
@allows("assessments.begin")
def may_begin(actor: Actor, asked: Undertaking) -> bool:
    return may_evaluate(actor, asked.person, Category(asked.questionnaire.category))


@allows("assessments.complete_part")
@allows("assessments.answer")
@allows("assessments.complete")
@allows("assessments.correct")
@allows("assessments.discard")
def may_answer(actor: Actor, response: QuestionnaireResponse) -> bool:
    """Its author alone, while they may still evaluate her."""
    if actor.account_id is None or response.author_id != actor.account_id:
        return False
    return may_evaluate(actor, response.person, Category(response.category))


@allows("assessments.withdraw")
def may_withdraw(actor: Actor, response: QuestionnaireResponse) -> bool:
    """Its author; and who steers her pathway for the same structure, and reads it: one leaves."""
    if may_answer(actor, response):
        return True
    category = Category(response.category)
    mine = actor.role in STEERING and response.organization_id in actor.organizations
    same = bool(actor.account_id) and mine
    return (
        same
        and not response.is_draft
        and may_steer(actor, response.person)
        and knows(actor, response.person_id, category)
    )


@allows("assessments.follow_home")
def the_house_puts_back(actor: Actor, response: QuestionnaireResponse) -> bool:
    """Two records are apart again."""
    return actor.role is Role.SYSTEM


@allows("assessments.end_part")
def may_end_part(actor: Actor, part: AskedPart) -> bool:
    """Who asked, or a colleague of theirs, and who was asked: one may not be able to."""
    if actor.account_id is None or not may_act(actor, part.person):
        return False
    mine = actor.account_id in (part.guest_id, part.asked_by_id)
    return mine or (
        part.organization_id in actor.organizations
        and may_evaluate(actor, part.person, Category(part.category))
    )


@allows("assessments.say_late")
@allows("assessments.remind")
def the_calendar_reminds(actor: Actor, dated: QuestionnaireResponse | AskedPart) -> bool:
    """Its day has come: nobody’s gesture."""
    return actor.role is Role.SYSTEM


@allows("assessments.evaluate")
def may_evaluate_somebody(actor: Actor, person: Person) -> bool:
    """Whether « Évaluer » is offered: something at least may be asked of her."""
    return any(may_evaluate(actor, person, category) for category in CATEGORIES)


BRINGERS = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR, Role.SYSTEM})


@allows("assessments.import_questionnaire")
def may_bring_questionnaires(actor: Actor, subject: None) -> bool:
    return actor.role in BRINGERS


@allows("assessments.compare_editions")
@allows("assessments.publish")
@allows("assessments.retire")
def may_keep_questionnaires(actor: Actor, questionnaire: Questionnaire) -> bool:
    """Administration alone: an edition is for the whole house, and for good."""
    return actor.role in (Role.ADMINISTRATOR, Role.SYSTEM)


@allows("assessments.read_as")
def answers_for_the_data(actor: Actor, questionnaire: Questionnaire) -> bool:
    """Who sets legal bases: as which information it is read is a reading of the law."""
    return actor.role in (Role.ADMINISTRATOR, Role.DPO, Role.SYSTEM)
