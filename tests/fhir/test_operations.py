"""What is asked of a type beside reading and writing: $everything, $match, $populate…"""

import pytest

from cordee.access.models import Trace
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.factories.protocols import ProtocolVersionFactory
from tests.fhir.door import Machine, codes
from tests.fhir.rows import audit_event, provenance, questionnaire_response
from tests.fhir.stage import merged
from tests.fhir.systems import bearing, system_of
from tests.support import orienteuse_of, stranger

pytestmark = pytest.mark.django_db
INS = "urn:oid:1.2.250.1.213.1.4.10"
RELIABILITY = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
STATUS = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"
ABOUT = {"resourceType": "Parameters"}


def types_of(bundle):
    return [one["resource"]["resourceType"] for one in bundle.get("entry", [])]


def ids_of(bundle):
    return [one["resource"]["id"] for one in bundle.get("entry", [])]


def about(person):
    said = {"name": "subject", "valueReference": {"reference": f"Patient/{person.pk}"}}
    return ABOUT | {"parameter": [said]}


# --- everything --------------------------------------------------------------------------------


def test_everything_of_somebody_comes_page_after_page_each_thing_once(stage):
    for _ in range(3):
        questionnaire_response.make(stage)
    address, met = f"Patient/{stage.person.pk}/$everything?_count=2", []
    while address:
        bundle = stage.machine.get(address).json()
        met += [one["fullUrl"] for one in bundle["entry"]]
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        address = links.get("next", "").partition("/fhir/")[2]
    assert len(met) == len(set(met))
    assert f"/Patient/{stage.person.pk}" in met[0]
    assert sum("/QuestionnaireResponse/" in one for one in met) == 3


def test_everything_holds_nothing_that_hides_from_who_asks(stage):
    hidden = questionnaire_response.make(stage)
    draft = ResponseFactory(person=stage.person, draft=True)  # of somebody else
    answer = stage.machine.get(f"Patient/{stage.person.pk}/$everything?_count=100")
    said = answer.content.decode()
    assert str(hidden.pk) in said
    assert str(draft.pk) not in said
    nobody = Machine(stranger()).get(f"Patient/{stage.person.pk}/$everything")
    assert (nobody.status_code, codes(nobody)) == (404, ["read.absent"])


def test_everything_is_narrowed_to_the_types_that_are_asked_for(stage):
    questionnaire_response.make(stage)
    wanted = f"Patient/{stage.person.pk}/$everything?_type=QuestionnaireResponse"
    assert types_of(stage.machine.get(wanted).json()) == ["QuestionnaireResponse"]
    later = f"{wanted}&_since=2199-01-01"
    assert types_of(stage.machine.get(later).json()) == []
    assert codes(stage.machine.get(f"{wanted}&_since=demain")) == ["operation.parameter"]


def test_types_of_everything_are_asked_together_or_apart_and_care_dates_are_refused(stage):
    questionnaire_response.make(stage)
    address = f"Patient/{stage.person.pk}/$everything"
    apart = stage.machine.get(f"{address}?_type=QuestionnaireResponse&_type=Patient").json()
    assert types_of(apart) == ["Patient", "QuestionnaireResponse"]
    kinds = [{"name": "_type", "valueCode": one} for one in ("QuestionnaireResponse", "Patient")]
    posted = stage.machine.post(address, ABOUT | {"parameter": kinds}).json()
    assert types_of(posted) == types_of(apart)
    answer = stage.machine.get(f"{address}?start=2026-01-01")
    assert (answer.status_code, codes(answer)) == (400, ["operation.dates"])


@pytest.mark.parametrize("name", ["Inconnu", "Organization"])
def test_a_type_of_which_everything_holds_nothing_is_said_or_refused(stage, name):
    """One that nobody knows, or one that is about nobody."""
    address = f"Patient/{stage.person.pk}/$everything?_type=Patient,{name}"
    person, said = stage.machine.get(address).json()["entry"]
    assert person["resource"]["id"] == str(stage.person.pk)
    assert said["search"]["mode"] == "outcome"
    assert codes_in(said["resource"]) == ["search.unknown"]
    assert f"_type={name} " in said["resource"]["issue"][0]["diagnostics"]
    strict = stage.machine.get(address, prefer="handling=strict")
    assert (strict.status_code, codes(strict)) == (400, ["search.unknown"])


