"""A person, the structure that coordinates, and a plan brought to where a test begins."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from cordee.access.actor import Actor, Purpose, Role
from cordee.people.models import Person
from cordee.plans import selectors, services
from cordee.plans.models import Activity, CarePlan, Goal, Need
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.rhythms import civil_day, review_on
from cordee.plans.services import DeedSaid, GoalSaid, NeedSaid, Word, Words
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import (
    InformationFactory,
    PersonAccountFactory,
    PersonFactory,
    joins_circle,
)
from tests.support import NOW, coordinator_of

WISHES = "Rester chez moi, et revoir mes rosiers au printemps."


@dataclass
class Around:
    """Who is there."""

    person: Person
    dac: Any
    coordinator: Actor

    def open(self) -> CarePlan:
        """An empty plan."""
        return services.open_plan(actor=self.coordinator, person=self.person, now=NOW)


def set_around(**traits: Any) -> Around:
    """A person followed by a DAC whose coordinator has an account."""
    dac = OrganizationFactory(kind="dac", name="DAC du Champsaur")
    person = PersonFactory(territory=dac.territory, **traits)
    joins_circle(person, organization=dac, role="coordination")
    InformationFactory(person=person)
    account = AccountFactory(name="Ahmed Diallo")
    return Around(person, dac, coordinator_of(dac, account_id=account.pk, name=account.name))


def write(around: Around, plan: CarePlan, **details: Any) -> Activity:
    """Wishes, a need, an objective and one action that the person does herself."""
    actor = around.coordinator
    services.write_words(actor=actor, plan=plan, said=Words(wishes=WISHES), now=NOW)
    need = write_need(around, plan)
    goal = write_goal(around, plan, need)
    details = {"choice": "herself", "first_on": date(2026, 12, 1)} | details
    said = DeedSaid(words="Marcher dix minutes", goal=goal, **details)
    made: Activity = services.write_action(actor=actor, plan=plan, said=said, now=NOW)
    plan.refresh_from_db()
    return made


def write_need(around: Around, plan: CarePlan, domain: Domain = Domain.FUNCTIONAL) -> Need:
    """One need, of a domain that is read as coordination by default."""
    said = NeedSaid(words="Marche avec peine", domain=domain)
    need: Need = services.write_need(actor=around.coordinator, plan=plan, said=said, now=NOW)
    return need


def write_goal(around: Around, plan: CarePlan, need: Need | None = None) -> Goal:
    """One objective, in the words of both."""
    said = GoalSaid(words="Aller au jardin seule", voice="together", need=need)
    goal: Goal = services.write_goal(actor=around.coordinator, plan=plan, said=said, now=NOW)
    return goal


def said(around: Around, plan: CarePlan, decision: Decision, **details: Any) -> Any:
    """Have something said of the latest version, as the coordinator shows it."""
    actor, now = details.pop("actor", around.coordinator), details.pop("now", NOW)
    shown = selectors.shown_of(actor, plan)
    assert shown is not None
    word = Word(decision=decision, number=shown.version.number, shown=shown.digest, **details)
    return services.say(actor=actor, plan=plan, word=word, now=now)


def agree(around: Around, plan: CarePlan) -> None:
    """Have a plan proposed as it is written, and agreed to."""
    plan.refresh_from_db()
    services.propose(actor=around.coordinator, plan=plan, now=NOW)
    plan.refresh_from_db()
    said(around, plan, Decision.AGREED)
    plan.refresh_from_db()


def start(around: Around, plan: CarePlan) -> None:
    """Have a plan proposed as it is written, agreed to, and begun."""
    agree(around, plan)
    begin(around, plan)


def agreed(around: Around) -> tuple[CarePlan, Activity]:
    """A plan to which the person agreed, not begun."""
    plan = around.open()
    step = write(around, plan)
    agree(around, plan)
    return plan, step


def active(around: Around) -> tuple[CarePlan, Activity]:
    """A plan under way."""
    plan, step = agreed(around)
    begin(around, plan)
    step.refresh_from_db()
    return plan, step


def begin(around: Around, plan: CarePlan) -> None:
    """Have a plan that is agreed to begin."""
    day = review_on(civil_day(NOW))
    services.activate(actor=around.coordinator, plan=plan, review_on=day, now=NOW)
    plan.refresh_from_db()


def herself(around: Around) -> Actor:
    """The person, in her own space."""
    space = PersonAccountFactory(person=around.person, since=NOW)
    return Actor(
        role=Role.PERSON,
        account_id=space.account_id,
        person_ids=frozenset({around.person.pk}),
        purpose=Purpose.OWN,
    )


def at(name: str, *args: Any) -> str:
    """An address of the room."""
    return reverse(f"plans:{name}", args=args)
