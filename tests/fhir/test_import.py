"""Whole files that come in: each line goes where a single one goes, and stops no other."""

import gzip
from dataclasses import replace

import pytest

from cordee.access.actor import Role
from cordee.access.models import Trace
from cordee.fhir.imports import cutting
from cordee.fhir.models import Import, ImportFile, ImportPart, KeptBody
from cordee.kernel.models import FactHeader
from cordee.liaison.models import Note
from cordee.people.models import Person, Relative
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import codes
from tests.fhir.imports import (
    NDJSON,
    ask_for,
    done,
    found,
    ndjson,
    note,
    patient,
    refusals,
    relative,
    send,
    send_bytes,
)
from tests.fhir.stage import set_stage
from tests.fhir.systems import ASYNC, bearing, place_of, system_of
from tests.support import actor, run_jobs

pytestmark = pytest.mark.django_db

GZIP = {"Content-Encoding": "gzip"}


@pytest.fixture
def stage(db):
    return set_stage()


@pytest.fixture
def machine(stage):
    return bearing(system_of(stage, per_minute=6_000))


def bare(resource):
    """What is said of a resource, but for what differs each time."""
    left = {key: value for key, value in resource.items() if key not in ("id", "patient")}
    return left | {"meta": {k: v for k, v in left["meta"].items() if k != "lastUpdated"}}


# --- what is written ----------------------------------------------------------------------------


def test_a_line_is_told_as_the_same_resource_that_came_alone(stage, machine):
    sent = patient(1, maritalStatus={"text": "veuve"})
    said = done(machine, send(machine, sent))
    assert [(one["type"], one["count"]) for one in said["output"]] == [("Resource", 1)]
    assert said["error"] == []
    brought = found(machine, "Patient", "ipp|1")
    Person.objects.get(pk=brought["id"])
    other = patient(1, identifier=[{"system": "urn:essai:ipp", "value": "seule"}])
    other["maritalStatus"] = {"text": "veuve"}
    answer = machine.post("/fhir/Patient", other, content_type="application/fhir+json")
    assert answer.status_code == 201
    alone = found(machine, "Patient", "ipp|seule")
    alone["identifier"] = [one | {"value": "1"} for one in alone["identifier"]]
    assert bare(brought) == bare(alone)
    facts = FactHeader.objects.filter(thread_id__in=[brought["id"], alone["id"]])
    kinds = [
        list(facts.filter(thread_id=one["id"]).order_by("pk").values_list("kind", "origin"))
        for one in (brought, alone)
    ]
    assert kinds[0] == kinds[1] != []


def test_lines_speak_of_those_before_them_by_the_names_of_their_file(stage, machine):
    resources = [patient(1), relative("r1", "Patient/p1"), note(1, "Patient/p1")]
    said = done(machine, send(machine, *resources))
    assert (said["output"][0]["count"], said["error"]) == (3, [])
    pk = found(machine, "Patient", "ipp|1")["id"]
    assert str(Relative.objects.get().person_id) == pk
    assert str(Note.objects.get().person_id) == pk
    assert not ImportPart.objects.exists()


def test_a_line_speaks_of_what_came_before_by_its_identifier(stage, machine):
    done(machine, send(machine, patient(1)))
    by_number = "Patient?identifier=urn:essai:ipp|{}".format
    notes = [note(rank, by_number(1)) for rank in range(4)]
    sent = [note(8, by_number(7)), *notes, patient(2), note(9, by_number(2))]
    said = done(machine, send(machine, *sent))
    assert said["output"][0]["count"] == 6
    assert refusals(machine, said) == [(1, 1, "bundle.condition")]
    assert Note.objects.count() == 5


def test_names_of_a_file_hold_from_one_piece_to_the_next(stage, machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 1)
    said = done(machine, send(machine, patient(1), b"", relative("r1", "Patient/p1")))
    assert said["output"][0]["count"] == 2
    assert Relative.objects.get().person_id == Person.objects.latest("pk").pk


