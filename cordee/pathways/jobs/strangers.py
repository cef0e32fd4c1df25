"""A relative of somebody else was in a circle, and is no more: a desk looks at who is missing."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways import services
from cordee.people.selectors import desks_of, is_deceased


@listens("people.stranger_left")
def on_stranger_left(*, fact: StoredFact) -> None:
    """They may be close to her all the same, and never have been written down as hers."""
    person, now = UUID(fact.data["person_id"]), timezone.now()
    if is_deceased(person):
        return
    for desk in sorted(desks_of(person)):
        ask = services.Ask(
            kind="check_relatives",
            origin=f"people/person/{person}",
            organization_id=desk,
            person_id=person,
        )
        services.open_task(actor=SYSTEM, ask=ask, now=now)
