"""Codes asked by whole lists, labels that Cordée gives, and the order of what last changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordee.people.rules.sharing import PROTECTED
from tests.factories.directory import OrganizationFactory
from tests.factories.liaison import note_of
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import codes
from tests.fhir.rows import document_reference, goal, observation, practitioner, task

pytestmark = pytest.mark.django_db
OURS = "https://cordee.fr/fhir/ValueSet/"
GENDERS = "http://hl7.org/fhir/ValueSet/administrative-gender"
TEST = "http://terminology.hl7.org/CodeSystem/v3-ActReason|HTEST"


def every(machine, kind):
    return machine.found(kind, _count=200)


@pytest.mark.parametrize(
    ("kind", "name", "listed", "make"),
    [
        ("Task", "code", "task-kind", task.make),
        ("Observation", "component-code", "visit-mark", observation.make),
        ("DocumentReference", "category", "note-importance", document_reference.make),
    ],
)
def test_a_list_of_the_house_finds_all_that_bears_one_of_its_codes(stage, kind, name, listed, make):
    row, machine = make(stage), stage.machine
    assert str(row.pk) in machine.found(kind, _count=200, **{f"{name}:in": OURS + listed})
    rest = machine.found(kind, _count=200, **{f"{name}:not-in": OURS + listed})
    among = machine.found(kind, _count=200, **{f"{name}:in": OURS + listed})
    assert sorted([*among, *rest]) == sorted(every(machine, kind))
    assert set(among).isdisjoint(rest)
    assert machine.found(kind, **{f"{name}:in": OURS + "medium"}) == []
    both = machine.found(kind, _count=200, **{f"{name}:in": f"{OURS}medium,{OURS}{listed}"})
    assert both == among


def test_a_list_of_hl7_is_asked_of_codes_that_bear_no_system(stage):
    machine = stage.machine
    assert machine.found("Patient", gender__in=GENDERS) == every(machine, "Patient")
    assert machine.found("Patient", **{"gender:not-in": f"{GENDERS}|4.0.1"}) == []
    named = machine.found("ValueSet", url=GENDERS)
    assert machine.found("Patient", gender__in=f"ValueSet/{named[0]}") == every(machine, "Patient")


def test_a_list_that_is_not_given_here_is_said_so(stage):
    answer = stage.machine.search("Task", code__in="http://nulle.part/liste")
    assert (answer.status_code, codes(answer)) == (400, ["search.value_set"])
    assert stage.machine.search("Patient", family__in=GENDERS).status_code == 400
    for url in (f"{GENDERS}|9", f"{OURS}role|1", "ValueSet/nulle"):
        answer = stage.machine.search("Patient", gender__in=url)
        assert (answer.status_code, codes(answer)) == (400, ["search.value_set"]), url


def test_labels_are_asked_by_whole_lists_in_one_question(stage):
    machine = stage.machine
    gender = {"system": "http://hl7.org/fhir/administrative-gender", "code": "female"}
    sent = {"resourceType": "Patient", "name": [{"use": "official", "family": "Blanc"}]}
    made = machine.post("Patient", sent | {"meta": {"tag": [gender]}}).json()["id"]
    known = [GENDERS, f"{OURS}role", f"{OURS}task-kind"]
    with CaptureQueriesContext(connection) as asked:
        assert machine.found("Patient", **{"_tag:in": ",".join(known * 10)}) == [made]
    assert max(one["sql"].count("fhir_bodies_labelled_by_any(") for one in asked) == 1
    assert made not in machine.found("Patient", _count=200, **{"_tag:not-in": GENDERS})


def test_lists_of_more_codes_than_a_search_may_ask_for_are_refused(stage, monkeypatch):
    monkeypatch.setattr("cordee.fhir.search.compiler.MOST_CODES", 3)
    answer = stage.machine.search("Patient", gender__in=GENDERS)
    assert (answer.status_code, codes(answer)) == (400, ["search.too_many"])


def test_what_few_may_read_is_found_by_its_label(stage):
    row, machine = goal.make(stage), stage.machine
    few = machine.found("Goal", _security="R")
    rest = machine.found("Goal", _security__not="R")
    assert sorted([*few, *rest]) == sorted(every(machine, "Goal"))
    assert (str(row.pk) in few) == (row.category in {one.value for one in PROTECTED})


def test_a_professional_that_no_register_gives_is_found_by_its_label(stage):
    row, machine = practitioner.make(stage), stage.machine
    assert (str(row.pk) in machine.found("Practitioner", _security=TEST)) == row.is_synthetic
    desk = OrganizationFactory()
    read = machine.get(f"Organization/{desk.pk}").json()["meta"]
    bears = str(desk.pk) in machine.found("Organization", _security=TEST, _count=200)
    assert bears == ("security" in read)
    assert str(desk.pk) in machine.found("Organization", _count=200, **{
        f"_security{':not' * (not bears)}": TEST,
    })  # fmt: skip


def test_a_note_is_found_by_how_it_answers_another(stage):
    answer, machine = document_reference.make(stage), stage.machine
    of = {"thread": answer.thread, "corrects": answer}
    correction = note_of(stage.person, answer.author, organization=stage.desk, **of)
    first = answer.thread_id
    both = sorted([str(answer.pk), str(correction.pk)])
    assert sorted(machine.found("DocumentReference", relation="appends")) == both
    assert machine.found("DocumentReference", relation="replaces") == [str(correction.pk)]
    for asked, found in (
        (f"DocumentReference/{first}$appends", both),
        (f"DocumentReference/{first}$replaces", []),
        (f"DocumentReference/{answer.pk}$replaces", [str(correction.pk)]),
        (f"DocumentReference/{answer.pk}$http://nulle.part|replaces", []),
    ):
        assert sorted(machine.found("DocumentReference", relationship=asked)) == found, asked


def test_what_changed_last_comes_first_whatever_changed_of_it(stage):
    machine = stage.machine
    sent = []
    for family in ("Un", "Deux", "Trois"):
        body = {"resourceType": "Patient", "name": [{"use": "official", "family": family}]}
        sent.append(machine.post("Patient", body).json())
    joins_circle(PersonFactory(territory=stage.desk.territory), organization=stage.desk)
    around = sent[0] | {"maritalStatus": {"text": "veuve"}}
    assert machine.put(f"Patient/{sent[0]['id']}", around).status_code == 200
    for order, is_reversed in (("-_lastUpdated", True), ("_lastUpdated", False)):
        met, page = [], machine.get(f"Patient?_sort={order}&_count=2").json()
        while True:
            met += [one["resource"] for one in page.get("entry", [])]
            onward = [one["url"] for one in page["link"] if one["relation"] == "next"]
            if not onward:
                break
            page = machine.get(onward[0].partition("/fhir/")[2]).json()
        times = [one["meta"]["lastUpdated"] for one in met]
        assert times == sorted(times, reverse=is_reversed)
        assert len(met) == 5
        assert met[0 if is_reversed else -1]["id"] == sent[0]["id"]
