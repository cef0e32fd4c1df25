"""What is wrong with a resource is said at its place, and a right one passes."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from cordee.fhir.shape import troubles

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "a-1",
    "text": {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Née <b>Martin</b></p></div>',
    },
    "extension": [{"url": "https://exemple.fr/e", "valueCoding": {"code": "a"}}],
    "identifier": [{"use": "usual", "system": "urn:oid:1.2.3", "value": "12"}],
    "name": [
        {"use": "official", "family": "Martin", "given": ["Anne", "Lise"]},
        {"use": "usual", "_family": {"extension": [{"url": "urn:x", "valueString": "de"}]}},
    ],
    "telecom": [{"system": "phone", "value": "0102030405"}],
    "gender": "female",
    "birthDate": "1940-02-29",
    "deceasedBoolean": False,
    "address": [{"line": ["1 rue des Lilas"], "period": {"start": "2020", "end": "2020-05-01"}}],
    "communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fr"}]}}],
    "generalPractitioner": [{"reference": "#gp"}, {"reference": "Practitioner/12"}],
    "contained": [{"resourceType": "Practitioner", "id": "gp"}],
}


def patient(**changes: Any) -> dict[str, Any]:
    return deepcopy(PATIENT) | changes


def said(resource: Any) -> list[tuple[str, str]]:
    return [(one.path, one.code) for one in troubles(resource)]


def test_a_right_patient_passes():
    assert said(PATIENT) == []


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"gender": "femme"}, "Patient.gender", "not_in_value_set"),
        ({"gender": ""}, "Patient.gender", "empty"),
        ({"gender": None}, "Patient.gender", "null"),
        ({"couleur": "bleu"}, "Patient.couleur", "unknown_element"),
        ({"<script>": "x"}, "Patient", "unknown_element"),
        ({"name": {"family": "Martin"}}, "Patient.name", "not_a_list"),
        ({"name": []}, "Patient.name", "empty"),
        ({"name": [{}]}, "Patient.name[0]", "empty"),
        ({"name": ["Martin"]}, "Patient.name[0]", "wrong_type"),
        ({"name": [{"family": ["Martin"]}]}, "Patient.name[0].family", "a_list"),
        ({"name": [{"family": "\x00"}]}, "Patient.name[0].family", "bad_format"),
        ({"name": [{"family": "a" * 1048577}]}, "Patient.name[0].family", "too_long"),
        ({"name": [{"given": ["Anne", None]}]}, "Patient.name[0].given[1]", "null"),
        ({"active": "true"}, "Patient.active", "wrong_type"),
        ({"active": 1}, "Patient.active", "wrong_type"),
        ({"deceasedDateTime": "2020"}, "Patient.deceased", "two_choices"),
        ({"multipleBirthInteger": True}, "Patient.multipleBirth", "wrong_type"),
        ({"multipleBirthInteger": 2**31}, "Patient.multipleBirth", "bad_format"),
        ({"id": "é"}, "Patient.id", "bad_format"),
        ({"id": "a" * 65}, "Patient.id", "bad_format"),
        ({"language": " fr"}, "Patient.language", "bad_format"),
        ({"communication": [{}]}, "Patient.communication[0]", "empty"),
        ({"communication": [{"preferred": True}]}, "Patient.communication[0].language", "missing"),
        ({"contact": [{"gender": "male"}]}, "Patient.contact[0]", "pat-1"),
        ({"telecom": [{"value": "01"}]}, "Patient.telecom[0]", "cpt-2"),
        ({"implicitRules": "deux mots"}, "Patient.implicitRules", "bad_format"),
        ({"photo": [{"data": "abc="}]}, "Patient.photo[0]", "att-1"),
        ({"photo": [{"data": "éà"}]}, "Patient.photo[0].data", "bad_format"),
        ({"photo": [{"contentType": "texte"}]}, "Patient.photo[0].contentType", "bad_format"),
        ({"extension": [{"url": "urn:x"}]}, "Patient.extension[0]", "ext-1"),
        ({"extension": [{"valueCode": "a"}]}, "Patient.extension[0].url", "missing"),
        ({"_active": {"valueCode": "a"}}, "Patient.active.valueCode", "unknown_element"),
        ({"_active": {}}, "Patient.active", "empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_at_its_place(changes, path, code):
    assert (path, code) in said(patient(**changes))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2023-02-29", "no_such_date"),
        ("1900-02-29", "no_such_date"),
        ("2023-04-31", "no_such_date"),
        ("2023-13-01", "bad_format"),
        ("0000-01-01", "bad_format"),
        ("23-01-01", "bad_format"),
        ("2023-1-1", "bad_format"),
        ("2023-01-01T00:00:00Z", "bad_format"),
        ("2023-01-01\n", "bad_format"),
        ("２０２３", "bad_format"),
        (20230101, "wrong_type"),
    ],
)
def test_a_date_that_does_not_exist_is_refused(written, code):
    assert said(patient(birthDate=written)) == [("Patient.birthDate", code)]


@pytest.mark.parametrize("written", ["2024-02-29", "2000-02-29", "1940", "1940-06", "9999-12-31"])
def test_a_date_that_exists_passes_whole_or_in_part(written):
    assert said(patient(birthDate=written)) == []


@pytest.mark.parametrize(
    ("written", "is_right"),
    [
        ("2026-11-27T19:00:00Z", True),
        ("2026-11-27T19:00:00.123456+01:00", True),
        ("2026-06-30T23:59:60Z", True),
        ("2026-11-27T19:00:00", False),
        ("2026-11-27T24:00:00Z", False),
        ("2026-11-27T19:00Z", False),
        ("2026-11-27T19:00:00+15:00", False),
        ("2026-11-27", False),
    ],
)
def test_an_instant_is_whole_and_has_its_zone(written, is_right):
    resource = patient(meta={"lastUpdated": written})
    assert (said(resource) == []) is is_right


def test_a_null_stands_beside_an_extension_only():
    beside = [None, {"extension": [{"url": "urn:x", "valueString": "b"}]}]
    assert said(patient(name=[{"given": ["Anne", None], "_given": beside}])) == []
    alone = [{"given": ["Anne", None], "_given": [None, None]}]
    assert ("Patient.name[0].given[1]", "null") in said(patient(name=alone))


def test_a_text_of_spaces_is_a_warning_and_hides_no_error():
    found = troubles(patient(contact=[{"gender": "male", "id": " "}]))
    assert {(one.code, one.severity) for one in found} == {("blank", "warning"), ("pat-1", "error")}


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("Organization/1", "wrong_target"),
        ("https://exemple.fr/fhir/Organization/1", "wrong_target"),
        ("Martin", "bad_reference"),
        ("Foo/1", "bad_reference"),
        ("Patient/1/2", "bad_reference"),
        ("deux mots", "bad_reference"),
        ("#absent", "ref-1"),
        ("#gp", "wrong_target"),
    ],
)
def test_a_reference_leads_where_it_may(reference, code):
    link = [{"other": {"reference": reference}, "type": "seealso"}]
    assert ("Patient.link[0].other.reference", code) in said(patient(link=link))


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/1",
        "Patient/1/_history/2",
        "https://exemple.fr/fhir/Patient/1",
        "urn:uuid:04886b69-ef36-4584-819e-4590cd3888a4",
        "Patient?identifier=urn:x|12",
        "https://exemple.fr/anything",
    ],
)
def test_a_reference_may_be_short_whole_or_a_search(reference):
    link = [{"other": {"reference": reference}, "type": "seealso"}]
    assert said(patient(link=link)) == []


def test_a_type_that_contradicts_is_refused():
    link = [{"other": {"type": "Organization", "display": "x"}, "type": "seealso"}]
    assert said(patient(link=link)) == [("Patient.link[0].other.type", "wrong_target")]


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ({"contained": [{"resourceType": "Basic", "id": "b", "code": {"text": "x"}}]}, "dom-2"),
        ({"meta": {"versionId": "1"}}, "dom-4"),
        ({"meta": {"security": [{"code": "R"}]}}, "dom-5"),
        ({"id": "autre"}, "dom-3"),
    ],
)
def test_a_contained_resource_keeps_its_rules(inside, code):
    contained = [{"resourceType": "Practitioner", "id": "gp"} | inside]
    assert ("Patient.contained[0]", code) in said(patient(contained=contained))


def test_a_contained_resource_that_names_its_holder_is_not_idle():
    inside = {"resourceType": "RelatedPerson", "id": "fille", "patient": {"reference": "#"}}
    assert said(patient(contained=[*PATIENT["contained"], inside])) == []


def test_the_elements_of_a_contained_resource_are_checked():
    inside = {"resourceType": "Practitioner", "id": "gp", "gender": "homme"}
    assert ("Patient.contained[0].gender", "not_in_value_set") in said(patient(contained=[inside]))


@pytest.mark.parametrize(
    "resource", [{}, {"resourceType": "Person2"}, {"resourceType": ["Patient"]}, [], "x", None]
)
def test_what_is_no_resource_is_said(resource):
    assert [one.code for one in troubles(resource)] in (["unknown_resource"], ["wrong_type"])


def test_resources_in_a_bundle_are_checked_at_their_place():
    entry = {"resource": patient(gender="femme"), "request": {"method": "POST", "url": "Patient"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert said(bundle) == [("Bundle.entry[0].resource.gender", "not_in_value_set")]


@pytest.mark.parametrize(
    ("bundle", "code"),
    [
        ({"type": "batch", "entry": [{"resource": PATIENT}]}, "bdl-3"),
        ({"type": "collection", "total": 1}, "bdl-1"),
        ({"type": "document", "timestamp": "2026-01-01T00:00:00Z"}, "bdl-9"),
    ],
)
def test_a_bundle_keeps_its_rules(bundle, code):
    assert ("Bundle", code) in said({"resourceType": "Bundle", **bundle})


def observation(**changes: Any) -> dict[str, Any]:
    code = {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}
    return {"resourceType": "Observation", "status": "final", "code": code} | changes


def test_an_observation_has_a_value_or_says_why_not():
    reason = {"text": "refus"}
    assert said(observation(valueString="a", dataAbsentReason=reason)) == [("Observation", "obs-6")]
    assert said(observation(dataAbsentReason=reason)) == []


def test_a_component_does_not_repeat_the_code_of_a_value():
    component = [{"code": observation()["code"], "valueString": "a"}]
    assert said(observation(valueString="a", component=component)) == [("Observation", "obs-7")]
    assert said(observation(component=component)) == []


def test_a_unit_names_its_system():
    weight = {"value": Decimal("70.50"), "code": "kg"}
    assert said(observation(valueQuantity=weight)) == [("Observation.value", "qty-3")]


@pytest.mark.parametrize(
    ("start", "end", "is_right"),
    [
        ("2026-02-01", "2026-01-01", False),
        ("2026-01-01", "2026-01-01", True),
        ("2026-01", "2026-01-15", True),
        ("2027", "2026-12-31", False),
        ("2026-01-01T10:00:00+02:00", "2026-01-01T09:00:00+01:00", True),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00+01:00", False),
        ("2026-01-01T00:30:00+02:00", "2025-12-31", True),
    ],
)
def test_a_period_begins_before_it_ends(start, end, is_right):
    found = said(observation(effectivePeriod={"start": start, "end": end}))
    assert found == ([] if is_right else [("Observation.effective", "per-1")])


@pytest.mark.parametrize(
    ("div", "code"),
    [
        ("<div>sans espace de noms</div>", "txt-1"),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><script>1</script></div>', "txt-1"),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><p onclick="a()">x</p></div>', "txt-1"),
        ('<div xmlns="http://www.w3.org/1999/xhtml"><a href=" javascript:a">x</a></div>', "txt-1"),
        ('<div xmlns="http://www.w3.org/1999/xhtml">x &nbsp; y</div>', "txt-1"),
        ('<div xmlns="http://www.w3.org/1999/xhtml">non fini', "txt-1"),
        ('<p xmlns="http://www.w3.org/1999/xhtml">x</p>', "txt-1"),
        ('<!DOCTYPE d [<!ENTITY a "b">]><div xmlns="http://www.w3.org/1999/xhtml">&a;</div>',
         "txt-1"),
        ('<div xmlns="http://www.w3.org/1999/xhtml"> <p/> </div>', "txt-2"),
        (["x"], "a_list"),
    ],
)  # fmt: skip
def test_a_narrative_is_formatting_and_says_something(div, code):
    found = said(patient(text={"status": "generated", "div": div}))
    assert found == [("Patient.text.div", code)]


def test_what_is_nested_without_end_is_refused_and_breaks_nothing():
    extension: dict[str, Any] = {"url": "urn:x", "valueString": "fond"}
    for _ in range(3000):
        extension = {"url": "urn:x", "extension": [extension]}
    assert said(patient(extension=[extension])) == [("Patient", "too_deep")]


def test_text_that_never_matches_is_judged_quickly():
    data = "    " * 20_000 + "!"
    assert ("Patient.photo[0].data", "bad_format") in said(patient(photo=[{"data": data}]))
    assert ("Patient.language", "bad_format") in said(patient(language="a " * 20_000 + " "))


def test_no_value_is_repeated_in_what_is_said():
    secret = "Zébulonnette"
    resource = patient(gender=secret, birthDate=secret, name=[{"family": [secret]}], active=secret)
    resource |= {f"{secret} {secret}": secret, "link": [{"other": {"reference": secret}}]}
    found = troubles(resource)
    assert len(found) > 5
    assert not [one for one in found if secret in str(one)]
