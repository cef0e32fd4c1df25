"""What every type is tried on: a desk, a person it follows, and the machine that speaks for it."""

from dataclasses import dataclass
from typing import Any

from cordee.access.actor import Actor
from cordee.people import services
from cordee.people.models import Person
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.fhir.door import Machine
from tests.support import NOW, coordinator_of


@dataclass
class Stage:
    """Who is there before a row is made."""

    desk: Any
    account: Any
    person: Any
    actor: Actor
    client: Any = None
    """The registered application that the machine is, when it is one."""

    @property
    def machine(self) -> Machine:
        """A partner system that speaks for the coordinator of the desk."""
        return Machine(self.actor, self.client)

    @property
    def names(self) -> dict[str, str]:
        """How the files call what is on the stage: `{person}`, `{desk}`, `{account}`."""
        return {
            "{person}": str(self.person.pk),
            "{desk}": str(self.desk.pk),
            "{account}": str(self.account.pk),
        }


def set_stage() -> Stage:
    """A desk, its coordinator, and somebody whom it follows."""
    PersonFactory.reset_sequence(0)  # the numbers of golden files are the same whatever ran before
    desk, account = OrganizationFactory(name="SIO du Champsaur"), AccountFactory(name="Nadia Roux")
    person = PersonFactory(birth_name="Grandidier", territory=desk.territory, qualified=True)
    joins_circle(person, organization=desk)
    InformationFactory(person=person)  # who was not told shares no care
    return Stage(desk, account, person, coordinator_of(desk, account_id=account.pk))


def merged(stage: Stage, pk: Any) -> Any:
    """The merge that gives a record to the person of the stage, by the coordinator of the desk."""
    claire = coordinator_of(stage.desk, account_id=stage.account.pk)
    other = Person.objects.get(pk=pk)
    pair = services.propose_pair(actor=claire, person=stage.person, other=other, now=NOW)
    return services.merge_persons(actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW)
