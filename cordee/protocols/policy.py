"""Who reads, writes and approves a protocol; who watches over somebody who is on one."""

from django.db.models import Q

from cordee.access.actor import Actor, Role
from cordee.access.policy import allows, sees
from cordee.people.models import Person
from cordee.people.policy import STEERING, may_steer, through_person
from cordee.protocols.models import Clock, Passage, Pathway, ProtocolVersion, Rupture

WRITERS = frozenset({Role.COORDINATOR})
APPROVERS = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})


@sees(ProtocolVersion)
def protocols(actor: Actor) -> Q:
    """What is in use is public. Who signs in reads what is shipped and what was in use; a draft is
    its structure's coordination's, and administration's, who may approve it."""
    if actor.role in (Role.SYSTEM, Role.ADMINISTRATOR):
        return Q()
    seen = Q(state=ProtocolVersion.State.APPROVED)
    if actor.role in (Role.ANONYMOUS, Role.GUEST):
        return seen
    seen |= Q(state=ProtocolVersion.State.RETIRED) | Q(organization=None)
    if actor.role in WRITERS:
        seen |= Q(organization__in=actor.organizations)
    return seen


def is_of_their_structure(actor: Actor, version: ProtocolVersion) -> bool:
    """Say whether a version is held by a structure in whose name the actor speaks."""
    return version.organization_id is not None and version.organization_id in actor.organizations


@allows("protocols.load_shipped")
def is_the_house(actor: Actor, subject: None) -> bool:
    return actor.role is Role.SYSTEM


def may_write(actor: Actor, subject: ProtocolVersion | None) -> bool:
    """Begin one; with a version, write in it: the coordination of the structure that holds it."""
    if actor.role not in WRITERS or not actor.account_id or not actor.organization_id:
        return False
    return subject is None or is_of_their_structure(actor, subject)


@allows("protocols.begin")
def may_begin(actor: Actor, subject: None) -> bool:
    return may_write(actor, None)


@allows("protocols.save")
@allows("protocols.propose")
@allows("protocols.discard")
def may_change(actor: Actor, version: ProtocolVersion) -> bool:
    return may_write(actor, version)


@allows("protocols.approve")
def may_approve(actor: Actor, version: ProtocolVersion) -> bool:
    """Somebody who wrote none of it: of its coordination, or of administration."""
    if actor.role not in APPROVERS or not actor.account_id or version.is_shipped:
        return False
    if actor.account_id in version.writers:
        return False
    return actor.role is Role.ADMINISTRATOR or is_of_their_structure(actor, version)


@allows("protocols.send_back")
def may_send_back(actor: Actor, version: ProtocolVersion) -> bool:
    """Who may approve it says what to mend; who wrote it takes it back."""
    return may_approve(actor, version) or may_write(actor, version)


@allows("protocols.retire")
def may_retire(actor: Actor, version: ProtocolVersion) -> bool:
    """What is in use is retired by the structure's coordination, or by administration."""
    if actor.role is Role.ADMINISTRATOR:
        return bool(actor.account_id) and not version.is_shipped
    return may_write(actor, version)


@allows("protocols.try")
def may_try(actor: Actor, subject: None) -> bool:
    """Who coordinates tries a protocol on the persons of their structures."""
    return may_write(actor, None)


# --- persons on pathways -------------------------------------------------------------------------

sees(Pathway)(through_person("person"))
sees(Clock)(through_person("pathway__person"))
sees(Passage)(through_person("pathway__person"))
sees(Rupture)(through_person("pathway__person"))


@allows("protocols.join")
def may_join(actor: Actor, person: Person) -> bool:
    """Who coordinates, for a structure: it watches over the pathway."""
    watches = actor.role in STEERING and bool(actor.account_id and actor.organization_id)
    return watches and may_steer(actor, person)


@allows("protocols.leave")
@allows("protocols.migrate")
def watches(actor: Actor, pathway: Pathway) -> bool:
    """Say whether the actor works for the structure that watches, and may steer."""
    mine = actor.role in STEERING and pathway.organization_id in actor.organizations
    return mine and bool(actor.account_id) and may_steer(actor, pathway.person)


@allows("protocols.settle_rupture")
def may_settle(actor: Actor, rupture: Rupture) -> bool:
    """Who watches over the pathway."""
    return watches(actor, rupture.pathway)


@allows("protocols.read_register")
@allows("protocols.read_ways")
def may_read_register(actor: Actor, subject: None) -> bool:
    """Who watches over pathways."""
    return actor.role in STEERING and bool(actor.account_id)


for _verb in (
    "hear",
    "miss",
    "wake",
    "put_off",
    "doubt",
    "shut_out",
):  # facts and hours move it, nobody does
    allows(f"protocols.{_verb}")(is_the_house)
