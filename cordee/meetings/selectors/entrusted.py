"""What meetings entrust to somebody by name; and what a professional alone is left to read."""

from django.db.models import Q

from cordee.access.actor import Actor
from cordee.meetings.models import Decision
from cordee.meetings.rules.states import Phase
from cordee.people.models import CircleMember
from cordee.plans.rules.domains import ON_THE_THREAD

READ_WITH = ("author", "meeting__person", "meeting__organization")


def entrusted_to(actor: Actor) -> list[Decision]:
    """List the decisions to be done by who reads, by name, while they are of her circle. One
    query."""
    mine = Q(pk__in=[])
    if actor.practitioner_id:
        mine |= Q(member__practitioner=actor.practitioner_id)
    if actor.account_id:
        mine |= Q(account=actor.account_id)
    stands = Q(member=None) | Q(member__until=None)
    rows = Decision.objects.visible_to(actor).filter(mine, stands, phase=Phase.OPEN.value)
    return list(rows.select_related(*READ_WITH).order_by("due_on", "pk"))


def protected_around(actor: Actor) -> list[Decision]:
    """List the protected decisions to be done, of the persons in whose circle a professional is by
    name: what they read of it, and was entrusted to no professional. One query."""
    if actor.practitioner_id is None:
        return []
    stays = CircleMember.objects.current().filter(practitioner=actor.practitioner_id)
    rows = Decision.objects.visible_to(actor).filter(
        Q(member=None) | Q(member__practitioner=None),
        meeting__person__in=stays.values("person"),
        phase=Phase.OPEN.value,
    )
    rows = rows.exclude(category__in=ON_THE_THREAD).exclude(account=actor.account_id)
    return list(rows.select_related(*READ_WITH).order_by("due_on", "pk"))
