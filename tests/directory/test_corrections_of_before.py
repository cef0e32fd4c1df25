"""What administration corrected before corrections were marked is marked by a migration."""

from importlib import import_module

import psycopg
import pytest
from django.conf import settings

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.directory.models import Organization
from tests.directory.test_establishments import (
    bring,
    corrected_here,
    establishments,
    said_otherwise,
)
from tests.factories.directory import CommuneFactory
from tests.support import NOW, arranging

pytestmark = pytest.mark.django_db(transaction=True)
MARK = import_module("cordee.directory.migrations.0013_what_was_corrected_before").MARK


@pytest.fixture
def lines():
    with arranging():
        CommuneFactory()
    made = establishments(10)
    bring(made, source="finess")
    return made


def as_before():
    with arranging():
        Organization.objects.update(corrected=[])


def migrate():
    with psycopg.connect(settings.SERVER.owner_url(settings.TEST_DATABASE)) as owner:
        owner.execute(MARK)
    return {one.finess: one.corrected for one in Organization.objects.all() if one.corrected}


def test_a_correction_of_before_is_marked_and_the_next_extraction_leaves_it(lines):
    ours = Organization.objects.order_by("finess").first()
    corrected_here(ours, name="Les Écrins", phone="04 92 50 00 01")
    as_before()

    assert migrate() == {ours.finess: ["name", "phone"]}
    assert migrate() == {ours.finess: ["name", "phone"]}  # said once

    assert bring(lines, source="finess").kept_here == 1
    ours.refresh_from_db()
    assert (ours.name, ours.phone) == ("Les Écrins", "+33492500001")


def test_a_correction_that_an_extraction_said_again_since_is_none(lines):
    first, second = Organization.objects.order_by("finess")[:2]
    corrected_here(first, name="Les Écrins", address="2 rue des Mélèzes")
    corrected_here(second, name="Le Dévoluy")
    as_before()
    bring(said_otherwise(lines, first.finess, "rslongue", "LES CHARMES"), source="finess")
    first.refresh_from_db()
    corrected_here(second, name="Le Champsaur")
    corrected_here(first, address="3 rue des Mélèzes")
    as_before()

    assert migrate() == {first.finess: ["address"], second.finess: ["name"]}


def test_what_nobody_corrected_is_not_marked(lines):
    ours = Organization.objects.order_by("finess").first()
    bring(said_otherwise(lines, ours.finess, "numvoie", "12 BIS"), source="finess")

    assert migrate() == {}


def test_a_number_written_otherwise_and_a_code_that_a_form_emptied_are_no_corrections(lines):
    ours = Organization.objects.exclude(phone="").order_by("finess").first()
    with gesture(actor=SYSTEM, verb="directory.change_organization", now=NOW):
        spaced = f"0{ours.phone.removeprefix('+33')} "
        Organization.objects.filter(pk=ours.pk).update(phone=spaced, postal_code="", name="Ici")

    assert migrate() == {ours.finess: ["name"]}
