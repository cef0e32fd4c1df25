"""Persons and their circles, made up for tests."""

from datetime import date

import factory

from cordee.people import models
from cordee.people.rules import identity
from tests.factories.base import RecordFactory
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    PractitionerFactory,
    TerritoryFactory,
)
from tests.support import NOW

BORN = date(1941, 3, 7)


def number_of(order: int) -> str:
    """A number of the test registry with its right key."""
    body = f"2{BORN:%y%m}05132{order % 1000:03d}"
    return body + identity.key_of(body)


class PersonFactory(RecordFactory):
    """Somebody of the Champsaur; `qualified=True` for an identity with its INS."""

    class Meta:
        model = models.Person

    class Params:
        qualified = factory.Trait(
            ins=factory.Sequence(number_of),
            ins_oid=identity.Registry.TEST.value,
            ins_status=identity.Status.QUALIFIED.value,
        )

    birth_name = factory.Sequence("Lefèvre {}".format)
    first_names = "Berthe Marie"
    first_name = "Berthe"
    birth_date = BORN
    sex = "F"
    phone = factory.Sequence("+3363998{:04d}".format)
    commune = factory.SubFactory(CommuneFactory)
    territory = factory.SubFactory(TerritoryFactory)


class RelativeFactory(RecordFactory):
    class Meta:
        model = models.Relative

    person = factory.SubFactory(PersonFactory)
    name = "Jeanne Martin"
    link = "child"


class MemberFactory(RecordFactory):
    """A nurse in the care team, recognised by the person."""

    class Meta:
        model = models.CircleMember

    person = factory.SubFactory(PersonFactory)
    practitioner: factory.SubFactory | None = factory.SubFactory(PractitionerFactory)
    role = models.CircleMember.Role.NURSE
    ground = "recognised"
    since = NOW


class OrganizationMemberFactory(MemberFactory):
    """An organisation in the care team; give `organization`."""

    practitioner = None
    role = models.CircleMember.Role.ORIENTATION


class InformationFactory(RecordFactory):
    class Meta:
        model = models.Information

    person = factory.SubFactory(PersonFactory)
    speaker = "person"
    notice = "2026-11"
    how = "oral"
    since = NOW


class SharingFactory(InformationFactory):
    class Meta:
        model = models.Sharing

    category = "care"
    audience = "health"
    medium = "screen"
    choice = "opposed"


class ProcessingFactory(InformationFactory):
    class Meta:
        model = models.Processing

    purpose = "coordination"
    will = "refused"


class EmergencyOppositionFactory(InformationFactory):
    class Meta:
        model = models.EmergencyOpposition


class HintChoiceFactory(InformationFactory):
    class Meta:
        model = models.HintChoice

    allowed = True


class PersonAccountFactory(RecordFactory):
    class Meta:
        model = models.PersonAccount

    account = factory.SubFactory(AccountFactory)
    person = factory.SubFactory(PersonFactory)
    proved_how = "pièce d’identité vue au domicile"
    since = NOW


class StayFactory(RecordFactory):
    """Somebody in hospital since `NOW`."""

    class Meta:
        model = models.HospitalStay

    person = factory.SubFactory(PersonFactory)
    entered_at = NOW


def joins_circle(person, *, practitioner=None, organization=None, **details):
    """Put a professional or an organisation in the circle of somebody."""
    if organization is not None:
        return OrganizationMemberFactory(person=person, organization=organization, **details)
    return MemberFactory(
        person=person, practitioner=practitioner or PractitionerFactory(), **details
    )
