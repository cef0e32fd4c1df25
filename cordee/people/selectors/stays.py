"""Stays in hospital: those that one may read, and whether somebody is away from home."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.people.models import HospitalStay, Person
from cordee.people.rules import stays


def stay_records(actor: Actor) -> QuerySet[HospitalStay]:
    """The stays that the actor may read, each with where it was when that is known."""
    return HospitalStay.objects.visible_to(actor).select_related("organization")


def stay_going_on(actor: Actor, person: Person) -> HospitalStay | None:
    """The stay of somebody who is in hospital, where the actor may read it. One query."""
    known = stay_records(actor).filter(person=person.merged_into_id or person.pk)
    return known.filter(left_at=None).first()


def away_since(person_id: UUID) -> datetime | None:
    """Say since when somebody is in hospital, or gone on from there to elsewhere than home, as of
    now. One query."""
    rows = HospitalStay.objects.filter(person=person_id).order_by("pk")
    return stays.away_since(one.told for one in rows)
