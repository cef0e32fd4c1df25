"""Who sees visits to come, visits marked, phones, and what was put aside; who sends and answers."""

from django.db.models import Q

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.policy import NOTHING, allows, sees, through_organization
from cordee.directory.models import Organization
from cordee.people.models import Person
from cordee.people.policy import (
    knows,
    may_act,
    may_steer,
    through_person,
)
from cordee.people.rules.sharing import Category
from cordee.vigilance.answering_desks import desk_for
from cordee.vigilance.models import (
    AlarmBudget,
    Alert,
    Device,
    Equipment,
    EquipmentStep,
    Leaning,
    PlannedVisit,
    RefusedVisit,
    ReinforcedFollowUp,
    SafetyAlert,
    Trial,
    Visit,
    Watch,
)

LEADS = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})
"""Who answers, inside a home service, for its planning, its phones and what was put aside."""

sees(PlannedVisit)(through_person("person"))

for _table in (ReinforcedFollowUp, Equipment, EquipmentStep, Trial):
    sees(_table)(through_person("person", Category.CARE))


@sees(Visit)
def told_of_care(actor: Actor) -> Q:
    """Who may know of her care; the service that came, and who wrote it, while they follow her.

    Refusing coordination blinds coordination: what was marked stays with the home service.
    """
    if actor.role is Role.SYSTEM:
        return Q()
    told = through_person("person", Category.CARE)(actor)
    if actor.account_id and actor.purpose is not Purpose.EMERGENCY:
        told |= Q(helper_id=actor.account_id) | Q(organization_id__in=actor.organizations)
    return told & through_person("person")(actor)


@sees(Device)
def ones_own_phone(actor: Actor) -> Q:
    """One’s own phones; those of a service, to who leads it."""
    if actor.role is Role.SYSTEM:
        return Q()
    mine = Q(account_id=actor.account_id) if actor.account_id else NOTHING
    return mine | through_organization("organization")(actor) if actor.role in LEADS else mine


@sees(SafetyAlert)
@sees(RefusedVisit)
def put_aside(actor: Actor) -> Q:
    """Who sent it, and who leads the service: never an administrator, it tells of care."""
    if actor.role is Role.SYSTEM:
        return Q()
    if not actor.account_id or actor.purpose is Purpose.EMERGENCY:
        return NOTHING
    mine = Q(helper_id=actor.account_id)
    leads = actor.role is Role.COORDINATOR
    return mine | through_organization("organization")(actor) if leads else mine


@allows("vigilance.enrol")
def may_enrol(actor: Actor, subject: None) -> bool:
    """A home help, on the phone in hand."""
    return actor.role is Role.HOME_HELP and bool(actor.account_id and actor.organization_id)


@allows("vigilance.record_visits")
@allows("vigilance.give_key")
def sends_from_it(actor: Actor, device: Device) -> bool:
    """Whose phone it is, as long as it is not taken back."""
    return device.account_id == actor.account_id and device.revoked_at is None


@allows("vigilance.keep_aside")
@allows("vigilance.wiped")
def sent_from_it(actor: Actor, device: Device) -> bool:
    """Whose phone it was: what is left on it is handed over before it is wiped."""
    return device.account_id == actor.account_id


@allows("vigilance.revoke")
def may_revoke(actor: Actor, device: Device) -> bool:
    """Its owner; who leads the service."""
    leads = actor.role in LEADS and device.organization_id in actor.organizations
    return device.account_id == actor.account_id or leads


@allows("vigilance.raise_need")
def may_raise(actor: Actor, person: Person) -> bool:
    """Whoever takes part in her pathway."""
    return bool(actor.account_id and actor.organization_id) and may_act(actor, person)


@allows("vigilance.see")
@allows("vigilance.answer")
def may_answer(actor: Actor, visit: Visit) -> bool:
    """Who steers her pathway: a home help tells, others decide, but for an alert that is theirs,
    and where nobody coordinates, by her choice or for want of one: a colleague of the service."""
    if not actor.account_id:
        return False
    steers = may_steer(actor, visit.person)
    return steers or _is_theirs(actor, visit) or _answers_inside(actor, visit)


def _is_theirs(actor: Actor, visit: Visit) -> bool:
    opened = Alert.objects.open().filter(person=visit.person_id, service=visit.organization_id)
    return actor.role is Role.HOME_HELP and any(answers_at_home(actor, one) for one in opened)


def _answers_inside(actor: Actor, visit: Visit) -> bool:
    is_colleague = actor.role is Role.HOME_HELP and actor.account_id != visit.helper_id
    is_inside = is_colleague and visit.organization_id in actor.organizations
    return is_inside and may_act(actor, visit.person) and _answers_alone(visit)


def _answers_alone(visit: Visit) -> bool:
    """Whether nobody but the home service may answer what was said there."""
    return desk_for(visit.person_id, visit.organization_id) == visit.organization_id


@allows("vigilance.read_safety")
def reads_of_safety(actor: Actor, organization: Organization) -> bool:
    """A helper, what she said herself; who leads the service, all of it. Nobody else."""
    inside = organization.pk in actor.organizations and bool(actor.account_id)
    return inside and actor.role in (Role.HOME_HELP, Role.COORDINATOR)


@allows("vigilance.say_unsafe")
def may_say_unsafe(actor: Actor, organization: Organization) -> bool:
    """A helper of the service, of herself."""
    return reads_of_safety(actor, organization) and actor.role is Role.HOME_HELP


