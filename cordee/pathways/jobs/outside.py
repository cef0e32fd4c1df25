"""Who was found is to come, and is of the circle no more, or away then: the desk looks at it, as
nobody else is sought."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker.selectors import is_held_by_away, is_held_outside, places_of
from cordee.intake.selectors import requests_among, unvisited_requests_of
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways.agreement import REQUEST, ask, drop, search_of
from cordee.people.facts import finds_something

KIND, AWAY = "place_left", "place_away"


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


@listens("directory.practice_declared")
def on_declared(*, fact: StoredFact) -> None:
    """Somebody who comes declares a leave, or takes it back: the visit may be one of its days."""
    now = timezone.now()
    places = {one.origin: one for one in places_of(UUID(fact.data["practitioner_id"]), now)}
    keys = [one.removeprefix(f"{REQUEST}/") for one in places if one.startswith(f"{REQUEST}/")]
    for request in requests_among(SYSTEM, keys):
        if is_held_by_away(places[f"{REQUEST}/{request.pk}"], now):
            ask(SYSTEM, request, AWAY, now)
        else:
            drop(SYSTEM, request, now, AWAY)
