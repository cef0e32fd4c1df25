"""One live request per person and need: the same rule, from wherever a need may come."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.access.policy import visible
from cordee.intake import facts
from cordee.intake.models import CareRequest
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.models import Person


def lock_person(person_id: UUID) -> None:
    """Have two gestures on the requests of one person wait in line: the request first, then the
    person, as a merge does."""
    rows = Person.objects.filter(pk=person_id).select_for_update(of=("self",), no_key=True)
    list(rows.order_by("pk").values_list("pk", flat=True))


def asked_already(person_id: UUID, kinds: Iterable[str], but: UUID | None) -> list[UUID]:
    """List the other live requests of the person that ask for one of these kinds of care."""
    wanted = set(kinds)
    others = CareRequest.objects.live().filter(person=person_id).exclude(pk=but)
    return [other.pk for other in others.order_by("pk") if wanted & set(other.kinds)]


def refuse_second(
    actor: Actor, person_id: UUID | None, kinds: Iterable[str], but: UUID | None, advice: str
) -> None:
    """Refuse a second live request for one person and need. Raises DomainError.

    What another service follows is refused under its own code: whoever shows that sentence first
    writes down, by `meet`, that this desk came across it.
    """
    found = asked_already(person_id, kinds, but) if person_id is not None else []
    if not found:
        return
    seen = visible(CareRequest.objects.filter(pk__in=found), actor)
    raise already_live(advice) if seen.exists() else live_elsewhere()


@action("intake.meet", on="person")
def meet(*, actor: Actor, person: Person, kinds: Iterable[str], now: datetime) -> None:
    """Write on the thread that a desk was asked for what another service follows already.

    Nothing is learnt of somebody without leaving a line: the person reads it, and the service that
    follows the request is asked to call.
    """
    found = CareRequest.objects.filter(pk__in=asked_already(person.pk, kinds, None))
    for other in found.exclude(pk__in=visible(found, actor).values("pk")).order_by("pk"):
        publish(
            facts.AskedElsewhere(
                person_id=person.pk, request_id=other.pk, organization_id=actor.organization_id
            )
        )


def live_elsewhere() -> DomainError:
    """Return what is said of a need that another service follows, whom one does not see."""
    return DomainError(
        "intake.live_elsewhere",
        "Un autre service suit déjà cette demande pour cette personne. Rien n’a été créé, ce que "
        "vous avez saisi est gardé, et ce service est prévenu de votre appel\u00a0: il vous "
        "rappellera. La personne verra aussi que vous l’avez reçu.",
    )


def already_live(advice: str) -> DomainError:
    """Return what is said of a need that another request follows already."""
    return DomainError(
        "intake.already_live",
        f"Une demande pour ce soin est déjà en cours pour cette personne. {advice}",
    )
