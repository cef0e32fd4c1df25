"""Bulk data: what is exported is what searching would find, once; each person is traced."""

import gzip
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cordee.access.actor import Role
from cordee.access.models import Trace
from cordee.fhir.bulk import making
from cordee.fhir.jobs import export as go_on
from cordee.fhir.jobs import sweep_exports
from cordee.fhir.models import Export, ExportedPerson, ExportPart
from cordee.fhir.registry import mappings
from cordee.partners.services import suspend
from cordee.people.models import CircleMember
from cordee.people.services import end_relative
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, SharingFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.fhir.door import codes
from tests.fhir.rows import encounter, observation
from tests.fhir.systems import (
    ASYNC,
    ask,
    bearing,
    exported,
    jobs_end,
    lines,
    place_of,
    system_of,
    taken,
)
from tests.fhir.test_golden import make
from tests.support import NOW, actor, arranging, queued, run_jobs

pytestmark = pytest.mark.django_db
UNASKED = {"AuditEvent", "Provenance"}
LATER = NOW + timedelta(hours=7)


@pytest.fixture
def machine(stage):
    return bearing(system_of(stage, per_minute=6_000))


def searched(machine, kind):
    """Everything that searches of a type give, page after page."""
    found, where = [], f"/fhir/{kind}?_count=150"
    while where:
        page = machine.get(where).json()
        found += [one["resource"] for one in page.get("entry", [])]
        onward = [one["url"] for one in page["link"] if one["relation"] == "next"]
        where = onward[0][onward[0].index("/fhir/") :] if onward else ""
    return found


def by_id(resources):
    return sorted(resources, key=lambda one: one["id"])


def test_what_is_exported_is_what_the_same_system_finds_by_searching(stage, machine, monkeypatch):
    monkeypatch.setattr(making, "LINES", 2)
    monkeypatch.setattr(making, "BATCH", 1)
    monkeypatch.setattr(making, "RANGE", 2)
    for kind in sorted(set(mappings()) - UNASKED):
        make(kind, replace(stage))
        make(kind, replace(stage))
    PersonFactory(birth_name="Ailleurs")
    told = exported(machine)
    for kind in set(mappings()) - UNASKED:
        found = searched(machine, kind)
        assert by_id(told.get(kind, [])) == by_id(found), kind
    assert not UNASKED & set(told)
    assert len(told) > 15
    assert "Ailleurs" not in str(told)


def test_every_table_of_a_type_is_exported(stage, machine, monkeypatch):
    monkeypatch.setattr(making, "LINES", 1)
    visit, score = make("Observation", stage), observation.make_score(stage)
    met = [encounter.make_contact(stage), encounter.make_planned(stage)]
    met.append(encounter.make_stay_ended(stage))
    for level in ("", "Patient/"):
        told = exported(machine, "?_type=Encounter,Observation", level)
        for kind, rows in (("Observation", (visit, score)), ("Encounter", met)):
            assert {str(one.pk) for one in rows} <= {one["id"] for one in told[kind]}
            assert by_id(told[kind]) == by_id(searched(machine, kind))
    narrow = "?_type=Observation&_typeFilter=Observation%3Fcode%3Dgir"
    assert [one["id"] for one in exported(machine, narrow)["Observation"]] == [str(score.pk)]


def test_rows_are_walked_by_ranges_whatever_few_may_be_seen(stage, machine, monkeypatch):
    monkeypatch.setattr(making, "RANGE", 1)
    monkeypatch.setattr(making, "KEYS", 3)
    for _ in range(9):
        PersonFactory(birth_name="Ailleurs")
    last = PersonFactory(birth_name="Aubert", territory=stage.desk.territory)
    joins_circle(last, organization=stage.desk)
    told = exported(machine, "?_type=Patient")["Patient"]
    assert by_id(told) == by_id(searched(machine, "Patient"))
    assert str(last.pk) in {one["id"] for one in told}


def test_a_heavy_file_is_closed_and_another_goes_on(stage, machine, monkeypatch):
    monkeypatch.setattr(making, "WEIGHT", 1)
    monkeypatch.setattr(making, "BATCH", 1)
    for _ in range(3):
        make("Practitioner", stage)
    where = place_of(ask(machine, "?_type=Practitioner"))
    run_jobs()
    counts = [one["count"] for one in machine.get(where).json()["output"]]
    assert counts == [1] * len(searched(machine, "Practitioner"))


