"""What a line speaks of by a name that a former import of the same system gave."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.fhir.imports import cutting, services
from cordee.fhir.imports.selectors import held_as
from cordee.fhir.jobs import _takes_in, sweep_exports
from cordee.fhir.models import Import, ImportedKey
from cordee.liaison.models import Note
from cordee.people.models import Person, Relative
from tests.factories.kept import import_kept
from tests.factories.people import PersonFactory
from tests.fhir.imports import (
    ask_for,
    done,
    found,
    ndjson,
    note,
    patient,
    refusals,
    relative,
    send,
    showing,
)
from tests.fhir.stage import set_stage
from tests.fhir.systems import bearing, system_of
from tests.pathways.test_retention import let_go
from tests.support import NOW, arranging, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db):
    return set_stage()


@pytest.fixture
def machine(stage):
    return bearing(system_of(stage, per_minute=6_000))


def of_whom(rank=0):
    """Whose note it is, of those that came, by their order."""
    return str(Note.objects.order_by("pk")[rank].person_id)


def key_of(machine, rank):
    """What one person that was sent is called here."""
    return found(machine, "Patient", f"ipp|{rank}")["id"]


@pytest.mark.parametrize("name", ["p1", "0c1e3e1e-6f0b-4f4a-9d55-3f6a3c7a9d11"])
def test_a_line_speaks_of_what_a_former_import_brought_by_the_name_of_its_file(
    stage, machine, name
):
    done(machine, send(machine, patient(1, id=name)))
    said = done(
        machine, send(machine, note(1, f"Patient/{name}"), relative("r", f"Patient/{name}"))
    )
    assert (said["output"][0]["count"], said["error"]) == (2, [])
    assert of_whom() == str(Relative.objects.get().person_id) == key_of(machine, 1)


def test_what_was_there_already_is_spoken_of_as_well(stage, machine):
    done(machine, send(machine, patient(1)))
    done(machine, send(machine, patient(1, id="autre")))
    said = done(machine, send(machine, note(1, "Patient/autre"), note(2, "Patient/p1")))
    assert said["error"] == []
    assert {of_whom(0), of_whom(1)} == {key_of(machine, 1)}


def test_of_two_former_imports_the_latest_says_what_a_name_is(stage, machine):
    done(machine, send(machine, patient(1)))
    done(machine, send(machine, patient(2, id="p1")))
    done(machine, send(machine, note(1, "Patient/p1")))
    assert of_whom() == key_of(machine, 2)


def test_the_names_of_another_system_lead_nowhere(stage, machine):
    done(machine, send(machine, patient(1)))
    other = bearing(system_of(stage, per_minute=6_000))
    said = done(other, send(other, note(1, "Patient/p1")))
    assert refusals(other, said) == [(1, 1, "incoming.nowhere")]
    assert not Note.objects.exists()


# --- whom it must never be put under ------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 100])
def test_a_name_that_a_line_of_the_import_bears_is_its_own(stage, machine, monkeypatch, size):
    monkeypatch.setattr(cutting, "LINES", size)
    done(machine, send(machine, patient(1)))
    done(machine, send(machine, note(1, "Patient/p1"), patient(2, id="p1"), note(2, "Patient/p1")))
    assert {of_whom(0), of_whom(1)} == {key_of(machine, 2)}


@pytest.mark.parametrize("size", [1, 100])
def test_a_name_of_a_line_that_is_refused_is_nobody_else_s(stage, machine, monkeypatch, size):
    monkeypatch.setattr(cutting, "LINES", size)
    done(machine, send(machine, patient(1)))
    bad = patient(2, id="p1", birthDate="1938-02-31")
    said = done(machine, send(machine, note(1, "Patient/p1"), bad, note(2, "Patient/p1")))
    assert sorted(refusals(machine, said)) == [
        (1, 1, "incoming.nowhere"),
        (1, 2, "shape.no_such_date"),
        (1, 3, "incoming.nowhere"),
    ]
    assert not Note.objects.exists()


def test_a_name_that_a_line_bears_that_waits_is_its_own(stage, machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 1)
    send(machine, relative("r1", "Patient/p2"), patient(2))
    work = Import.objects.get()
    assert _takes_in(work.pk)
    assert held_as(work, {"RelatedPerson/r1"}) == {"RelatedPerson/r1": ""}
    run_jobs()
    assert held_as(work, {"RelatedPerson/r1"}) == {
        "RelatedPerson/r1": f"RelatedPerson/{Relative.objects.get().pk}"
    }


def test_beside_a_line_that_cannot_be_read_no_former_name_of_its_type_is_believed(stage, machine):
    done(machine, send(machine, patient(1)))
    unread = json.dumps(patient(2, id="p1")).encode()[:-1]
    said = done(machine, send(machine, unread, note(1, "Patient/p1")))
    assert refusals(machine, said) == [(1, 1, "reading.json"), (1, 2, "incoming.nowhere")]
    with showing(notes=ndjson(note(1, "Patient/p1"), b"{rien")) as shown:
        said = done(machine, ask_for(machine, ("DocumentReference", shown.at("notes"))))
    assert refusals(machine, said) == [(1, 2, "reading.json")]
    assert of_whom() == key_of(machine, 1)


def test_nor_beside_a_file_of_its_type_that_was_left_aside(stage, machine, settings):
    done(machine, send(machine, patient(1)))
    settings.CORDEE = replace(settings.CORDEE, fhir_largest=1_000)
    heavy = ndjson(*(patient(rank) for rank in range(1, 700)))
    with showing(persons=heavy, notes=ndjson(note(1, "Patient/p1"))) as shown:
        inputs = ("Patient", shown.at("persons")), ("DocumentReference", shown.at("notes"))
        said = done(machine, ask_for(machine, *inputs))
    assert refusals(machine, said) == [(1, None, "import.too_heavy"), (2, 1, "incoming.nowhere")]


# --- how long it is kept ------------------------------------------------------------------------


def test_names_outlast_what_is_said_of_an_import(stage, machine):
    done(machine, send(machine, patient(1), b"{rien"))
    Import.objects.update(ended_at=timezone.now() - timedelta(days=2))
    sweep_exports()
    assert Import.objects.get().state == "over"
    assert list(ImportedKey.objects.values_list("sent_as", flat=True)) == ["Patient/p1"]
    assert done(machine, send(machine, note(1, "Patient/p1")))["error"] == []


def test_so_many_names_of_a_system_are_kept_those_of_its_latest_imports(
    stage, machine, monkeypatch
):
    other = bearing(system_of(stage, per_minute=6_000))
    done(other, send(other, patient(9)))
    monkeypatch.setattr(services, "MOST_NAMES", 3)
    done(machine, send(machine, patient(1), patient(2)))
    done(machine, send(machine, patient(3)))
    done(machine, send(machine, patient(4)))
    names = ImportedKey.objects.order_by("sent_as").values_list("sent_as", flat=True)
    assert list(names) == ["Patient/p3", "Patient/p4", "Patient/p9"]
    said = done(machine, send(machine, note(1, "Patient/p1"), note(2, "Patient/p3")))
    assert refusals(machine, said) == [(1, 1, "incoming.nowhere")]


@pytest.mark.django_db(transaction=True)
def test_names_go_with_their_import():
    import_kept(PersonFactory())
    with arranging():
        Import.objects.update(state="over", ended_at=NOW - timedelta(days=400))
    assert let_go("imports", before=NOW) == (1, 1)
    assert not ImportedKey.objects.exists()
    assert Person.objects.exists()
