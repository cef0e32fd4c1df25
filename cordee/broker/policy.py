"""Who sees a search, and who may do what to it."""

from dataclasses import replace
from typing import Any

from django.db.models import Q

from cordee.access.actor import Actor, Role
from cordee.access.policy import NOTHING, allows, sees, sees_row
from cordee.broker import rules
from cordee.broker.models import BrokerSettings, Call, HeldCode, Invitation, Solicitation
from cordee.people.policy import entrusted_through, is_entrusted, knows, through_person
from cordee.people.rules.sharing import Category

DESK = (Role.ORIENTEUSE, Role.COORDINATOR)
INVITED = (Role.PRACTITIONER, Role.GUEST)


def desk_scope(path: str):  # noqa: ANN201
    """What teams see: their own searches, and those for persons whose care they know.

    A search says which care. Its own team carries it while the request that it serves goes on,
    whatever was said of care; afterwards it is read as what was entrusted to that team.
    """

    def scope(actor: Actor) -> Q:
        if actor.role is Role.SYSTEM:
            return Q()
        if actor.role not in DESK:
            return NOTHING
        own = Q(**{f"{path}organization__in": actor.organizations})
        carried = Q(**{f"{path}is_carried": True}) & through_person(f"{path}person")(actor)
        entrusted = entrusted_through(f"{path}person")(actor)
        return (own & (carried | entrusted)) | through_person(f"{path}person", Category.CARE)(actor)

    return scope


sees(Solicitation)(desk_scope(""))
sees(Call)(desk_scope("solicitation__"))


@sees(Invitation)
def own_or_of_the_desk(actor: Actor) -> Q:
    """A professional sees the questions that were put to them; a team, those of its searches."""
    if actor.role in INVITED and actor.practitioner_id:
        return Q(practitioner=actor.practitioner_id)
    return desk_scope("solicitation__")(actor)


@sees(HeldCode)
def nobody(actor: Actor) -> Q:
    """Kept by the database for itself."""
    return NOTHING


@sees(BrokerSettings)
def settings_are_public(actor: Actor) -> Q:
    """Whoever is asked by these rules may read them."""
    return NOTHING if actor.role in (Role.ANONYMOUS, Role.GUEST) else Q()


def works_for(actor: Actor, solicitation: Solicitation) -> bool:
    """Whether the actor belongs to a team that may see the person."""
    if actor.role is Role.SYSTEM:
        return True
    return sees_row(actor, Solicitation, solicitation.pk)


def was_asked(actor: Actor, invitation: Invitation) -> bool:
    """Whether the question was put to this professional."""
    return actor.role in INVITED and actor.practitioner_id == invitation.practitioner_id


@allows("broker.launch")
def may_launch(actor: Actor, order: rules.SearchOrder) -> bool:
    if actor.role is Role.SYSTEM:
        return True
    if actor.role not in DESK or order.organization_id not in actor.organizations:
        return False
    return knows(actor, order.person_id, Category.COORDINATION)


@allows("broker.launch_many")
def may_launch_them_all(actor: Actor, orders: Any) -> bool:
    """The house, that does for each what was asked for one; nobody else works by hundreds."""
    return actor.role is Role.SYSTEM


@allows("broker.board")
def may_see_the_board(actor: Actor, subject: Any) -> bool:
    return actor.role in DESK


@allows("broker.set_notes")
@allows("broker.carry")
@allows("broker.set_urgency")
@allows("broker.advance")
@allows("broker.try_again")
@allows("broker.flag_late")
@allows("broker.note_confirmed")
@allows("broker.change_need")
@allows("broker.follow_wishes")
@allows("broker.note_undelivered")
@allows("broker.note_delivered")
@allows("broker.note_untold")
@allows("broker.note_end_untold")
@allows("broker.note_visit_untold")
@allows("broker.follow_parted")
def is_the_house(actor: Actor, subject: Any) -> bool:
    return actor.role is Role.SYSTEM


for verb in ("relaunch", "widen", "cancel", "record_call"):
    allows(f"broker.{verb}")(works_for)


@allows("broker.send_link")
@allows("broker.decline_winner")
def is_the_team(actor: Actor, invitation: Invitation) -> bool:
    """The team notes what the person, or who speaks for them, decided; it sends links again."""
    return works_for(actor, invitation.solicitation)


@allows("broker.answer")
def identity_is_known(actor: Actor, invitation: Invitation) -> bool:
    """By link only once the code to the known number was given; by call, through the team."""
    if actor.role is Role.GUEST:
        return was_asked(actor, invitation) and invitation.identity_confirmed_at is not None
    return was_asked(actor, invitation) or works_for(actor, invitation.solicitation)


allows("broker.hold")(was_asked)
allows("broker.ask_which")(was_asked)
allows("broker.answer_by_link")(was_asked)
allows("broker.offer_by_text")(was_asked)
allows("broker.point_to_the_link")(was_asked)
allows("broker.confirm_identity")(was_asked)


@allows("broker.answer_no")
@allows("broker.offer_later")
def asked_or_team(actor: Actor, invitation: Invitation) -> bool:
    return was_asked(actor, invitation) or works_for(actor, invitation.solicitation)


allows("broker.withdraw")(identity_is_known)
allows("broker.confirm_care")(identity_is_known)


def as_professional(actor: Actor, invitation: Invitation) -> Actor:
    """The holder of a link, once their identity is known, as the professional that they are."""
    return replace(actor, role=Role.PRACTITIONER, profession=invitation.practitioner.profession)


@allows("broker.read_place")
def has_won(actor: Actor, invitation: Invitation) -> bool:
    """The place is the winner’s, identity known, as long as it is theirs."""
    return (
        invitation.answer == Invitation.Answer.ACCEPTED
        and invitation.solicitation.state in Solicitation.TAKEN
        and was_asked(actor, invitation)
        and identity_is_known(actor, invitation)
    )


@allows("broker.read_contact")
def may_reach(actor: Actor, invitation: Invitation) -> bool:
    """Contact details are for the winner, unless the person wants them told to no such reader."""
    person_id = invitation.solicitation.person_id
    reader = as_professional(actor, invitation)
    return has_won(actor, invitation) and knows(reader, person_id, Category.COORDINATION)


@allows("broker.read_care")
def may_read_the_care(actor: Actor, invitation: Invitation) -> bool:
    """What the request says of care is for the winner, unless the person is opposed to it."""
    reader = as_professional(actor, invitation)
    return has_won(actor, invitation) and is_entrusted(reader, invitation.solicitation.person_id)


@allows("broker.call_off")
def searched_here(actor: Actor, solicitation: Solicitation) -> bool:
    """The desk that searched, whether it may still follow the person or not."""
    return actor.role in DESK and solicitation.organization_id in actor.organizations


@allows("broker.change_settings")
def administers(actor: Actor, subject: Any) -> bool:
    return actor.role is Role.ADMINISTRATOR


@allows("broker.read_settings")
def is_ruled_by_them(actor: Actor, subject: Any) -> bool:
    """Teams that search, professionals who are asked, administration that sets."""
    return actor.role in (*DESK, Role.PRACTITIONER, Role.ADMINISTRATOR, Role.DPO)


@allows("broker.replay")
def has_past_searches(actor: Actor, subject: Any) -> bool:
    """Figures of one's own team, without anybody's name."""
    return actor.role in DESK


@allows("broker.own_ranking")
def is_a_professional(actor: Actor, subject: Any) -> bool:
    return actor.role is Role.PRACTITIONER and actor.practitioner_id is not None