def test_a_type_that_was_not_granted_is_said_or_refused(stage):
    questionnaire_response.make(stage)
    machine = bearing(system_of(stage), "system/Patient.rs")
    whole = f"/fhir/Patient/{stage.person.pk}/$everything"
    asked = f"{whole}?_type=Patient,QuestionnaireResponse"
    person, said = machine.get(asked).json()["entry"]
    assert person["resource"]["id"] == str(stage.person.pk)
    assert codes_in(said["resource"]) == ["caller.scope"]
    assert "QuestionnaireResponse" in said["resource"]["issue"][0]["diagnostics"]
    strict = machine.get(asked, headers={"Prefer": "handling=strict"})
    assert (strict.status_code, codes(strict)) == (403, ["caller.scope"])
    assert types_of(machine.get(whole).json()) == ["Patient"]


def codes_in(outcome):
    return [one["details"]["coding"][0]["code"] for one in outcome["issue"]]


def test_the_next_page_of_everything_is_good_for_one_person_alone(stage):
    for _ in range(3):
        questionnaire_response.make(stage)
    other = PersonFactory(territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    bundle = stage.machine.get(f"Patient/{stage.person.pk}/$everything?_count=1").json()
    onward = bundle["link"][1]["url"].partition("/fhir/")[2]
    moved = onward.replace(str(stage.person.pk), str(other.pk))
    assert codes(stage.machine.get(moved)) == ["search.cursor"]


def test_everything_of_an_absorbed_record_says_who_is_left_and_goes_on_with_them(stage):
    answered = questionnaire_response.make(stage)
    double = PersonFactory(territory=stage.desk.territory)
    joins_circle(double, organization=stage.desk)
    moved = ResponseFactory(person=double)
    merge = merged(stage, double.pk)
    before = Trace.objects.count()
    address, met = f"Patient/{merge.absorbed_id}/$everything?_count=1", []
    while address:
        bundle = stage.machine.get(address).json()
        met += [one["resource"] for one in bundle["entry"]]
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        address = links.get("next", "").partition("/fhir/")[2]
    found = {(one["resourceType"], one["id"]) for one in met}
    assert len(found) == len(met)
    assert {("Patient", str(pk)) for pk in (merge.absorbed_id, merge.survivor_id)} < found
    assert {("QuestionnaireResponse", str(one.pk)) for one in (answered, moved)} < found
    gone = next(one for one in met if one["id"] == str(merge.absorbed_id))
    assert gone["link"][0]["other"]["reference"] == f"Patient/{merge.survivor_id}"
    told = Trace.objects.order_by("pk")[before:]
    assert {pk for line in told for pk in line.persons} == {merge.absorbed_id, merge.survivor_id}


@pytest.mark.parametrize("type_name", ["AuditEvent", "Provenance"])
def test_who_looked_and_the_thread_come_with_everything_once_they_are_named(stage, type_name):
    row = {"AuditEvent": audit_event, "Provenance": provenance}[type_name].make(stage)
    address = f"Patient/{stage.person.pk}/$everything?_count=200"
    assert type_name not in types_of(stage.machine.get(address).json())
    bundle = stage.machine.get(f"{address}&_type={type_name}").json()
    assert set(types_of(bundle)) == {type_name}
    assert str(row.pk) in ids_of(bundle)
    searched = stage.machine.found(type_name, patient=stage.person.pk, _count=200)
    assert len(searched) >= len(bundle["entry"])
    other = PersonFactory(territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    if type_name == "Provenance":
        elsewhere = f"Patient/{other.pk}/$everything?_type={type_name}"
        assert str(row.pk) not in ids_of(stage.machine.get(elsewhere).json())


# --- match -------------------------------------------------------------------------------------


def described(person, **more):
    return {
        "resourceType": "Patient",
        "name": [{"family": person.birth_name, "given": ["Berthe"]}],
        "birthDate": person.birth_date.isoformat(),
        "gender": "female",
        **more,
    }


def claims(person):
    status = {"url": "identityStatus", "valueCoding": {"system": STATUS, "code": "VALI"}}
    return {
        "extension": [{"url": RELIABILITY, "extension": [status]}],
        "identifier": [{"system": INS, "value": person.ins, "use": "official"}],
    }


def phone(number):
    return {"telecom": [{"system": "phone", "value": number}]}


def grades(bundle):
    found = [one for one in bundle["entry"] if one["search"]["mode"] == "match"]
    return {one["resource"]["id"]: one["search"]["extension"][0]["valueCode"] for one in found}


def matched(machine, patient, **more):
    given = [{"name": name, **value} for name, value in more.items()]
    body = ABOUT | {"parameter": [{"name": "resource", "resource": patient}, *given]}
    answer = machine.post("Patient/$match", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_who_is_described_is_found_with_a_grade_and_never_as_certain_by_traits_alone(stage):
    bundle = matched(stage.machine, described(stage.person))
    assert grades(bundle)[str(stage.person.pk)] in ("probable", "possible")
    assert bundle["entry"][-1]["search"]["mode"] == "outcome"


def test_the_same_qualified_ins_from_who_validated_it_is_certain(stage):
    patient = described(stage.person, **claims(stage.person))
    assert grades(matched(stage.machine, patient)) == {str(stage.person.pk): "certain"}
    only = matched(
        stage.machine, described(stage.person), onlyCertainMatches={"valueBoolean": True}
    )
    assert grades(only) == {}


def test_what_the_least_view_hides_changes_no_score(stage):
    told = {"ins": "253072A07300443", "ins_oid": INS.removeprefix("urn:oid:")}
    least = PersonFactory(territory=stage.desk.territory, other_phone="+33639980077", **told)
    joins_circle(least)
    machine = Machine(orienteuse_of(stage.desk, account_id=stage.account.pk))

    def scores(**more):
        found = matched(machine, described(least, **more))["entry"][:-1]
        return {one["resource"]["id"]: one["search"]["score"] for one in found}

    for right, wrong in (
        (phone("06 39 98 00 77"), phone("06 39 98 00 78")),
        (claims(least), claims(PersonFactory.build(ins="253072A07300246"))),
    ):
        assert scores(**right) == scores(**wrong) != {}


def test_who_hides_is_matched_by_nobody_who_may_not_see_them(stage):
    hidden = PersonFactory(birth_name="Zorglub")
    seen = matched(stage.machine, described(hidden))
    absent = matched(
        stage.machine, described(hidden) | {"name": [{"family": "Zorglob", "given": ["Berthe"]}]}
    )
    assert str(hidden.pk) not in grades(seen)
    assert grades(seen) == grades(absent)


# --- questionnaires ----------------------------------------------------------------------------


def test_populate_proposes_a_response_that_waits_and_keeps_nothing(stage):
    asked = QuestionnaireFactory(url="urn:essai:marche", edition="3")
    answer = stage.machine.post(f"Questionnaire/{asked.pk}/$populate", about(stage.person))
    assert answer.status_code == 200, answer.content
    (response,) = [
        one["resource"] for one in answer.json()["parameter"] if one["name"] == "response"
    ]
    assert response["questionnaire"] == "urn:essai:marche|3"
    assert response["status"] == "in-progress"
    assert stage.machine.found("QuestionnaireResponse", patient=str(stage.person.pk)) == []


def test_populate_for_who_hides_is_refused_as_for_nobody(stage):
    asked, hidden = QuestionnaireFactory(), PersonFactory()
    answer = stage.machine.post(f"Questionnaire/{asked.pk}/$populate", about(hidden))
    assert (answer.status_code, codes(answer)) == (422, ["incoming.nowhere"])


def test_extract_gives_the_score_that_the_house_counted_with_its_source(stage):
    row = questionnaire_response.make(stage)
    said = stage.machine.get(f"QuestionnaireResponse/{row.pk}/$extract").json()
    assert said["resourceType"] == "Observation"
    assert said["valueQuantity"]["value"] == 4
    assert said["interpretation"][0]["coding"][1]["code"] == "MED-342"
    assert said["derivedFrom"][0]["reference"] == f"QuestionnaireResponse/{row.pk}"


# --- protocols ---------------------------------------------------------------------------------


def test_apply_draws_the_steps_of_a_protocol_and_has_nobody_enter_it(stage):
    version = ProtocolVersionFactory(name="essai", organization=stage.desk)
    answer = stage.machine.post(f"PlanDefinition/{version.pk}/$apply", about(stage.person))
    said = answer.json()
    assert (answer.status_code, said["resourceType"]) == (200, "CarePlan"), said
    assert (said["intent"], said["status"]) == ("proposal", "draft")
    assert [one["detail"]["description"] for one in said["activity"]] == [
        "Premier passage confirmé"
    ]
    assert stage.person.pathways.count() == 0


def test_an_operation_that_does_not_exist_is_said_in_fhir(stage):
    answer = stage.machine.get(f"Patient/{stage.person.pk}/$inconnue")
    assert (answer.status_code, codes(answer)) == (404, ["operation.unknown"])
    at_type = stage.machine.get("Patient/$everything")
    assert (at_type.status_code, codes(at_type)) == (404, ["operation.unknown"])
