"""Files of an import that are fetched at a partner's address: which, how, and what if not."""

import gzip
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django import app

from cordee.access.management.commands.worker import Command as Worker
from cordee.fhir import jobs
from cordee.fhir.bulk import work as working
from cordee.fhir.imports import cutting, steps
from cordee.fhir.models import Import, ImportFile, ImportPart
from cordee.kernel.queue import known
from cordee.partners.rules.packing import NotPacked, unpacked
from cordee.people.models import Relative
from tests.fhir.door import codes
from tests.fhir.imports import ask_for, became, done, ndjson, patient, refusals, showing
from tests.fhir.stage import set_stage
from tests.fhir.systems import bearing, place_of, system_of
from tests.fhir.test_import import relative
from tests.support import queued, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(db):
    return set_stage()


@pytest.fixture
def machine(stage):
    return bearing(system_of(stage, per_minute=6_000))


def test_files_are_fetched_once_and_what_others_speak_of_comes_first(stage, machine, monkeypatch):
    monkeypatch.setattr(cutting, "LINES", 2)
    with showing(
        relatives=ndjson(*(relative(f"r{rank}", f"Patient/p{rank}") for rank in range(5))),
        persons=ndjson(*map(patient, range(5))),
        empty=b"",
    ) as shown:
        answer = ask_for(
            machine,
            ("RelatedPerson", shown.at("relatives")),
            ("Patient", shown.at("persons?signature=a%2Fb")),
            ("Patient", shown.at("empty")),
        )
        said = done(machine, answer)
    assert shown.asked == ["persons", "empty", "relatives"]
    assert said["error"] == []
    assert [(one["type"], one["inputUrl"], one["count"]) for one in said["output"]] == [
        ("Patient", shown.at("persons?signature=a%2Fb"), 5),
        ("Patient", shown.at("empty"), 0),
        ("RelatedPerson", shown.at("relatives"), 5),
    ]
    assert Relative.objects.count() == 5


def test_a_line_of_another_type_than_its_file_is_refused(stage, machine):
    with showing(persons=ndjson(patient(1), {"resourceType": "Consent"})) as shown:
        said = done(machine, ask_for(machine, ("Patient", shown.at("persons"))))
    assert refusals(machine, said) == [(1, 2, "import.another_type")]
    assert said["error"][0]["inputUrl"] == shown.at("persons")


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": 302, "headers": {"Location": "http://127.0.0.1:9/ailleurs"}},
        {"status": 500},
        {"announced": 1},
        {"without_length": True},
        {"headers": {"Content-Encoding": "gzip"}},
        {"headers": {"Content-Encoding": "br"}},
        {"headers": {"Content-Type": "application/gzip"}},
    ],
)
def test_a_file_that_is_not_given_whole_is_left_aside_and_stops_no_other(stage, machine, wrong):
    with (
        showing(persons=ndjson(patient(1))) as shut,
        showing(persons=ndjson(patient(2))) as shown,
    ):
        for name, value in wrong.items():
            setattr(shut, name, value)
        answer = ask_for(machine, ("Patient", shut.at("persons")), ("Patient", shown.at("persons")))
        where = place_of(answer)
        for minutes in range(1, 4):
            run_jobs(until=timezone.now() + timedelta(minutes=minutes))
        assert shut.asked == ["persons"] * 3
    said = became(machine, where)
    assert refusals(machine, said) == [(1, None, "import.unreached")]
    assert [one["count"] for one in said["output"]] == [0, 1]
    assert not ImportPart.objects.filter(what="sent").exists()


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("persons", {"Content-Encoding": "gzip"}),
        ("persons", {"Content-Type": "application/gzip"}),
        ("persons.ndjson.gz", {}),
        ("persons.ndjson.gz", {"Content-Encoding": "x-gzip"}),
    ],
)
def test_a_file_that_is_packed_is_unpacked_as_it_comes(stage, machine, name, headers):
    content = gzip.compress(ndjson(patient(1))) + gzip.compress(ndjson(patient(2)))
    with showing(**{name: content}) as shown:
        shown.headers = headers
        said = done(machine, ask_for(machine, ("Patient", shown.at(f"{name}?signature=a"))))
    assert (said["output"][0]["count"], said["error"]) == (2, [])


