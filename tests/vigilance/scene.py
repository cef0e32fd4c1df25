"""A home service, its helper with a phone, a person it follows, and who coordinates her."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordee.access.actor import Actor, Origin, Purpose, Role
from cordee.kernel.identifiers import uuid7
from cordee.people.models import CircleMember
from cordee.vigilance import services
from cordee.vigilance.models import Device
from cordee.vigilance.rules.sent import read
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import phone_of
from tests.support import NOW, actor


@dataclass
class Home:
    """Everybody of a test of visits."""

    service: Any
    desk: Any
    person: Any
    helper: Actor
    coordinator: Actor
    phone: Device

    def send(self, *records: dict[str, Any], now: datetime = NOW, sent_at: Any = None) -> Any:
        """Send records from the phone of the helper; gives the acknowledgements by identifier."""
        acks = services.record_visits(
            actor=self.helper,
            device=self.phone,
            batch=[read(one) for one in records],
            sent_at=sent_at or now,
            now=now,
        )
        return {one.id: (one.state, one.why) for one in acks}

    def record(self, **details: Any) -> dict[str, Any]:
        """A visit as the phone writes it."""
        said = {"id": str(uuid7()), "person": str(self.person.pk), "at": NOW.isoformat()}
        marks = {"visit": 4, "health": 3, "morale": 2, "fitness": 4}
        return said | {"sequence": 1, "marks": marks, "signs": [], "words": ""} | details


def set_home() -> Home:
    """One person followed by a home service and by a desk, told of it; the helper has a phone."""
    desk = OrganizationFactory(kind="dac")
    service = OrganizationFactory(kind="home_help", territory=desk.territory)
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    joins_circle(person, organization=service, role=CircleMember.Role.HOME_HELP)
    InformationFactory(person=person)
    helper = MembershipFactory(role="home_help", organization=service).account
    lead = MembershipFactory(role="coordinator", organization=desk).account
    return Home(
        service=service,
        desk=desk,
        person=person,
        helper=actor(
            Role.HOME_HELP,
            service,
            account_id=helper.pk,
            name=helper.name,
            purpose=Purpose.CARE,
            origin=Origin.FORM,
        ),
        coordinator=actor(Role.COORDINATOR, desk, account_id=lead.pk, name=lead.name),
        phone=phone_of(helper, service),
    )


def of_herself(fear: str = "threat", **details: Any) -> dict[str, Any]:
    """« Je ne me sens pas en sécurité », as the phone writes it."""
    said = {"id": str(uuid7()), "kind": "unsafe", "fear": fear, "at": NOW.isoformat()}
    return said | {"planned": None, "starts": None} | details
