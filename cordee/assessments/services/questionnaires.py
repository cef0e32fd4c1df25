"""The instruments of the house: brought in, published as they are, retired."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.assessments.facts import QuestionnairePublished, QuestionnaireRetired
from cordee.assessments.models import Questionnaire
from cordee.assessments.rules import about, definition, reading
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish


@action("assessments.import_questionnaire", on=None)
def import_questionnaire(
    *, actor: Actor, content: Mapping[str, Any], now: datetime
) -> Questionnaire:
    """Keep a questionnaire, not yet in use. The same text is kept once.

    Raises `Refused` with all that is not supported, or DomainError when the edition exists with
    another text, or names a category that is not one.
    """
    read = reading.read(content)
    traits = traits_of(content, read)
    same = Questionnaire.objects.select_for_update(of=("self",)).filter(
        url=read.url, edition=read.version
    )
    kept = same.first()
    if kept is None:
        try:
            with transaction.atomic():
                return Questionnaire.objects.create(
                    url=read.url, edition=read.version, definition=dict(content), **traits
                )
        except IntegrityError:  # somebody brought it at the same moment
            kept = same.get()
    if kept.digest == traits["digest"]:
        return kept
    if kept.status != Questionnaire.Status.DRAFT:
        raise DomainError(
            "assessments.edition_exists",
            f"« {kept.title} », édition {kept.edition}, existe déjà avec un autre texte, et ce qui "
            "est publié ne change pas. Rien n’a été gardé : donnez un autre numéro de version.",
        )
    for column, value in (traits | {"definition": dict(content)}).items():
        setattr(kept, column, value)
    kept.save()
    return kept


def traits_of(content: Mapping[str, Any], read: definition.Definition) -> dict[str, Any]:
    """Give the columns that a text fills. Raises DomainError (assessments.unknown_category)."""
    category = about.category_of(read)
    if category is None:
        raise DomainError(
            "assessments.unknown_category",
            "Ce questionnaire nomme une catégorie d’information inconnue : on ne saurait pas qui "
            "peut le lire. Rien n’a été gardé ; écrivez care, mental_health ou social.",
        )
    return {
        "name": (read.scoring or read.name or read.url.rpartition("/")[2])[:60],
        "title": read.title[:200],
        "category": category,
        "digest": about.digest_of(content),
        "source": about.source_of(read)[:2000],
        "copyright": read.copyright[:2000],
    }


@action("assessments.publish", on="questionnaire")
def publish_questionnaire(
    *, actor: Actor, questionnaire: Questionnaire, digest: str, now: datetime
) -> Questionnaire:
    """Put it in use, as it is and for good; the edition that was in use is retired.

    `digest`: of the text that was read. Publishing what is in use changes nothing. Raises
    DomainError (assessments.retired, assessments.other_text, assessments.published_meanwhile).
    """
    if questionnaire.status == Questionnaire.Status.ACTIVE:
        return questionnaire
    if questionnaire.status == Questionnaire.Status.RETIRED:
        raise DomainError(
            "assessments.retired",
            "Cette édition a été retirée : elle ne revient pas. Publiez une autre édition.",
        )
    if questionnaire.digest != digest:
        raise DomainError(
            "assessments.other_text",
            f"Le texte de « {questionnaire.title} », édition {questionnaire.edition}, a été "
            "remplacé depuis que vous l’avez ouvert : des questions, des réponses ou des droits "
            "ont pu changer. Rien n’a été publié ; rouvrez-le, relisez-le, puis publiez-le.",
        )
    return put_in_use(questionnaire, actor, now)


def put_in_use(questionnaire: Questionnaire, actor: Actor, now: datetime) -> Questionnaire:
    """Put an edition in use in place of the one that was. Raises DomainError
    (assessments.published_meanwhile)."""
    others = Questionnaire.objects.active().filter(url=questionnaire.url)
    for other in others.select_for_update(of=("self",)).order_by("pk"):
        _retire(other, now)
    questionnaire.status = Questionnaire.Status.ACTIVE
    questionnaire.published_at, questionnaire.published_by_id = now, actor.account_id
    try:
        with transaction.atomic():
            questionnaire.save(
                update_fields=["status", "published_at", "published_by", "updated_at"]
            )
    except IntegrityError as error:
        raise DomainError(
            "assessments.published_meanwhile",
            "Une autre édition vient d’être publiée. Rien n’a été modifié : relisez la liste, puis "
            "publiez de nouveau si c’est encore voulu.",
        ) from error
    publish(QuestionnairePublished(questionnaire_id=questionnaire.pk, digest=questionnaire.digest))
    return questionnaire


@action("assessments.retire", on="questionnaire")
def retire_questionnaire(
    *, actor: Actor, questionnaire: Questionnaire, now: datetime
) -> Questionnaire:
    """Take it out of use; what was answered stays readable. Raises DomainError when unpublished."""
    if questionnaire.status == Questionnaire.Status.DRAFT:
        raise DomainError(
            "assessments.not_published",
            "Ce questionnaire n’est pas publié : personne ne le remplit. Rien n’a été modifié.",
        )
    if questionnaire.status == Questionnaire.Status.ACTIVE:
        _retire(questionnaire, now)
    return questionnaire


def _retire(questionnaire: Questionnaire, now: datetime) -> None:
    questionnaire.status, questionnaire.retired_at = Questionnaire.Status.RETIRED, now
    questionnaire.save(update_fields=["status", "retired_at", "updated_at"])
    publish(QuestionnaireRetired(questionnaire_id=questionnaire.pk))
