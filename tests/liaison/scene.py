"""A person and who is around her: a DAC, a service that orients, a nurse, a home help."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse

from cordee.access.actor import Actor, Role
from cordee.kernel.identifiers import uuid7
from cordee.liaison import services
from cordee.liaison.models import Note
from cordee.liaison.services import NoteSaid
from cordee.people.models import Person
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import NOW, actor

WORDS = "Le pilulier n’a pas été livré."
BEFORE = NOW - timedelta(days=30)


@dataclass
class Around:
    """Who is there."""

    person: Person
    dac: Any
    sio: Any
    coordinator: Actor
    desk: Actor
    nurse: Actor
    helper: Actor

    def write(self, **details: Any) -> Note:
        """A note of the coordinator."""
        by = details.pop("by", self.coordinator)
        said = NoteSaid(**{"body": WORDS, "key": uuid7()} | details)
        made: Note = services.write(actor=by, person=self.person, said=said, now=NOW)
        return made


def set_around() -> Around:
    """A person whose circle has a DAC, a service of orientation, a home help and a nurse."""
    dac = OrganizationFactory(kind="dac", name="DAC du Champsaur")
    sio = OrganizationFactory(name="SIO du Champsaur", territory=dac.territory)
    service = OrganizationFactory(kind="home_help", name="Aide du Champsaur")
    person = PersonFactory(territory=dac.territory)
    joins_circle(person, organization=dac, role="coordination", since=BEFORE)
    joins_circle(person, organization=sio, since=BEFORE)
    joins_circle(person, organization=service, role="home_help", since=BEFORE)
    InformationFactory(person=person)
    account = AccountFactory(name="Jeanne Roux")
    nurse = PractitionerFactory(account=account)
    joins_circle(person, practitioner=nurse, since=BEFORE)
    return Around(
        person,
        dac,
        sio,
        _working("coordinator", dac, "Ahmed Diallo"),
        _working("orienteuse", sio, "Sophie Martin"),
        Actor(
            role=Role.PRACTITIONER,
            account_id=account.pk,
            name=account.name,
            practitioner_id=nurse.pk,
            profession=nurse.profession,
        ),
        _working("home_help", service, "Lila Costa"),
    )


def _working(role: str, organization: Any, name: str) -> Actor:
    account = AccountFactory(name=name)
    MembershipFactory(role=role, organization=organization, account=account, since=BEFORE.date())
    return actor(Role(role), organization, account_id=account.pk, name=name)


def at(name: str, *args: Any) -> str:
    """An address of the room."""
    return reverse(f"liaison:{name}", args=args)
