"""What intake does on hearing the rooms below: a life changes, the search stops."""

from uuid import UUID

from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.intake import selectors, services
from cordee.intake.models import CancelReason, RefusalReason
from cordee.kernel.facts import StoredFact, listens
from cordee.people import selectors as people


@listens("people.person_died")
def on_death(*, fact: StoredFact) -> None:
    """End what is under way; the requester is still to be told, by a human."""
    _stop(fact, CancelReason.PERSON_DIED)


@listens("people.person_admitted")
def on_admission(*, fact: StoredFact) -> None:
    """End what is under way at home: the hospital's return will ask again."""
    _stop(fact, CancelReason.ADMITTED)


@listens("people.person_moved")
def on_move(*, fact: StoredFact) -> None:
    """Bring what is under way back to whoever follows it: the place has changed."""
    _stop(fact, CancelReason.MOVED, place=str(fact.data.get("commune_code") or ""))


@listens("people.processing_changed")
def on_refusal(*, fact: StoredFact) -> None:
    """Refusing coordination ends what it was under way for: nothing stays that nobody may see."""
    if (fact.data["purpose"], fact.data["will"]) == ("coordination", "refused"):
        _stop(fact, RefusalReason.PERSON_DECLINED)


@listens("people.sharing_changed")
def on_opposition(*, fact: StoredFact) -> None:
    """The same, said by shutting coordination out of what a request needs to be followed."""
    if people.shuts_out_coordination(UUID(str(fact.data["person_id"]))):
        _stop(fact, RefusalReason.PERSON_DECLINED)


def _stop(fact: StoredFact, reason: str, place: str = "") -> None:
    person_id = UUID(str(fact.data["person_id"]))
    for request in selectors.live_requests_of(SYSTEM, [person_id]):
        services.stop(actor=SYSTEM, request=request, reason=reason, place=place, now=timezone.now())
