"""Who registers partners, who allows what to them, and who sees it."""

from typing import Any

from django.db.models import Q

from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.access.policy import NOTHING, allows, nobody, sees
from cordee.partners.models import (
    Call,
    Client,
    Code,
    Delivery,
    Grant,
    Place,
    Proof,
    SigningKey,
    Subscription,
    Tally,
    Token,
)

MAY_ALLOW = frozenset(
    {
        *(Role.COORDINATOR, Role.ORIENTEUSE, Role.PRACTITIONER, Role.HOME_HELP, Role.HOSPITAL),
        *(Role.PERSON, Role.RELATIVE),
    }
)
"""Who may let an application act in their name. Administration and audit go through no machine."""

MAY_OPEN = MAY_ALLOW - {Role.PERSON, Role.RELATIVE}
"""Who may open an application beside a person: whoever works with her."""

for technical in (Code, Delivery, Place, Proof, SigningKey, Tally, Token):
    sees(technical)(nobody)


@sees(Client)
def administered_or_answered_for(actor: Actor) -> Q:
    """Administration; and each partner's technical contact."""
    if actor.role in (Role.ADMINISTRATOR, Role.SYSTEM):
        return Q()
    return Q(contact=actor.account_id) if actor.account_id else NOTHING


@sees(Call)
def calls_of_own_partners(actor: Actor) -> Q:
    """Who sees the partner sees its calls: they tell of nobody."""
    if actor.role in (Role.ADMINISTRATOR, Role.SYSTEM):
        return Q()
    return Q(client__contact=actor.account_id) if actor.account_id else NOTHING


@sees(Grant)
def own_grants(actor: Actor) -> Q:
    """One's own only: it may name a person."""
    if actor.role is Role.SYSTEM:
        return Q()
    return Q(account=actor.account_id) if actor.account_id else NOTHING


@sees(Subscription)
def own_subscriptions(actor: Actor) -> Q:
    """Those of the account that an application acts as; each application, its own among them."""
    if actor.role is Role.SYSTEM:
        return Q()
    return Q(account=actor.account_id) if actor.account_id else NOTHING


@allows("partners.subscribe")
def comes_in_by_machine(actor: Actor, subject: None) -> bool:
    """Whoever came in by the door of machines; what they may be told is judged each time."""
    known = actor.account_id is not None and actor.origin is Origin.FHIR
    return known and actor.purpose is not Purpose.EMERGENCY


@allows("partners.change_subscription")
@allows("partners.unsubscribe")
def subscribed(actor: Actor, subscription: Subscription) -> bool:
    """The application that made it, in the name it made it in."""
    whose = (subscription.account_id, subscription.holder)
    return comes_in_by_machine(actor, None) and whose == (actor.account_id, actor.session_key)


@allows("partners.retry")
@allows("partners.retry_all")
@allows("partners.give_up")
@allows("partners.register")
@allows("partners.change_keys")
@allows("partners.suspend")
@allows("partners.resume")
@allows("partners.name_contact")
@allows("partners.offer_beside")
def administers(actor: Actor, subject: Any) -> bool:
    """Administration decides which machines come in."""
    return actor.role is Role.ADMINISTRATOR


@allows("partners.look_at_calls")
def answers_for_it(actor: Actor, client: Client) -> bool:
    """Administration, and the technical contact."""
    return actor.role is Role.ADMINISTRATOR or (
        actor.account_id is not None and client.contact_id == actor.account_id
    )


@allows("partners.look_at_own")
def has_an_account(actor: Actor, subject: None) -> bool:
    """Whoever signed in: their own applications, and those they answer for."""
    return actor.account_id is not None


@allows("partners.allow")
def may_allow(actor: Actor, client: Client) -> bool:
    """Whoever works here or has their own space, in their own name."""
    return actor.role in MAY_ALLOW and actor.account_id is not None


@allows("partners.open_beside")
def may_open(actor: Actor, person: Any) -> bool:
    """Whoever works with somebody whom they see; through no emergency access."""
    held = actor.role in MAY_OPEN and actor.account_id is not None
    return held and actor.purpose is not Purpose.EMERGENCY


@allows("partners.take_back")
def gave_it(actor: Actor, grant: Grant) -> bool:
    """Who gave it, whatever the hat of today."""
    return actor.account_id is not None and grant.account_id == actor.account_id


@allows("partners.ask_token")
@allows("partners.give_back")
@allows("partners.introspect")
def is_at_the_door(actor: Actor, subject: None) -> bool:
    """A machine that is not known yet: what it proves is judged inside."""
    return actor.role is Role.PARTNER and actor.purpose is Purpose.TECHNICAL


@allows("partners.silence")
@allows("partners.tell")
@allows("partners.take_delivery")
@allows("partners.note_delivery")
@allows("partners.sweep")
@allows("partners.turn_keys")
def is_the_house(actor: Actor, subject: None) -> bool:
    """Cordée itself."""
    return actor.role is Role.SYSTEM
