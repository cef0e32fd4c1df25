"""Calls, requests and grids, made up for tests."""

import json
from datetime import timedelta
from pathlib import Path

import factory

from cordee.intake import models, rules
from tests.factories.base import RecordFactory
from tests.factories.directory import AccountFactory, CommuneFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, orienteuse_of

SHIPPED = Path(rules.__file__).parent.parent / "triage" / "2026-1.json"


class CallerFactory(RecordFactory):
    class Meta:
        model = models.Caller

    organization = factory.SubFactory(OrganizationFactory)
    kind = "gp"
    name = factory.Sequence("Docteur Arnaud {}".format)
    phone = "+33612345678"
    last_called_at = NOW


class CareRequestFactory(RecordFactory):
    """A received request for somebody whose circle the service has entered."""

    class Meta:
        model = models.CareRequest

    organization = factory.SubFactory(OrganizationFactory)
    caller = factory.SubFactory(CallerFactory, organization=factory.SelfAttribute("..organization"))
    person = factory.SubFactory(
        PersonFactory, territory=factory.SelfAttribute("..organization.territory")
    )
    kind = "injection"
    need = "Matin et soir"
    commune = factory.SubFactory(CommuneFactory)
    delay = "h24"
    due_at = NOW + timedelta(hours=24)
    received_at = NOW
    outcome_at = NOW

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        made = super()._create(model_class, *args, **kwargs)
        if made.person_id and not made.person.circle.filter(organization=made.organization):
            joins_circle(made.person, organization=made.organization)
        return made


class DraftFactory(RecordFactory):
    class Meta:
        model = models.Draft

    organization = factory.SubFactory(OrganizationFactory)
    account = factory.SubFactory(AccountFactory)
    opened_at = NOW - timedelta(minutes=2)


class TriageVersionFactory(RecordFactory):
    """The shipped grid, unsigned; `signed=True` for the one in use."""

    class Meta:
        model = models.TriageVersion

    class Params:
        signed = factory.Trait(
            signed_by=factory.SubFactory(AccountFactory),
            signed_name="Docteur Arnaud",
            signed_at=NOW,
        )

    organization = factory.SubFactory(OrganizationFactory)
    code = "2026-1"
    title = "Tri d’accueil"
    content = factory.LazyFunction(lambda: json.loads(SHIPPED.read_text(encoding="utf-8")))
    digest = factory.LazyAttribute(lambda made: rules.read_grid(made.content).digest)


def desk_of(organization, **details):
    """An orienteuse at the desk of a service, with an account of her own."""
    account = AccountFactory(name=details.pop("name", "Orienteuse"))
    return orienteuse_of(organization, account_id=account.pk, name=account.name, **details)