def test_a_packed_file_that_is_cut_or_changed_leaves_nothing(stage, machine):
    whole = gzip.compress(ndjson(*map(patient, range(300))))
    changed = whole[:-8] + b"\0" * 8
    with showing(cut=whole[:-9], changed=changed) as shown:
        shown.headers = {"Content-Encoding": "gzip"}
        where = place_of(ask_for(machine, *[("Patient", shown.at(one)) for one in shown.files]))
        for minutes in range(1, 7):
            run_jobs(until=timezone.now() + timedelta(minutes=minutes))
    said = became(machine, where)
    assert refusals(machine, said) == [
        (1, None, "import.unreached"),
        (2, None, "import.unreached"),
    ]
    assert [one["count"] for one in said["output"]] == [0, 0]


def test_a_bomb_is_refused_before_it_is_unpacked_whole(stage, machine, settings, monkeypatch):
    settings.CORDEE = replace(settings.CORDEE, fhir_largest=10_000)
    read = []

    def counted(pieces):
        for piece in unpacked(pieces):
            read.append(len(piece))
            yield piece

    monkeypatch.setattr("cordee.partners.gateways.files.unpacked", counted)
    bomb = gzip.compress(ndjson(patient(1)) + b"\n" * 50_000_000)
    assert len(bomb) < 100_000
    with showing(bomb=bomb) as shown:
        shown.headers = {"Content-Encoding": "gzip"}
        said = done(machine, ask_for(machine, ("Patient", shown.at("bomb"))))
    assert refusals(machine, said) == [(1, None, "import.too_heavy")]
    assert said["output"][0]["count"] == 0
    assert sum(read) <= 1_000_000 + max(read)
    assert max(read) <= 64 * 1024


@settings(max_examples=60, deadline=None)
@given(
    contents=st.lists(st.binary(max_size=200), max_size=3, min_size=1),
    times=st.sampled_from([1, 400, 5_000]),
    size=st.integers(1, 5_000),
)
def test_what_is_packed_comes_out_as_it_went_in_however_it_is_cut(contents, times, size):
    contents = [one * times for one in contents]
    packed = b"".join(gzip.compress(one) for one in contents)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert b"".join(unpacked(pieces)) == b"".join(contents)
    with pytest.raises(NotPacked):
        list(unpacked([packed[:-1]]))


def test_a_file_that_failed_once_is_fetched_again(stage, machine):
    with showing(persons=ndjson(patient(1))) as shown:
        shown.status = 503
        where = place_of(ask_for(machine, ("Patient", shown.at("persons"))))
        run_jobs()
        assert machine.get(where).status_code == 202
        shown.status = 200
        run_jobs(until=timezone.now() + timedelta(minutes=1))
    said = became(machine, where)
    assert (said["output"][0]["count"], said["error"]) == (1, [])


