"""Stays in hospital that one may read."""

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.people.models import HospitalStay


def stay_records(actor: Actor) -> QuerySet[HospitalStay]:
    """The stays that the actor may read, each with where it was when that is known."""
    return HospitalStay.objects.visible_to(actor).select_related("organization")
