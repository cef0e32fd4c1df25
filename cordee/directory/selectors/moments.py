"""The hours of « matin, midi, soir, nuit », as whoever sets up the house reads them."""

from dataclasses import dataclass
from datetime import datetime

from cordee.directory import rules
from cordee.directory.kinds import VisitTime


@dataclass(frozen=True)
class MomentsShown:
    """The hours of each moment of the day, in words, with the setting that gives them."""

    setting: rules.MomentHours
    hours: list[tuple[str, str]]


def moments_in_force(now: datetime) -> MomentsShown:
    """Say the hours of each moment of the day, as searches use them today. No query."""
    setting = rules.moment_hours(now.astimezone(rules.PARIS).date())
    said = [(str(kind.label), _said(setting.hours[kind.value])) for kind in VisitTime]
    return MomentsShown(setting, said)


def _said(stretches: rules.Stretches) -> str:
    """A night goes on after midnight: it is said from its evening to its morning."""
    begins, ends = stretches[0][0], stretches[-1][1]
    return f"{begins.hour}:{begins:%M} – {ends.hour}:{ends:%M}"
