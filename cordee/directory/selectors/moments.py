"""The hours of « matin, midi, soir, nuit », as searches use and administration reads them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cordee.access.actor import Actor
from cordee.access.policy import get_visible
from cordee.directory import rules
from cordee.directory.kinds import VisitTime
from cordee.directory.models import MomentSetting
from cordee.directory.models.moments import MOMENTS

Settings = tuple[rules.MomentHours, ...]


@dataclass(frozen=True)
class MomentsShown:
    """The hours of each moment of the day, in words, with the setting that gives them."""

    setting: rules.MomentHours
    hours: list[tuple[str, str]]
    by: str = ""


def moment_settings(asked: Collection[str] = MOMENTS, *, tonight: bool = False) -> Settings:
    """Give what is shipped, then what was chosen here.

    One query; none when no moment is asked, and what is asked is not for this evening.
    """
    if not asked and not tonight:
        return rules.MOMENT_HOURS
    return (
        *rules.MOMENT_HOURS,
        *(one.hours for one in MomentSetting.objects.order_by("since", "pk")),
    )


def moments_in_force(now: datetime) -> MomentsShown:
    """Say the hours of each moment of the day, as searches use them today. One query."""
    return _shown(rules.moment_hours(_today(now), moment_settings()))


def chosen_moments(actor: Actor, now: datetime) -> list[tuple[MomentSetting, MomentsShown, bool]]:
    """List what was chosen here, the latest first, and whether it may still be written again.

    One query.
    """
    rows = MomentSetting.objects.visible_to(actor).select_related("set_by").order_by("-since", "pk")
    return [
        (one, _shown(one.hours, one.set_by.name if one.set_by else ""), one.since > _today(now))
        for one in rows
    ]


def get_moments(actor: Actor, pk: UUID) -> MomentSetting:
    """Give one setting that was chosen here; raises Http404."""
    return get_visible(actor, MomentSetting, pk)


def _shown(setting: rules.MomentHours, by: str = "") -> MomentsShown:
    said = [(str(kind.label), _said(setting.hours[kind.value])) for kind in VisitTime]
    return MomentsShown(setting, said, by)


def _today(now: datetime):  # noqa: ANN202
    return now.astimezone(rules.PARIS).date()


def _said(stretches: rules.Stretches) -> str:
    """A night goes on after midnight: it is said from its evening to its morning."""
    begins, ends = stretches[0][0], stretches[-1][1]
    return f"{begins.hour}:{begins:%M} – {ends.hour}:{ends:%M}"
