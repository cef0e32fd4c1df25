"""Who sees a request and who acts on it: the desk of its service, and nobody else by default."""

from django.db.models import Q

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import NOTHING, Scope, allows, nobody, sees
from cordee.directory.models import Organization
from cordee.intake.models import (
    Caller,
    CareRequest,
    Document,
    Draft,
    Hold,
    Knock,
    StatusLink,
    Telling,
    TriageAnswer,
    TriageVersion,
    Wish,
    is_owed,
)
from cordee.intake.rules import State
from cordee.people.models import Person
from cordee.people.policy import entrusted_through, knows, through_person
from cordee.people.rules.sharing import Category

DESK = (Role.ORIENTEUSE, Role.COORDINATOR)
CLINICIANS = ("10", "60")  # TRE_G15 : médecin, infirmier
WON = (State.FOUND.value, State.CONFIRMED.value, State.CLOSED.value)


def at_desk(actor: Actor, organization_id: object) -> bool:
    """Say whether the actor holds the desk of this service."""
    return actor.role in DESK and organization_id in actor.organizations


def requests_of(actor: Actor, path: str = "") -> Q:
    """Return the requests one sees: one's desk's, for persons one may know; or those one won.

    A request says which care. The desk that received it carries it to its end, and until the
    requester was told, whatever was said of care; from then on, and for who won it, it is care.
    """
    if actor.role is Role.SYSTEM:
        return Q()
    if actor.role in DESK:
        own = Q(**{f"{path}organization__in": actor.organizations})
        nobody_named = Q(**{f"{path}person__isnull": True})
        carried = is_owed(path) & through_person(f"{path}person")(actor)
        return own & (nobody_named | carried | entrusted_through(f"{path}person")(actor))
    if actor.practitioner_id is not None and actor.role is Role.PRACTITIONER:
        won = Q(**{f"{path}practitioner": actor.practitioner_id, f"{path}state__in": WON})
        return won & entrusted_through(f"{path}person")(actor)
    return NOTHING


@sees(CareRequest)
def own_desk_or_won(actor: Actor) -> Q:
    """The desk's own, and what one has won."""
    return requests_of(actor)


@sees(Wish)
def of_seen_request(actor: Actor) -> Q:
    """What hangs from a request follows it."""
    return requests_of(actor, "request__")


@sees(Document)
def prescriptions(actor: Actor) -> Q:
    """A prescription follows its request, or the draft of one's own desk."""
    seen = requests_of(actor, "request__") | requests_of(actor, "draft__request__")
    if actor.role in DESK:
        seen |= Q(draft__request=None, draft__organization__in=actor.organizations)
    return seen


def inside_desk(path: str) -> Scope:
    """Return the scope of what the desk alone sees, by its service."""

    def scope(actor: Actor) -> Q:
        if actor.role is Role.SYSTEM:
            return Q()
        return Q(**{f"{path}__in": actor.organizations}) if actor.role in DESK else NOTHING

    return scope


sees(Caller)(inside_desk("organization"))


@sees(Draft)
def typed_at_desk(actor: Actor) -> Q:
    """What was typed at one's desk; once a request was made of it, it follows that request."""
    if actor.role not in (*DESK, Role.SYSTEM):
        return NOTHING
    return inside_desk("organization")(actor) & (Q(request=None) | requests_of(actor, "request__"))


def desk_requests(path: str) -> Scope:
    """Return the scope of what hangs from the requests of one's desk, closed to who won them."""

    def scope(actor: Actor) -> Q:
        known = actor.role in (*DESK, Role.SYSTEM)
        return requests_of(actor, path) if known else NOTHING

    return scope


sees(Telling)(desk_requests("request__"))
sees(TriageAnswer)(desk_requests("request__"))
sees(StatusLink)(nobody)
sees(Knock)(nobody)


@sees(Hold)
def holds(actor: Actor) -> Q:
    """The desk's own transfers to the 15, during a call or on a request."""
    if actor.role not in (*DESK, Role.SYSTEM):
        return NOTHING
    during_call = Q(request=None, draft__organization__in=actor.organizations)
    return requests_of(actor, "request__") | during_call


@sees(TriageVersion)
def grids(actor: Actor) -> Q:
    """The grids of one's services; they speak of nobody."""
    if actor.role is Role.SYSTEM:
        return Q()
    return Q(organization__in=actor.organizations)