def test_what_concerns_persons_is_exported_apart(stage, machine):
    make("Observation", stage)
    make("Practitioner", stage)
    told = exported(machine, level="Patient/")
    assert {"Patient", "Observation"} <= set(told)
    assert not {"Practitioner", "Organization", "Questionnaire"} & set(told)


def test_a_partner_follows_its_export_by_polling(stage, machine):
    where = place_of(ask(machine, "?_type=Patient"))
    waiting = machine.get(where)
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "5")
    assert waiting["X-Progress"] == "en attente, 0 ressources"
    run_jobs()
    done = machine.get(where)
    said = done.json()
    assert (done.status_code, said["requiresAccessToken"]) == (200, True)
    assert said["request"].endswith("/fhir/$export?_type=Patient")
    assert (said["deleted"], said["error"]) == ([], [])
    assert [(one["type"], one["count"]) for one in said["output"]] == [("Patient", 1)]
    assert "Expires" in done.headers


def test_each_person_is_traced_once_by_type_whatever_the_files(stage, machine, monkeypatch):
    monkeypatch.setattr(making, "LINES", 1)
    home = OrganizationFactory(kind="home_help")
    joins_circle(stage.person, organization=home)
    for _ in range(3):
        visit_of(stage.person, home, AccountFactory())
    exported(machine, "?_type=Patient,Observation")
    told = Trace.objects.filter(kind="list", origin="fhir").values_list("verb", "persons")
    seen = [(verb, person) for verb, persons in told for person in persons]
    assert ("vigilance.visit.list", stage.person.pk) in seen
    assert ("people.person.list", stage.person.pk) in seen
    assert len(seen) == len(set(seen))
    (line,) = Trace.objects.filter(verb="fhir.export", kind="act")
    assert line.purpose == "coordination"
    assert Export.objects.get().persons == len({person for _, person in seen})
    assert not ExportedPerson.objects.exists()


# --- what is asked ------------------------------------------------------------------------------


def test_only_what_changed_since_is_exported_and_what_ended_is_told_apart(
    stage, machine, monkeypatch
):
    relative = make("RelatedPerson", stage)
    first = machine.get(place_of(ask(machine, "?_type=RelatedPerson")))
    run_jobs()
    where = first.wsgi_request.path
    since = machine.get(where).json()["transactionTime"]
    assert [one["id"] for one in taken(machine, where)["RelatedPerson"]] == [str(relative.pk)]

    later = NOW + timedelta(minutes=4)
    monkeypatch.setattr(timezone, "now", lambda: later)
    end_relative(actor=stage.actor, relative=relative, now=later)
    machine.now = later
    monkeypatch.setattr(making, "OVERLAP", timedelta(0))
    where = place_of(ask(machine, f"?_type=RelatedPerson,Patient&_since={since}"))
    run_jobs()
    assert taken(machine, where) == {}
    (gone,) = taken(machine, where, "deleted")["Bundle"]
    assert gone["entry"][0]["request"] == {
        "method": "DELETE",
        "url": f"RelatedPerson/{relative.pk}",
    }


def test_a_filter_and_elements_narrow_an_export(stage, machine):
    other = PersonFactory(birth_name="Aubert", territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    words = "?_type=Patient&_elements=Patient.name&_typeFilter=Patient%3Ffamily%3DAubert"
    (one,) = exported(machine, words)["Patient"]
    assert one["id"] == str(other.pk)
    assert set(one) == {"resourceType", "id", "meta", "active", "name", "link"} & set(one)
    assert one["meta"]["tag"][0]["code"] == "SUBSETTED"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("?_type=Basic", "bulk.type"),
        ("?_outputFormat=text/csv", "bulk.format"),
        ("?_since=hier", "bulk.value"),
        ("?includeAssociatedData=x", "bulk.parameter"),
        ("?_typeFilter=Patient", "bulk.value"),
        ("?_typeFilter=Patient%3Fnimporte%3Dx", "search.unknown"),
    ],
)
def test_what_is_not_understood_of_an_export_is_refused(machine, words, code):
    answer = ask(machine, words)
    assert (answer.status_code, codes(answer)) == (400, [code])
    assert not Export.objects.exists()


