"""The hours of the moments of the day: one more setting from a day to come, none rewritten."""

from dataclasses import dataclass
from datetime import date, datetime, time

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory import rules
from cordee.directory.models import MomentSetting
from cordee.directory.services.refusals import said
from cordee.kernel.errors import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentTraits:
    """What a setting says, and who says so."""

    since: date
    source: str
    verified: bool
    parts: dict[str, tuple[time, time]]


@action("directory.set_moments", on=None)
def set_moments(*, actor: Actor, traits: MomentTraits, now: datetime) -> MomentSetting:
    """Keep the hours from a day to come on. Raises DomainError: what is in force or already chosen
    for that day is never rewritten, the searches of its days were made with it."""
    _check_to_come(traits.since, now)
    if problems := rules.moments_problems(traits.parts):
        raise DomainError("directory.moments", " ".join(problems))
    hours = {
        f"{name}_{edge}": at
        for name, span in traits.parts.items()
        for edge, at in zip(("from", "until"), span, strict=True)
    }
    with said():
        return MomentSetting.objects.create(
            since=traits.since,
            source=traits.source,
            verified=traits.verified,
            set_by_id=actor.account_id,
            **hours,
        )


@action("directory.withdraw_moments", on="setting")
def withdraw_moments(*, actor: Actor, setting: MomentSetting, now: datetime) -> None:
    """Take back hours that have not begun; what they were stays in the history of records.
    Raises DomainError once they have."""
    _check_to_come(setting.since, now)
    setting.delete()


def _check_to_come(since: date, now: datetime) -> None:
    if since <= now.astimezone(rules.PARIS).date():
        raise DomainError(
            "directory.moments_in_force",
            "Ces heures commencent au plus tôt demain\u00a0: celles d’un jour passé, ou "
            "d’aujourd’hui, ne se réécrivent pas. Choisissez un jour à venir.",
        )
