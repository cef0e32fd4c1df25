"""Who administers what, and who opens a saved filter."""

from typing import Any

from django.db.models import Q

from cordee.access.actor import Actor, Role
from cordee.access.policy import NOTHING, allows, sees
from cordee.people.models import Person
from cordee.people.policy import may_steer, speaks_for, through_person
from cordee.web.models import AccountInvitation, SavedFilter, SecondFactorReset, SpaceInvitation


@sees(AccountInvitation)
def administered_invitations(actor: Actor) -> Q:
    """Administrators see the invitations of the house."""
    return Q() if actor.role in (Role.ADMINISTRATOR, Role.SYSTEM) else NOTHING


@sees(SpaceInvitation)
def offered_spaces(actor: Actor) -> Q:
    """Those who follow the person; administration never."""
    return through_person("person")(actor)


@sees(SecondFactorReset)
def administered_resets(actor: Actor) -> Q:
    """Who may agree sees the second factors that are waited for; whose it is sees their own."""
    if actor.role in (Role.ADMINISTRATOR, Role.DPO, Role.SYSTEM):
        return Q()
    return Q(account=actor.account_id) if actor.account_id else NOTHING


@sees(SavedFilter)
def own_or_shared_filters(actor: Actor) -> Q:
    """Mine, and those shared with one of my organisations."""
    if actor.account_id is None:
        return NOTHING
    return Q(owner=actor.account_id) | Q(organizations__overlap=list(actor.organizations))


@allows("web.create_administrator")
def opens_the_house(actor: Actor, subject: None) -> bool:
    """The first one comes from the command line of the machine."""
    return actor.role is Role.SYSTEM


@allows("web.see_guide")
@allows("web.see_condition")
def works_here(actor: Actor, subject: None) -> bool:
    """Whoever signed in may know what is late, and how to work here: it speaks of nobody."""
    return actor.account_id is not None


@allows("web.administer")
@allows("web.invite")
@allows("web.revoke_invitation")
@allows("web.revoke_account")
@allows("web.take_role_back")
@allows("web.end_sessions")
@allows("web.ask_second_factor_reset")
def administers(actor: Actor, subject: Any) -> bool:
    """Administration is one role, and nothing else comes with it."""
    return actor.role is Role.ADMINISTRATOR


@allows("web.see_second_factor_resets")
def may_agree(actor: Actor, subject: None) -> bool:
    """Administration, or the DPO where there is one administrator only."""
    return actor.role in (Role.ADMINISTRATOR, Role.DPO)


@allows("web.approve_second_factor_reset")
def is_a_second_administrator(actor: Actor, reset: SecondFactorReset) -> bool:
    """Administration or the DPO, but neither who asked, nor whom it is for."""
    return actor.role in (Role.ADMINISTRATOR, Role.DPO) and actor.account_id not in (
        reset.requested_by_id,
        reset.account_id,
    )


@allows("web.withdraw_second_factor_reset")
def asked_or_is_concerned(actor: Actor, reset: SecondFactorReset) -> bool:
    """Who asked, and whose second factor it is: nobody else undoes what a colleague asked."""
    return actor.account_id is not None and actor.account_id in (
        reset.requested_by_id,
        reset.account_id,
    )


@allows("web.accept_invitation")
def holds_the_link(actor: Actor, invitation: AccountInvitation) -> bool:
    """The secret of the link was checked by the selector that found the invitation."""
    return actor.role is Role.GUEST


@allows("web.offer_space")
def offers_the_space(actor: Actor, person: Person) -> bool:
    """The desk and the coordination of the circle, who know the person."""
    known = actor.role in (Role.ORIENTEUSE, Role.COORDINATOR) and bool(actor.organization_id)
    return known and bool(actor.account_id) and may_steer(actor, person)


@allows("web.withdraw_space")
def withdraws_the_offer(actor: Actor, invitation: SpaceInvitation) -> bool:
    """Who may offer it, and the person."""
    person = invitation.person
    return offers_the_space(actor, person) or speaks_for(actor, person)


@allows("web.recognise_space")
@allows("web.accept_space")
def holds_the_link_of_a_space(actor: Actor, invitation: SpaceInvitation) -> bool:
    """The secret of the link was checked by the selector that found the invitation."""
    return actor.role is Role.GUEST


@allows("web.save_filter")
def signed_in(actor: Actor, subject: None) -> bool:
    """Whoever works here."""
    return actor.account_id is not None


@allows("web.forget_filter")
def owns_the_filter(actor: Actor, saved: SavedFilter) -> bool:
    """One's own only."""
    return saved.owner_id == actor.account_id


@allows("web.audit")
def audits(actor: Actor, subject: None) -> bool:
    """The data protection officer reads the trace of the house; nobody else does."""
    return actor.role is Role.DPO