def test_an_export_is_asked_for_by_post_as_well(stage, machine):
    said = [{"name": "_type", "valueString": "Patient"}]
    body = {"resourceType": "Parameters", "parameter": said}
    kind = "application/fhir+json"
    answer = machine.post("/fhir/$export", body, content_type=kind, headers=ASYNC)
    run_jobs()
    assert set(taken(machine, place_of(answer))) == {"Patient"}


@pytest.mark.parametrize("given", ["x", None, 3])
def test_a_parameter_that_is_none_is_refused(machine, given):
    body = {"resourceType": "Parameters", "parameter": [given]}
    kind = "application/fhir+json"
    answer = machine.post("/fhir/$export", body, content_type=kind, headers=ASYNC)
    assert answer.status_code == 400
    assert not Export.objects.exists()


def test_looking_at_the_head_of_an_export_begins_none(machine):
    assert machine.head("/fhir/$export", headers=ASYNC).status_code == 405
    assert not Export.objects.exists()


def test_an_export_says_how_its_answers_are_written(stage, machine):
    where = place_of(ask(machine, "?_type=Patient&_format=json&_pretty=true"))
    run_jobs()
    assert machine.get(where)["Content-Type"] == "application/json"


def test_an_export_is_done_apart_or_not_at_all(machine):
    answer = machine.get("/fhir/$export")
    assert (answer.status_code, codes(answer)) == (400, ["bulk.prefer"])


# --- who asks -----------------------------------------------------------------------------------


def test_scopes_say_what_leaves(stage):
    client = system_of(stage)
    narrow = bearing(client, "system/Patient.rs system/Observation.r")
    assert set(exported(narrow)) == {"Patient"}
    answer = ask(narrow, "?_type=Patient,Observation")
    assert (answer.status_code, codes(answer)) == (403, ["caller.scope"])


def test_nobody_but_a_system_asks_for_an_export(stage):
    answer = stage.machine.get("$export", prefer="respond-async")
    assert (answer.status_code, codes(answer)) == (403, ["caller.scope"])
    assert Trace.objects.filter(kind="refused", verb="fhir.export").exists()


def test_one_export_at_a_time_for_a_system(stage, machine):
    where = place_of(ask(machine))
    again = ask(machine)
    assert (again.status_code, codes(again)) == (429, ["bulk.one_at_a_time"])
    assert bearing(system_of(stage)).get(where).status_code == 404
    place_of(ask(bearing(system_of(stage))))
    run_jobs()
    place_of(ask(machine))


def test_another_system_learns_nothing_of_an_export(stage, machine):
    where = place_of(ask(machine))
    run_jobs()
    other = bearing(system_of(stage))
    for address in (where, f"{where}/1.ndjson"):
        hidden = other.get(address)
        absent = other.get(address.replace(where[-36:], str(uuid4())))
        assert (hidden.status_code, hidden.content) == (404, absent.content)
    assert other.delete(where).status_code == 404
    assert machine.get(where).status_code == 200


def test_rights_that_end_meanwhile_stop_an_export_and_leave_no_file(stage, monkeypatch):
    monkeypatch.setattr(making, "LINES", 1)
    client = system_of(stage)
    machine = bearing(client)
    place_of(ask(machine))
    number, name, arguments, _ = queued("cordee.fhir.jobs.export")[0]
    from cordee.fhir.jobs import _goes_on

    assert _goes_on({}, Export.objects.get().pk)
    assert ExportPart.objects.exists()
    suspend(actor=actor(Role.ADMINISTRATOR), client=client, why="", now=NOW)
    run_jobs()
    export = Export.objects.get()
    assert (export.state, ExportPart.objects.count()) == ("stopped", 0)


# --- its files ----------------------------------------------------------------------------------


def test_a_file_is_sealed_at_rest_and_packed_when_asked(stage, machine):
    where = place_of(ask(machine, "?_type=Patient"))
    run_jobs()
    part = ExportPart.objects.get()
    assert b"Grandidier" not in bytes(part.sealed)
    assert bytes(part.sealed)[12:14] != b"\x1f\x8b"
    plain = machine.get(f"{where}/1.ndjson")
    small = machine.get(f"{where}/1.ndjson", headers={"Accept-Encoding": "gzip"})
    assert small["Content-Encoding"] == "gzip"
    content = plain.getvalue()
    assert gzip.decompress(small.content) == content
    assert b"Grandidier" in content


