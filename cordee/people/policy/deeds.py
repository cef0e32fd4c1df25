"""Who may do what about a person: the rules of the verbs."""

from collections.abc import Iterable
from uuid import UUID

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import allows
from cordee.people.models import (
    Candidate,
    CircleMember,
    EmergencyGrant,
    Person,
    PersonAccount,
    Relative,
)
from cordee.people.policy.known import (
    BY_PROFESSION,
    known_among,
    knows,
    represented_by,
    would_follow,
)
from cordee.people.policy.scopes import MERGING, examined_by
from cordee.people.rules.sharing import Category


def may_act(actor: Actor, person: Person) -> bool:
    """Say whether the actor takes part in this person’s pathway: emergency is sight, not deed."""
    return _takes_part(actor, person.pk)


def _takes_part(actor: Actor, person_id: UUID) -> bool:
    if actor.role is Role.SYSTEM:
        return True
    if actor.purpose is Purpose.EMERGENCY or actor.role in (Role.PERSON, Role.RELATIVE):
        return False
    return knows(actor, person_id, Category.COORDINATION)


def speaks_for(actor: Actor, person: Person) -> bool:
    """Say whether the actor is the person, or holds their voice (parent, representative)."""
    if person.pk not in actor.person_ids:
        return False
    if actor.role is Role.PERSON:
        return True
    return actor.role is Role.RELATIVE and represented_by(actor).filter(pk=person.pk).exists()


def may_read_choices(actor: Actor, person: Person) -> bool:
    """Say whether the actor, who knows of the pathway, may know what she chose: a relative does
    when they hold her voice."""
    return actor.role is not Role.RELATIVE or speaks_for(actor, person)


def may_steer(actor: Actor, person: Person) -> bool:
    """Say whether the actor may change the pathway itself: a home help tells, others decide."""
    return actor.role is not Role.HOME_HELP and may_act(actor, person)


STEERING = frozenset({Role.COORDINATOR, Role.HOSPITAL})
"""Who leads somebody’s pathway for their structure: holds her plan, watches over it, meets."""


ENTERING = BY_PROFESSION | {Role.ORIENTEUSE, Role.COORDINATOR, Role.SYSTEM}


@allows("people.create")
@allows("people.create_many")
def may_enter_somebody(actor: Actor, subject: None) -> bool:
    return actor.role in ENTERING and actor.purpose is not Purpose.EMERGENCY


@allows("people.update")
def may_correct(actor: Actor, person: Person) -> bool:
    if actor.role is Role.ORIENTEUSE and actor.purpose is not Purpose.EMERGENCY:
        return knows(actor, person.pk)
    return may_act(actor, person)


@allows("people.agree")
def may_write_her_agreement(actor: Actor, person: Person) -> bool:
    """Who takes up her request asks her first: they know her by name, and she refused nothing."""
    if actor.role is Role.ORIENTEUSE:
        return bool(actor.organization_id) and knows(actor, person.pk)
    return actor.role is Role.COORDINATOR and would_follow(actor, person.pk)


@allows("people.enter_circle")
def may_take_charge(actor: Actor, person: Person) -> bool:
    """The desk takes up the request of somebody it knows by the least view, or is to ask first."""
    known = may_correct(actor, person) or may_write_her_agreement(actor, person)
    return bool(actor.organization_id) and known


STEERED = (
    "join",
    "declare_death",
    "deny_death",
    "move",
    "admit",
    "discharge",
    "note_relative",
    "note_relatives",
    "check_identity",
)
for _verb in (*STEERED, "open_own_space"):
    allows(f"people.{_verb}")(may_steer)


@allows("people.welcome")
def may_welcome(actor: Actor, person: Person) -> bool:
    """The broker alone calls this verb (a test), when a yes is confirmed; see the service."""
    answers = actor.role in (Role.PRACTITIONER, Role.GUEST) and bool(actor.practitioner_id)
    return answers or may_act(actor, person)


@allows("people.end_relative")
def may_end_a_relative(actor: Actor, relative: Relative) -> bool:
    return may_steer(actor, relative.person)


def may_decide(actor: Actor, person: Person) -> bool:
    """Say whether the actor carries out the person’s word, or is the person’s own voice."""
    return may_act(actor, person) or speaks_for(actor, person)


@allows("people.leave")
def may_end_a_stay(actor: Actor, member: CircleMember) -> bool:
    return member.pk in stays_one_may_end(actor, member.person, [member])


