"""A scope with a part (`?category=…`) lets through what its search finds, and nothing else."""

import json
from pathlib import Path

import pytest

from cordee.access.models import Trace
from cordee.fhir.models import KeptBody
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import let_through
from cordee.fhir.search.french import NOUNS
from cordee.fhir.search.parameters import Asking
from cordee.fhir.search.parts import fault_of, possible, said
from cordee.liaison.models import Note
from cordee.partners.models import Client
from cordee.partners.rules.scopes import read
from tests.factories.directory import MembershipFactory
from tests.factories.liaison import note_of
from tests.factories.partners import PAST, SystemFactory, asks
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import JSON, codes, matches
from tests.fhir.receiver import receiving
from tests.fhir.rows import observation
from tests.fhir.stage import set_stage
from tests.fhir.systems import ask, bearing, exported, place_of, system_of
from tests.fhir.test_subscriptions import Partner, told
from tests.support import NOW, Browser, arranging, run_jobs

pytestmark = pytest.mark.django_db
PART = "system/DocumentReference.cruds?category=urgent"
SENT = json.loads((Path(__file__).parent / "sent" / "DocumentReference.json").read_text())


ORDINARY = {"extension": [SENT["extension"][0] | {"valueBoolean": False}]}


@pytest.fixture
def stage():
    return set_stage()


@pytest.fixture
def notes(stage):
    """An urgent note, and one that is not."""
    return [
        note_of(stage.person, stage.account, organization=stage.desk, importance=one)
        for one in ("urgent", "ordinary")
    ]


def narrowed(stage, scope=PART):
    return bearing(system_of(stage), scope)


def searched(machine, words):
    answer = machine.get(f"/fhir/{words}")
    assert answer.status_code == 200, answer.content
    return set(matches(answer.json()))


def sent_by(stage, **changed):
    note = SENT | {"subject": {"reference": f"Patient/{stage.person.pk}"}} | changed
    return json.dumps(note)


# --- asked, and given --------------------------------------------------------------------------


def test_the_token_says_which_parts_it_lets_through(stage):
    asked = (
        "system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category"
        "|survey system/Task.r?patient.family=blanc"
    )
    answer = Browser().post("/fhir/oauth/token", asks(system_of(stage), scope=asked)).json()
    assert answer["scope"] == asked.split(" ")[0]  # a chain is left aside, and said so


@pytest.mark.parametrize(
    "part",
    [
        "patient.family=blanc",
        "_has:Task:patient:status=requested",
        "identifier=1",
        "inconnu=1",
        "status:above=final",
        "status:missing=true",
        "date=hier",
        "_count=1",
        "_sort=date",
        "status",
        "%20",
        "é=1",
    ],
)
def test_a_part_that_is_not_understood_is_refused_with_a_sentence_of_ascii(stage, part):
    scope = f"system/Observation.rs?{part}"
    answer = Browser().post("/fhir/oauth/token", asks(system_of(stage), scope=scope))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert len(answer.json()["error_description"]) > 20
    assert answer.json()["error_description"].isascii()


@pytest.mark.parametrize("scope", ["system/*.rs?_tag=a", "system/ValueSet.rs?status=active"])
def test_only_a_type_that_is_held_has_parts(stage, scope):
    answer = Browser().post("/fhir/oauth/token", asks(system_of(stage), scope=scope))
    assert answer.json()["error"] == "invalid_scope"


def test_a_client_registered_for_a_part_is_never_given_the_whole(stage, notes):
    client = system_of(stage, scopes=f"{PART} system/Patient.rs")
    urgent, ordinary = notes
    machine = bearing(client)
    assert machine.get(f"/fhir/DocumentReference/{urgent.pk}").status_code == 200
    assert machine.get(f"/fhir/DocumentReference/{ordinary.pk}").status_code == 404


VALUES = {"token": "rien-de-tel", "date": "ge2999", "reference": "Patient/rien"}


@pytest.mark.parametrize("type_name", sorted(mappings()))
def test_whatever_may_be_a_part_is_said_in_french_and_is_a_search(stage, type_name):
    mapping = mappings()[type_name]
    for name, one in possible(mapping).items():
        part = f"{name}={VALUES[one.type]}"
        scopes = read(f"system/{type_name}.rs?{part}")
        assert fault_of(type_name, part) == ""
        assert said(type_name, part).startswith(f", seulement si {NOUNS[name]} est ")
        asking = Asking(stage.actor, type_name, "http://testserver/fhir/", NOW, scopes)
        for table in mapping.tables:
            assert list(let_through(table, asking, "rs").values_list("pk")) == []


# --- read --------------------------------------------------------------------------------------


