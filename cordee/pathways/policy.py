"""Who sees which task, and who may settle it."""

from collections.abc import Callable

from django.db.models import Q

from cordee.access.actor import Actor, Role
from cordee.access.policy import NOTHING, allows, sees, sees_row
from cordee.pathways.models import GateTask, HandOver, ShownTask, Task
from cordee.people.policy import STEERING, followed_in_silence, through_person

TEAM = {Role.COORDINATOR, Role.ORIENTEUSE, Role.HOSPITAL}
HELPERS = frozenset({Role.HOME_HELP})
"""Who has on the list what their home service answers alone, and nothing else."""
READERS = TEAM | {Role.DPO} | HELPERS
OWN = "own"
"""Reserved to whom it is given: in place of a role."""


KNOWN, FOLLOWED = through_person("person"), followed_in_silence("person")


@sees(Task)
def tasks_of_the_team(actor: Actor) -> Q:
    """The tasks of one's organisations; about persons one may see; reserved ones to their role."""
    return _of_the_team(actor, KNOWN)


@sees(GateTask)
@sees(ShownTask)
def lines_of_the_team(actor: Actor) -> Q:
    """The same, for a page that judges hundreds: most are about whom the team follows, and who said
    nothing of it, which is looked at first."""
    return _of_the_team(actor, lambda one: FOLLOWED(one) | KNOWN(one))


def _of_the_team(actor: Actor, known: Callable[[Actor], Q]) -> Q:
    if actor.role is Role.SYSTEM:
        return Q()
    if actor.role not in READERS:
        return NOTHING
    team = Q(organization__in=actor.organizations)
    if actor.role is Role.DPO:
        return team & Q(role=Role.DPO.value)
    shared = [actor.role.value] if actor.role in HELPERS else ["", actor.role.value]
    wanted = team & (Q(role__in=shared) | Q(role=OWN, assignee=actor.account_id))
    return wanted & (Q(person=None) | known(actor))


@sees(HandOver)
def hand_overs_of_the_team(actor: Actor) -> Q:
    """Those of one's organisations, for who works on their tasks."""
    if actor.role is Role.SYSTEM:
        return Q()
    return Q(organization__in=actor.organizations) if actor.role in TEAM else NOTHING


@allows("pathways.see_caseload")
@allows("pathways.reassign")
def leads_coordination(actor: Actor, subject: object) -> bool:
    """Who coordinates shares out the persons that their structure follows."""
    return actor.role in STEERING and actor.organization_id is not None


@allows("pathways.give_line")
def leads_where_it_waits(actor: Actor, task: Task) -> bool:
    """Who leads the structure that holds the plan."""
    return actor.role in STEERING and sees_row(actor, Task, task.pk)


@allows("pathways.open")
def only_facts_open(actor: Actor, task: None) -> bool:
    """Tasks are opened by the conductor."""
    return actor.role is Role.SYSTEM


@allows("pathways.drop")
def only_facts_drop(actor: Actor, task: Task) -> bool:
    """What became pointless is dropped by the conductor."""
    return actor.role is Role.SYSTEM


@allows("pathways.settle")
@allows("pathways.reopen")
@allows("pathways.snooze")
def team_settles(actor: Actor, task: Task) -> bool:
    """Whoever of the team sees the task may act on it."""
    if actor.role is Role.SYSTEM:
        return True
    return actor.role in READERS and sees_row(actor, Task, task.pk)


@allows("pathways.hand_over")
def team_hands_over(actor: Actor, task: Task) -> bool:
    """As for the rest, but what is one’s own: nobody else may open what it is about."""
    return team_settles(actor, task) and (task.role != OWN or actor.role is Role.SYSTEM)


@allows("pathways.see_entrusted")
def is_a_professional(actor: Actor, subject: object) -> bool:
    """Whoever may be entrusted with something by name, and signs in."""
    return bool(actor.account_id) and actor.role in TEAM | HELPERS | {Role.PRACTITIONER}
