"""The hours of the moments of the day: another setting from a day to come, none rewritten."""

from dataclasses import dataclass
from datetime import date, datetime, time

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory import rules
from cordee.directory.models import MomentSetting
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
    """Keep the hours from a day to come on; what is not in force yet may be written again.

    Raises DomainError: what is in force is never rewritten, the searches of its days were made
    with it.
    """
    if traits.since <= now.astimezone(rules.PARIS).date():
        raise DomainError(
            "directory.moments_in_force",
            "Ces heures commencent au plus tôt demain\u00a0: celles d’un jour passé, ou "
            "d’aujourd’hui, ne se réécrivent pas. Choisissez un jour à venir.",
        )
    if problems := rules.moments_problems(traits.parts):
        raise DomainError("directory.moments", " ".join(problems))
    hours = {
        f"{name}_{edge}": at
        for name, span in traits.parts.items()
        for edge, at in zip(("from", "until"), span, strict=True)
    }
    said = {"source": traits.source, "verified": traits.verified, "set_by_id": actor.account_id}
    row, _ = MomentSetting.objects.update_or_create(since=traits.since, defaults=hours | said)
    return row