def test_what_is_beyond_the_part_is_not_there_however_it_is_asked_for(stage, notes):
    machine = narrowed(stage, f"{PART} system/Patient.rs")
    urgent, ordinary = notes
    assert searched(machine, "DocumentReference") == {str(urgent.pk)}
    assert searched(machine, f"DocumentReference?_id={urgent.pk},{ordinary.pk}") == {str(urgent.pk)}
    counted = machine.get("/fhir/DocumentReference?_summary=count").json()
    assert counted["total"] == 1
    for rest in ("", "/_history/1", "/$validate"):
        assert machine.get(f"/fhir/DocumentReference/{urgent.pk}{rest}").status_code == 200, rest
        assert machine.get(f"/fhir/DocumentReference/{ordinary.pk}{rest}").status_code == 404
    assert Trace.objects.filter(kind="refused", subject_id=ordinary.pk).count() == 3


def test_nor_is_it_brought_along_chained_to_or_told_with_all_the_rest(stage, notes):
    machine = narrowed(stage, f"{PART} system/Patient.rs")
    urgent, ordinary = notes
    for words in (
        "Patient?_revinclude=DocumentReference:patient",
        f"Patient/{stage.person.pk}/$everything",
    ):
        answer = machine.get(f"/fhir/{words}")
        assert answer.status_code == 200, answer.content
        text = answer.content.decode()
        assert (str(urgent.pk) in text, str(ordinary.pk) in text) == (True, False), words
    has = "Patient?_has:DocumentReference:patient:_id={}"
    assert searched(machine, has.format(urgent.pk)) == {str(stage.person.pk)}
    assert searched(machine, has.format(ordinary.pk)) == set()


def test_of_a_type_of_several_tables_each_is_narrowed(stage):
    visit, score = observation.make(stage), observation.make_score(stage)
    machine = narrowed(stage, "system/Observation.rs?code=visit")
    assert searched(machine, "Observation") == {str(visit.pk)}
    assert machine.get(f"/fhir/Observation/{score.pk}").status_code == 404
    others = narrowed(stage, "system/Observation.rs?code:not=visit")
    assert searched(others, "Observation") == {str(score.pk)}
    both = narrowed(stage, "system/Observation.rs?code=visit system/Observation.rs?code=gir")
    assert searched(both, "Observation") == {str(visit.pk), str(score.pk)}


def test_the_shortest_ways_to_a_person_are_narrowed_too(stage):
    man = PersonFactory(birth_name="Grandidier", sex="M", territory=stage.desk.territory)
    joins_circle(man, organization=stage.desk)
    with arranging():
        stage.person.sex = "F"
        stage.person.save()
    machine = narrowed(stage, "system/Patient.rs?gender=female")
    assert machine.get(f"/fhir/Patient/{stage.person.pk}").status_code == 200
    assert machine.get(f"/fhir/Patient/{man.pk}").status_code == 404
    assert searched(machine, "Patient?family=grandidier") == {str(stage.person.pk)}


def test_of_what_was_only_what_is_certain_to_be_of_the_part_is_told(stage):
    """A former state may have been of another part: nothing tells which."""
    with arranging():
        for sex in ("M", "F"):
            stage.person.sex = sex
            stage.person.save()
    machine = narrowed(stage, "system/Patient.rs?gender=female")
    told_of = machine.get(f"/fhir/Patient/{stage.person.pk}/_history").json()["entry"]
    assert [one["resource"]["gender"] for one in told_of] == ["female"]
    for words in ("_history", "Patient/_history", "_history?_count=1"):
        told_of = machine.get(f"/fhir/{words}").json()["entry"]
        assert [one["resource"]["gender"] for one in told_of] == ["female"], words
    former = machine.get(f"/fhir/Patient/{stage.person.pk}/_history/1")
    assert former.status_code == 404
    whole = narrowed(stage, "system/Patient.rs")
    assert whole.get(f"/fhir/Patient/{stage.person.pk}/_history/1").status_code == 200


def test_two_letters_may_have_two_parts(stage, notes):
    urgent, ordinary = notes
    machine = narrowed(
        stage,
        "system/DocumentReference.s system/DocumentReference.r?category=urgent",
    )
    assert searched(machine, "DocumentReference") == {str(urgent.pk), str(ordinary.pk)}
    assert machine.get(f"/fhir/DocumentReference/{ordinary.pk}").status_code == 404


# --- written -----------------------------------------------------------------------------------


def test_what_is_written_is_of_the_part_or_nothing_is(stage):
    machine = narrowed(stage)
    ordinary = machine.post("/fhir/DocumentReference", sent_by(stage, **ORDINARY), JSON)
    assert (ordinary.status_code, codes(ordinary)) == (403, ["caller.part"])
    assert not Note.objects.exists()
    assert not KeptBody.objects.exists()
    urgent = machine.post("/fhir/DocumentReference", sent_by(stage), JSON)
    assert urgent.status_code == 201, urgent.content


