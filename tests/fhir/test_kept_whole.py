"""What is kept of a partner's resource: given back whole, never twice, never past its truth."""

import pytest

from cordee.intake.models import CareRequest
from cordee.people.models import Person
from tests.factories.people import PersonFactory
from tests.fhir.door import codes
from tests.fhir.test_care import sent
from tests.support import arranging

pytestmark = pytest.mark.django_db
CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
STATUS = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
XHTML = "http://www.w3.org/1999/xhtml"
OWN = {"system": "urn:partner:ipp", "value": "8812"}
INS = {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "253072A07300443", "use": "official"}
ODILE = {
    "resourceType": "Patient",
    "identifier": [OWN],
    "name": [{"use": "official", "family": "Blanc", "given": ["Odile"]}],
    "birthDate": "1938-02-11",
}


def written(stage, **more):
    answer = stage.machine.post("Patient", ODILE | more)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def qualified(pk):
    """Her identity as the house holds it once qualified."""
    model = PersonFactory.build(qualified=True)
    names = ("ins", "ins_oid", "ins_status")
    with arranging():
        Person.objects.filter(pk=pk).update(**{name: getattr(model, name) for name in names})
    return model.ins


def test_the_number_of_a_partner_stays_beside_an_ins_that_comes_later(stage):
    pk = written(stage)
    ins = qualified(pk)
    said = stage.machine.get(f"Patient/{pk}").json()["identifier"]
    assert OWN in said
    assert ins in [one["value"] for one in said]


def test_who_was_said_to_live_and_died_is_said_once(stage):
    pk = written(stage, deceasedBoolean=False, _deceasedBoolean={"id": "d"})
    with arranging():
        Person.objects.filter(pk=pk).update(deceased_on="2026-11-20")
    said = stage.machine.get(f"Patient/{pk}").json()
    assert [key for key in said if "deceased" in key] == ["deceasedDateTime"]


def test_a_day_that_the_house_tells_as_a_period_is_told_once(stage):
    body = sent("ServiceRequest", stage, occurrenceDateTime="2026-12-01")
    del body["occurrenceTiming"]
    answer = stage.machine.post("ServiceRequest", body)
    assert answer.status_code == 201, answer.content
    address = f"ServiceRequest/{answer.json()['id']}"
    said = stage.machine.get(address).json()
    assert [key for key in said if key.startswith("occurrence")] == ["occurrencePeriod"]
    done = stage.machine.put(address, said | {"status": "revoked"})
    assert (done.status_code, done.json().get("status")) == (200, "revoked"), done.content


def test_of_a_choice_the_last_writing_alone_is_kept(stage):
    pk = written(stage, multipleBirthBoolean=True)
    again = ODILE | {"id": pk, "multipleBirthInteger": 2}
    said = stage.machine.put(f"Patient/{pk}", again).json()
    assert [key for key in said if "multipleBirth" in key] == ["multipleBirthInteger"]


def test_long_lists_are_matched_and_those_that_cannot_be_are_refused(stage):
    phone = {"system": "phone", "value": "06 39 98 00 12"}
    many = [phone, *({"system": "other", "value": str(one)} for one in range(700))]
    pk = written(stage, telecom=many)
    address = f"Patient/{pk}"
    said = stage.machine.put(address, ODILE | {"id": pk, "telecom": many[::-1]})
    assert (said.status_code, len(said.json()["telecom"])) == (200, 701)
    others = [phone, *(one | {"value": f"{one['value']}-bis"} for one in many[1:])]
    refused = stage.machine.put(address, ODILE | {"id": pk, "telecom": others})
    assert refused.status_code == 422
    assert codes(refused) == ["body.too_many"]


