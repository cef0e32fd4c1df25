"""A record that exists for tests only: its table is made and armed by the owner."""

from django.db import models

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.access.policy import allows, everyone, sees
from cordee.access.records import Privacy, Record
from cordee.kernel.errors import DomainError


class Thing(Record):
    """Something with a name."""

    privacy = Privacy(identifying="name")
    name = models.CharField("nom", max_length=100)

    class Meta:
        app_label = "scaffold"
        db_table = "test_thing"
        managed = False
        verbose_name = "chose"


sees(Thing)(everyone)


@allows("test.rename")
def coordinators(actor: Actor, thing: Thing) -> bool:
    return actor.role is Role.COORDINATOR


@action("test.rename", on="thing")
def rename(*, actor: Actor, thing: Thing, name: str, now) -> Thing:
    """Give another name."""
    thing.name = name
    thing.save(update_fields=["name", "updated_at"])
    return thing


@action("test.unruled", on="thing")
def unruled(*, actor: Actor, thing: Thing, now) -> None:
    """Nobody ruled on this verb."""


@allows("test.make")
@allows("test.make_part")
def coordinators_make(actor: Actor, subject: None) -> bool:
    return actor.role is Role.COORDINATOR


@action("test.make", on=None)
def make(*, actor: Actor, name: str, now) -> Thing:
    """Make one, which is about nothing that is there."""
    return Thing.objects.create(name=name)


@action("test.make_part", on=None, is_part=True)
def make_part(*, actor: Actor, name: str, now) -> Thing:
    """The same, as a part of a gesture around it."""
    if not name:
        raise DomainError("test.nameless", "Donnez un nom.")
    return Thing.objects.create(name=name)


@action("test.make_two", on=None)
def make_two(*, actor: Actor, names: tuple[str, str], now) -> list[Thing]:
    """Make two, the second as a part of this."""
    first = Thing.objects.create(name=names[0])
    return [first, make_part(actor=actor, name=names[1], now=now)]


allows("test.make_two")(coordinators_make)
