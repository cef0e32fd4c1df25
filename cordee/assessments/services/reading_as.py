"""As which information an instrument is read from now on: chosen by who answers for the data."""

from datetime import datetime

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.policy import require
from cordee.assessments.models import ComparableEditions, Questionnaire
from cordee.assessments.rules import reading
from cordee.assessments.rules.read_as import MARK, read_otherwise, text_of
from cordee.assessments.services.editions import reason
from cordee.assessments.services.questionnaires import put_in_use, traits_of
from cordee.kernel.errors import DomainError
from cordee.people.rules.sharing import Category


@action("assessments.read_as", on="questionnaire")
def read_as(
    *,
    actor: Actor,
    questionnaire: Questionnaire,
    category: Category,
    why: str,
    digest: str = "",
    now: datetime,
) -> Questionnaire:
    """Publish the same text as one more edition, read as another category: what is answered from
    then on is. What was answered stays read as it was promised to who answered, and compares.

    `digest`: of a draft, of the text that was read, by whoever may publish it. Raises DomainError
    (assessments.not_published, assessments.retired, assessments.compared_without_words,
    assessments.edition_too_long, assessments.published_meanwhile), Forbidden.
    """
    if questionnaire.status == Questionnaire.Status.DRAFT:
        _refuse_unread(actor, questionnaire, digest)
    if questionnaire.status == Questionnaire.Status.RETIRED:
        raise DomainError(
            "assessments.retired",
            "Cette édition a été retirée : elle ne revient pas. Choisissez depuis celle en usage.",
        )
    if questionnaire.category == category:
        return questionnaire
    words = reason(why, "il se lit ainsi")
    made = put_in_use(_other(questionnaire, category), actor, now)
    if actor.account_id and questionnaire.published_at:
        ComparableEditions(
            edition=made,
            before=questionnaire,
            why=words,
            declared_at=now,
            declared_by_id=actor.account_id,
        ).save(force_insert=True)
    return made


def _refuse_unread(actor: Actor, draft: Questionnaire, digest: str) -> None:
    """Who chooses how a text is read does not publish, by that, one that nobody published yet."""
    if draft.digest != digest:
        raise DomainError(
            "assessments.not_published",
            "Ce questionnaire n’est pas encore publié : il se relit et se publie d’abord. Rien n’a "
            "été modifié.",
        )
    require(actor, "assessments.publish", draft)


def _other(questionnaire: Questionnaire, category: Category) -> Questionnaire:
    known = Questionnaire.objects.filter(
        url=questionnaire.url, edition__startswith=f"{text_of(questionnaire.edition)}{MARK}"
    )
    content = dict(read_otherwise(questionnaire.definition, category, known.count() + 1))
    if len(content["version"]) > reading.LONGEST["version"]:
        raise DomainError(
            "assessments.edition_too_long",
            "Le nom de cette édition est trop long pour dire aussi comment on la lit. Rien n’a été "
            "modifié : publiez le texte sous un nom plus court.",
        )
    read = reading.read(content)
    told = traits_of(content, read) | {"url": questionnaire.url, "name": questionnaire.name}
    made = Questionnaire(edition=read.version, definition=content, **told)
    made.save(force_insert=True)
    return made