def claiming():
    """A Patient that holds all that the profile of the INS asks, its number included."""
    given = {"url": f"{CORE}fr-core-patient-birth-list-given-name", "valueString": "Odile"}
    status = {"system": STATUS, "code": "PROV"}
    commune = {"system": "https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune"}
    code = {"url": f"{CORE}fr-core-address-insee-code", "valueCoding": commune | {"code": "05061"}}
    return ODILE | {
        "meta": {"profile": [f"{CORE}fr-core-patient-ins"]},
        "gender": "female",
        "identifier": [OWN, INS],
        "name": [{**ODILE["name"][0], "extension": [given]}],
        "extension": [
            {
                "url": f"{CORE}fr-core-identity-reliability",
                "extension": [{"url": "identityStatus", "valueCoding": status}],
            },
            {
                "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
                "valueAddress": {"extension": [code]},
            },
        ],
    }


def test_a_partner_that_claims_the_ins_can_still_patch_what_it_sent(stage):
    answer = stage.machine.post("Patient", claiming())
    assert answer.status_code == 201, answer.content
    assert answer.json()["meta"]["profile"] == [f"{CORE}fr-core-patient"]
    change = [{"op": "replace", "path": "/birthDate", "value": "1940-01-01"}]
    kind = {"content_type": "application/json-patch+json"}
    done = stage.machine.send("PATCH", f"Patient/{answer.json()['id']}", change, **kind)
    assert (done.status_code, done.json()["birthDate"]) == (200, "1940-01-01"), done.content


TOLD = {"status": "generated", "div": f'<div xmlns="{XHTML}">Odile Blanc, {INS["value"]}</div>'}


def test_a_number_of_the_ins_hides_in_no_narrative_and_in_nothing_contained(stage):
    inside = {"resourceType": "Patient", "id": "p", "identifier": [INS, OWN], "active": True}
    link = {"url": "https://partner.example/double", "valueReference": {"reference": "#p"}}
    pk = written(stage, text=TOLD, contained=[inside], extension=[link])
    answer = stage.machine.get(f"Patient/{pk}")
    assert INS["value"] not in answer.content.decode()
    assert answer.json()["contained"] == [inside | {"identifier": [OWN]}]


SAID = {"status": "generated", "div": f'<div xmlns="{XHTML}">Pansement, deux passages</div>'}


def test_a_narrative_goes_with_what_it_told(stage):
    answer = stage.machine.post("ServiceRequest", sent("ServiceRequest", stage, text=SAID))
    address = f"ServiceRequest/{answer.json()['id']}"
    assert stage.machine.get(address).json()["text"] == SAID
    with arranging():
        CareRequest.objects.update(need="Tout autre chose")
    assert "text" not in stage.machine.get(address).json()


def test_a_summary_leaves_out_nothing_that_changes_the_rest(stage):
    pk = written(stage, deceasedDateTime="2026-11-20")
    found = stage.machine.search("Patient", _elements="birthDate", family="Blanc").json()
    (one,) = [one["resource"] for one in found["entry"]]
    assert one["id"] == pk
    assert (one["active"], one["deceasedDateTime"]) == (True, "2026-11-20")
    assert "name" not in one


BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"


def choices_in(extensions, url):
    return [
        sorted(key for key in one if key.startswith("value"))
        for one in extensions
        if one["url"] == url
    ]


def test_an_extension_that_the_house_says_otherwise_says_one_thing(stage):
    pk = written(stage)
    with arranging():
        Person.objects.filter(pk=pk).update(birth_place_code="05061")
    said = {"url": BIRTH_PLACE, "valueString": "Gap"}
    answer = stage.machine.put(f"Patient/{pk}", ODILE | {"id": pk, "extension": [said]})
    assert answer.status_code == 200, answer.content
    told = stage.machine.get(f"Patient/{pk}").json()["extension"]
    assert choices_in(told, BIRTH_PLACE) == [["valueAddress"]]


def test_of_a_choice_inside_an_element_the_last_writing_alone_is_kept(stage):
    url = "urn:partner:stairs"
    pk = written(stage, extension=[{"url": url, "valueString": "deux étages"}])
    again = ODILE | {"id": pk, "extension": [{"url": url, "valueInteger": 2}]}
    told = stage.machine.put(f"Patient/{pk}", again).json()["extension"]
    assert choices_in(told, url) == [["valueInteger"]]