@allows("vigilance.answer_unsafe")
def may_answer_unsafe(actor: Actor, safety: SafetyAlert) -> bool:
    """Who leads the service."""
    return actor.role is Role.COORDINATOR and safety.organization_id in actor.organizations


@allows("vigilance.give_leaf")
def works_somewhere(actor: Actor, subject: None) -> bool:
    """Whoever works for a structure: what is on the leaf is said of nobody."""
    return bool(actor.account_id and actor.organization_id)


@allows("vigilance.answer_refused")
def may_answer_refused(actor: Actor, refused: RefusedVisit) -> bool:
    """Who leads the service."""
    return actor.role is Role.COORDINATOR and refused.organization_id in actor.organizations


@allows("vigilance.plan")
def may_plan(actor: Actor, organization: Organization | None) -> bool:
    """Who coordinates the home service, or one of its helpers for what is made on the spot."""
    if organization is None or not actor.account_id:
        return False
    plans = actor.role in (Role.COORDINATOR, Role.HOME_HELP)
    return plans and organization.pk in actor.organizations


@allows("vigilance.look_at_phones")
def may_look_at_phones(actor: Actor, subject: None) -> bool:
    """A helper, at theirs; who leads or administers a service, at those of the service."""
    return actor.role in LEADS | {Role.HOME_HELP} and bool(actor.account_id)


@sees(Alert)
def told_of_alerts(actor: Actor) -> Q:
    """Who may know of her care; the structure that answers, while it follows her."""
    if actor.role is Role.SYSTEM:
        return Q()
    told = through_person("person", Category.CARE)(actor)
    if actor.account_id and actor.purpose is not Purpose.EMERGENCY:
        told |= Q(organization_id__in=actor.organizations)
    return told & through_person("person")(actor)


sees(AlarmBudget)(through_organization("organization"))


@sees(Watch)
@sees(Leaning)
def the_house_alone(actor: Actor) -> Q:
    """What the detector remembers, and how a helper marks: shown to nobody, by name or without."""
    return Q() if actor.role is Role.SYSTEM else NOTHING


@allows("vigilance.see_alert")
@allows("vigilance.act_on_alert")
@allows("vigilance.close_alert")
def may_follow_up(actor: Actor, alert: Alert) -> bool:
    """Who steers her pathway: a home help tells, others decide.

    When no coordination may follow her, by her choice or for want of one, the helpers of the home
    service that answers.
    """
    if not actor.account_id:
        return False
    return may_steer(actor, alert.person) or answers_at_home(actor, alert)


def answers_at_home(actor: Actor, alert: Alert) -> bool:
    """Say whether the actor is a helper of the home service that answers, in her circle."""
    answering = alert.organization_id == alert.service_id
    helper = actor.role is Role.HOME_HELP and alert.organization_id in actor.organizations
    return answering and helper and may_act(actor, alert.person)


@allows("vigilance.read_alerts")
def may_read_alerts(actor: Actor, subject: None) -> bool:
    """Who answers them, and who comes home: how many there are is told to nobody else."""
    return actor.role in (Role.COORDINATOR, Role.ORIENTEUSE, Role.HOSPITAL, Role.HOME_HELP)


@allows("vigilance.set_budget")
def may_set_budget(actor: Actor, organization: Organization) -> bool:
    """Who coordinates, for the team worked for."""
    return actor.role is Role.COORDINATOR and organization.pk in actor.organizations


@allows("vigilance.escalate")
def the_house_escalates(actor: Actor, alert: Alert) -> bool:
    """The house, when nobody saw it in time."""
    return actor.role is Role.SYSTEM


@allows("vigilance.count_wrong_secret")
def whoever_guesses(actor: Actor, device: Device) -> bool:
    """Whoever sends under the name of a phone: no right is asked of who is counted."""
    return True


@allows("vigilance.learn")
@allows("vigilance.end_silent_phones")
@allows("vigilance.watch_again")
@allows("vigilance.judge")
@allows("vigilance.route")
@allows("vigilance.tell_team")
@allows("vigilance.tell_on_call")
def the_house_learns(actor: Actor, subject: None) -> bool:
    """The house, at night or when visits changed hands."""
    return actor.role is Role.SYSTEM


@allows("vigilance.ask_equipment")
@allows("vigilance.try_action")
@allows("vigilance.reinforce")
def may_reinforce(actor: Actor, person: Person) -> bool:
    """Who steers her pathway, for a structure, and knows of her care."""
    return bool(
        actor.account_id
        and actor.organization_id
        and may_steer(actor, person)
        and knows(actor, person.pk, Category.CARE)
    )


@allows("vigilance.review_reinforced")
@allows("vigilance.end_reinforced")
def may_end(actor: Actor, followup: ReinforcedFollowUp) -> bool:
    """The structure that decided it."""
    ours = followup.organization_id in actor.organizations
    return ours and may_reinforce(actor, followup.person)


@allows("vigilance.move_equipment")
@allows("vigilance.review_trial")
def may_go_on(actor: Actor, row: Equipment | Trial) -> bool:
    """The structure that follows it."""
    ours = row.organization_id in actor.organizations
    return ours and may_reinforce(actor, row.person)


@allows("vigilance.see_board")
@allows("vigilance.see_cohort")
def has_a_cohort(actor: Actor, subject: None) -> bool:
    """Who works for a structure, home help apart: they have their visits."""
    return bool(actor.account_id and actor.organizations) and actor.role is not Role.HOME_HELP
