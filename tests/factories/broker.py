"""Searches, invitations and those who may be asked, made up for tests."""

from datetime import timedelta

import factory

from cordee.broker import models, rules
from cordee.directory.kinds import CareKind
from tests.factories.base import RecordFactory
from tests.factories.directory import (
    CommuneFactory,
    OrganizationFactory,
    PracticeFactory,
    PractitionerFactory,
)
from tests.factories.people import PersonFactory
from tests.support import NOW


class SolicitationFactory(RecordFactory):
    """A search just launched for an injection, nobody asked yet."""

    class Meta:
        model = models.Solicitation

    origin = factory.Sequence("intake/request/{}".format)
    organization = factory.SubFactory(OrganizationFactory)
    person = factory.SubFactory(
        PersonFactory, territory=factory.SelfAttribute("..organization.territory")
    )
    kinds = factory.LazyFunction(lambda: [CareKind.INJECTION.value])
    profession = "60"
    commune = factory.SubFactory(CommuneFactory)
    urgency = rules.Urgency.DAY.value
    begins_at = NOW + timedelta(hours=14)
    launched_at = NOW
    deadline_at = NOW + timedelta(hours=8)


class InvitationFactory(RecordFactory):
    """A question by text, waiting; `answered=…` for one that was answered."""

    class Meta:
        model = models.Invitation

    class Params:
        answered = factory.Trait(answered_at=NOW)

    solicitation = factory.SubFactory(SolicitationFactory)
    practitioner = factory.SubFactory(PractitionerFactory)
    wave = 1
    phone = factory.Sequence("+337{:08d}".format)
    code = factory.Sequence(lambda number: f"{1000 + number % 9000}")
    code_until = NOW + timedelta(days=30)
    link_hash = factory.Sequence(lambda number: rules.hash_of(f"secret-{number}"))
    chance = 0.25
    asked_at = NOW


def nurse(**declared):
    """A nurse of the zone who may be asked at any hour."""
    return PracticeFactory(solicitable=True, **declared).practitioner


def nurses(count: int, **declared):
    """Several of them."""
    return [nurse(**declared) for _ in range(count)]


def order_for(person, organization, **more) -> rules.SearchOrder:
    """What the rooms above ask of the broker."""
    values = {
        "origin": f"intake/request/{person.pk}",
        "person_id": person.pk,
        "organization_id": organization.pk,
        "kinds": ("injection",),
        "commune_code": CommuneFactory().code,
        "urgency": rules.Urgency.DAY,
        "begins_at": NOW + timedelta(hours=14),
    }
    return rules.SearchOrder(**values | more)
