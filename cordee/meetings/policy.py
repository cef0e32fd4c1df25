"""Who sees a meeting and each of its lines, who holds it; and who reads a dilemma."""

from django.db.models import Exists, OuterRef, Q

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import NOTHING, Scope, allows, sees, sees_row
from cordee.meetings.models import Decision, Dilemma, DilemmaSeat, Meeting, Seat, Topic
from cordee.people.models import CircleMember, Person
from cordee.people.policy import STEERING, may_act, may_steer, speaks_for, through_person
from cordee.plans.policy import by_category

sees(Meeting)(through_person("person"))
sees(Seat)(through_person("meeting__person"))
sees(Topic)(by_category("meeting__person"))
sees(Decision)(by_category("meeting__person"))


def _of_those_who_took_part(prefix: str) -> Scope:
    """Its author and its participants, while they know the person; emergency opens nothing."""

    def scope(actor: Actor) -> Q:
        if actor.role is Role.SYSTEM:
            return Q()
        if not actor.account_id or actor.purpose is Purpose.EMERGENCY:
            return NOTHING
        dilemma = OuterRef("dilemma" if prefix else "pk")
        seated = DilemmaSeat.objects.filter(dilemma=dilemma, account=actor.account_id)
        mine = Q(**{f"{prefix}author": actor.account_id}) | Q(Exists(seated))
        return mine & through_person(f"{prefix}person")(actor)

    return scope


sees(Dilemma)(_of_those_who_took_part(""))
sees(DilemmaSeat)(_of_those_who_took_part("dilemma__"))


@allows("meetings.call")
def may_call(actor: Actor, person: Person) -> bool:
    """Who coordinates, for a structure: the meeting is held by it."""
    holds_one = actor.role in STEERING and bool(actor.account_id and actor.organization_id)
    return holds_one and may_steer(actor, person)


def holds(actor: Actor, meeting: Meeting) -> bool:
    """Say whether the actor works for the structure that holds the meeting, and may steer."""
    mine = actor.role in STEERING and meeting.organization_id in actor.organizations
    return mine and bool(actor.account_id) and may_steer(actor, meeting.person)


for _verb in (
    *("move", "cancel", "invite", "send", "uninvite", "judge"),
    *("add_topic", "write", "decide"),
):
    allows(f"meetings.{_verb}")(holds)


@allows("meetings.settle")
def may_settle(actor: Actor, decision: Decision) -> bool:
    """Who is to do what was decided, and who holds the meeting for them."""
    if not actor.account_id or actor.purpose is Purpose.EMERGENCY:
        return False
    meant = holds(actor, decision.meeting) or _does(actor, decision)
    return meant or _took_over(actor, decision)


def _took_over(actor: Actor, decision: Decision) -> bool:
    """Who of her circle reads what the structure that held the meeting gave to those who do."""
    given = decision.given_at is not None and may_steer(actor, decision.meeting.person)
    return given and sees_row(actor, Decision, decision.pk)


def _does(actor: Actor, decision: Decision) -> bool:
    person = decision.meeting.person
    if decision.by_person:
        return speaks_for(actor, person)
    if not may_act(actor, person):
        return False
    if decision.account_id:
        return decision.account_id == actor.account_id
    # Asked, not followed: the second lock may hide a stay that a merge left behind.
    stay = decision.member_id
    member = CircleMember.objects.filter(pk=stay, until=None).first() if stay else None
    if member is None:
        return False
    if member.practitioner_id:
        return member.practitioner_id == actor.practitioner_id
    return member.organization_id is not None and member.organization_id in actor.organizations


@allows("meetings.follow_stay")
@allows("meetings.give")
@allows("meetings.take_back")
@allows("meetings.end")
@allows("meetings.tell_asked_no_more")
def the_house_ends(actor: Actor, line: Meeting | Decision) -> bool:
    """A death, or who may follow the person no more; two records that became one; what nobody of
    the structure may read, and that it gave; who left the circle or the team."""
    return actor.role is Role.SYSTEM


@allows("meetings.write_dilemma")
def may_write_a_dilemma(actor: Actor, person: Person) -> bool:
    """Whoever takes part in her care: a home help meets dilemmas too."""
    return bool(actor.account_id) and actor.role is not Role.SYSTEM and may_act(actor, person)


@allows("meetings.rewrite_dilemma")
def its_author(actor: Actor, dilemma: Dilemma) -> bool:
    """Its author, while in the circle."""
    return dilemma.author_id == actor.account_id and may_act(actor, dilemma.person)


@allows("meetings.forget")
def the_house_forgets(actor: Actor, dilemma: Dilemma) -> bool:
    """Who may follow the person no more is reminded of nothing."""
    return actor.role is Role.SYSTEM