def stays_one_may_end(
    actor: Actor, person: Person, members: Iterable[CircleMember]
) -> frozenset[UUID]:
    """Say which of these stays the actor may end: their own, and for who steers, the others’.

    What an organisation carries for somebody is ended by it or by her: a colleague who cleans up
    the circle would leave a request to nobody. Two queries at most, whatever their number.
    """
    anyone = actor.role is Role.SYSTEM or speaks_for(actor, person)
    steers = anyone or may_steer(actor, person)

    def may_end(one: CircleMember) -> bool:
        if one.practitioner_id and one.practitioner_id == actor.practitioner_id:
            return True
        others = one.organization_id is not None and one.organization_id not in actor.organizations
        return anyone or (steers and not others)

    return frozenset(one.pk for one in members if may_end(one))


@allows("people.close_own_space")
def may_close_a_space(actor: Actor, space: PersonAccount) -> bool:
    return may_steer(actor, space.person) or speaks_for(actor, space.person)


for _verb in ("inform", "share", "process", "oppose_emergency", "allow_hint"):
    allows(f"people.{_verb}")(may_decide)


@allows("people.open")
def may_write_a_consent(actor: Actor, person: Person) -> bool:
    """A home help writes down a refusal; what opens is told to who steers the pathway."""
    return may_steer(actor, person) or speaks_for(actor, person)


@allows("people.write_note")
def may_write_a_note(actor: Actor, person: Person) -> bool:
    return bool(actor.account_id) and may_act(actor, person)


@allows("people.try_emergency")
@allows("people.open_emergency")
def may_attest(actor: Actor, subject: None) -> bool:
    """Whoever can be named and is in a caring role may ask; the rules decide the rest."""
    return bool(actor.account_id) and actor.role in BY_PROFESSION


@allows("people.end_emergency")
def may_end_emergency(actor: Actor, grant: EmergencyGrant) -> bool:
    return actor.role is Role.SYSTEM or grant.account_id == actor.account_id


@allows("people.tell_emergency")
def may_tell(actor: Actor, grant: EmergencyGrant) -> bool:
    """By the key of the person alone: who opened it, or examines it, may not know them."""
    examines = actor.role is Role.DPO or grant.examiner_id in examined_by(actor)
    return examines or _takes_part(actor, grant.person_id)


@allows("people.review_emergency")
def may_review(actor: Actor, grant: EmergencyGrant) -> bool:
    """Never by the one who opened it."""
    if not actor.account_id or grant.account_id == actor.account_id:
        return False
    return actor.role in (Role.DPO, Role.COORDINATOR) and may_tell(actor, grant)


def attestations_told(actor: Actor, grants: Iterable[EmergencyGrant]) -> frozenset[UUID]:
    """Say of which of these accesses the actor may read why it was opened, and what was concluded
    in words: they are care, and more than is needed to tell the person (ADR 9).

    Who opened it, who may review it, and who knows her care. Two queries at most.
    """
    listed = list(grants)
    persons = {one.person_id for one in listed}
    if actor.role in (Role.SYSTEM, Role.DPO) or not persons:
        return frozenset(one.pk for one in listed)
    known = known_among(actor, persons, Category.CARE)
    if actor.role is Role.COORDINATOR and actor.account_id:  # as `may_review`
        known |= known_among(actor, persons, Category.COORDINATION)
    examined = examined_by(actor)
    return frozenset(
        one.pk
        for one in listed
        if one.account_id == actor.account_id
        or one.examiner_id in examined
        or one.person_id in known
    )


@allows("people.set_basis")
def may_set_basis(actor: Actor, subject: None) -> bool:
    return actor.role in (Role.ADMINISTRATOR, Role.DPO)


for _verb in (
    *("people.match", "people.keep_evaluation", "people.merge_unattended"),
    *("people.record_gp", "people.end_stranger"),
):
    allows(_verb)(lambda actor, subject: actor.role is Role.SYSTEM)
allows("people.set_unattended")(may_set_basis)
allows("people.undo_merge")(lambda actor, merge: may_compare(actor, merge.survivor))


@allows("people.compare")
def may_compare(actor: Actor, person: Person) -> bool:
    return actor.role in MERGING and may_act(actor, person)


@allows("people.tell_apart")
@allows("people.judge_again")
@allows("people.merge")
def may_judge(actor: Actor, pair: Candidate) -> bool:
    return may_compare(actor, pair.one) and may_compare(actor, pair.other)