def test_a_bad_line_stops_no_other_and_is_named(stage, machine):
    hidden = PersonFactory()
    joins_circle(hidden, organization=OrganizationFactory())
    sent = [
        patient(1),
        b"{rien",
        patient(2) | {"inconnu": 1},
        b"",
        note(1, "Patient/jamais-vue"),
        note(2, f"Patient/{hidden.pk}"),
        {"resourceType": "Observation", "status": "final", "code": {"text": "x"}},
        patient(1),
        patient(9) | {"birthDate": "1938-02-31"},
        b'{"a": 1, "a": 2}',
        patient(3),
    ]
    said = done(machine, send(machine, *sent))
    assert said["output"][0]["count"] == 2
    assert sorted(refusals(machine, said)) == [
        (1, 2, "reading.json"),
        (1, 3, "shape.unknown_element"),
        (1, 5, "incoming.nowhere"),
        (1, 6, "incoming.nowhere"),
        (1, 7, "import.type"),
        (1, 8, "import.twice"),
        (1, 9, "shape.no_such_date"),
        (1, 10, "reading.duplicate_key"),
    ]
    told = found(machine, "Patient", "ipp|3")
    assert told["name"][0]["family"] == "BlanchardD"


def test_what_is_sent_again_is_not_doubled(stage, machine):
    sent = [patient(1), relative("r1", "Patient/p1"), note(1, "Patient/p1")]
    done(machine, send(machine, *sent))
    before = [kind.objects.count() for kind in (Person, Relative, Note)]
    said = done(machine, send(machine, *sent))
    assert [kind.objects.count() for kind in (Person, Relative, Note)] == before
    assert said["error"] == []
    assert said["output"][0]["extension"]["unchanged"] == 2  # a note knows by itself


def test_an_identifier_is_looked_for_to_the_letter(stage, machine):
    done(machine, send(machine, patient(1)))
    number = [{"system": "urn:essai:ipp", "value": "1,2|3$4\\"}]
    sent = patient(2, identifier=number)
    assert done(machine, send(machine, sent))["output"][0]["count"] == 1
    assert done(machine, send(machine, sent))["output"][0]["extension"]["unchanged"] == 1


def test_a_line_that_bears_an_identifier_of_ours_replaces_it_as_it_was_read(stage, machine):
    done(machine, send(machine, patient(1)))
    read = found(machine, "Patient", "ipp|1")
    said = done(machine, send(machine, read | {"birthDate": "1939-03-12"}))
    assert (said["output"][0]["count"], said["error"]) == (1, [])
    again = found(machine, "Patient", "ipp|1")
    assert (again["id"], again["birthDate"]) == (read["id"], "1939-03-12")
    said = done(machine, send(machine, read | {"birthDate": "1940-01-01"}))
    assert refusals(machine, said) == [(1, 1, "version.replaced")]
    assert found(machine, "Patient", "ipp|1")["birthDate"] == "1939-03-12"


def test_a_circle_in_a_file_says_which_version_was_read(stage, machine):
    circle = machine.get(f"/fhir/CareTeam/{stage.person.pk}").json()
    unsaid = circle | {"meta": {"lastUpdated": circle["meta"]["lastUpdated"]}}
    assert refusals(machine, done(machine, send(machine, unsaid))) == [(1, 1, "version.unnamed")]
    said = done(machine, send(machine, circle))
    assert (said["output"][0]["count"], said["error"]) == (1, [])


def test_notes_of_a_file_are_written_in_sets(stage, machine):
    before = Trace.objects.filter(verb__startswith="liaison.write").count()
    sent = [note(rank, "Patient/p1", id=f"n{rank}") for rank in range(40)]
    said = done(machine, send(machine, patient(1), *sent))
    assert (said["output"][0]["count"], said["error"]) == (41, [])
    assert Note.objects.count() == 40
    told = Trace.objects.filter(verb__startswith="liaison.write").order_by("pk")[before:]
    assert [one.verb for one in told] == ["liaison.write_many"]


def test_an_ins_that_comes_in_is_a_claim(stage, machine):
    number = {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "253072A07300443"}
    sent = patient(1)
    sent["identifier"] = [number, *sent["identifier"]]
    done(machine, send(machine, sent))
    brought = Person.objects.get(pk=found(machine, "Patient", "ipp|1")["id"])
    assert brought.ins_status != "qualified"
    said = done(machine, send(machine, sent))
    assert said["output"][0]["extension"]["unchanged"] == 1


# --- what speaks of a line that comes later -----------------------------------------------------