def lanes():
    """In which lock each job waits, the first queued first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [lock for (lock,) in cursor.fetchall()]


def test_partners_who_show_files_slowly_leave_hands_to_the_rest_of_the_house(stage):
    for _ in range(5):
        machine = bearing(system_of(stage))
        place_of(ask_for(machine, ("Patient", "https://partenaire.exemple.fr/f")))
    assert len(lanes()) == 5
    assert set(lanes()) == {"fhir.hand:0"}


def test_each_living_worker_has_a_hand_for_files_and_one_for_what_is_told(db, monkeypatch):
    workers = 3
    for module in (working, jobs):
        monkeypatch.setattr(module, "living_workers", lambda: workers)
    for rank in range(20):
        working.queue(Import, UUID(int=rank))
    monkeypatch.setattr(jobs.feeding, "read_on", lambda **_: None)
    monkeypatch.setattr(
        jobs.partners, "subscriptions_due", lambda now: [UUID(int=one) for one in range(20)]
    )
    jobs.tell_partners()
    assert len(lanes()) == 40
    assert {one.partition(":")[0] for one in lanes()} == {"fhir.hand", "partners.hand"}
    hands = Worker().create_parser("", "worker").get_default("concurrency")
    assert len(set(lanes())) == workers * hands / 2


def test_an_import_that_breaks_holds_no_hand_until_its_next_try(stage, machine, monkeypatch):
    with showing(persons=ndjson(patient(1))) as shown:
        where = place_of(ask_for(machine, ("Patient", shown.at("persons"))))
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(steps, "cut", lambda *_: 1 / 0)
            ((_, name, work, _),) = queued()
            with pytest.raises(ZeroDivisionError):
                known[name](**work)
        assert lanes()[1:] == [None]
        assert app.tasks[name].retry_strategy.max_attempts == 1
        run_jobs(until=timezone.now() + timedelta(minutes=1))
    assert became(machine, where)["output"][0]["count"] == 1


def test_a_file_that_is_tried_again_later_holds_no_hand_meanwhile(stage, machine):
    with showing(persons=ndjson(patient(1))) as shown:
        shown.status = 503
        place_of(ask_for(machine, ("Patient", shown.at("persons"))))
        (hand,) = lanes()
        run_jobs()
        assert lanes() == [None]
        ((_, name, work, _),) = queued()
        known[name](**work)
        assert lanes() == [None, hand]


def test_a_file_that_is_too_heavy_is_left_aside_at_once(stage, machine, settings):
    settings.CORDEE = replace(settings.CORDEE, fhir_largest=1_000)
    with showing(persons=ndjson(*map(patient, range(700)))) as shown:
        said = done(machine, ask_for(machine, ("Patient", shown.at("persons"))))
        assert shown.asked == ["persons"]
    assert refusals(machine, said) == [(1, None, "import.too_heavy")]


def test_a_line_that_is_too_long_is_refused_and_stops_no_other(stage, machine, settings):
    settings.CORDEE = replace(settings.CORDEE, fhir_largest=1_000)
    long = patient(2, maritalStatus={"text": "x" * 1_500})
    with showing(persons=ndjson(patient(1), long, patient(3))) as shown:
        said = done(machine, ask_for(machine, ("Patient", shown.at("persons"))))
    assert said["output"][0]["count"] == 2
    assert refusals(machine, said) == [(1, 2, "reading.too_big")]


@pytest.mark.parametrize(
    "address",
    [
        "https://10.0.0.7/Patient.ndjson",
        "https://[::ffff:10.0.0.7]/Patient.ndjson",
        "https://169.254.169.254/latest/meta-data",
        "http://partenaire.exemple.fr/Patient.ndjson",
        "https://nom:secret@partenaire.exemple.fr/Patient.ndjson",
        "https://partenaire.exemple.fr/Patient.ndjson#x",
        "file:///etc/passwd",
        "https://partenaire.exemple.fr:99999/x",
    ],
)
def test_an_address_where_the_house_does_not_go_is_refused(machine, address):
    answer = ask_for(machine, ("Patient", address))
    assert (answer.status_code, codes(answer)) == (400, ["import.address"])
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": "inputFormat", "valueCode": "text/csv"}, "bulk.format"),
        ({"name": "mode", "valueCode": "InitialLoad"}, "import.parameter"),
        (
            {
                "name": "storageDetail",
                "part": [
                    {"name": "type", "valueCode": "https"},
                    {"name": "credentialHttpBasic", "valueString": "nom:secret"},
                ],
            },
            "import.storage",
        ),
        (
            {"name": "input", "part": [{"name": "type", "valueCode": "Observation"}]},
            "import.type",
        ),
    ],
)
def test_what_is_not_understood_of_an_import_is_refused(machine, more, code):
    address = ("Patient", "https://partenaire.exemple.fr/f")
    answer = ask_for(machine, address, more=(more,))
    assert (answer.status_code, codes(answer)) == (400, [code])
    assert not Import.objects.exists()


def test_an_import_of_no_file_is_refused(machine):
    answer = ask_for(machine, more=({"name": "inputSource", "valueUri": "https://exemple.fr"},))
    assert (answer.status_code, codes(answer)) == (400, ["import.files"])
    assert not ImportFile.objects.exists()


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(st.binary(max_size=12).map(lambda one: one.replace(b"\n", b" ")), max_size=30),
    size=st.integers(1, 9),
    ends=st.booleans(),
)
def test_a_file_is_cut_into_its_lines_however_it_comes(lines, size, ends):
    content = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "LINES", 3)
        found = list(cutting.cut(pieces, 10))
    told = [pair for piece in found for pair in enumerate(piece.lines, piece.number)]
    wanted = [cutting.TOO_LONG if len(one) > 10 else one for one in lines]
    numbers = [number for number, _ in told]
    assert numbers == sorted(set(numbers))
    assert {number: one for number, one in told if one.strip()} == {
        number: one for number, one in enumerate(wanted, 1) if one.strip()
    }
    for piece in found:
        assert piece.lines[0].strip()  # those that say nothing are not kept by themselves
        assert cutting.unpacked(cutting.packed(piece.lines)) == piece.lines
