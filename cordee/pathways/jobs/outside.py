"""Who was found is to come, and is of the circle no more, or away then: the desk looks at it, as
nobody else is sought."""

from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker.selectors import away_since, is_held_by_away, is_held_outside, places_of
from cordee.intake.selectors import requests_among, unvisited_requests_of
from cordee.kernel.facts import StoredFact, listens
from cordee.pathways.agreement import REQUEST, ask, drop, origin_of, search_of
from cordee.pathways.selectors import asked_since
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
    """Somebody who comes declares a leave, or takes it back: the visit may be one of its days.

    Whatever else they declare, what the desk settled of the same leave is not asked again."""
    now = timezone.now()
    places = {one.origin: one for one in places_of(UUID(fact.data["practitioner_id"]), now)}
    for request in requests_among(SYSTEM, _requests(places)):
        search = places[origin_of(request)]
        since = away_since(search, now)
        if since is None:
            drop(SYSTEM, request, now, AWAY)
        elif not asked_since(since, AWAY, [search.origin]):
            ask(SYSTEM, request, AWAY, now)


@listens("broker.care_confirmed")
def on_date(*, fact: StoredFact) -> None:
    """A first visit is set, or moved: it may be one of the days of a leave declared before."""
    now, origin = timezone.now(), fact.data["origin"]
    if asked_since(fact.happened_at, AWAY, [origin]):
        return
    for request in requests_among(SYSTEM, _requests([origin])):
        search = search_of(SYSTEM, request)
        if search and is_held_by_away(search, now):
            ask(SYSTEM, request, AWAY, now)


def _requests(origins: Iterable[str]) -> list[str]:
    return [one.removeprefix(f"{REQUEST}/") for one in origins if one.startswith(f"{REQUEST}/")]
