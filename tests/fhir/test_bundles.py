"""Bundles: each request as the door answers it alone, or all of them or none."""

import json
from base64 import b64encode

import pytest

from cordee.people.models import Person
from tests.factories.people import PersonFactory, joins_circle
from tests.fhir.door import Machine, codes
from tests.people.test_no_shadow import asked
from tests.support import stranger

pytestmark = pytest.mark.django_db


def followed(desk, **details):
    person = PersonFactory(**details)
    joins_circle(person, organization=desk)
    return person


def patient(family, **more):
    name = [{"use": "official", "family": family, "given": ["Odile"]}]
    return {"resourceType": "Patient", "name": name, "gender": "female", **more}


def entry(method, url, resource=None, full_url="", **conditions):
    found = {"request": {"method": method, "url": url, **conditions}}
    found |= {"resource": resource} if resource else {}
    return found | ({"fullUrl": full_url} if full_url else {})


def bundle(kind, *entries):
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def statuses(answer):
    said = answer.json()
    assert said["resourceType"] == "Bundle", said
    return [one["response"]["status"] for one in said.get("entry", [])]


def families():
    return set(Person.objects.values_list("birth_name", flat=True))


def test_a_transaction_does_all_it_asks_and_answers_in_its_order(desk, machine):
    former = followed(desk, birth_name="Ancien")
    sent = bundle(
        "transaction",
        entry("GET", f"Patient/{former.pk}"),
        entry("PUT", f"Patient/{former.pk}", patient("Nouveau", id=str(former.pk))),
        entry("POST", "Patient", patient("Blanc")),
    )
    answer = machine.post("", sent)
    assert answer.status_code == 200, answer.content
    assert answer.json()["type"] == "transaction-response"
    assert statuses(answer) == ["200 OK", "200 OK", "201 Created"]
    read = answer.json()["entry"][0]["resource"]
    assert read["name"][0]["family"] == "Nouveau"  # what is read is read last
    assert families() >= {"Nouveau", "Blanc"}
    assert answer.json()["entry"][2]["response"]["location"].count("/_history/") == 1


