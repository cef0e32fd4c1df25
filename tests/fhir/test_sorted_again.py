"""What was kept before its labels were looked at is sorted again, and nothing is opened by it."""

from io import StringIO

import pytest
from django.core.management import call_command

from cordee.fhir.models import KeptBody
from cordee.fhir.systems import CONFIDENTIALITY
from tests.factories.directory import AccountFactory
from tests.fhir.door import Machine
from tests.fhir.rows.bundle import letter
from tests.fhir.test_documents import key_of
from tests.fhir.test_sensitivity import HOUSE, label, letter_with, marked
from tests.support import arranging, coordinator_of, traces

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(stage):
    """Another coordinator of the desk, to whom nobody agreed that more be told."""
    return Machine(coordinator_of(stage.desk, account_id=AccountFactory().pk))


def kept_as_care(stage, body):
    """A document that came in before its labels were looked at."""
    pk = key_of(stage.machine.post("Bundle", body))
    with arranging():
        KeptBody.objects.filter(pk=pk).update(category="care")
    return pk


def sorted_again():
    out = StringIO()
    call_command("sort_received", stdout=out)
    return out.getvalue()


def test_what_was_kept_as_care_is_sorted_again_and_opens_nothing(stage, colleague):
    hidden = kept_as_care(stage, letter_with(stage, label("PSY")))
    plain = kept_as_care(stage, letter(stage))
    less = key_of(stage.machine.post("Bundle", letter(stage, **marked("coordination", HOUSE))))
    assert colleague.get(f"Bundle/{hidden}").status_code == 200
    assert "1 en santé mentale" in sorted_again()
    assert colleague.get(f"Bundle/{hidden}").status_code == 404
    assert colleague.get(f"Bundle/{hidden}/_history").status_code == 404
    assert colleague.get(f"Bundle/{hidden}/_history/1").status_code == 404
    assert stage.machine.get(f"Bundle/{hidden}").status_code == 200
    assert colleague.get(f"Bundle/{plain}").status_code == 200
    assert KeptBody.objects.get(pk=less).category == "coordination"
    assert [one for one in traces("act") if one["verb"] == "fhir.sort_again"]
    assert "rien à déplacer" in sorted_again()
    row = KeptBody.objects.get(pk=hidden)
    assert (row.category, row.version) == ("mental_health", 3)  # kept, arranged, sorted once


def test_what_was_kept_around_a_resource_is_sorted_again_with_its_former_versions(stage, colleague):
    person = f"Patient/{stage.person.pk}"
    said = stage.machine.get(person).json() | {"maritalStatus": {"text": "veuve"}}
    assert stage.machine.put(person, said | marked("ETH")).status_code == 200
    with arranging():
        KeptBody.objects.filter(resource_id=stage.person.pk).update(category="care")
    addresses = (person, f"{person}/_history")
    assert all("veuve" in colleague.get(one).content.decode() for one in addresses)
    assert "1 en santé mentale" in sorted_again()
    assert not any("veuve" in colleague.get(one).content.decode() for one in addresses)
    assert all("veuve" in stage.machine.get(one).content.decode() for one in addresses)


def test_what_no_rule_sorts_is_left_as_it_is_and_named(stage):
    restricted = letter_with(stage, label("R", CONFIDENTIALITY), label("PSY"))
    pk = kept_as_care(stage, restricted)
    sent_so = KeptBody.objects.get(pk=pk).sent
    with arranging():
        KeptBody.objects.filter(pk=pk).update(sent=sent_so.replace('"PSY"', '"HIV"'))
    said = sorted_again()
    assert f"Bundle/{pk}" in said
    assert KeptBody.objects.get(pk=pk).category == "care"
