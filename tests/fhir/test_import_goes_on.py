"""An import goes on whatever dies, doubles nothing, and stops when its rights end."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cordee.access.actor import Role
from cordee.fhir.imports import cutting, lines, services
from cordee.fhir.jobs import _takes_in, sweep_exports, take_in
from cordee.fhir.models import Import, ImportedKey, ImportFile, ImportPart, KeptBody
from cordee.fhir.resources import patient as persons
from cordee.partners.services import suspend
from cordee.people.models import Person, Relative
from tests.fhir.door import codes
from tests.fhir.imports import (
    ask_for,
    became,
    ndjson,
    patient,
    refusals,
    relative,
    send,
    showing,
)
from tests.fhir.stage import set_stage
from tests.fhir.systems import bearing, jobs_end, place_of, system_of
from tests.fhir.systems import lines as lines_of
from tests.support import NOW, actor, arranging, queued, run_jobs, simultaneously

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db):
    return set_stage()


@pytest.fixture
def machine(stage):
    return bearing(system_of(stage, per_minute=6_000))


def brought():
    """How many persons came, and how many of their bodies were kept."""
    persons = Person.objects.filter(birth_name__istartswith="blanchard")
    return persons.count(), KeptBody.objects.filter(kind="Patient").count()


def killed_each(monkeypatch, every):
    """Have the house die at every so many lines or sets of them, once they are written."""
    asked = []

    def dying(write):
        def dies(*args):
            answer = write(*args)
            asked.append(answer)
            if len(asked) % every == 0:
                raise SystemExit("killed")
            return answer

        return dies

    for name in ("asked", "written_together"):
        monkeypatch.setattr(lines, name, dying(getattr(lines, name)))
    return asked


def go_on_until_the_end():
    """Take an import up again each time it dies. Says how often it did."""
    deaths, pk = 0, str(Import.objects.get().pk)
    while Import.objects.get().is_running:
        try:
            take_in(work=pk)
        except SystemExit:
            deaths += 1
    return deaths


def test_an_import_killed_at_any_line_goes_on_and_neither_loses_nor_doubles(
    stage, machine, monkeypatch
):
    monkeypatch.setattr(cutting, "LINES", 4)
    where = place_of(send(machine, *map(patient, range(14))))
    killed_each(monkeypatch, 3)
    assert go_on_until_the_end() >= 3
    assert brought() == (14, 14)
    said = became(machine, where)
    assert (said["output"][0]["count"], said["error"]) == (14, [])


def test_lines_that_wait_for_others_survive_it_too_and_are_written_once(
    stage, machine, monkeypatch
):
    monkeypatch.setattr(cutting, "LINES", 3)
    nameless = [
        {key: value for key, value in relative(str(one), f"Patient/p{one}").items() if key != "id"}
        for one in range(6)
    ]
    sent = [part for pair in zip(nameless, map(patient, range(6)), strict=True) for part in pair]
    where = place_of(send(machine, *sent))
    killed_each(monkeypatch, 4)
    assert go_on_until_the_end() >= 2
    assert (brought(), Relative.objects.count()) == ((6, 6), 6)
    said = became(machine, where)
    assert (said["output"][0]["count"], said["error"]) == (12, [])


def test_lines_without_any_identifier_are_not_doubled_either(stage, machine, monkeypatch):
    nameless = [
        {key: value for key, value in patient(one).items() if key not in ("id", "identifier")}
        for one in range(6)
    ]
    send(machine, *nameless)
    killed_each(monkeypatch, 2)
    go_on_until_the_end()
    assert brought() == (6, 6)


def test_a_line_that_breaks_its_writing_each_time_is_left_aside(stage, machine, monkeypatch):
    where = place_of(send(machine, *map(patient, range(4))))
    said_of = persons.said_of

    def breaks(resource):
        if resource["id"] == "p2":
            raise OperationalError("this line breaks the house")
        return said_of(resource)

    monkeypatch.setattr(persons, "said_of", breaks)
    pk = str(Import.objects.get().pk)
    for _ in range(3):
        with pytest.raises(OperationalError):
            take_in(work=pk)
    take_in(work=pk)
    assert refusals(machine, became(machine, where)) == [(1, 3, "router.fault")]
    assert brought() == (3, 3)


def test_rights_that_end_meanwhile_stop_an_import_and_let_go_what_waits(stage, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 1)
    client = system_of(stage)
    machine = bearing(client)
    where = place_of(send(machine, *map(patient, range(3))))
    assert _takes_in(Import.objects.get().pk)
    suspend(actor=actor(Role.ADMINISTRATOR), client=client, why="", now=NOW)
    run_jobs()
    work = Import.objects.get()
    assert (work.state, work.written, brought()) == ("stopped", 1, (1, 1))
    assert not ImportPart.objects.exists()
    assert not ImportFile.objects.exists()
    assert not ImportedKey.objects.exists()
    with arranging():
        type(client).objects.filter(pk=client.pk).update(suspended_at=None)
    stopped = bearing(client).get(where)
    assert (stopped.status_code, codes(stopped)) == (403, ["import.stopped"])


def test_an_import_of_a_role_that_changed_stops(stage):
    client = system_of(stage)
    send(bearing(client), patient(1))
    with arranging():
        type(client.membership).objects.filter(pk=client.membership_id).update(role="orienteuse")
    run_jobs()
    assert (Import.objects.get().state, brought()) == ("stopped", (0, 0))


def test_scopes_that_were_narrowed_meanwhile_hold_for_the_lines_to_come(stage, machine):
    where = place_of(send(machine, patient(1)))
    with arranging():
        client = Import.objects.get().client
        type(client).objects.filter(pk=client.pk).update(scopes="system/Patient.rs")
    run_jobs()
    assert refusals(machine, became(machine, where)) == [(1, 1, "caller.scope")]


def test_an_import_cancelled_between_two_pieces_writes_no_more(stage, machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 2)
    where = place_of(send(machine, *map(patient, range(6))))
    assert _takes_in(Import.objects.get().pk)
    assert machine.delete(where).status_code == 202
    run_jobs()
    assert brought() == (2, 2)


def test_what_is_said_of_an_import_goes_after_its_time(stage, machine, monkeypatch):
    where = place_of(send(machine, b"{rien"))
    run_jobs()
    sweep_exports()
    assert machine.get(f"{where}/1.ndjson").status_code == 200
    later = timezone.now() + timedelta(hours=25)
    monkeypatch.setattr(timezone, "now", lambda: later)
    sweep_exports()
    for address in (where, f"{where}/1.ndjson"):
        gone = machine.get(address)
        assert (gone.status_code, codes(gone)) == (410, ["import.over"])
    assert not ImportPart.objects.exists()


def test_an_import_that_no_longer_moves_is_queued_once_more_then_ended(machine, monkeypatch):
    where = place_of(send(machine, patient(1)))
    jobs_end("cordee.fhir.jobs.take_in")
    for hours, queues in ((2, 1), (2.5, 0), (3.5, 0)):
        at = NOW + timedelta(hours=hours)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        assert machine.get(where).status_code == 202
        sweep_exports()
        assert jobs_end("cordee.fhir.jobs.take_in") == queues
    broken = machine.get(where)
    assert (broken.status_code, codes(broken)) == (500, ["import.broken"])
    place_of(send(machine, patient(1)))


def test_an_import_that_waits_for_its_turn_for_hours_is_not_ended(machine, monkeypatch):
    where = place_of(send(machine, patient(1)))
    for hours in (2, 4, 6):
        at = NOW + timedelta(hours=hours)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        sweep_exports()
        assert machine.get(where).status_code == 202
    assert len(queued("cordee.fhir.jobs.take_in")) == 1
    run_jobs()
    assert brought() == (1, 1)


def test_a_file_brought_in_part_is_fetched_again_whole(stage, machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 2)
    with showing(persons=ndjson(*map(patient, range(6)))) as shown:
        place_of(ask_for(machine, ("Patient", shown.at("persons"))))
        keep = cutting.packed
        kept = []

        def dies(rows):
            kept.append(rows)
            if len(kept) == 2:
                raise SystemExit("killed")
            return keep(rows)

        monkeypatch.setattr("cordee.fhir.imports.services.packed", dies)
        assert go_on_until_the_end() == 1
        assert shown.asked == ["persons", "persons"]
    assert brought() == (6, 6)


# --- refusals that are kept ---------------------------------------------------------------------


def test_so_many_refusals_are_kept_of_an_import_and_the_others_counted(machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 2)
    monkeypatch.setattr(services, "MOST_KEPT", 5)
    with showing(one=b"{rien\n" * 3, two=b"{rien\n" * 4, three=b"{rien\n" * 2) as shown:
        names = ("one", "two", "three")
        where = place_of(ask_for(machine, *[("Patient", shown.at(name)) for name in names]))
        run_jobs()
    told = became(machine, where)["error"]
    assert [(one["count"], one["extension"]["counted"]) for one in told] == [(3, 3), (2, 4), (0, 2)]
    assert ["url" in one for one in told] == [True, True, False]
    assert [len(lines_of(machine, one["url"])) for one in told[:2]] == [3, 2]
    assert machine.get(f"{where}/3.ndjson").status_code == 404
    assert Import.objects.get().refused == 9


def test_refusals_are_read_part_by_part_as_they_are_given(machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 2)
    where = place_of(send(machine, *[b"{rien"] * 6))
    run_jobs()
    with CaptureQueriesContext(connection) as seen:
        answer = machine.get(f"{where}/1.ndjson")
        given = b"".join(answer.streaming_content)
    assert given.count(b"\n") == 6
    asked = [one["sql"] for one in seen if '"fhir_importpart"."sealed"' in one["sql"]]
    assert len(asked) == 3


# --- what a part costs --------------------------------------------------------------------------


def test_each_part_is_read_whole_once(machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 2)
    send(machine, *map(patient, range(6)))
    with CaptureQueriesContext(connection) as seen:
        run_jobs()
    asked = [one["sql"] for one in seen if one["sql"].startswith("SELECT")]
    assert len([one for one in asked if '"fhir_importpart"."sealed"' in one]) == 3


def test_whether_lines_bear_identifiers_of_ours_is_asked_once_for_all(machine):
    names = [uuid4() for _ in range(5)]
    send(machine, *[patient(rank, id=str(name)) for rank, name in enumerate(names)])
    with CaptureQueriesContext(connection) as seen:
        run_jobs()
    asked = [one["sql"] for one in seen if 'FROM "people_person"' in one["sql"]]
    assert len([one for one in asked if any(name.hex in one for name in names)]) == 1
    assert brought() == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_two_workers_of_one_import_at_once_write_each_line_once(monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 2)
    stage = set_stage()
    machine = bearing(system_of(stage))
    with showing(persons=ndjson(*map(patient, range(10)))) as shown:
        where = place_of(ask_for(machine, ("Patient", shown.at("persons"))))
        pk = str(Import.objects.get().pk)
        for _ in range(3):
            simultaneously(*[lambda: take_in(work=pk)] * 3)
        run_jobs()
    said = became(machine, where)
    assert (said["output"][0]["count"], said["error"]) == (10, [])
    assert brought() == (10, 10)


@pytest.mark.django_db(transaction=True)
def test_what_a_system_sends_by_lines_and_by_calls_at_once_is_not_doubled():
    machine = bearing(system_of(set_stage()))
    place_of(send(machine, *map(patient, range(4))))
    pk = str(Import.objects.get().pk)

    def calls():
        for rank in range(4):
            condition = {"If-None-Exist": f"identifier=urn:essai:ipp|{rank}"}
            sent = {"content_type": "application/fhir+json", "headers": condition}
            answer = machine.post("/fhir/Patient", patient(rank), **sent)
            assert answer.status_code in (200, 201), answer.content

    done = simultaneously(lambda: take_in(work=pk), calls)
    assert done == [None, None]
    work = Import.objects.get()
    assert (work.state, work.written + work.known, work.refused) == ("done", 4, 0)
    assert brought() == (4, 4)