def test_a_transaction_with_one_beyond_the_part_leaves_nothing(stage):
    machine = narrowed(stage)
    one = json.loads(sent_by(stage))
    entries = [
        {"resource": one | extension, "request": {"method": "POST", "url": "DocumentReference"}}
        for extension in ({}, {}, {}, {}, ORDINARY)
    ]
    for rank, entry in enumerate(entries):
        entry["resource"]["masterIdentifier"] = {"system": "urn:x", "value": str(rank)}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = machine.post("/fhir/", json.dumps(bundle), JSON)
    assert (answer.status_code, codes(answer)) == (403, ["caller.part"])
    assert not Note.objects.exists()
    bundle["entry"] = entries[:4]
    assert machine.post("/fhir/", json.dumps(bundle), JSON).status_code == 200


def relative(stage, is_child=True):
    sent = {"resourceType": "RelatedPerson", "name": [{"text": "Lucie Blanc"}]}
    sent |= {"patient": {"reference": f"Patient/{stage.person.pk}"}}
    return sent | {"relationship": [{"coding": [CHILD if is_child else NEIGHBOUR]}]}


ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
CHILD, NEIGHBOUR = ({"system": ROLES, "code": one} for one in ("CHILD", "NBOR"))


def test_an_update_is_of_the_part_before_and_after(stage):
    made = stage.machine.post("RelatedPerson", relative(stage)).json()
    pk = made["id"]
    machine = narrowed(stage, "system/RelatedPerson.cruds?relationship=CHILD")
    where = f"/fhir/RelatedPerson/{pk}"
    leaves = json.dumps(relative(stage, is_child=False) | {"id": pk})
    answer = machine.put(where, leaves, JSON)
    assert (answer.status_code, codes(answer)) == (403, ["caller.part"])
    assert "CHILD" in machine.get(where).content.decode()
    kept = machine.put(where, json.dumps(relative(stage) | {"id": pk}), JSON)
    assert kept.status_code == 200, kept.content
    elsewhere = narrowed(stage, "system/RelatedPerson.cruds?relationship=NBOR")
    assert elsewhere.put(where, leaves, JSON).status_code == 404
    assert elsewhere.delete(where).status_code == 404


def test_what_is_found_and_may_not_be_written_is_refused_and_never_doubled(stage):
    named = {"identifier": [{"system": "urn:partner", "value": "lucie"}]}
    made = stage.machine.post("RelatedPerson", relative(stage) | named)
    assert made.status_code == 201, made.content
    machine = narrowed(stage, "system/RelatedPerson.crs system/RelatedPerson.ud?relationship=NBOR")
    body = json.dumps(relative(stage) | named)
    answer = machine.put("/fhir/RelatedPerson?identifier=urn:partner|lucie", body, JSON)
    assert (answer.status_code, codes(answer)) == (403, ["caller.scope"])
    assert machine.delete("/fhir/RelatedPerson?identifier=urn:partner|lucie").status_code == 403
    assert len(searched(machine, "RelatedPerson")) == 1


# --- what leaves by itself ---------------------------------------------------------------------


def test_an_export_holds_the_part_and_its_files_open_to_no_narrower_token(stage, notes):
    urgent, ordinary = notes
    client = system_of(stage, per_minute=6_000)
    machine = bearing(client, PART)
    words = "?_type=DocumentReference"
    told_of = exported(machine, words)["DocumentReference"]
    assert [one["id"] for one in told_of] == [str(urgent.pk)]
    whole = bearing(client, "system/DocumentReference.rs")
    where = place_of(ask(whole, words))
    run_jobs()
    (file,) = whole.get(where).json()["output"]
    place = file["url"][file["url"].index("/fhir/") :]
    headers = {"Accept": "application/fhir+ndjson"}
    assert machine.get(place, headers=headers).status_code == 403
    assert str(ordinary.pk).encode() in whole.get(place, headers=headers).getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_subscription_is_told_of_the_part_alone():
    stage = set_stage()
    part = "system/RelatedPerson.cruds?relationship=CHILD"
    partner = Partner(stage, scopes=f"{part} system/Subscription.cruds")
    with receiving() as receiver:
        assert partner.subscribes(url=receiver.url).status_code == 201
        stage.machine.post("RelatedPerson", relative(stage, is_child=False))
        child = stage.machine.post("RelatedPerson", relative(stage)).json()["id"]
        assert told() == 1
        assert [one.focus for one in receiver.got] == [f"RelatedPerson/{child}"]


def test_what_a_part_no_longer_means_lets_nothing_through(stage, notes):
    held = {"account": stage.account, "organization": stage.desk, "role": "coordinator"}
    client = SystemFactory(membership=MembershipFactory(since=PAST, **held))
    machine = bearing(client, "system/DocumentReference.rs")
    assert len(searched(machine, "DocumentReference")) == 2
    with arranging():
        Client.objects.filter(pk=client.pk).update(
            scopes="system/DocumentReference.rs?d-autrefois=1"
        )
    assert searched(machine, "DocumentReference") == set()
