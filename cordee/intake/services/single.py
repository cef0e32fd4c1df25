"""One live request per person and need: the same rule, from wherever a need may come."""

from collections.abc import Iterable
from uuid import UUID

from cordee.intake.models import CareRequest
from cordee.kernel.errors import DomainError
from cordee.people.models import Person


def lock_person(person_id: UUID) -> None:
    """Have two gestures on the requests of one person wait in line: the request first, then the
    person, as a merge does."""
    rows = Person.objects.filter(pk=person_id).select_for_update(of=("self",), no_key=True)
    list(rows.order_by("pk").values_list("pk", flat=True))


def is_asked_already(person_id: UUID, kinds: Iterable[str], but: UUID | None) -> bool:
    """Say whether another live request of the person asks for one of these kinds of care."""
    wanted = set(kinds)
    others = CareRequest.objects.live().filter(person=person_id).exclude(pk=but)
    return any(wanted & set(other.kinds) for other in others.order_by("pk"))


def refuse_second(
    person_id: UUID | None, kinds: Iterable[str], but: UUID | None, advice: str
) -> None:
    """Refuse a second live request for one person and need. Raises DomainError."""
    if person_id is not None and is_asked_already(person_id, kinds, but):
        raise already_live(advice)


def already_live(advice: str) -> DomainError:
    """Return what is said of a need that another request follows already."""
    return DomainError(
        "intake.already_live",
        f"Une demande pour ce soin est déjà en cours pour cette personne. {advice}",
    )
