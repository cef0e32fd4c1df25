"""Equipment and small actions as they are read."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.access.fetched import FetchAbout
from cordee.access.policy import get_visible
from cordee.people.models import Person
from cordee.vigilance.models import Alert, Equipment, EquipmentStep, Trial
from cordee.vigilance.rules.equipment import NEXT, Stage


def get_equipment(actor: Actor, pk: UUID) -> Equipment:
    """One equipment request. Raises Http404, traced. Two queries."""
    rows = Equipment.objects.select_related("person__commune", "organization", "asked_by")
    return get_visible(actor, rows, pk)


def get_trial(actor: Actor, pk: UUID) -> Trial:
    """One small action. Raises Http404, traced. Two queries."""
    rows = Trial.objects.select_related("person__commune", "organization", "begun_by")
    return get_visible(actor, rows.select_related("reviewed_by"), pk)


def steps_of(actor: Actor, equipment: Equipment) -> QuerySet[EquipmentStep]:
    """List the steps of an equipment request, the latest first. Two queries."""
    rows = EquipmentStep.objects.visible_to(actor).filter(equipment=equipment)
    return rows.select_related("said_by").order_by("-number", "pk")


def next_stages(equipment: Equipment) -> list[tuple[str, str]]:
    """List what may follow, in words. No query."""
    named = dict(Stage.choices())
    return [(one.value, named[one.value]) for one in NEXT[Stage(equipment.stage)]]


@dataclass(frozen=True)
class Around:
    """What is asked for somebody, and tried: what goes on first."""

    equipment: list[Equipment]
    trials: list[Trial]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.equipment and not self.trials


def around_person(actor: Actor, person: Person) -> Around:
    """Read what goes on for somebody, and what ended last. Four queries, planned once."""
    return Around(_asked(actor, person.pk), _tried(actor, person.pk))


def around_alert(actor: Actor, alert: Alert) -> Around:
    """Read what an alert gave rise to. Two queries."""
    asked = Equipment.objects.visible_to(actor).filter(alert=alert).order_by(*_DUE_FIRST)
    tried = Trial.objects.visible_to(actor).filter(alert=alert).order_by(*_GOING_ON_FIRST)
    return Around(list(asked[:MOST]), list(tried[:MOST]))


MOST = 20  # of each, on a page
_DUE_FIRST = ("due_on", "-asked_at", "pk")
_GOING_ON_FIRST = ("-reviewed_at", "review_on", "pk")
_asked = FetchAbout(lambda: Equipment.objects.order_by(*_DUE_FIRST), limit=MOST)
_tried = FetchAbout(lambda: Trial.objects.order_by(*_GOING_ON_FIRST), limit=MOST)


def equipment_now(pk: UUID) -> Equipment | None:
    """Fetch one as it stands, for the conductor. One query."""
    found: Equipment | None = Equipment.objects.filter(pk=pk).first()
    return found


def trial_now(pk: UUID) -> Trial | None:
    """Fetch one as it stands, for the conductor. One query."""
    found: Trial | None = Trial.objects.filter(pk=pk).first()
    return found


def followed_about(person_id: UUID) -> tuple[list[Equipment], list[Trial]]:
    """List what goes on for somebody, for the conductor. Two queries."""
    trials = Trial.objects.filter(person=person_id, reviewed_at=None).order_by("pk")
    return list(Equipment.objects.open().filter(person=person_id).order_by("pk")), list(trials)
