"""A record that exists for tests only: its table is made and armed by the owner."""

from django.db import models

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.access.policy import allows, everyone, sees
from cordee.access.records import Privacy, Record


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
