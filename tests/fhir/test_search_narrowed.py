"""A search says no more than its scopes, and no less than what its answers themselves say."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cordee.fhir.capability import includes_of, revincludes_of
from cordee.fhir.models import KeptBody
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import OF_THE_HOUSE, parameters_of
from cordee.people.models import Person
from tests.factories.partners import SystemFactory, asks
from tests.fhir.door import Machine, codes
from tests.fhir.stage import set_stage
from tests.support import NOW, Browser, arranging

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden"


def asked_within(scopes, address):
    system = SystemFactory(scopes=scopes, membership__role="coordinator")
    token = Browser().post("/fhir/oauth/token", asks(system, scope=scopes)).json()["access_token"]
    return Machine().get(address, authorization=f"Bearer {token}")


@pytest.mark.parametrize(
    ("scopes", "address"),
    [
        ("system/RelatedPerson.rs", "RelatedPerson?patient.birthdate=1941"),
        ("system/RelatedPerson.rs", "RelatedPerson?patient:Patient.birthdate=1941"),
        ("system/RelatedPerson.rs", "RelatedPerson?patient:identifier=8812"),
        ("system/RelatedPerson.rs system/Patient.r", "RelatedPerson?patient.birthdate=1941"),
        ("system/Patient.rs", "Patient?_has:RelatedPerson:patient:name=martin"),
    ],
)
def test_a_chain_leads_to_no_type_that_the_scopes_leave_out(scopes, address):
    refused = asked_within(scopes, address)
    assert (refused.status_code, codes(refused)) == (403, ["caller.scope"])


def test_a_chain_leads_where_the_scopes_let_it():
    scopes = "system/RelatedPerson.rs system/Patient.s"
    assert asked_within(scopes, "RelatedPerson?patient.birthdate=1941").status_code == 200
    back = "Patient?_has:RelatedPerson:patient:name=martin"
    assert asked_within("system/RelatedPerson.s system/Patient.rs", back).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["Patient?_profile=urn:one", "Patient?_profile:not=urn:one"],
)
def test_what_the_house_writes_in_meta_is_not_searched_by_halves(address):
    answer = set_stage().machine.get(address)
    assert (answer.status_code, codes(answer)) == (400, ["search.label"])


@pytest.mark.parametrize("name", ["tag", "security", "profile"])
def test_the_labels_that_golden_rows_bear_are_searched_or_refused(name):
    for path in GOLDEN.glob("*.json"):
        kind = path.stem.partition("-")[0]
        mapping = mappings()[kind]
        for one in json.loads(path.read_text()).get("meta", {}).get(name, []):
            if kind in OF_THE_HOUSE.get(f"_{name}", ()):
                assert f"_{name}" not in parameters_of(mapping)
            else:
                borne = f"|{one}" if name == "profile" else f"{one['system']}|{one['code']}"
                assert f"{name}|{borne}" in mapping.labels, path.stem


@pytest.mark.parametrize("address", ["AuditEvent?_tag:not=x", "AuditEvent?_tag=x"])
def test_a_label_of_what_never_comes_in_is_answered(address):
    assert set_stage().machine.get(address).status_code == 200


def test_what_a_partner_sent_again_changed_since():
    stage = set_stage()
    sent = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": "Blanc", "given": ["Odile"]}],
        "maritalStatus": {"text": "veuve"},
    }
    answer = stage.machine.post("Patient", sent)
    pk = answer.json()["id"]
    row = Person.objects.get(pk=pk)
    later = row.updated_at + timedelta(days=3)
    with arranging():
        KeptBody.objects.filter(resource_id=pk).update(updated_at=later)
    said = stage.machine.get(f"Patient/{pk}").json()["meta"]["lastUpdated"]
    told = {}
    for prefix in ("ge", "gt", "lt", "le", "eq", "ne"):
        day = (later - timedelta(days=1 if prefix in ("ge", "gt", "lt") else 0)).date()
        found = stage.machine.found("Patient", _id=pk, _lastUpdated=f"{prefix}{day}")
        told[prefix] = found == [pk]
    assert said[:10] == str(later.date())
    assert told == {"ge": True, "gt": True, "lt": False, "le": True, "eq": True, "ne": False}
    since = (later - timedelta(days=1)).date()
    page = stage.machine.get(f"Patient/{pk}/$everything?_since={since}&_type=Patient").json()
    assert [one["resource"]["id"] for one in page["entry"]] == [pk]


@pytest.mark.parametrize(
    "address",
    [
        "Patient?_id=" + ",".join(["a"] * 101),
        "Patient?" + "&".join(f"_include=Patient:general-practitioner:T{at}" for at in range(11)),
        "Patient?_sort=birthdate,family,gender,birthdate,family,gender",
    ],
)
def test_a_search_that_asks_for_too_much_is_refused(address):
    answer = set_stage().machine.get(address)
    assert (answer.status_code, codes(answer)) == (400, ["search.too_many_values"])


def relative(stage, name):
    said = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{stage.person.pk}"},
        "name": [{"text": name}],
        "relationship": [{"text": "fille"}],
    }
    answer = stage.machine.post("RelatedPerson", said)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def test_what_comes_along_is_cut_at_its_most_and_said(monkeypatch):
    monkeypatch.setattr("cordee.fhir.search.answering.MOST_BROUGHT", 1)
    stage = set_stage()
    for name in ("Jeanne Martin", "Paul Martin"):
        relative(stage, name)
    address = f"Patient?_id={stage.person.pk}&_revinclude=RelatedPerson:patient"
    entries = stage.machine.get(address).json()["entry"]
    assert [one["search"]["mode"] for one in entries] == ["match", "include", "outcome"]
    assert [one["code"] for one in entries[2]["resource"]["issue"]] == ["too-costly"]


def test_what_was_deleted_does_not_come_along():
    from cordee.plans.models import Goal
    from tests.fhir.rows import goal

    stage = set_stage()
    row = goal.make(stage)
    address = f"CarePlan?_id={row.plan_id}&_include=CarePlan:goal"
    before = [one["resource"]["id"] for one in stage.machine.get(address).json()["entry"]]
    assert str(row.pk) in before
    with arranging():
        Goal.objects.filter(pk=row.pk).update(removed_at=NOW)
    entries = stage.machine.get(address).json()["entry"]
    assert [one["resource"]["id"] for one in entries] == [
        one for one in before if one != str(row.pk)
    ]


NOWHERE = [
    "Task?_include=Task:inconnu",
    "Task?_include=Task:focus",  # searched, and never brought
    "Task?_include=Task:patient:Organization",
    "Task?_include=Parapluie:patient",
    "Task?_include=RelatedPerson:patient",  # of another type than the rows, and does not go on
    "Task?_include=*",
    "Task?_include=Task:patient&_include:iterate=Patient:inconnu",
    "Patient?_revinclude=Task:inconnu",
    "Patient?_revinclude=Task:owner",  # leads to no Patient
    "Patient?_revinclude=Task:*",
    "Patient?family=grandidier&_include=Patient:inconnu",  # found at once
    "Patient?_summary=count&_revinclude=Parapluie:patient",
]


@pytest.mark.parametrize("address", NOWHERE)
def test_what_is_asked_to_come_along_and_never_does_is_said_and_refused_when_strict(address):
    machine = set_stage().machine
    answer = machine.get(address)
    assert answer.status_code == 200, answer.content
    entries = answer.json()["entry"]
    (said,) = [one["resource"] for one in entries if one["search"]["mode"] == "outcome"]
    (issue,) = said["issue"]
    assert issue["severity"] == "warning"
    assert issue["details"]["coding"][0]["code"] == "search.unknown"
    assert address.rpartition("=")[2] in issue["diagnostics"]
    strict = machine.get(address, prefer="handling=strict")
    assert (strict.status_code, codes(strict)) == (400, ["search.unknown"])


def test_all_that_is_not_understood_is_refused_at_once_when_strict():
    answer = set_stage().machine.get(
        "Patient?parapluie=1&_include=Patient:inconnu", prefer="handling=strict"
    )
    assert codes(answer) == ["search.unknown", "search.unknown"]


@pytest.mark.parametrize("type_name", sorted(mappings()))
def test_whatever_is_declared_to_come_along_is_asked_for_without_a_word(type_name):
    machine, mapping = set_stage().machine, mappings()[type_name]
    told = [f"_include={one}" for one in includes_of(mapping)]
    told += [f"_include={type_name}:*"] if told else []
    told += [f"_revinclude={one}" for one in revincludes_of(mapping)]
    for first in range(0, len(told), 10):
        some = "&".join(told[first : first + 10])
        answer = machine.get(f"{type_name}?{some}", prefer="handling=strict")
        assert answer.status_code == 200, answer.content
