"""Entering, correcting, moving a person, and saying that they died."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.access.records import insert_rows
from cordee.directory import selectors as directory
from cordee.directory.models import Commune
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish, publish_many
from cordee.people.facts import (
    DeathDenied,
    IdentityChanged,
    PersonCreated,
    PersonDied,
    PersonMoved,
)
from cordee.people.models import Person
from cordee.people.rules import identity as ins
from cordee.people.rules import traits, writing
from cordee.people.rules.writing import Identity
from cordee.people.selectors import edition_of, withheld
from cordee.people.services.circle import enter_first
from cordee.people.services.seen import refuse_old

PARIS = ZoneInfo("Europe/Paris")
ENTERS_CIRCLE = frozenset(
    {Role.ORIENTEUSE, Role.COORDINATOR, Role.HOSPITAL, Role.HOME_HELP, Role.PRACTITIONER}
)


@action("people.create", on=None, is_part=True)
def create_person(*, actor: Actor, identity: Identity, now: datetime) -> Person:
    """Enter somebody; who enters them joins the circle. Raises DomainError (people.identity)."""
    (person,) = _entered(actor, [identity], now)
    return person


@action("people.create_many", on=None, is_part=True)
def create_persons(*, actor: Actor, identities: Sequence[Identity], now: datetime) -> list[Person]:
    """Enter many in one set, each as `create_person` would; one line of trace for all.

    Raises DomainError (people.identity).
    """
    return _entered(actor, identities, now)


def _entered(actor: Actor, identities: Sequence[Identity], now: datetime) -> list[Person]:
    written = [_checked(one, now) for one in identities]
    places = {code: _place(actor, code) for code in {one.commune_code for one in written}}
    persons = [
        Person(
            **_columns(one),
            **places[one.commune_code]._asdict(),
            ins_status=ins.Status.PROVISIONAL.value,
            is_demonstration=settings.CORDEE.mode == "demonstration",
        )
        for one in written
    ]
    insert_rows(Person, ({name: getattr(one, name) for name in OF_A_PERSON} for one in persons))
    for one in persons:
        one._state.adding = False
    created = [
        PersonCreated(person_id=one.pk, organization_id=actor.organization_id) for one in persons
    ]
    entering = actor.role in ENTERS_CIRCLE
    publish_many([*created, *(enter_first(actor, persons, now) if entering else ())])
    return persons


OF_A_PERSON = tuple(
    one.attname
    for one in Person._meta.concrete_fields
    if not one.generated and one.name not in ("created_at", "updated_at")
)


@action("people.update", on="person")
def update_person(
    *,
    actor: Actor,
    person: Person,
    identity: Identity,
    seen: str = "",
    now: datetime,
) -> Person:
    """Correct identity or contacts. A changed strict trait makes the identity provisional again.

    What the actor may not see stays as it is, whatever was sent. `seen`: the edition that was read.
    Raises DomainError (people.identity, people.changed).
    """
    written = _checked(identity, now)
    place, hidden = _place(actor, written.commune_code, person), withheld(actor, person)
    columns = _columns(written, person) | {"territory_id": place.territory_id}
    columns["commune_id"] = place.commune.pk if place.commune else None
    changed = [
        name
        for name, value in columns.items()
        if name not in hidden and getattr(person, name) != value
    ]
    if not changed:
        return person  # their own older page, sent again, undoes nothing
    refuse_old(seen, edition_of(actor, person) if seen else "")
    had_ins = person.ins
    another = bool(person.address and columns.get("address")) and "address" in changed
    moved = "commune_id" in changed or another
    for name in changed:
        setattr(person, name, columns[name])
    person.ins_status = _status(person, changed, had_ins, now).value
    person.save(update_fields=[*changed, "ins_status", "updated_at"])
    publish(IdentityChanged(person_id=person.pk, fields=changed, status=person.ins_status))
    if moved:
        _say_moved(person)
    return person


@action("people.check_identity", on="person")
def check_identity(*, actor: Actor, person: Person, event: ins.Event, now: datetime) -> Person:
    """Record that a paper was checked, or that the national service answered.

    Raises DomainError (people.identity_in_doubt, people.no_ins).
    """
    if event == ins.Event.INSI_FOUND and not person.ins:
        raise DomainError(
            "people.no_ins", "Saisissez d’abord le matricule INS rendu par le téléservice."
        )
    status = ins.Status(person.ins_status)
    reached = ins.status_after(status, event, person.attributes, _day(now))
    if reached == status and person.attributes:
        raise DomainError(
            "people.identity_in_doubt",
            "Cette identité est marquée douteuse ou fictive\u00a0: elle ne peut pas être validée. "
            "Levez d’abord le doute.",
        )
    person.ins_status = reached.value
    person.save(update_fields=["ins_status", "updated_at"])
    publish(IdentityChanged(person_id=person.pk, fields=[], status=person.ins_status))
    return person


@action("people.declare_death", on="person")
def declare_death(*, actor: Actor, person: Person, deceased_on: date, now: datetime) -> Person:
    """Say that the person died. Searches stop. Raises DomainError (people.death_date)."""
    if deceased_on > _day(now) or (person.birth_date and deceased_on < person.birth_date):
        raise DomainError("people.death_date", "Cette date de décès n’est pas possible.")
    if person.deceased_on == deceased_on:
        return person
    person.deceased_on = deceased_on
    person.save(update_fields=["deceased_on", "updated_at"])
    publish(PersonDied(person_id=person.pk, deceased_on=deceased_on))
    return person


@action("people.deny_death", on="person")
def deny_death(*, actor: Actor, person: Person, why: traits.WhyAlive, now: datetime) -> Person:
    """Take back a death that was written down by mistake: somebody can be sought for them again.

    What the death stopped stays ended; the day that was noted stays in the previous states.
    """
    if person.deceased_on is None:
        return person
    person.deceased_on = None
    person.save(update_fields=["deceased_on", "updated_at"])
    publish(DeathDenied(person_id=person.pk, why=why.value))
    return person


@action("people.move", on="person")
def move_person(
    *, actor: Actor, person: Person, commune_code: str, address: str, now: datetime
) -> Person:
    """Give the person another address. Raises DomainError (people.identity)."""
    commune = _commune(commune_code)
    place = address.strip()[: writing.LENGTHS["address"]]
    same_commune = commune is not None and commune.pk == person.commune_id
    same_place = same_commune and (not person.address or place in ("", person.address))
    person.commune, person.address = commune, place
    person.territory_id = _territory(actor, commune.pk if commune else "", person)
    person.save(update_fields=["commune", "address", "territory", "updated_at"])
    if not same_place:
        _say_moved(person)
    return person


def _day(now: datetime) -> date:
    return now.astimezone(PARIS).date()


def _checked(identity: Identity, now: datetime) -> Identity:
    written = writing.tidied(identity)
    faults = writing.faults(written, mode=settings.CORDEE.mode, today=_day(now))
    if faults:
        raise DomainError("people.identity", " ".join(faults.values()))
    return written


def _columns(written: Identity, person: Person | None = None) -> dict[str, Any]:
    columns = {column.name: getattr(written, column.name) for column in fields(written)}
    del columns["commune_code"]
    oid = written.ins_oid or writing.default_registry(settings.CORDEE.mode)
    if person is not None and written.ins == person.ins and not written.ins_oid:
        oid = person.ins_oid  # the same number stays in its registry
    return columns | {"first_name": written.first_name, "ins_oid": oid if written.ins else ""}


class _Place(NamedTuple):
    """Where somebody lives, and the territory that has them."""

    commune: Commune | None
    territory_id: UUID | None


def _place(actor: Actor, code: str, person: Person | None = None) -> _Place:
    commune = _commune(code)
    return _Place(commune, _territory(actor, commune.pk if commune else "", person))


def _commune(code: str) -> Commune | None:
    if not code:
        return None
    commune = directory.commune_of(code)
    if commune is None:
        raise DomainError("people.identity", "Cette commune n’existe pas\u00a0: choisissez-la.")
    return commune


def _territory(actor: Actor, commune_code: str, person: Person | None) -> UUID | None:
    """The single number's territory that holds the commune; else the one of who writes."""
    if commune_code:
        found = directory.territories_holding(commune_code)
        mine = [pk for pk, _ in found if pk in actor.territories]
        desks = [pk for pk, kind in found if kind == "sio"]
        if mine or desks:
            return (mine or desks)[0]
    if person is not None and person.territory_id:
        return person.territory_id
    return min(actor.territories, default=None)


def _status(person: Person, changed: list[str], had_ins: str, now: datetime) -> ins.Status:
    status = ins.Status(person.ins_status)
    attributes, day = person.attributes, _day(now)
    if had_ins and not person.ins:
        status = ins.status_after(status, ins.Event.INS_REMOVED, attributes, day)
    if set(changed) & set(writing.STRICT) - {"ins", "ins_oid"} or (
        person.ins and had_ins and "ins" in changed
    ):
        status = ins.status_after(status, ins.Event.TRAITS_CHANGED, attributes, day)
    return ins.trusted(status, attributes)


def _say_moved(person: Person) -> None:
    publish(
        PersonMoved(
            person_id=person.pk,
            commune_code=person.commune_id or "",
            territory_id=person.territory_id,
        )
    )
