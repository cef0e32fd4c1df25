"""Equipment is asked for, then followed to its use; small actions are tried, then reviewed."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.models import Person
from cordee.vigilance.facts import EquipmentMoved, TrialBegun, TrialReviewed
from cordee.vigilance.models import Alert, Equipment, EquipmentStep, Trial
from cordee.vigilance.rules.equipment import ENDED, Stage, What, may_follow
from cordee.vigilance.rules.following import Effect
from cordee.vigilance.services.near import day_of, require_near


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, and when its next step is looked for."""

    what: What
    due_on: date
    words: str = ""
    alert: Alert | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it was typed; `seen`: how many steps the page showed."""

    stage: Stage
    happened_on: date
    due_on: date | None
    words: str = ""
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Tried:
    """A small action as it was typed."""

    words: str
    review_on: date
    alert: Alert | None = None


@action("vigilance.ask_equipment", on="person")
def ask_equipment(*, actor: Actor, person: Person, wanted: Wanted, now: datetime) -> Equipment:
    """Ask for equipment. Raises DomainError (vigilance.deceased, vigilance.other_person,
    vigilance.due_day)."""
    _require_fit(person, wanted.alert)
    require_near(wanted.due_on, now)
    made = Equipment(
        person=person,
        organization_id=_structure(actor),
        alert=wanted.alert,
        what=wanted.what.value,
        words=wanted.words.strip(),
        stage=Stage.ASKED.value,
        due_on=wanted.due_on,
        asked_at=now,
        asked_by_id=actor.signatory,
    )
    made.save(force_insert=True)
    _said(actor, made, Step(Stage.ASKED, day_of(now), wanted.due_on), now)
    return made


@action("vigilance.move_equipment", on="equipment", lock=("person", "equipment"))
def move_equipment(*, actor: Actor, equipment: Equipment, step: Step, now: datetime) -> None:
    """Say that a step was reached. Raises DomainError (vigilance.equipment_moved,
    vigilance.step, vigilance.step_day, vigilance.due_day)."""
    if step.seen != equipment.number:
        raise DomainError(
            "vigilance.equipment_moved",
            "Quelqu’un d’autre a noté une étape entre-temps\u00a0: relisez la page, puis"
            " recommencez.",
        )
    if not may_follow(Stage(equipment.stage), step.stage):
        raise DomainError("vigilance.step", "Cette étape ne suit pas celle où en est la demande.")
    if not day_of(equipment.asked_at) <= step.happened_on <= day_of(now):
        raise DomainError(
            "vigilance.step_day", "Ce jour est avant la demande, ou à venir\u00a0: vérifiez-le."
        )
    if step.stage in ENDED:
        equipment.due_on = None
    else:
        require_near(step.due_on, now)
        equipment.due_on = step.due_on
    equipment.stage, equipment.number = step.stage.value, equipment.number + 1
    equipment.save(update_fields=["stage", "number", "due_on", "updated_at"])
    _said(actor, equipment, step, now)


@action("vigilance.try_action", on="person")
def try_action(*, actor: Actor, person: Person, tried: Tried, now: datetime) -> Trial:
    """Try a small everyday action until a day. Raises DomainError (vigilance.deceased,
    vigilance.other_person, vigilance.nothing_tried, vigilance.due_day)."""
    _require_fit(person, tried.alert)
    require_near(tried.review_on, now)
    if not tried.words.strip():
        raise DomainError("vigilance.nothing_tried", "Dites en quelques mots ce qui est essayé.")
    made = Trial(
        person=person,
        organization_id=_structure(actor),
        alert=tried.alert,
        words=tried.words.strip(),
        since=day_of(now),
        review_on=tried.review_on,
        begun_by_id=actor.signatory,
    )
    made.save(force_insert=True)
    publish(TrialBegun(**_told(made), trial_id=made.pk))
    return made


@action("vigilance.review_trial", on="trial", lock=("person", "trial"))
def review_trial(
    *, actor: Actor, trial: Trial, effect: Effect, goes_on: bool, now: datetime
) -> None:
    """Say what a small action did, and whether it goes on. Raises DomainError
    (vigilance.reviewed_already)."""
    if trial.reviewed_at is not None:
        raise DomainError(
            "vigilance.reviewed_already",
            "Cette action a déjà été revue\u00a0: rien n’a été modifié, relisez la page.",
        )
    trial.effect, trial.goes_on = effect.value, goes_on
    trial.reviewed_at, trial.reviewed_by_id = now, actor.signatory
    trial.save(update_fields=["effect", "goes_on", "reviewed_at", "reviewed_by", "updated_at"])
    publish(TrialReviewed(**_told(trial), trial_id=trial.pk))


def _said(actor: Actor, equipment: Equipment, step: Step, now: datetime) -> None:
    EquipmentStep(
        person_id=equipment.person_id,
        equipment=equipment,
        number=equipment.number,
        stage=step.stage.value,
        happened_on=step.happened_on,
        words=step.words.strip(),
        said_by_id=actor.signatory,
        said_at=now,
    ).save(force_insert=True)
    publish(EquipmentMoved(**_told(equipment), equipment_id=equipment.pk))


def _told(row: Equipment | Trial) -> dict[str, UUID]:
    return {"person_id": row.person_id, "organization_id": row.organization_id}


def _structure(actor: Actor) -> UUID:
    if actor.organization_id is None:
        raise DomainError("vigilance.structure", "Choisissez la structure qui suivra la personne.")
    return actor.organization_id


def _require_fit(person: Person, alert: Alert | None) -> None:
    if person.deceased_on is not None:
        raise DomainError("vigilance.deceased", "Cette personne est notée décédée.")
    if alert is not None and alert.person_id != person.pk:
        raise DomainError("vigilance.other_person", "Cette alerte est celle d’une autre personne.")