@pytest.mark.parametrize("name", ["p1", "0c1e3e1e-6f0b-4f4a-9d55-3f6a3c7a9d11"])
def test_lines_speak_of_those_after_them_too(stage, machine, name):
    sent = [note(1, f"Patient/{name}"), relative("r1", f"Patient/{name}"), patient(1, id=name)]
    said = done(machine, send(machine, *sent, note(2, "Patient?identifier=urn:essai:ipp|1")))
    assert (said["output"][0]["count"], said["error"]) == (4, [])
    assert said["output"][0]["extension"] == {"unchanged": 0, "waited": 2}
    pk = found(machine, "Patient", "ipp|1")["id"]
    assert [str(one.person_id) for one in Note.objects.all()] == [pk, pk]
    assert str(Relative.objects.get().person_id) == pk
    work = Import.objects.get()
    assert (work.lines, work.written, work.known, work.refused) == (4, 4, 0, 0)
    assert not ImportPart.objects.exists()


def test_a_condition_waits_for_the_line_that_meets_it(stage, machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 1)
    said = done(machine, send(machine, note(1, "Patient?identifier=urn:essai:ipp|1"), patient(1)))
    assert (said["output"][0]["count"], said["error"]) == (2, [])
    assert str(Note.objects.get().person_id) == found(machine, "Patient", "ipp|1")["id"]


def test_lines_that_lead_in_a_circle_or_nowhere_are_refused_in_the_end(stage, machine):
    sent = [note(1, "Patient/jamais"), patient(1), note(2, "Patient?identifier=urn:essai:ipp|9")]
    said = done(machine, send(machine, *sent))
    assert said["output"][0]["count"] == 1
    assert refusals(machine, said) == [(1, 1, "incoming.nowhere"), (1, 3, "bundle.condition")]
    work = Import.objects.get()
    assert (work.state, work.lines, work.refused) == ("done", 3, 2)


# --- who sends ----------------------------------------------------------------------------------


def test_scopes_say_what_comes_in(stage):
    client = system_of(stage)
    narrow = bearing(client, "system/Patient.cs")
    said = done(narrow, send(narrow, patient(1), note(1, f"Patient/{stage.person.pk}")))
    assert said["output"][0]["count"] == 1
    assert refusals(narrow, said) == [(1, 2, "caller.scope")]
    address = "https://partenaire.exemple.fr/notes"
    answer = ask_for(narrow, ("DocumentReference", address))
    assert (answer.status_code, codes(answer)) == (403, ["caller.scope"])


def test_who_adds_without_searching_is_refused_a_file_before_each_of_its_lines_is(stage):
    client, address = system_of(stage), "https://partenaire.exemple.fr/f"
    adding = bearing(client, "system/Patient.c system/DocumentReference.c")
    answer = ask_for(adding, ("Patient", address))
    assert (answer.status_code, codes(answer)) == (403, ["caller.scope"])
    place_of(ask_for(adding, ("DocumentReference", address)))  # a note knows by itself


def test_a_line_beyond_the_part_that_may_be_changed_is_refused_and_not_doubled(stage):
    client = system_of(stage)
    whole = bearing(client)
    done(whole, send(whole, patient(1)))
    read = found(whole, "Patient", "ipp|1")
    del read["identifier"]
    before = Person.objects.count()
    narrow = bearing(client, "system/Patient.crs system/Patient.u?gender=male")
    said = done(narrow, send(narrow, read | {"birthDate": "1940-01-01"}))
    assert refusals(narrow, said) == [(1, 1, "read.absent")]
    assert Person.objects.count() == before


def test_nobody_but_a_system_sends_an_import(stage):
    answer = stage.machine.post("$import", b"{}", prefer="respond-async", content_type=NDJSON)
    assert (answer.status_code, codes(answer)) == (403, ["caller.scope"])
    assert Trace.objects.filter(kind="refused", verb="fhir.import").exists()


def test_an_import_is_done_apart_or_not_at_all(machine):
    answer = machine.generic("POST", "/fhir/$import", b"{}\n", content_type=NDJSON)
    assert (answer.status_code, codes(answer)) == (400, ["bulk.prefer"])
    assert not Import.objects.exists()


def test_an_import_is_a_gesture_of_the_trace_and_tells_how_far_it_is(stage, machine):
    where = place_of(send(machine, patient(1)))
    waiting = machine.get(where)
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "5")
    assert waiting["X-Progress"] == "0 lignes, dont 0 non enregistrées"
    run_jobs()
    answer = machine.get(where)
    assert "Expires" in answer.headers
    assert answer.json()["request"].endswith("/fhir/$import")
    (line,) = Trace.objects.filter(verb="fhir.import", kind="act")
    assert line.origin == "fhir"
    assert Trace.objects.filter(verb="fhir.receive", kind="act").exists()


