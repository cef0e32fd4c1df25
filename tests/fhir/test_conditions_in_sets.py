"""What comes in unless it is here is written in sets too, and nobody sees the difference."""

import pytest
from django.db import connection

from cordee.access.models import Trace
from cordee.fhir.bundles import sets, transaction
from cordee.fhir.models import KeptBody
from cordee.fhir.search import answering
from cordee.liaison.models import Note
from cordee.people.models import Person, Relative
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import SharingFactory
from tests.fhir.door import Machine, codes
from tests.fhir.imports import done, found, note, patient, refusals, relative, send
from tests.fhir.stage import set_stage
from tests.fhir.systems import bearing, system_of
from tests.fhir.test_bundles import bundle, entry
from tests.people.test_no_shadow import asked
from tests.support import coordinator_of

pytestmark = pytest.mark.django_db
NUMBERED = "identifier=urn:essai:ipp|{}".format


@pytest.fixture
def stage(db):
    return set_stage()


@pytest.fixture
def system(stage):
    return bearing(system_of(stage, per_minute=6_000))


def once(rank, **more):
    """Somebody who is entered unless her number is here."""
    return entry("POST", "Patient", patient(rank, **more), ifNoneExist=NUMBERED(rank))


def statuses(answer):
    assert answer.status_code == 200, answer.content
    return [one["response"]["status"] for one in answer.json()["entry"]]


@pytest.fixture
def in_sets(monkeypatch):
    """How many resources each set held."""
    held, receive_many = [], sets.services.receive_many

    def counted(**said):
        held.append(len(said["resources"]))
        return receive_many(**said)

    monkeypatch.setattr(sets.services, "receive_many", counted)
    return held


def test_those_who_are_here_are_found_and_the_others_are_entered_together(stage, in_sets):
    machine = stage.machine
    machine.post("Patient", patient(2))
    answer = machine.post("", bundle("transaction", *map(once, range(5))))
    assert statuses(answer) == ["201 Created"] * 2 + ["200 OK"] + ["201 Created"] * 2
    assert in_sets == [4]
    assert KeptBody.objects.filter(kind="Patient").count() == 5
    again = machine.post("", bundle("transaction", *map(once, range(5))))
    assert statuses(again) == ["200 OK"] * 5
    here, there = (
        [one["response"]["location"].partition("/_history")[0] for one in said.json()["entry"]]
        for said in (answer, again)
    )
    assert here == there


def test_one_number_twice_in_a_transaction_is_one_person(stage, in_sets):
    answer = stage.machine.post("", bundle("transaction", once(1), once(1), once(2), once(1)))
    assert statuses(answer) == ["201 Created", "200 OK", "201 Created", "200 OK"]
    assert in_sets == [2]
    assert Person.objects.filter(birth_name__startswith="Blanchard").count() == 2


def test_who_comes_without_a_condition_answers_those_who_come_after(stage):
    plain = entry("POST", "Patient", patient(1))
    assert statuses(stage.machine.post("", bundle("transaction", plain, once(1), once(2)))) == [
        "201 Created", "200 OK", "201 Created",
    ]  # fmt: skip
    assert statuses(stage.machine.post("", bundle("transaction", once(3), once(4)))) == [
        "201 Created", "201 Created",
    ]  # fmt: skip


def test_what_hides_from_its_sender_is_not_found_and_holds_nobody_back(stage, in_sets):
    """Somebody else’s patient of that number is as nobody: one is entered beside her."""
    other = OrganizationFactory()
    theirs = coordinator_of(other, account_id=AccountFactory().pk)
    Machine(theirs).post("Patient", patient(1))
    answer = stage.machine.post("", bundle("transaction", once(1), once(2)))
    assert statuses(answer) == ["201 Created", "201 Created"]
    assert in_sets == [2]
    assert KeptBody.objects.filter(labels__contains=["identifier|urn:essai:ipp|1"]).count() == 2


def test_who_is_found_is_a_line_of_trace_and_who_is_entered_is_not(stage):
    stage.machine.post("Patient", patient(1))
    (known,) = Person.objects.filter(birth_name__startswith="Blanchard")
    before = Trace.objects.filter(kind__in=("read", "list")).count()
    stage.machine.post("", bundle("transaction", once(1), once(2), once(3)))
    seen = Trace.objects.filter(kind__in=("read", "list")).order_by("pk")[before:]
    assert {tuple(one.persons) for one in seen} == {(known.pk,)}
    assert {one.verb for one in seen} == {"people.person.list", "people.person.read"}


@pytest.mark.parametrize(
    "condition",
    [
        "identifier=8812",  # of any sender
        "identifier=urn:oid:1.2.250.1.213.1.4.10|253072A07300443",  # the house may answer itself
        "family=Blanchard",
        "identifier=urn:essai:ipp|1&family=Blanchard",
        "identifier:not=urn:essai:ipp|1",
        "identifier=urn:essai:ipp|1,urn:essai:ipp|2",
    ],
)
def test_any_other_condition_is_asked_alone(stage, in_sets, condition):
    sent = [entry("POST", "Patient", patient(rank), ifNoneExist=condition) for rank in (5, 6)]
    answer = stage.machine.post("", bundle("transaction", *sent))
    assert answer.status_code in (200, 400, 412), answer.content
    assert in_sets == []


