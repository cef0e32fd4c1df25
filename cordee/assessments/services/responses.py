"""An evaluation: begun, kept while it is filled in, completed for good, corrected by another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.policy import require
from cordee.assessments.facts import COMPLETED, CORRECTED, WITHDRAWN
from cordee.assessments.models import Questionnaire, QuestionnaireResponse
from cordee.assessments.rules import filling, kept
from cordee.assessments.rules.together import is_given
from cordee.assessments.selectors import definition_of, last_of, part_of_draft, scored
from cordee.assessments.services.parts import answer_parts, await_again
from cordee.assessments.services.reminding import wait_for_its_day
from cordee.directory.rules import PARIS
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.rules.sharing import Category

Status = QuestionnaireResponse.Status


@dataclass(frozen=True)
class Written:
    """The answers of a window: its name, and the version of the draft that it showed."""

    items: Sequence[dict[str, Any]]
    seen: int
    window: str = ""


@action("assessments.begin", on="response", lock=())
def begin(*, actor: Actor, response: QuestionnaireResponse, now: datetime) -> QuestionnaireResponse:
    """Open a draft, from one that `selectors.blank` made; or find the author’s own again.

    Raises DomainError (assessments.not_in_use, assessments.deceased, assessments.draft_under_way).
    """
    _refuse_the_dead(response)
    if response.questionnaire.status != Questionnaire.Status.ACTIVE:
        raise _not_in_use(response.questionnaire)
    if opened := _opened(response):
        return opened
    found = _own_draft(response)
    if found.corrects_id:
        raise DomainError(
            "assessments.draft_under_way",
            "Vous corrigez déjà une évaluation de cette personne avec ce questionnaire, et ce qui "
            "est fait aujourd’hui prendrait sa date. Rien n’a été commencé : terminez ou effacez "
            "cette correction d’abord.",
        )
    return found


def _not_in_use(questionnaire: Questionnaire) -> DomainError:
    return DomainError(
        "assessments.not_in_use",
        f"« {questionnaire.title} » n’est plus proposé dans cette édition. Rien n’a été "
        "commencé : choisissez dans la liste un questionnaire en usage.",
    )


def _opened(response: QuestionnaireResponse) -> QuestionnaireResponse | None:
    try:
        with transaction.atomic():
            response.save(force_insert=True)
    except IntegrityError as error:
        if "assessments_draft_begins_in_an_edition_in_use" in str(error):  # retired meanwhile
            raise _not_in_use(response.questionnaire) from error
        if "assessments_draft_is_one_per_author_and_questionnaire" not in str(error):
            raise
        return None
    return response


def _own_draft(response: QuestionnaireResponse) -> QuestionnaireResponse:
    found: QuestionnaireResponse = QuestionnaireResponse.objects.drafts().get(
        person=response.person_id,
        questionnaire=response.questionnaire_id,
        author=response.author_id,
    )
    return found


def keep(
    *, actor: Actor, response: QuestionnaireResponse, written: Written, now: datetime
) -> QuestionnaireResponse:
    """Keep the answers of a draft. What is kept already is not written again: no line, no version.

    Raises Forbidden, DomainError (assessments.completed, assessments.other_window).
    """
    if response.is_draft and response.items == list(written.items):
        require(actor, "assessments.answer", response)
        return response
    kept_now: QuestionnaireResponse = _keep(
        actor=actor, response=response, written=written, now=now
    )
    return kept_now


@action("assessments.answer", on="response")
def _keep(
    *, actor: Actor, response: QuestionnaireResponse, written: Written, now: datetime
) -> QuestionnaireResponse:
    _require_draft(response)
    _require_seen(response, written)
    response.items, response.window, response.saved_at = list(written.items), written.window, now
    response.save(update_fields=["items", "window", "saved_at", "updated_at"])
    response.refresh_from_db(fields=["version"])
    return response


@action("assessments.complete", on="response")
def complete(
    *, actor: Actor, response: QuestionnaireResponse, written: Written, now: datetime
) -> QuestionnaireResponse:
    """Complete a draft: its score is counted here and kept with it, and nothing changes any more.
    A correction keeps the day of what it corrects: it is not done again today.

    A second click finds it done. Raises DomainError (assessments.completed, assessments.deceased,
    assessments.other_window, assessments.retired_meanwhile, assessments.incomplete,
    assessments.corrected_meanwhile).
    """
    if not response.is_draft and response.items == list(written.items):
        return response
    _require_draft(response)
    _require_seen(response, written)
    _refuse_the_dead(response)
    _refuse_the_retired(response)
    response.items, response.results = list(written.items), _results(response, written, now)
    response.saved_at, response.authored_at = now, response.answered_at(now)
    response.status = Status.AMENDED if response.corrects_id else Status.COMPLETED
    try:
        with transaction.atomic():
            response.save()
    except IntegrityError as error:
        raise DomainError(
            "assessments.corrected_meanwhile",
            "Cette évaluation a déjà été corrigée entre-temps. Votre brouillon est gardé ; lisez "
            "la correction, et corrigez-la si c’est encore voulu.",
        ) from error
    _tell(response)
    answer_parts(response)
    wait_for_its_day(response, now)
    return response


@action("assessments.complete_part", on="response")
def complete_part(
    *, actor: Actor, response: QuestionnaireResponse, written: Written, now: datetime
) -> QuestionnaireResponse:
    """Give the part of a draft that its author was asked for: a part has no score.

    A second click finds it given. Raises DomainError (assessments.completed,
    assessments.deceased, assessments.other_window, assessments.retired_meanwhile,
    assessments.part_not_asked, assessments.part_incomplete).
    """
    if response.status == Status.PART and response.items == list(written.items):
        return response
    _require_draft(response)
    _require_seen(response, written)
    _refuse_the_dead(response)
    _refuse_the_retired(response)
    _require_part_given(response, written, now)
    response.items, response.status = list(written.items), Status.PART
    response.saved_at = response.authored_at = now
    response.save()
    answer_parts(response)
    return response


def _require_part_given(response: QuestionnaireResponse, written: Written, now: datetime) -> None:
    part = None if response.corrects_id or response.settles else part_of_draft(response)
    if part is None:
        raise DomainError(
            "assessments.part_not_asked",
            "Votre part n’est plus attendue. Votre brouillon est gardé : terminez toute "
            "l’évaluation, ou effacez-le.",
        )
    definition, today = definition_of(response.questionnaire), now.astimezone(PARIS).date()
    if not is_given(filling.filled(definition, written.items, today=today), part.sections):
        raise DomainError(
            "assessments.part_incomplete",
            "Il manque encore des réponses dans votre part. Votre brouillon est gardé : "
            "complétez-la, puis donnez-la.",
        )


def _results(
    response: QuestionnaireResponse, written: Written, now: datetime
) -> list[dict[str, Any]]:
    """Count the score of a whole evaluation, as on the day that its answers are of.

    Raises DomainError when something is missing.
    """
    definition = definition_of(response.questionnaire)
    day = response.answered_at(now).astimezone(PARIS).date()
    filled = filling.filled(definition, written.items, today=day)
    if not filled.is_complete:
        raise DomainError(
            "assessments.incomplete",
            "Il manque encore des réponses. Votre brouillon est gardé : complétez-le, puis "
            "terminez.",
        )
    return kept.written(scored(definition, filled, day))


def _tell(response: QuestionnaireResponse) -> None:
    about = {"person_id": response.person_id, "response_id": response.pk}
    category = Category(response.category)
    if response.corrects_id:
        publish(CORRECTED[category](**about, corrected_id=response.corrects_id))
    else:
        publish(COMPLETED[category](**about, questionnaire_id=response.questionnaire_id))


@action("assessments.correct", on="response")
def correct(
    *, actor: Actor, response: QuestionnaireResponse, now: datetime
) -> QuestionnaireResponse:
    """Open a draft that will correct a completed evaluation, with its answers, in its edition.
    What a team settled stays the team's.

    Raises DomainError (assessments.not_standing, assessments.draft_under_way,
    assessments.deceased).
    """
    _require_standing(response)
    _refuse_the_dead(response)
    draft = QuestionnaireResponse(
        person_id=response.person_id,
        questionnaire_id=response.questionnaire_id,
        category=response.category,
        items=response.items,
        author_id=actor.signatory,
        organization_id=actor.organization_id,
        started_at=now,
        saved_at=now,
        settles=response.settles,
        settled_because=response.settled_because,
        corrects=response,
    )
    if opened := _opened(draft):
        return opened
    found = _own_draft(draft)
    if found.corrects_id == response.pk:
        return found
    raise DomainError(
        "assessments.draft_under_way",
        "Vous avez déjà un brouillon de ce questionnaire pour cette personne. Rien n’a été "
        "modifié : terminez-le ou effacez-le, puis corrigez.",
    )


@action("assessments.withdraw", on="response")
def withdraw(
    *, actor: Actor, response: QuestionnaireResponse, now: datetime
) -> QuestionnaireResponse:
    """Say that an evaluation was entered in error: it stays readable, and counts no more.

    Raises DomainError (assessments.not_standing).
    """
    if response.status == Status.ENTERED_IN_ERROR:
        return response
    is_part = response.status == Status.PART
    if not is_part:
        _require_standing(response)
    response.status = Status.ENTERED_IN_ERROR
    response.save(update_fields=["status", "updated_at"])
    await_again(response, now)
    if is_part:  # of a part the thread was told nothing
        return response
    fact = WITHDRAWN[Category(response.category)]
    publish(fact(person_id=response.person_id, response_id=response.pk))
    if before := last_of(response.person, response.questionnaire.url):
        wait_for_its_day(before, now)  # the last that counts is the one before: so is its day
    return response


@action("assessments.discard", on="response")
def discard(*, actor: Actor, response: QuestionnaireResponse, now: datetime) -> None:
    """Erase a draft. Raises DomainError (assessments.completed)."""
    _require_draft(response)
    response.delete()


@action("assessments.follow_home", on="response")
def follow_home(
    *, actor: Actor, response: QuestionnaireResponse, person_id: UUID, now: datetime
) -> None:
    """Give a draft begun on a record that was two to the one that it is about. A draft of the same
    author that is there already keeps its place."""
    same = {"questionnaire": response.questionnaire_id, "author": response.author_id}
    taken = QuestionnaireResponse.objects.drafts().filter(person=person_id, **same).exists()
    if response.is_draft and not taken:
        response.person_id = person_id
        response.save(update_fields=["person", "updated_at"])


def _require_draft(response: QuestionnaireResponse) -> None:
    if not response.is_draft:
        raise DomainError(
            "assessments.completed",
            "Cette évaluation est déjà terminée, et ne change plus. Ce que cette fenêtre montre "
            "n’a pas été gardé : ouvrez le résultat, et corrigez-le s’il le faut.",
        )


def _require_seen(response: QuestionnaireResponse, written: Written) -> None:
    """A window writes on what it showed, or after itself: an answer of ours may have been lost."""
    after_itself = written.window and response.window == written.window
    unchanged = response.version == written.seen or response.items == list(written.items)
    if not after_itself and not unchanged:
        raise DomainError(
            "assessments.other_window",
            "Ce brouillon a changé dans une autre fenêtre. Ce que vous venez d’écrire ici n’a pas "
            "été gardé : rouvrez le brouillon, et continuez dans une seule fenêtre.",
        )


def _require_standing(response: QuestionnaireResponse) -> None:
    corrected = QuestionnaireResponse.objects.filter(corrects=response, status=Status.AMENDED)
    if response.status not in QuestionnaireResponse.WHOLE or corrected.exists():
        raise DomainError(
            "assessments.not_standing",
            "Cette évaluation n’est plus la dernière : elle a été corrigée ou retirée. Rien n’a "
            "été modifié ; ouvrez la plus récente.",
        )


def _refuse_the_dead(response: QuestionnaireResponse) -> None:
    died = response.person.deceased_on
    if died:
        raise DomainError(
            "assessments.deceased",
            f"Le décès de la personne est noté au {died:%d/%m/%Y}. Rien n’a été modifié, et un "
            "brouillon reste gardé. Si c’est une erreur, dites d’abord qu’elle est en vie.",
        )


def _refuse_the_retired(response: QuestionnaireResponse) -> None:
    """A correction stays in its edition; a new evaluation is of an edition in use."""
    if response.corrects_id or response.questionnaire.status == Questionnaire.Status.ACTIVE:
        return
    raise DomainError(
        "assessments.retired_meanwhile",
        f"« {response.questionnaire.title} », édition {response.questionnaire.edition}, a été "
        "retiré depuis que vous l’avez commencé. Votre brouillon est gardé : reprenez vos réponses "
        "dans l’édition en usage.",
    )
