"""Whether an edition measures the same as the one before: said by who publishes it, and why."""

from datetime import datetime

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.assessments.models import ComparableEditions, Questionnaire
from cordee.assessments.selectors import edition_before
from cordee.kernel.errors import DomainError

LONGEST = 600


def reason(why: str, of_what: str) -> str:
    """Give the words that a deed is explained by. Raises DomainError (…compared_without_words):
    none, too many, or some that no text holds."""
    words = why.strip()
    if not words or len(words) > LONGEST or "\0" in words:
        raise DomainError(
            "assessments.compared_without_words",
            f"Dites en quelques mots pourquoi {of_what} ({LONGEST} signes au plus). Rien n’a été "
            "enregistré.",
        )
    return words


@action("assessments.compare_editions", on="questionnaire")
def compare_editions(
    *, actor: Actor, questionnaire: Questionnaire, why: str, now: datetime
) -> ComparableEditions:
    """Declare that an edition measures the same as the one published before it.

    Raises DomainError (assessments.compared_without_words, assessments.no_edition_before,
    assessments.compared_already).
    """
    words = reason(why, "elles se comparent")
    before = edition_before(actor, questionnaire)
    if before is None:
        raise DomainError(
            "assessments.no_edition_before",
            "Aucune autre édition n’a été publiée avant celle-ci. Rien n’a été enregistré.",
        )
    declared = ComparableEditions(
        edition=questionnaire,
        before=before,
        why=words,
        declared_at=now,
        declared_by_id=actor.signatory,
    )
    try:
        with transaction.atomic():
            declared.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "assessments.compared_already",
            "Cette édition est déjà déclarée comparable. Rien n’a été modifié : rouvrez la page.",
        ) from error
    return declared


@action("assessments.compare_editions", on="questionnaire")
def part_editions(*, actor: Actor, questionnaire: Questionnaire, now: datetime) -> Questionnaire:
    """Take that word back: measures of the two editions are compared no more. Safe to repeat."""
    rows = ComparableEditions.objects.filter(edition=questionnaire, withdrawn_at=None)
    for one in rows.select_for_update(of=("self",)).order_by("pk"):
        one.withdrawn_at, one.withdrawn_by_id = now, actor.signatory
        one.save(update_fields=["withdrawn_at", "withdrawn_by", "updated_at"])
    return questionnaire