def test_what_waits_is_sealed_at_rest(stage, machine):
    send(machine, patient(1))
    assert b"Blanchard" not in bytes(ImportPart.objects.get().sealed)
    run_jobs()
    ask_for(machine, ("Patient", "https://partenaire.exemple.fr/f?signature=secret"))
    assert b"secret" not in bytes(ImportFile.objects.latest("pk").address)


def test_another_system_learns_nothing_of_an_import(stage, machine):
    where = place_of(send(machine, b"{rien"))
    run_jobs()
    other = bearing(system_of(stage))
    for address in (where, f"{where}/1.ndjson"):
        assert other.get(address).status_code == 404
        assert machine.get(address).status_code == 200
    assert other.delete(where).status_code == 404
    assert machine.get(f"{where}/2.ndjson").status_code == 404


def test_one_import_at_a_time_for_a_system(stage, machine):
    place_of(send(machine, patient(1)))
    again = send(machine, patient(2))
    assert (again.status_code, codes(again)) == (429, ["import.one_at_a_time"])
    place_of(send(bearing(system_of(stage)), patient(3)))
    run_jobs()
    place_of(send(machine, patient(2)))


def test_a_body_heavier_than_any_request_is_refused(machine, settings):
    settings.CORDEE = replace(settings.CORDEE, fhir_largest=10_000)
    answer = send(machine, *map(patient, range(200)))
    assert (answer.status_code, codes(answer)) == (413, ["reading.too_big"])
    assert not Import.objects.exists()


def test_lines_that_come_packed_are_unpacked_within_the_same_bounds(stage, machine, settings):
    said = done(machine, send_bytes(machine, gzip.compress(ndjson(patient(1))), **GZIP))
    assert (said["output"][0]["count"], said["error"]) == (1, [])
    for body, coding in (
        (ndjson(patient(2)), "gzip"),
        (b"{}", "br"),
        (gzip.compress(b"{}")[:-1], "gzip"),
    ):
        answer = send_bytes(machine, body, **{"Content-Encoding": coding})
        assert (answer.status_code, codes(answer)) == (400, ["import.packing"])
    settings.CORDEE = replace(settings.CORDEE, fhir_largest=10_000)
    answer = send_bytes(machine, gzip.compress(b"\n" * 1_000_000), **GZIP)
    assert (answer.status_code, codes(answer)) == (413, ["reading.too_big"])
    assert Import.objects.count() == 1


# --- taken back ---------------------------------------------------------------------------------


def test_an_import_is_cancelled_and_what_was_written_stays(stage, machine):
    where = place_of(send(machine, patient(1)))
    assert machine.delete(where).status_code == 202
    run_jobs()
    assert machine.get(where).status_code == 404
    assert not Person.objects.filter(birth_name__startswith="BLANCHARD").exists()
    assert not KeptBody.objects.exists()
    where = place_of(send(machine, patient(1), b"{rien"))
    run_jobs()
    assert machine.get(f"{where}/1.ndjson").status_code == 200
    assert machine.delete(where).status_code == 202
    assert machine.get(f"{where}/1.ndjson").status_code == 404
    assert machine.delete(where).status_code == 404
    assert KeptBody.objects.filter(kind="Patient").exists()
    assert not ImportFile.objects.exists()


def test_administration_and_the_dpo_see_who_sends_what_and_administration_stops_it(
    client, stage, machine
):
    place_of(send(machine, patient(1), b"{rien"))
    run_jobs()
    for role in (Role.ADMINISTRATOR, Role.DPO):
        text = client.as_(actor(role)).get("/administration/imports/").content.decode()
        assert "Logiciel partenaire" in text
        assert "Blanchard" not in text
        assert '<td class="number" data-head="Refusées">1</td>' in text
    work = Import.objects.get()
    stop = f"/administration/imports/{work.pk}/arret"
    assert client.post(stop).status_code == 403
    answer = client.as_(actor(Role.ADMINISTRATOR)).post(stop, follow=True)
    assert "Les refus de cet import sont retirés." in answer.content.decode()
    assert "annulé" not in answer.content.decode()
    assert not ImportFile.objects.exists()
    assert client.as_(stage.actor).get("/administration/imports/").status_code == 403


def test_an_import_is_not_read_by_looking_at_its_address(machine):
    assert machine.get("/fhir/$import", headers=ASYNC).status_code == 405