# -- deeds ---------------------------------------------------------------------------------------


def holds_desk_of(actor: Actor, request: CareRequest) -> bool:
    """The desk of the request's service, for a person they may see."""
    if not at_desk(actor, request.organization_id):
        return False
    return request.person_id is None or knows(actor, request.person_id, Category.COORDINATION)


for verb in ("intake.owe_a_word", "intake.leave_to_team", "intake.leave_to_on_call"):
    allows(verb)(lambda actor, request: actor.role is Role.SYSTEM)


@allows("intake.tell_stopped")
def owes_a_word(actor: Actor, request: CareRequest) -> bool:
    """The desk of the request's service, whether it may still follow the person or not."""
    return at_desk(actor, request.organization_id)


def desk_or_conductor(actor: Actor, request: CareRequest) -> bool:
    """The desk, or the conductor on hearing a fact."""
    return actor.role is Role.SYSTEM or holds_desk_of(actor, request)


for verb in (
    "intake.take",
    "intake.qualify",
    "intake.ask_search",
    "intake.confirm",
    "intake.close",
    "intake.refuse",
    "intake.cancel",
    "intake.hand_on",
    "intake.hold",
    "intake.release",
    "intake.tell",
    "intake.keep",
    "intake.renew_link",
    "intake.add_document",
    "intake.set_delay",
    "intake.retriage",
    "intake.edit",
    "intake.correct_caller",
):
    allows(verb)(holds_desk_of)

for verb in (
    "intake.mark_searching",
    "intake.mark_found",
    "intake.mark_unfilled",
    "intake.mark_confirmed",
    "intake.mark_not_launched",
    "intake.mark_unconfirmed",
    "intake.reopen",
    "intake.stop",
    "intake.acknowledge",
):
    allows(verb)(desk_or_conductor)


@allows("intake.save_draft")
@allows("intake.end_duty")
@allows("intake.keep_all")
def holds_desk(actor: Actor, organization: Organization) -> bool:
    """The desk of this service."""
    return at_desk(actor, organization.pk)


@allows("intake.take_draft")
def goes_on_with(actor: Actor, draft: Draft) -> bool:
    """The desk that the call came to; the service asks that it was left a while."""
    return at_desk(actor, draft.organization_id)


@allows("intake.discard_draft")
@allows("intake.restore_draft")
@allows("intake.receive")
@allows("intake.hold_call")
@allows("intake.attach")
def takes_call(actor: Actor, draft: Draft) -> bool:
    """Whoever takes the call, at the desk it came to; what came online is anybody's there."""
    mine = draft.is_open_online or draft.account_id in (None, actor.account_id)
    return mine and at_desk(actor, draft.organization_id)


@allows("intake.meet")
def at_some_desk(actor: Actor, person: Person) -> bool:
    """A desk that knows the person at least by name."""
    return actor.role in DESK and at_desk(actor, actor.organization_id) and knows(actor, person.pk)


@allows("intake.receive_online")
@allows("intake.knock")
@allows("intake.read_status")
def anybody(actor: Actor, subject: object) -> bool:
    """The public door: what is proved there is checked by the service itself."""
    return True


@allows("intake.receive_from_system")
def speaks_for_an_account(actor: Actor, service: Organization) -> bool:
    """A system that was let in: it speaks for somebody who signs, and never in an emergency."""
    return actor.account_id is not None and actor.purpose is not Purpose.EMERGENCY


@allows("intake.propose_grid")
def may_propose(actor: Actor, organization: Organization) -> bool:
    """Administration, or the service itself."""
    inside = organization.pk in actor.organizations
    return actor.role is Role.SYSTEM or (inside and actor.role in (*DESK, Role.ADMINISTRATOR))


@allows("intake.sign_grid")
def may_sign(actor: Actor, version: TriageVersion) -> bool:
    """A clinician of the service, in their own name: never Cordée, never administration."""
    inside = version.organization_id in actor.organizations
    named = actor.account_id is not None and bool(actor.name.strip())
    return inside and named and actor.profession in CLINICIANS


@allows("intake.retire_grid")
def may_retire(actor: Actor, version: TriageVersion) -> bool:
    """A clinician of the service, or its administration."""
    inside = version.organization_id in actor.organizations
    return inside and (actor.profession in CLINICIANS or actor.role is Role.ADMINISTRATOR)
