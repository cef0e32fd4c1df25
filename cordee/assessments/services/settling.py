"""The evaluation of a team: what agrees is taken, somebody settles the rest and says why."""

from collections.abc import Sequence
from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.assessments.models import QuestionnaireResponse
from cordee.assessments.selectors import items_agreed
from cordee.assessments.services.responses import begin
from cordee.directory.rules import PARIS
from cordee.kernel.errors import DomainError


@action("assessments.settle", on="response", lock=())
def settle(
    *,
    actor: Actor,
    response: QuestionnaireResponse,
    parts: Sequence[QuestionnaireResponse],
    why: str,
    now: datetime,
) -> QuestionnaireResponse:
    """Open the draft of a team, from one that `selectors.blank` made: without what is disputed.

    Raises DomainError (assessments.alone, assessments.settled_without_words,
    assessments.draft_under_way, and those of `begin`).
    """
    if len(parts) < 2:
        raise DomainError(
            "assessments.alone",
            "Il n’y a plus deux évaluations à réunir. Rien n’a été commencé : rouvrez la page.",
        )
    if not why.strip() or len(why) > 600:
        raise DomainError(
            "assessments.settled_without_words",
            "Dites en quelques mots comment l’équipe a décidé (600 signes au plus). Rien n’a été "
            "commencé.",
        )
    response.settles, response.settled_because = [one.pk for one in parts], why.strip()
    response.items = items_agreed(parts, now.astimezone(PARIS).date())
    draft: QuestionnaireResponse = begin(actor=actor, response=response, now=now)
    if draft.settles != response.settles:
        raise DomainError(
            "assessments.draft_under_way",
            f"Vous avez déjà un brouillon de « {draft.questionnaire.title} » pour cette personne. "
            "Rien n’a été modifié : terminez-le ou effacez-le, puis tranchez.",
        )
    return draft
