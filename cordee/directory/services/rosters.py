"""The duty roster, the hand-over, the sectors and the cover."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.directory.facts import CoverSet, DeskHandedOver
from cordee.directory.models import (
    Cover,
    Handover,
    Membership,
    Organization,
    Pole,
    Sector,
    SectorCommune,
    Shift,
)
from cordee.directory.rules import DUTY_CLOSES, DUTY_DAYS, DUTY_OPENS, PARIS
from cordee.directory.services.organizations import check_communes
from cordee.directory.services.refusals import check_open, said
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskHours:
    """When a pole is held: Monday to Saturday, 9:00–19:30, unless said otherwise."""

    opens: time = DUTY_OPENS
    closes: time = DUTY_CLOSES
    weekdays: tuple[int, ...] = field(default=DUTY_DAYS)


@action("directory.create_pole", on="organization")
def create_pole(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    now: datetime,
    hours: DeskHours | None = None,
) -> Pole:
    """Open a duty desk."""
    hours = hours or DeskHours()
    with said():
        return Pole.objects.create(
            organization=organization,
            name=name,
            opens=hours.opens,
            closes=hours.closes,
            weekdays=sorted(set(hours.weekdays)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftTraits:
    """Who, from when to when, at the desk or on call."""

    account: Account
    starts_at: datetime
    ends_at: datetime
    kind: str = Shift.Kind.DESK


@action("directory.plan_shift", on="pole")
def plan_shift(*, actor: Actor, pole: Pole, traits: ShiftTraits, now: datetime) -> Shift:
    """Put somebody on the roster. Raises if she is not of the organisation or already on duty."""
    if traits.ends_at <= traits.starts_at:
        raise DomainError(
            "directory.shift_backwards",
            "La fin est avant le début. Rien n’a été ajouté : vérifiez les deux heures.",
        )
    member = Membership.objects.filter(
        account=traits.account,
        organization=pole.organization_id,
        since__lte=traits.ends_at.date(),
    ).exclude(until__lt=traits.starts_at.date())
    if not member.exists():
        raise DomainError(
            "directory.shift_of_a_stranger",
            "Cette personne n’appartient pas à la structure à cette date. Rien n’a été ajouté : "
            "ajoutez d’abord son appartenance.",
        )
    with said(traits.account):
        return Shift.objects.create(
            pole=pole,
            account=traits.account,
            kind=traits.kind,
            starts_at=traits.starts_at,
            ends_at=traits.ends_at,
        )


@action("directory.cancel_shift", on="shift")
def cancel_shift(*, actor: Actor, shift: Shift, now: datetime) -> None:
    """Take a shift off the roster; one under way ends now, one that is over stays."""
    if shift.starts_at > now:
        shift.delete()
    elif shift.ends_at > now:
        shift.ends_at = now
        shift.save(update_fields=["ends_at", "updated_at"])
    else:
        raise DomainError(
            "directory.shift_over", "Ce tour est terminé : il reste au planning tel qu’il a été."
        )


@action("directory.hand_over", on="pole")
def hand_over(*, actor: Actor, pole: Pole, note: str, now: datetime) -> Handover:
    """Leave a note for the next desk."""
    text = note.strip()
    if not text:
        raise DomainError("directory.handover_empty", "Écrivez ce que la relève doit savoir.")
    with said():
        handover = Handover.objects.create(
            pole=pole,
            author_id=actor.account_id,  # type: ignore[misc]  # the rule wants somebody
            note=text,
            written_at=now,
        )
    publish(DeskHandedOver(handover_id=handover.pk, pole_id=pole.pk))
    return handover


@action("directory.read_handover", on="handover")
def read_handover(*, actor: Actor, handover: Handover, now: datetime) -> Handover:
    """Say that the note was read; the first reader is kept."""
    if handover.read_at is None:
        handover.read_by_id, handover.read_at = actor.account_id, now
        handover.save(update_fields=["read_by", "read_at", "updated_at"])
    return handover


@action("directory.create_sector", on="organization")
def create_sector(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    coordinator: Account,
    communes: Iterable[str],
    now: datetime,
) -> Sector:
    """Give a coordinator a sector. Raises when a commune already answers to another one."""
    wanted = check_communes(communes)
    with said():
        sector = Sector.objects.create(
            organization=organization, name=name, coordinator=coordinator
        )
        _draw(sector, wanted)
    return sector


@action("directory.draw_sector", on="sector")
def draw_sector(
    *,
    actor: Actor,
    sector: Sector,
    coordinator: Account,
    communes: Iterable[str],
    now: datetime,
) -> Sector:
    """Change who answers for a sector, and its communes."""
    wanted = check_communes(communes, sector)
    check_open(sector)
    sector.coordinator = coordinator
    sector.save(update_fields=["coordinator", "updated_at"])
    with said():
        _draw(sector, wanted)
    return sector


@action("directory.hand_sector", on="sector")
def hand_sector(*, actor: Actor, sector: Sector, coordinator: Account, now: datetime) -> Sector:
    """Let somebody else answer for a sector, its communes unchanged. Raises for a stranger."""
    check_open(sector)
    day = now.astimezone(PARIS).date()
    member = Membership.objects.filter(
        account=coordinator, organization=sector.organization_id, since__lte=day
    ).exclude(until__lt=day)
    if not member.exists():
        raise DomainError(
            "directory.sector_of_a_stranger",
            "Cette personne n’appartient pas à la structure. Le secteur n’a pas changé de main : "
            "ajoutez d’abord son appartenance.",
        )
    sector.coordinator = coordinator
    sector.save(update_fields=["coordinator", "updated_at"])
    return sector


def _draw(sector: Sector, wanted: list[str]) -> None:
    sector.places.exclude(commune__in=wanted).delete()
    held = set(sector.places.values_list("commune_id", flat=True))
    SectorCommune.objects.bulk_create(
        SectorCommune(sector=sector, organization_id=sector.organization_id, commune_id=code)
        for code in wanted
        if code not in held
    )


@action("directory.set_cover", on="absent", lock=())
def set_cover(
    *,
    actor: Actor,
    absent: Account,
    cover: Account,
    since: datetime,
    now: datetime,
    until: datetime | None = None,
) -> Cover:
    """Say who sees and does somebody's work while they are away."""
    if cover.pk == absent.pk:
        raise DomainError(
            "directory.cover_of_oneself",
            "On ne peut pas se remplacer soi-même. Choisissez un ou une collègue.",
        )
    if until is not None and until <= since:
        raise DomainError(
            "directory.cover_backwards",
            "La fin est avant le début. Rien n’a été ajouté : vérifiez les deux dates.",
        )
    with said(absent):
        row = Cover.objects.create(absent=absent, cover=cover, since=since, until=until)
    publish(CoverSet(cover_id=row.pk, absent_id=absent.pk, covering_id=cover.pk))
    return row


@action("directory.end_cover", on="cover")
def end_cover(*, actor: Actor, cover: Cover, now: datetime) -> Cover | None:
    """End a cover now; one that has not begun is removed, None is returned."""
    if cover.since >= now:
        cover.delete()
        return None
    if cover.until is None or cover.until > now:
        cover.until = now
        cover.save(update_fields=["until", "updated_at"])
    return cover