def test_persons_under_conditions_are_told_as_those_who_came_one_by_one(stage, monkeypatch):
    told = []
    for first, together in ((0, True), (10, False)):
        if not together:
            monkeypatch.setattr(transaction, "written_together", lambda *_: None)
        sent = [
            once(rank, birthDate=f"1941-0{1 + rank % 10}-07") for rank in range(first, first + 3)
        ]
        answer = stage.machine.post("", bundle("transaction", *sent))
        for one in answer.json()["entry"]:
            address = one["response"]["location"].partition("/fhir/")[2]
            said = stage.machine.get(address.partition("/_history")[0]).json()
            del said["id"], said["meta"]["lastUpdated"], said["identifier"], said["name"]
            told.append(said)
    assert told[:3] == told[3:]


def test_lines_of_an_import_are_written_in_sets(stage, system, in_sets):
    sent = [
        *map(patient, range(6)),
        *(relative(f"r{rank}", f"Patient/p{rank}") for rank in range(6)),
    ]
    said = done(system, send(system, *sent))
    assert (said["output"][0]["count"], said["error"]) == (12, [])
    assert in_sets == [6, 6]
    again = done(system, send(system, *sent))
    assert again["output"][0]["extension"]["unchanged"] == 12
    assert (Relative.objects.count(), KeptBody.objects.count()) == (6, 12)


def test_one_bad_line_among_many_leaves_the_others_in_sets(stage, system, in_sets):
    sent = [patient(rank) for rank in range(32)]
    sent[13]["deceasedDateTime"] = "1920-01-01"  # before she was born: the room refuses it
    sent[20]["telecom"] = [{"system": "phone", "value": "12"}]  # no such number
    said = done(system, send(system, *sent))
    assert said["output"][0]["count"] == 30
    assert [one[:2] for one in sorted(refusals(system, said))] == [(1, 14), (1, 21)]
    assert max(in_sets) >= 8
    assert found(system, "Patient", "ipp|31")["birthDate"] == "1961-02-11"


def test_a_condition_asks_as_much_whatever_is_kept(stage):
    """What is kept is met by the index of its labels: the statement names them before anybody."""
    machine = stage.machine
    machine.post("Patient", patient(1), If_None_Exist=NUMBERED(1))
    statements, answer = asked(
        lambda: machine.post("Patient", patient(2), If_None_Exist=NUMBERED(2))
    )
    assert answer.status_code == 201, answer.content
    (looked,) = [one for one in statements if "fhir_bodies_labelled" in one]
    assert "@>" not in looked
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT id FROM fhir_keptbody WHERE id IN"
            " (SELECT fhir_bodies_labelled('Patient', ARRAY['identifier|urn:essai:ipp|1']))"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "fhir_keptbody_pkey" in plan, plan


@pytest.mark.parametrize("role", ["coordinator", "stranger", "blind"])
def test_a_number_is_answered_as_by_any_search(stage, role, monkeypatch):
    """By statements planned once, and as the compiler of searches has it: whoever asks."""
    machine = stage.machine
    for rank in (1, 2):
        machine.post("Patient", patient(rank))
        machine.post("RelatedPerson", relative(f"r{rank}", _address(machine, rank)))
    machine.post("Patient", patient(2))  # two of one number
    ended = machine.search("RelatedPerson", identifier="urn:essai:proche|r2").json()["entry"][0]
    machine.send("DELETE", f"RelatedPerson/{ended['resource']['id']}")
    if role == "blind":
        opposes(stage)
    if role == "stranger":
        machine = Machine(coordinator_of(OrganizationFactory(), account_id=AccountFactory().pk))
    told = []
    for way in (answering.numbered, lambda *_: None):
        monkeypatch.setattr(answering, "numbered", way)
        told.append([_condition(machine, kind, value) for kind, value in ASKED])
    assert told[0] == told[1]
    met = [status for status, _ in told[0]]
    assert met == ([422, 412, 404, 422, 404, 404] if role == "coordinator" else [404] * 6)


ASKED = [
    *(("Patient", f"urn:essai:ipp|{rank}") for rank in (1, 2, 3)),
    *(("RelatedPerson", f"urn:essai:proche|r{rank}") for rank in (1, 2, 3)),
]


def _address(machine, rank):
    (one, *_) = machine.found("Patient", identifier=f"urn:essai:ipp|{rank}")
    return f"Patient/{one}"


def _condition(machine, kind, value):
    """What a condition finds: nobody (404), several (412), or one, of whom nothing is so (422)."""
    never = [{"op": "test", "path": "/gender", "value": "other"}]
    words, said = f"{kind}?identifier={value}", {"content_type": "application/json-patch+json"}
    answer = machine.send("PATCH", words, never, **said)
    return answer.status_code, codes(answer)


def opposes(stage):
    """Everybody is opposed to what coordination may know, but for their names."""
    for person in Person.objects.order_by("pk"):
        SharingFactory(person=person, category="coordination", audience="coordination")


def test_notes_that_came_before_leave_the_others_in_a_set(stage, system, in_sets):
    subject = f"Patient/{stage.person.pk}"
    done(system, send(system, *(note(rank, subject) for rank in range(3))))
    said = done(system, send(system, *(note(rank, subject) for rank in range(9))))
    assert (said["output"][0]["count"], said["error"]) == (9, [])
    assert in_sets == [3, 9, 6]  # nine are tried, six are written
    assert Note.objects.count() == KeptBody.objects.filter(kind="DocumentReference").count() == 9
