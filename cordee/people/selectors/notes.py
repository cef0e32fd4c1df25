"""Protected notes: those one may read, and nothing about the others."""

from django.db.models import QuerySet

from cordee.access.actor import Actor
from cordee.people.models import Person, ProtectedNote


def notes_of(actor: Actor, person: Person) -> QuerySet[ProtectedNote]:
    """List the notes one may read, the latest first. One query."""
    return (
        ProtectedNote.objects.visible_to(actor)
        .filter(person=person)
        .select_related("author", "organization")
        .order_by("-written_at", "pk")
    )
