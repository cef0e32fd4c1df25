"""What plans entrust to one professional by name; and what they alone are left to read."""

from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from cordee.access.actor import Actor
from cordee.people.models import CircleMember
from cordee.plans.models import ActionAnswer, Activity
from cordee.plans.rules import domains
from cordee.plans.rules.lines import Answer, Phase


def entrusted_to(actor: Actor) -> list[Activity]:
    """List the actions under way that are entrusted to who reads, by name, while they are of her
    circle. Two queries."""
    if actor.practitioner_id is None:
        return []
    rows = Activity.objects.visible_to(actor).filter(
        member__practitioner=actor.practitioner_id,
        member__until=None,
        removed_at=None,
        phase=Phase.ACTIVE,
    )
    return list(_with_words(actor, rows))


def protected_around(actor: Actor) -> list[Activity]:
    """List what is protected and waits, of the persons in whose circle a professional is by name:
    what they read of it, and was entrusted to no professional. Two queries."""
    if actor.practitioner_id is None:
        return []
    rows = Activity.objects.visible_to(actor).filter(
        Q(member=None) | Q(member__practitioner=None),
        plan__person__in=_around(actor.practitioner_id),
        phase=Phase.ACTIVE,
    )
    rows = rows.exclude(category__in=domains.ON_THE_THREAD)
    return [one for one in _with_words(actor, rows) if one.next_on or asks(one)]


def asks(activity: Activity) -> bool:
    """Say whether who is to act asks something, or cannot, of an action read with its answers."""
    said: list[ActionAnswer] = getattr(activity, "said", [])
    return bool(said) and said[0].answer != Answer.UNDERSTOOD


def _around(practitioner_id: UUID) -> QuerySet[CircleMember, UUID]:
    stays = CircleMember.objects.current().filter(practitioner=practitioner_id)
    return stays.values_list("person", flat=True)


def _with_words(actor: Actor, rows: QuerySet[Activity]) -> QuerySet[Activity]:
    answers = ActionAnswer.objects.visible_to(actor).select_related("answered_by")
    told = Prefetch("answers", answers.order_by("-answered_at", "-pk"), "said")
    return (
        rows.select_related("author", "plan__person", "plan__organization")
        .prefetch_related(told)
        .order_by("next_on", "pk")
    )