# --- what several partners say each of their own, in one list -------------------------------------

OTHER = {"system": "urn:other:ipp", "value": "77"}
KIN = [{"text": "proche"}]
FILLE = {"relationship": KIN, "name": {"text": "Ida Blanc"}, "gender": "female"}
FILS = {"relationship": KIN, "name": {"text": "Luc Blanc"}}


def told_after(stage, pk, **said):
    body = {key: one for key, one in ODILE.items() if key != "identifier"}
    answer = stage.machine.put(f"Patient/{pk}", body | {"id": pk} | said)
    assert answer.status_code == 200, answer.content
    return stage.machine.get(f"Patient/{pk}").json()


def test_a_partner_that_writes_takes_no_number_of_another(stage):
    pk = written(stage)
    assert told_after(stage, pk, identifier=[OTHER])["identifier"] == [OTHER, OWN]
    assert told_after(stage, pk)["identifier"] == [OTHER, OWN]
    assert stage.machine.found("Patient", identifier="urn:partner:ipp|8812") == [pk]
    again = stage.machine.put("Patient?identifier=urn:partner:ipp|8812", ODILE)
    assert (again.status_code, again.json()["id"]) == (200, pk), again.content
    read = stage.machine.get(f"Patient/{pk}")
    left = read.json() | {"identifier": [OWN]}
    done = stage.machine.put(f"Patient/{pk}", left, if_match=read["ETag"])
    assert done.json()["identifier"] == [OWN]
    assert stage.machine.found("Patient", identifier="urn:other:ipp|77") == []


def test_a_number_that_a_partner_changes_takes_nothing_of_the_former_one(stage):
    over = OWN | {"period": {"end": "2026-10-01"}}
    pk = written(stage, identifier=[over, OTHER])
    changed = OWN | {"value": "9000"}
    assert told_after(stage, pk, identifier=[changed])["identifier"] == [changed, OTHER]
    assert told_after(stage, pk, identifier=[changed | {"use": "usual"}])["identifier"] == [
        changed | {"use": "usual"},
        OTHER,
    ]
    named = {"value": "sans système"}
    assert told_after(stage, pk, identifier=[named])["identifier"][0] == named


def test_two_relatives_are_two_and_neither_bears_what_the_other_is(stage):
    pk = written(stage, contact=[FILLE])
    assert told_after(stage, pk, contact=[FILS])["contact"] == [FILS, FILLE]
    silent = {"name": FILLE["name"], "relationship": [{"text": "tutrice"}]}
    assert told_after(stage, pk, contact=[silent])["contact"] == [FILLE | silent, FILS]


def test_what_is_contained_gives_way_whole_to_what_bears_its_name(stage):
    links = {"extension": [{"url": "urn:b", "valueReference": {"reference": "#b"}}]}
    former = {"resourceType": "Basic", "id": "b", "code": {"text": "x"}, "author": {"display": "A"}}
    pk = written(stage, contained=[former], **links)
    new = {"resourceType": "Basic", "id": "b", "code": {"text": "y"}}
    assert told_after(stage, pk, contained=[new], **links)["contained"] == [new]


def test_a_request_that_is_cancelled_with_a_reason_keeps_what_its_sender_said(stage):
    made = stage.machine.post("ServiceRequest", sent("ServiceRequest", stage))
    address, own = f"ServiceRequest/{made.json()['id']}", made.json()["extension"]
    why = {"coding": [{"system": "https://cordee.fr/fhir/CodeSystem/request-end", "code": "asked"}]}
    reason = {"url": REASON, "valueCodeableConcept": why}
    over = made.json() | {"status": "revoked", "extension": [reason]}
    done = stage.machine.put(address, over)
    assert (done.status_code, done.json()["status"]) == (200, "revoked"), done.content
    told = stage.machine.get(address).json()["extension"]
    assert [one for one in own if one not in told] == []
    assert [one["url"] for one in told].count(REASON) == 1


REASON = "http://hl7.org/fhir/StructureDefinition/request-statusReason"
