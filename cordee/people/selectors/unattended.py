"""Whether records may be merged by themselves, what was measured, and what it has done."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from cordee.access.actor import Actor
from cordee.access.policy import get_visible, visible
from cordee.people.models import Candidate, Evaluation, Merge, UnattendedMerging
from cordee.people.rules import matching, unattended
from cordee.people.rules.unattended import Standing

SHOWN = 40


@dataclass(frozen=True)
class Measured:
    """A measure, its precision and the one that it proves, and why it allows nothing."""

    evaluation: Evaluation
    measured: str
    proved: str
    why_not: str


@dataclass(frozen=True)
class Setting:
    """The setting, how much was merged under it and undone, and why it is suspended."""

    row: UnattendedMerging
    standing: Standing
    why_not: str


@dataclass(frozen=True)
class Unattended:
    """All of it: what is on, what was on before, what was measured."""

    now: Setting | None
    before: list[UnattendedMerging]
    measured: list[Measured]


def unattended_merging(actor: Actor) -> Unattended:
    """Read the setting and the latest measures. Three queries."""
    rows = visible(UnattendedMerging.objects.all(), actor)
    listed = list(
        rows.select_related("evaluation", "set_by", "ended_by").order_by("-since", "-pk")[:SHOWN]
    )
    current = next((row for row in listed if row.until is None), None)
    return Unattended(
        now=standing_of(current) if current else None,
        before=[row for row in listed if row is not current],
        measured=[_measured(one) for one in _evaluations(actor)],
    )


def is_unattended(actor: Actor) -> bool:
    """Say whether some pairs may be merged by nobody. One query; two when it is on."""
    current = visible(UnattendedMerging.objects.current(), actor).first()
    return current is not None and not standing_of(current).why_not


def get_evaluation(actor: Actor, pk: UUID) -> Evaluation:
    """Fetch a measure. Raises Http404, traced, when there is none. Two queries."""
    return get_visible(actor, Evaluation, pk)


def standing_of(row: UnattendedMerging) -> Setting:
    """Say what a setting did and whether it still holds. One query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT done, undone FROM people_unattended_merges(%s)", [row.pk])
        done, undone = cursor.fetchone() or (0, 0)
    standing = Standing(row.evaluation.weights == matching.weights(), done, undone)
    return Setting(row, standing, unattended.why_stopped(standing))


def sure_pairs(actor: Actor) -> list[Candidate]:
    """List the pairs that may be merged by themselves, likeliest first; none while it is off.

    Four queries. The service looks again, under the lock of the records.
    """
    current = visible(UnattendedMerging.objects.current(), actor).first()
    if current is None or standing_of(current).why_not:
        return []
    rows = Candidate.objects.to_judge().filter(
        probability__gte=round(current.evaluation.threshold, 6),
        one__merged_into=None,
        other__merged_into=None,
    )
    never = rows.exclude(pk__in=Merge.objects.values("candidate"))
    return list(visible(never, actor).order_by("-probability", "pk"))


def _evaluations(actor: Actor) -> list[Evaluation]:
    rows = visible(Evaluation.objects.all(), actor)
    return list(rows.order_by("-measured_at", "digest", "threshold", "pk")[:SHOWN])


def _measured(one: Evaluation) -> Measured:
    return Measured(
        one,
        unattended.said(one.measure.precision),
        unattended.said(unattended.precision_proved(one.measure)),
        unattended.why_not(
            one.measure, made_up=one.made_up, same_weights=one.weights == matching.weights()
        ),
    )
