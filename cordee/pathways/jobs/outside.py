"""Who was found is to come, and is of the circle no more: they read neither where nor what for."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker.selectors import is_held_outside
from cordee.intake.selectors import unvisited_requests_of
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways.agreement import ask, drop, search_of
from cordee.people.facts import finds_something

KIND = "place_left"


@listens("people.left_circle", "people.joined_circle", only=finds_something)
def on_circle(*, fact: StoredFact) -> None:
    """Somebody left the circle, by hand or through a partner, or is back in it. Nobody else is
    sought while the search stands: the desk looks at who comes."""
    now, person_id = timezone.now(), UUID(str(fact.data["person_id"]))
    for request in unvisited_requests_of(SYSTEM, [person_id], timezone.localdate(now)):
        search = search_of(SYSTEM, request)
        if search and is_held_outside(search):
            ask(SYSTEM, request, KIND, now)
        else:
            drop(SYSTEM, request, now, KIND)
