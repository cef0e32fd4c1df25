"""Parts of a team’s evaluation: asked of somebody by a day, given, or awaited no more."""

from datetime import date, datetime, time, timedelta

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.assessments.facts import PartAsked, PartEnded, PartLate
from cordee.assessments.models import AskedPart, Questionnaire, QuestionnaireResponse
from cordee.assessments.rules.together import sections_of
from cordee.assessments.selectors import definition_of, guests_for
from cordee.directory.rules import PARIS
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.queue import later
from cordee.people.rules.sharing import Category

FARTHEST = timedelta(days=366)
MORNING = time(6)


@action("assessments.ask_part", on="part", lock=("person",))
def ask_part(*, actor: Actor, part: AskedPart, now: datetime) -> AskedPart:
    """Ask somebody for their part, from what `selectors.blank_part` made.

    Raises DomainError (assessments.deceased, assessments.part_not_in_use, assessments.part_day,
    assessments.part_sections, assessments.part_waits, assessments.part_guest).
    """
    _require_alive_and_in_use(part)
    _require_asked_well(part, now.astimezone(PARIS).date())
    same = {"person": part.person_id, "guest": part.guest_id}
    if AskedPart.objects.awaited().filter(questionnaire=part.questionnaire_id, **same).exists():
        raise DomainError(
            "assessments.part_waits",
            "Sa part de cette évaluation lui est déjà demandée. Rien n’a été envoyé : retirez "
            "d’abord la demande si elle change.",
        )
    guests = guests_for(actor, part.person, Category(part.category), now)
    guest = next((one for one in guests if one.account.pk == part.guest_id), None)
    if guest is None:
        raise DomainError(
            "assessments.part_guest",
            "Cette personne ne peut pas écrire ce genre d’évaluation ici. Rien n’a été envoyé : "
            "choisissez quelqu’un d’autre dans la liste.",
        )
    part.desk_id = guest.desk_id
    part.save(force_insert=True)
    publish(PartAsked(part_id=part.pk))
    _wait_for_its_day(part, now)
    return part


def _require_alive_and_in_use(part: AskedPart) -> None:
    if part.person.deceased_on:
        raise DomainError(
            "assessments.deceased",
            "Le décès de la personne est noté : rien ne se demande plus. Rien n’a été envoyé.",
        )
    if part.questionnaire.status != Questionnaire.Status.ACTIVE:
        raise DomainError(
            "assessments.part_not_in_use",
            f"« {part.questionnaire.title} » n’est plus proposé dans cette édition. Rien n’a été "
            "envoyé.",
        )


def _require_asked_well(part: AskedPart, today: date) -> None:
    if part.wanted_on < today:
        raise DomainError("assessments.part_day", "Ce jour est passé : choisissez-en un à venir.")
    if part.wanted_on > today + FARTHEST:
        raise DomainError(
            "assessments.part_day", "Ce jour est à plus d’un an : choisissez plus tôt."
        )
    if not set(part.sections) <= set(sections_of(definition_of(part.questionnaire))):
        raise DomainError(
            "assessments.part_sections", "Cette section n’est pas de ce questionnaire."
        )


def _wait_for_its_day(part: AskedPart, now: datetime) -> None:
    """The morning after, the house looks whether it came."""
    at = datetime.combine(part.wanted_on + timedelta(days=1), MORNING, tzinfo=PARIS)
    later("cordee.assessments.jobs.look_at_part", at=max(at, now), part_id=str(part.pk))


@action("assessments.end_part", on="part")
def end_part(*, actor: Actor, part: AskedPart, now: datetime) -> AskedPart:
    """Await a part no more: taken back by who asked, or declined by who was asked.

    Raises DomainError (assessments.part_over).
    """
    if not part.is_awaited:
        raise DomainError(
            "assessments.part_over",
            "Cette part n’est déjà plus attendue : elle a été donnée, ou la demande a été retirée. "
            "Rien n’a été modifié.",
        )
    part.ended_at, part.ended_by_id = now, actor.signatory
    part.save(update_fields=["ended_at", "ended_by", "updated_at"])
    publish(PartEnded(part_id=part.pk))
    return part


@action("assessments.say_late", on="part")
def say_late(*, actor: Actor, part: AskedPart, now: datetime) -> AskedPart:
    """Say that a part did not come by its day, if it is still awaited."""
    if part.is_awaited and part.wanted_on < now.astimezone(PARIS).date():
        publish(PartLate(part_id=part.pk))
    return part


def answer_parts(response: QuestionnaireResponse) -> None:
    """What was just given answers the parts that its author was asked for, with this instrument.
    The correction of what was answered before they were asked for answers none."""
    asked = AskedPart.objects.awaited().filter(
        person=response.person_id,
        guest=response.author_id,
        questionnaire__url=response.questionnaire.url,
        asked_at__lte=response.authored_at,
    )
    for part in asked.select_for_update(of=("self",)).order_by("pk"):
        part.answer = response
        part.save(update_fields=["answer", "updated_at"])
        publish(PartEnded(part_id=part.pk))


def await_again(response: QuestionnaireResponse, now: datetime) -> None:
    """What was given was an error: what it answered is awaited again."""
    answered = AskedPart.objects.filter(answer=response)
    for part in answered.select_for_update(of=("self",)).order_by("pk"):
        part.answer = None
        part.save(update_fields=["answer", "updated_at"])
        publish(PartAsked(part_id=part.pk))
        _wait_for_its_day(part, now)