def test_a_transaction_with_one_fault_leaves_nothing_behind(machine):
    sent = bundle(
        "transaction",
        entry("POST", "Patient", patient("Blanc")),
        entry("PUT", "Patient/01900000-0000-7000-8000-000000000000",
              patient("Gris", id="01900000-0000-7000-8000-000000000000")),
    )  # fmt: skip
    answer = machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (404, ["read.absent"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert "Blanc" not in families()


def test_what_is_misshapen_refuses_a_transaction_and_says_where(machine):
    sent = bundle(
        "transaction",
        entry("POST", "Patient", patient("Blanc")),
        entry("POST", "Patient", patient("Gris") | {"gender": "femme"}),
    )
    answer = machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (422, ["shape.not_in_value_set"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1].resource.gender"]
    assert not families() & {"Blanc", "Gris"}


def test_a_batch_answers_each_request_by_itself(desk, machine):
    hidden = PersonFactory()
    sent = bundle(
        "batch",
        entry("POST", "Patient", patient("Blanc")),
        entry("POST", "Patient", patient("Gris") | {"gender": "femme"}),
        entry("GET", f"Patient/{hidden.pk}"),
        entry("GET", "Parapluie/1"),
    )
    answer = machine.post("", sent)
    assert answer.status_code == 200, answer.content
    assert statuses(answer) == [
        "201 Created", "422 Unprocessable Entity", "404 Not Found", "404 Not Found",
    ]  # fmt: skip
    outcome = answer.json()["entry"][1]["response"]["outcome"]
    assert outcome["issue"][0]["expression"] == ["Patient.gender"]
    assert "Blanc" in families()


def test_a_condition_of_an_entry_is_heard(desk, machine):
    person = followed(desk, birth_name="Blanc")
    stale = entry(
        "PUT", f"Patient/{person.pk}", patient("Gris", id=str(person.pk)), ifMatch='W/"9"'
    )
    answer = machine.post(
        "", bundle("transaction", entry("POST", "Patient", patient("Vert")), stale)
    )
    assert (answer.status_code, codes(answer)) == (412, ["version.replaced"])
    assert "Vert" not in families()


def test_what_must_not_be_doubled_is_found_instead(machine):
    numbered = patient("Blanc") | {"identifier": [{"system": "urn:partner:ipp", "value": "8812"}]}
    once = entry("POST", "Patient", numbered, ifNoneExist="identifier=urn:partner:ipp|8812")
    assert statuses(machine.post("", bundle("transaction", once))) == ["201 Created"]
    assert statuses(machine.post("", bundle("transaction", once))) == ["200 OK"]
    assert Person.objects.filter(birth_name="Blanc").count() == 1


def test_two_entries_that_write_the_same_resource_are_refused(desk, machine):
    person = followed(desk, birth_name="Blanc")
    twice = entry("PUT", f"Patient/{person.pk}", patient("Gris", id=str(person.pk)))
    answer = machine.post("", bundle("transaction", twice, twice))
    assert (answer.status_code, codes(answer)) == (400, ["bundle.written_twice"])
    assert "Gris" not in families()


NUMBER = "urn:partner:ipp|8812"
BY_NUMBER = f"Patient?identifier={NUMBER}"


def numbered(family, **more):
    system, value = NUMBER.split("|")
    return patient(family, identifier=[{"system": system, "value": value}], **more)


def changed(family):
    """A patch of the family of a Patient."""
    return patched({"op": "replace", "path": "/name/0/family", "value": family})


def patched(*operations):
    """A JSON Patch, as a transaction carries it."""
    said = b64encode(json.dumps(operations).encode()).decode()
    kind = "application/json-patch+json"
    return {"resourceType": "Binary", "contentType": kind, "data": said}


OTHERS = {
    "the same condition": lambda pk: entry("PUT", BY_NUMBER, numbered("Gris")),
    "another condition": lambda pk: entry("PUT", f"{BY_NUMBER}&active=true", numbered("Gris")),
    "a patch": lambda pk: entry("PATCH", f"Patient/{pk}", changed("Gris")),
    "its name": lambda pk: entry("PUT", f"Patient/{pk}", numbered("Gris", id=pk)),
}


@pytest.mark.parametrize("full_url", ["", "urn:uuid:1"])
@pytest.mark.parametrize("other", OTHERS)
def test_two_entries_that_write_the_same_resource_by_a_condition_are_refused(
    machine, other, full_url
):
    first = OTHERS[other](machine.post("Patient", numbered("Blanc")).json()["id"])
    by_condition = entry("PUT", BY_NUMBER, numbered("Vert"), full_url)
    answer = machine.post("", bundle("transaction", first, by_condition))
    assert (answer.status_code, codes(answer)) == (400, ["bundle.written_twice"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert families() >= {"Blanc"}
    assert not families() & {"Gris", "Vert"}


def test_a_condition_is_asked_before_anything_is_written_and_at_its_turn(machine):
    machine.post("Patient", numbered("Blanc"))
    sent = bundle("transaction", entry("PUT", BY_NUMBER, numbered("Vert")))
    statements, answer = asked(lambda: machine.post("", sent))
    assert statuses(answer) == ["200 OK"]
    assert sum("fhir_bodies_labelled_by_any" in one for one in statements) == 2


def test_two_entries_that_would_create_under_one_condition_are_refused(machine):
    twice = entry("PUT", BY_NUMBER, numbered("Vert"))
    answer = machine.post("", bundle("transaction", twice, twice))
    assert (answer.status_code, codes(answer)) == (400, ["bundle.written_twice"])
    assert "Vert" not in families()


def test_what_a_transaction_creates_is_not_replaced_by_it_under_a_condition(machine):
    sent = bundle(
        "transaction",
        entry("PUT", BY_NUMBER, numbered("Vert")),
        entry("POST", "Patient", numbered("Gris")),
    )
    answer = machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (400, ["bundle.written_twice"])
    assert not families() & {"Gris", "Vert"}


def numbered_relative(machine, person, name="Jeanne Martin"):
    """A relative whom a partner numbered 77, as they are sent and under which key they are kept."""
    sent = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{person.pk}"},
        "identifier": [{"system": "urn:partner:ipp", "value": "77"}],
        "name": [{"text": name}],
    }
    return sent, machine.post("RelatedPerson", sent).json()["id"]


BY_77 = "RelatedPerson?identifier=urn:partner:ipp|77"


@pytest.mark.parametrize("full_url", ["", "urn:uuid:1"])
@pytest.mark.parametrize("by_name", [True, False])
def test_what_a_transaction_ends_under_a_condition_is_not_written_by_it(
    desk, machine, by_name, full_url
):
    sent, pk = numbered_relative(machine, followed(desk, birth_name="Blanc"))
    again = sent | {"name": [{"text": "Jeanne Leger"}]} | ({"id": pk} if by_name else {})
    put = entry("PUT", f"RelatedPerson/{pk}" if by_name else BY_77, again, full_url)
    answer = machine.post("", bundle("transaction", entry("DELETE", BY_77), put))
    assert (answer.status_code, codes(answer)) == (400, ["bundle.written_twice"])
    found = machine.get(BY_77).json()["entry"]
    told = [(one["resource"]["id"], one["resource"]["name"][0]["text"]) for one in found]
    assert told == [(pk, "Jeanne Martin")]


@pytest.mark.parametrize("full_url", ["", "urn:uuid:1"])
def test_what_a_transaction_puts_out_of_the_reach_of_a_condition_is_not_created_again(
    machine, full_url
):
    """The first would give the person another number; the second would then find nobody."""
    pk = machine.post("Patient", numbered("Blanc")).json()["id"]
    leaves = patched({"op": "replace", "path": "/identifier/0/value", "value": "9900"})
    sent = bundle(
        "transaction",
        entry("PATCH", f"Patient/{pk}", leaves),
        entry("PUT", BY_NUMBER, numbered("Vert"), full_url),
    )
    answer = machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (400, ["bundle.written_twice"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert "Vert" not in families()
    assert machine.get(f"Patient/{pk}").json()["identifier"][0]["value"] == "8812"


def test_what_a_condition_named_is_not_created_again_once_another_entry_moved_it(desk, machine):
    """The relative was found through the person, whose number another entry changes."""
    pk = machine.post("Patient", numbered("Blanc")).json()["id"]
    sent, key = numbered_relative(machine, Person.objects.get(pk=pk))
    leaves = patched({"op": "replace", "path": "/identifier/0/value", "value": "9900"})
    through = "RelatedPerson?patient.identifier=urn:partner:ipp|8812"
    put = entry("PUT", through, sent | {"name": [{"text": "Jeanne Leger"}]})
    answer = machine.post("", bundle("transaction", entry("PATCH", f"Patient/{pk}", leaves), put))
    assert (answer.status_code, codes(answer)) == (409, ["bundle.moved"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    found = machine.get(f"RelatedPerson?patient={pk}").json()["entry"]
    assert [one["resource"]["id"] for one in found] == [key]


def test_entries_that_write_others_by_conditions_are_all_done(machine):
    sent = bundle(
        "transaction",
        entry("PUT", BY_NUMBER, numbered("Vert")),
        entry("PUT", "Patient?identifier=urn:partner:ipp|1", patient("Gris")),
        entry("POST", "Patient", numbered("Blanc"), ifNoneExist="identifier=urn:partner:ipp|2"),
    )
    sent["entry"][2]["resource"]["identifier"][0]["value"] = "2"
    assert statuses(machine.post("", sent)) == ["201 Created"] * 3


@pytest.mark.parametrize("kind", ["document", "message", "collection", "history"])
def test_what_no_room_holds_is_refused_and_said(machine, kind):
    answer = machine.post("", {"resourceType": "Bundle", "type": kind})
    assert answer.status_code == 422
    assert not set(codes(answer)) & {"router.fault"}


@pytest.mark.parametrize("url", ["", "metadata", "../compte/", "https://ailleurs.fr/Patient/1"])
def test_an_address_that_is_no_type_is_refused(machine, url):
    answer = machine.post("", bundle("transaction", entry("GET", url or "?")))
    assert (answer.status_code, codes(answer)) == (400, ["bundle.address"])


def test_a_bundle_in_a_bundle_is_refused(machine):
    inner = bundle("transaction", entry("POST", "Patient", patient("Blanc")))
    answer = machine.post("", bundle("batch", entry("POST", "Bundle", inner)))
    assert statuses(answer) == ["422 Unprocessable Entity"]
    assert "Blanc" not in families()


def test_who_may_not_write_writes_nothing_by_a_bundle():
    machine = Machine(stranger())
    answer = machine.post("", bundle("transaction", entry("POST", "Patient", patient("Blanc"))))
    alone = machine.post("Patient", patient("Blanc"))
    assert (answer.status_code, codes(answer)) == (alone.status_code, codes(alone))
    assert answer.status_code >= 400
    assert "Blanc" not in families()


def test_who_is_not_known_is_told_so():
    assert Machine().post("", bundle("batch")).status_code == 401


def test_an_empty_transaction_is_answered(machine):
    answer = machine.post("", {"resourceType": "Bundle", "type": "transaction"})
    assert answer.json() == {"resourceType": "Bundle", "type": "transaction-response"}


PERSON = "urn:uuid:04886b69-ef36-4584-819e-4590cd3888a4"


def relative(of, family="Martin"):
    return {
        "resourceType": "RelatedPerson",
        "patient": {"reference": of},
        "name": [{"family": family, "given": ["Jeanne"]}],
        "relationship": [{"text": "fille"}],
    }


def test_entries_speak_of_each_other_in_any_order(machine):
    sent = bundle(
        "transaction",
        entry("POST", "RelatedPerson", relative(PERSON)),
        entry("POST", "Patient", patient("Blanc"), PERSON),
    )
    answer = machine.post("", sent, prefer="return=representation")
    assert answer.status_code == 200, answer.content
    daughter, mother = (one["resource"] for one in answer.json()["entry"])
    assert daughter["patient"]["reference"] == f"Patient/{mother['id']}"


def test_a_reference_may_be_a_search_that_finds_one(desk, machine):
    numbered = patient("Blanc") | {"identifier": [{"system": "urn:partner:ipp", "value": "8812"}]}
    made = machine.post("Patient", numbered).json()["id"]
    link = "Patient?identifier=urn:partner:ipp|8812"
    sent = bundle("transaction", entry("POST", "RelatedPerson", relative(link)))
    answer = machine.post("", sent, prefer="return=representation")
    assert answer.json()["entry"][0]["resource"]["patient"]["reference"] == f"Patient/{made}"


def test_a_reference_that_finds_nobody_refuses_the_transaction(machine):
    link = "Patient?identifier=urn:partner:ipp|8812"
    made = entry("POST", "Patient", patient("Blanc"))
    answer = machine.post(
        "", bundle("transaction", made, entry("POST", "RelatedPerson", relative(link)))
    )
    assert (answer.status_code, codes(answer)) == (412, ["bundle.condition"])
    assert "Blanc" not in families()


def test_a_reference_to_nowhere_in_the_bundle_refuses_it(machine):
    sent = bundle("transaction", entry("POST", "RelatedPerson", relative(PERSON)))
    answer = machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (422, ["incoming.nowhere"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[0].resource.patient"]


def test_entries_that_speak_of_each_other_in_a_circle_are_refused(machine):
    other = "urn:uuid:f380b0fd-23c2-415a-b367-53e707ef91e2"
    link = [{"other": {"reference": other}, "type": "seealso"}]
    sent = bundle(
        "transaction",
        entry("POST", "Patient", patient("Blanc", link=link), PERSON),
        entry("POST", "RelatedPerson", relative(PERSON), other),
    )
    answer = machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (422, ["bundle.circle"])
    assert "Blanc" not in families()
