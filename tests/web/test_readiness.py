"""Production does not open on made-up data."""

from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from config import live
from cordee.web.readiness import problems_in_database, refuse_fiction
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def production(settings):
    settings.CORDEE = replace(settings.CORDEE, mode="production")


def test_production_opens_on_an_empty_house(production):
    refuse_fiction()


def test_production_refuses_demonstration_accounts(production):
    AccountFactory(is_demonstration=True)
    with pytest.raises(ImproperlyConfigured, match="comptes de démonstration"):
        refuse_fiction()


def test_production_refuses_persons_with_a_test_number(production):
    PersonFactory(qualified=True)
    with pytest.raises(ImproperlyConfigured, match="numéro d’essai"):
        refuse_fiction()


def test_production_refuses_persons_written_during_a_demonstration(production):
    PersonFactory(is_demonstration=True)
    with pytest.raises(ImproperlyConfigured, match="personnes de démonstration"):
        refuse_fiction()


def test_production_refuses_made_up_professionals(production):
    PractitionerFactory(rpps="99000000010")
    with pytest.raises(ImproperlyConfigured, match="professionnels fictifs"):
        refuse_fiction()


def test_production_refuses_made_up_organisations(production):
    OrganizationFactory(finess="990000012")
    with pytest.raises(ImproperlyConfigured, match="structures fictives"):
        refuse_fiction()


@pytest.mark.parametrize("process", ["worker", "sms"])
def test_a_process_started_alone_refuses_fiction_too(production, process):
    AccountFactory(is_demonstration=True)
    with pytest.raises(ImproperlyConfigured, match="comptes de démonstration"):
        call_command(process)


def test_live_pages_started_alone_refuse_fiction_too(production):
    AccountFactory(is_demonstration=True)

    async def start():
        async with live.lifespan(live.application):
            raise AssertionError("it opened")

    with pytest.raises(ImproperlyConfigured, match="comptes de démonstration"):
        async_to_sync(start)()


def test_a_person_without_a_number_is_not_fictitious():
    PersonFactory()
    assert problems_in_database() == []


def test_a_demonstration_opens_on_its_own_data():
    AccountFactory(is_demonstration=True)
    refuse_fiction()


def test_production_refuses_to_load_the_demonstration(production):
    with pytest.raises(CommandError, match="production"):
        call_command("demo")