def test_a_download_that_was_cut_goes_on_from_where_it_stopped(stage, machine):
    where = place_of(ask(machine, "?_type=Patient"))
    run_jobs()
    whole = machine.get(f"{where}/1.ndjson")
    content, size = whole.getvalue(), int(whole["Content-Length"])
    assert len(content) == size
    rest = machine.get(
        f"{where}/1.ndjson", headers={"Range": "bytes=10-", "If-Range": whole["ETag"]}
    )
    assert (rest.status_code, rest["Content-Range"]) == (206, f"bytes 10-{size - 1}/{size}")
    assert rest.getvalue() == content[10:]
    some = machine.get(f"{where}/1.ndjson", headers={"Range": "bytes=3-5"})
    assert (some.status_code, some.getvalue()) == (206, content[3:6])
    beyond = machine.get(f"{where}/1.ndjson", headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, codes(beyond)) == (416, ["bulk.range"])
    assert beyond["Content-Range"] == f"bytes */{size}"
    odd = machine.get(f"{where}/1.ndjson", headers={"Range": "bytes=5-3"})
    assert (odd.status_code, odd.getvalue()) == (200, content)
    other = machine.get(f"{where}/1.ndjson", headers={"Range": "bytes=10-", "If-Range": '"x"'})
    assert other.getvalue() == content


def test_an_export_is_cancelled_and_nothing_of_it_is_left(stage, machine, monkeypatch):
    where = place_of(ask(machine))
    assert machine.delete(where).status_code == 202
    run_jobs()
    assert machine.get(where).status_code == 404
    where = place_of(ask(machine))
    run_jobs()
    assert machine.delete(where).status_code == 202
    assert machine.get(where).status_code == 404
    assert machine.get(f"{where}/1.ndjson").status_code == 404
    assert not ExportPart.objects.exists()


def test_files_are_gone_after_their_time(stage, machine, monkeypatch):
    where = place_of(ask(machine, "?_type=Patient"))
    run_jobs()
    sweep_exports()
    assert len(taken(machine, where)["Patient"]) == 1
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=25))
    sweep_exports()
    gone = machine.get(where)
    assert (gone.status_code, codes(gone)) == (410, ["bulk.over"])
    assert not ExportPart.objects.exists()


def test_an_export_that_no_longer_moves_is_queued_once_more_then_ended(machine, monkeypatch):
    where = place_of(ask(machine, "?_type=Patient"))
    jobs_end("cordee.fhir.jobs.export")
    for hours, queues in ((2, 1), (2.5, 0), (3.5, 0)):
        at = NOW + timedelta(hours=hours)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        assert machine.get(where).status_code == 202
        sweep_exports()
        assert jobs_end("cordee.fhir.jobs.export") == queues
    broken = machine.get(where)
    assert (broken.status_code, codes(broken)) == (500, ["bulk.broken"])
    place_of(ask(machine))


def test_an_export_that_waited_for_a_long_outage_goes_on(machine, monkeypatch):
    where = place_of(ask(machine, "?_type=Patient"))
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=5))
    sweep_exports()
    run_jobs()
    sweep_exports()
    assert machine.get(where).status_code == 200


def test_a_file_that_fails_three_times_ends_its_export(machine, monkeypatch):
    where = place_of(ask(machine, "?_type=Patient"))

    def dies(resource):
        raise SystemExit("killed")

    monkeypatch.setattr(making, "encoded", dies)
    for _ in range(3):
        with pytest.raises(SystemExit):
            go_on(export=str(Export.objects.get().pk))
        assert Export.objects.get().is_running
    go_on(export=str(Export.objects.get().pk))
    assert machine.get(where).status_code == 500


def test_a_new_export_lets_the_files_of_the_former_one_go(stage, machine):
    former = place_of(ask(machine, "?_type=Patient"))
    run_jobs()
    place_of(ask(machine, "?_type=Patient"))
    for address in (former, f"{former}/1.ndjson"):
        gone = machine.get(address)
        assert (gone.status_code, codes(gone)) == (410, ["bulk.replaced"])
    assert not ExportPart.objects.exists()
    assert Export.objects.get(state="over").address == ""


# --- killed -------------------------------------------------------------------------------------


