"""Poles, territories and sectors renamed and closed. Nothing is deleted, nothing is orphaned: what
hangs from what is closed goes, in the same commit, to what takes it over."""

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.directory import facts
from cordee.directory.models import (
    Handover,
    Organization,
    Pole,
    Sector,
    SectorCommune,
    Shift,
    Territory,
    TerritoryCommune,
)
from cordee.directory.rules import PARIS
from cordee.directory.services.refusals import check_open, said
from cordee.directory.services.rosters import DeskHours
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish

Held = TypeVar("Held", Pole, Sector)  # what one structure holds
UNFIT = (
    "Ce qui reprend doit être ouvert, de la même structure et de la même nature. Rien n’a "
    "changé\u00a0: choisissez dans la liste."
)


def _heir_beside(row: Held, heir: Held | None) -> Held | None:
    """What takes over, read again: open, and of the same structure. Raises DomainError."""
    if heir is None:
        return None
    beside = type(row).objects.filter(organization=row.organization_id, closed_on=None)
    found = beside.exclude(pk=row.pk).filter(pk=heir.pk).first()
    if found is None:
        raise DomainError("directory.unfit_heir", UNFIT)
    return found


def _rename(row: Sector | Territory, name: str) -> None:
    check_open(row)
    row.name = name
    with said():
        row.save(update_fields=["name", "updated_at"])


def _taken(column: str, hanging: QuerySet[Any], heir: Model | None, now: datetime) -> int | None:
    """Give what hangs from what closes to its heir. Returns how many; None when it has nobody."""
    if heir is None:
        return None if hanging.exists() else 0
    return hanging.update(**{column: heir, "updated_at": now})


def _close(row: Pole | Sector | Territory, now: datetime, *columns: str) -> None:
    row.closed_on = now.astimezone(PARIS).date()
    row.save(update_fields=["closed_on", *columns, "updated_at"])


# -- poles ---------------------------------------------------------------------------------------


@action("directory.change_pole", on="pole")
def change_pole(*, actor: Actor, pole: Pole, name: str, hours: DeskHours, now: datetime) -> Pole:
    """Correct the name, the hours and the days of a duty desk."""
    check_open(pole)
    pole.name, pole.opens, pole.closes = name, hours.opens, hours.closes
    pole.weekdays = sorted(set(hours.weekdays))
    with said():
        pole.save(update_fields=["name", "opens", "closes", "weekdays", "updated_at"])
    publish(facts.PoleChanged(pole_id=pole.pk, organization_id=pole.organization_id))
    return pole


@action("directory.close_pole", on="pole", lock=("organization", "pole"))
def close_pole(*, actor: Actor, pole: Pole, heir: Pole | None, now: datetime) -> int:
    """Close a duty desk; another takes over its turns that are not over. Returns how many.

    Raises when turns would be left to nobody, or the structure without the desk that it held.
    """
    check_open(pole)
    heir = _heir_beside(pole, heir)
    moved = _taken("pole", Shift.objects.filter(pole=pole, ends_at__gt=now), heir, now)
    if moved is None or (heir is None and _is_the_last_held(pole)):
        raise DomainError(
            "directory.pole_still_held",
            "Ce pôle a encore des tours, ou il est le seul que la structure ait tenu. Rien n’a "
            "changé\u00a0: choisissez le pôle qui reprend, ou ouvrez-le d’abord.",
        )
    _close(pole, now)
    publish(
        facts.PoleClosed(
            pole_id=pole.pk,
            organization_id=pole.organization_id,
            heir_id=heir.pk if heir else None,
        )
    )
    return moved


def _is_the_last_held(pole: Pole) -> bool:
    others = Pole.objects.filter(organization=pole.organization_id, closed_on=None)
    if others.exclude(pk=pole.pk).exists():
        return False
    return pole.shifts.exists() or Handover.objects.filter(pole=pole).exists()


# -- sectors -------------------------------------------------------------------------------------


@action("directory.rename_sector", on="sector")
def rename_sector(*, actor: Actor, sector: Sector, name: str, now: datetime) -> Sector:
    """Give a sector another name."""
    _rename(sector, name)
    publish(facts.SectorRenamed(sector_id=sector.pk, organization_id=sector.organization_id))
    return sector


@action("directory.close_sector", on="sector", lock=("organization", "sector"))
def close_sector(*, actor: Actor, sector: Sector, heir: Sector | None, now: datetime) -> int:
    """Close a sector; another of the same structure takes its communes. Returns how many."""
    check_open(sector)
    heir = _heir_beside(sector, heir)
    moved = _taken("sector", SectorCommune.objects.filter(sector=sector), heir, now)
    if moved is None:
        raise DomainError(
            "directory.sector_holds_communes",
            "Personne ne répondrait plus de ses communes. Rien n’a changé\u00a0: choisissez le "
            "secteur qui les reprend, ou créez-le d’abord.",
        )
    _close(sector, now)
    publish(
        facts.SectorClosed(
            sector_id=sector.pk,
            organization_id=sector.organization_id,
            heir_id=heir.pk if heir else None,
        )
    )
    return moved


# -- territories ---------------------------------------------------------------------------------


@action("directory.rename_territory", on="territory")
def rename_territory(*, actor: Actor, territory: Territory, name: str, now: datetime) -> Territory:
    """Give a territory another name."""
    _rename(territory, name)
    publish(facts.TerritoryRenamed(territory_id=territory.pk))
    return territory


@action("directory.close_territory", on="territory", lock=())
def close_territory(
    *, actor: Actor, territory: Territory, heir: Territory | None, now: datetime
) -> int:
    """Close a territory; another of the same kind takes its structures, communes and persons.

    Returns how many structures moved. Persons follow by themselves, in the same transaction.
    """
    both = [one.pk for one in (territory, heir) if one is not None]
    locked = Territory.objects.filter(pk__in=both).select_for_update(of=("self",)).order_by("pk")
    rows = {one.pk: one for one in locked}
    territory, heir = rows[territory.pk], rows.get(heir.pk) if heir else None
    check_open(territory)
    if heir and (heir == territory or heir.closed_on or heir.kind != territory.kind):
        raise DomainError("directory.unfit_heir", UNFIT)
    moved = _taken("territory", Organization.objects.filter(territory=territory), heir, now)
    if moved is None:
        raise DomainError(
            "directory.territory_holds",
            "Des structures dépendent de ce territoire. Rien n’a changé\u00a0: choisissez celui "
            "qui les reprend.",
        )
    if heir:
        _take_communes(territory, heir)
    territory.heir = heir
    with said():
        _close(territory, now, "heir")
    publish(facts.TerritoryClosed(territory_id=territory.pk, heir_id=heir.pk if heir else None))
    return moved


def _take_communes(territory: Territory, heir: Territory) -> None:
    """The closed one keeps its drawing, as history; the heir covers what it covered."""
    held = heir.places.values("commune")
    wanted = territory.places.exclude(commune__in=held).order_by("commune", "pk")
    TerritoryCommune.objects.bulk_create(
        TerritoryCommune(territory=heir, commune_id=code)
        for code in wanted.values_list("commune_id", flat=True)
    )