def test_an_export_killed_between_files_goes_on_and_neither_loses_nor_doubles(
    stage, machine, monkeypatch
):
    monkeypatch.setattr(making, "LINES", 3)
    monkeypatch.setattr(making, "BATCH", 2)
    for _ in range(10):
        make("Observation", stage)
    where = place_of(ask(machine, "?_type=Observation,Patient"))
    make_lines, made = making.encoded, []

    def dies(resource):
        made.append(resource)
        if len(made) % 5 == 0:
            raise SystemExit("killed")
        return make_lines(resource)

    monkeypatch.setattr(making, "encoded", dies)
    (number, name, arguments, _) = queued("cordee.fhir.jobs.export")[0]
    from cordee.fhir.jobs import export as job

    deaths = 0
    while Export.objects.get().is_running:
        try:
            job(**arguments)
        except SystemExit:
            deaths += 1
    assert deaths >= 2
    told = [one["id"] for one in taken(machine, where)["Observation"]]
    assert len(told) == len(set(told)) == 10


def test_lines_are_not_made_twice_for_who_reads_a_file_twice(stage, machine):
    where = place_of(ask(machine, "?_type=Patient"))
    run_jobs()
    (one,) = machine.get(where).json()["output"]
    assert lines(machine, one["url"]) == lines(machine, one["url"])


def test_a_file_is_not_given_once_somebody_in_it_may_no_longer_be_known(stage, machine):
    where = place_of(ask(machine, "?_type=Patient"))
    run_jobs()
    machine.get(f"{where}/1.ndjson")
    line = Trace.objects.get(verb="fhir.exportpart.read")
    assert line.subject_id == str(ExportPart.objects.get().pk)
    with arranging():
        CircleMember.objects.filter(person=stage.person).update(until=NOW)
    gone = machine.get(f"{where}/1.ndjson")
    assert (gone.status_code, codes(gone)) == (410, ["bulk.changed"])


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"since": LATER}, 410),
        ({"since": LATER, "medium": "system"}, 410),
        ({"choice": "consented", "until": LATER}, 410),
        ({"since": LATER, "audience": "home_help"}, 200),
        ({"since": LATER, "medium": "paper"}, 200),
        ({"since": LATER, "choice": "consented"}, 200),
        ({"since": LATER, "until": LATER}, 200),
        ({"category": "social"}, 200),
    ],
)
def test_a_file_is_not_given_once_somebody_in_it_shut_what_it_may_tell(
    stage, machine, said, status
):
    visit = make("Observation", stage)
    where = place_of(ask(machine, "?_type=Observation"))
    run_jobs()
    cell = {"category": "care", "audience": "coordination", "since": NOW - timedelta(days=9)}
    SharingFactory(person=visit.person, **(cell | said))
    answer = machine.get(f"{where}/1.ndjson")
    assert answer.status_code == status
    if status == 410:
        assert codes(answer) == ["bulk.changed"]


def test_a_system_whose_role_changed_takes_nothing_of_what_it_asked_before(stage):
    client = system_of(stage)
    machine = bearing(client)
    where = place_of(ask(machine, "?_type=Patient"))
    run_jobs()
    with arranging():
        type(client.membership).objects.filter(pk=client.membership_id).update(role="orienteuse")
    gone = bearing(client).get(f"{where}/1.ndjson")
    assert (gone.status_code, codes(gone)) == (410, ["bulk.changed"])
    Export.objects.update(state="running", ended_at=None)
    go_on(export=str(Export.objects.get().pk))
    assert Export.objects.get().state == "stopped"


# --- the screen ---------------------------------------------------------------------------------


def test_administration_and_the_dpo_see_who_takes_what_away_and_administration_stops_it(
    client, stage, machine
):
    place_of(ask(machine, "?_type=Patient"))
    run_jobs()
    for role in (Role.ADMINISTRATOR, Role.DPO):
        text = client.as_(actor(role)).get("/administration/exports/").content.decode()
        assert "Logiciel partenaire" in text
        assert "Grandidier" not in text
    export = Export.objects.get()
    assert f'<td class="number" data-head="Personnes">{export.persons}</td>' in text
    stop = f"/administration/exports/{export.pk}/arret"
    assert client.post(stop).status_code == 403
    assert client.as_(actor(Role.ADMINISTRATOR)).post(stop).status_code == 302
    assert not ExportPart.objects.exists()
    assert client.as_(stage.actor).get("/administration/exports/").status_code == 403
