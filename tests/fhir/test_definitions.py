"""What the door defines can be read, keeps R4, and says the same as what it does."""

import json
from pathlib import Path

import pytest

from cordee.fhir.caller import Caller
from cordee.fhir.definitions import definitions, served
from cordee.fhir.definitions.vocabularies import codes_in, vocabularies
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import parameters_of
from cordee.fhir.shape import troubles
from tests.fhir.door import Machine, codes, matches
from tests.fhir.stage import set_stage

pytestmark = pytest.mark.django_db
GOLDEN = [
    json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parent / "golden").glob("*.json"))
]
OURS = "https://cordee.fr/fhir/"


def statement(machine):
    (rest,) = machine.get("metadata").json()["rest"]
    return {one["type"]: one for one in rest["resource"]}


def named_by(types):
    """Every canonical address that the CapabilityStatement names, with the type it is of."""
    for one in types.values():
        for parameter in one.get("searchParam", []):
            yield "SearchParameter", parameter["definition"]


def test_all_that_the_door_names_can_be_read():
    machine = set_stage().machine
    types = statement(machine)
    assert set(served()) < set(types)
    wanted = list(dict.fromkeys(named_by(types)))
    assert len(wanted) > 300
    for kind, url in wanted[::25]:
        (found,) = machine.search(kind, url=url).json()["entry"]
        assert found["resource"]["url"] == url
        read = machine.get(f"{kind}/{found['resource']['id']}")
        assert read.json() == found["resource"]
    known = {kind: {one["url"] for one in definitions(kind).values()} for kind in served()}
    assert [pair for pair in wanted if pair[1] not in known[pair[0]]] == []


def test_what_others_define_is_named_as_they_do_and_never_given_in_their_name():
    machine = set_stage().machine
    types, whole = statement(machine), machine.get("metadata").json()["rest"][0]
    named = {
        one["definition"] for each in [*types.values(), whole] for one in each.get("operation", [])
    }
    based = {
        one.get("base", one["url"])  # `$import` is nobody else’s
        for one in definitions("OperationDefinition").values()
    }
    assert named == based
    told = definitions("StructureDefinition").values()
    supported = {one for each in types.values() for one in each.get("supportedProfile", [])}
    assert supported
    for url in supported:
        assert [one for one in told if f" {url} " in one.get("description", "")], url
    for kind in served():
        for one in definitions(kind).values():
            is_ours = one["url"].startswith((OURS, "urn:cordee:"))
            assert is_ours or one["publisher"] == "HL7", one["url"]


@pytest.mark.parametrize("kind", sorted(served()))
def test_every_definition_keeps_r4(kind):
    for one in definitions(kind).values():
        wrong = [(found.path, found.code) for found in troubles(one) if found.severity == "error"]
        assert wrong == [], one["id"]


def test_a_parameter_is_told_as_the_search_understands_it():
    told = {one["url"]: one for one in definitions("SearchParameter").values()}
    for mapping in mappings().values():
        for name, parameter in parameters_of(mapping).items():
            one = told[f"{OURS}SearchParameter/{mapping.type}-{name.lstrip('_')}"]
            assert (one["code"], one["type"], one["base"]) == (name, parameter.type, [mapping.type])
            assert parameter.modifiers <= set(one.get("modifier", []))
    birth = told[f"{OURS}SearchParameter/Patient-birthdate"]
    assert birth["derivedFrom"] == "http://hl7.org/fhir/SearchParameter/individual-birthdate"
    assert birth["expression"] == "Patient.birthDate"
    assert {"ge", "le", "ap"} < set(birth["comparator"])
    assert "Patient" in told[f"{OURS}SearchParameter/Task-patient"]["target"]
    assert "family" in told[f"{OURS}SearchParameter/Task-patient"]["chain"]
    assert "derivedFrom" not in told[f"{OURS}SearchParameter/Consent-audience"]


def test_a_parameter_has_the_kind_that_hl7_gives_it():
    from cordee.fhir.definitions.parameters import by_hl7

    told = definitions("SearchParameter").values()
    other = [
        one["id"] for one in told if by_hl7(*one["base"], one["code"]).get("type") not in (
            None, one["type"],
        )
    ]  # fmt: skip
    assert other == []


def test_every_code_and_extension_of_the_house_is_defined():
    extensions = {one["url"] for one in definitions("StructureDefinition").values()}
    unknown = []
    for resource in GOLDEN:
        for node in _nodes(resource):
            system, url = str(node.get("system", "")), str(node.get("url", ""))
            if system.startswith(OURS):
                listed = codes_in(system)
                named = system in vocabularies()
                code = node.get("code", node.get("value"))
                if not named or (listed and code not in listed):
                    unknown.append((resource["resourceType"], system, code))
            is_extension = any(key.startswith("value") or key == "extension" for key in node)
            is_extension = is_extension and "resourceType" not in node
            if is_extension and url.startswith((OURS, "urn:cordee:")) and url not in extensions:
                unknown.append((resource["resourceType"], url))
    assert unknown == []


def _nodes(value):
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value:
        if isinstance(one, (dict, list)):
            yield from _nodes(one)


def test_definitions_are_searched_page_by_page():
    machine = set_stage().machine
    first = machine.search("SearchParameter", base="Patient", _count=10).json()
    onward = next(one["url"] for one in first["link"] if one["relation"] == "next")
    met = matches(first)
    while onward:
        page = machine.get(onward.partition("/fhir/")[2]).json()
        met += matches(page)
        onward = next((one["url"] for one in page["link"] if one["relation"] == "next"), "")
    assert len(met) == len(set(met)) == first["total"]
    assert machine.found("SearchParameter", base="Patient", code="birthdate") == [
        "Patient-birthdate"
    ]
    assert machine.found("StructureDefinition", kind="resource", type="Patient") == [
        "fr-core-patient",
        "fr-core-patient-ins",
    ]
    assert machine.found("CodeSystem", **{"content-mode": "not-present"}) == [
        "band",
        "measure",
        "trace-verb",
    ]
    assert machine.found("CodeSystem", title__contains="signal", **{"content-mode": "nul"}) == []
    assert machine.found("CodeSystem", title="signal", code="decline") == ["alert-signal"]
    assert machine.found("CodeSystem", url__below=f"{OURS}CodeSystem", name="role") == ["role"]


def test_what_is_not_understood_of_a_search_of_definitions_is_said():
    machine = set_stage().machine
    said = machine.search("ValueSet", inconnu="x", name="role").json()["entry"][-1]
    assert said["search"]["mode"] == "outcome"
    strict = machine.get("ValueSet?inconnu=x", prefer="handling=strict")
    assert (strict.status_code, codes(strict)) == (400, ["search.unknown"])
    assert machine.get("ValueSet?name:near=x").status_code == 400
    assert machine.get("ValueSet?_sort=near").status_code == 400
    assert machine.get("ValueSet?url.name=x").status_code == 400


@pytest.mark.parametrize("kind", sorted(served()))
@pytest.mark.parametrize("words", ["_summary=true", "_elements=url"])
def test_what_is_left_of_a_definition_in_a_summary_keeps_r4(kind, words):
    for one in set_stage().machine.get(f"{kind}?{words}&_count=20").json()["entry"]:
        wrong = [(found.path, found.code) for found in troubles(one["resource"])]
        assert wrong == [], one["resource"]["id"]


def test_a_definition_is_only_read():
    machine = set_stage().machine
    for method, address in (
        ("POST", "ValueSet"),
        ("PUT", "ValueSet/role"),
        ("DELETE", "CodeSystem/role"),
        ("GET", "CodeSystem/_history"),
        ("GET", "CodeSystem/role/_history"),
    ):
        answer = machine.send(method, address, {"resourceType": address.partition("/")[0]})
        assert (answer.status_code, codes(answer)) == (405, ["router.interaction"]), address
    assert machine.get("CodeSystem/nul").status_code == 404
    assert Machine().get("CodeSystem/role").status_code == 401


def test_a_definition_that_is_known_already_is_not_sent_again():
    machine = set_stage().machine
    answer = machine.get("CodeSystem/role")
    tag = answer.headers["ETag"]
    assert machine.get("CodeSystem/role", if_none_match=tag).status_code == 304
    version = answer.json()["meta"]["versionId"]
    assert machine.get(f"CodeSystem/role/_history/{version}").json() == answer.json()
    assert machine.get("CodeSystem/role/_history/1").status_code == 404


def test_a_list_of_codes_is_expanded_and_asked():
    machine = set_stage().machine
    every = machine.get("ValueSet/alert-signal/$expand").json()["expansion"]
    assert every["total"] == len(every["contains"]) > 3
    some = machine.get(f"ValueSet/$expand?url={OURS}ValueSet/alert-signal&filter=baisse&count=1")
    expansion = some.json()["expansion"]
    assert expansion["total"] == 2
    assert [one["code"] for one in expansion["contains"]] == ["drop"]
    rest = machine.get("ValueSet/alert-signal/$expand?offset=1").json()["expansion"]
    assert rest["contains"] == every["contains"][1:]
    none = machine.get("ValueSet/alert-signal/$expand?offset=0&count=0").json()["expansion"]
    assert (none["total"], "contains" in none) == (every["total"], False)
    assert machine.get("ValueSet/alert-signal/$expand?offset=-1").status_code == 400
    theirs = "http://hl7.org/fhir/ValueSet/administrative-gender"
    told = machine.get(f"ValueSet/$validate-code?url={theirs}&code=femme").json()
    assert told["parameter"][0] == {"name": "result", "valueBoolean": False}
    told = machine.get(f"ValueSet/$validate-code?url={theirs}&code=female").json()
    assert told["parameter"][0]["valueBoolean"] is True
    asked = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "coding", "valueCoding": {"system": f"{OURS}CodeSystem/role", "code": "dpo"}}
        ],
    }
    said = machine.post("CodeSystem/$lookup", asked).json()["parameter"]
    assert said[1]["name"] == "display"
    assert said[1]["valueString"]
    known = machine.get(f"CodeSystem/$validate-code?url={OURS}CodeSystem/role&code=dpo").json()
    assert known["parameter"][0]["valueBoolean"] is True


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ValueSet/$expand?url=http://nulle.part", "terminology.unknown"),
        ("ValueSet/nul/$validate-code?code=a", "terminology.unknown"),
        (f"CodeSystem/$lookup?system={OURS}CodeSystem/role&code=nul", "terminology.no_code"),
        (f"CodeSystem/$lookup?system={OURS}CodeSystem/measure&code=a", "terminology.not_listed"),
    ],
)
def test_a_list_that_is_not_given_here_is_said_so(address, code):
    answer = set_stage().machine.get(address)
    assert (answer.status_code, codes(answer)) == (404, [code])


def test_whoever_the_door_knows_reads_what_it_defines(monkeypatch):
    class Nothing:
        def allow(self, resource_type, interaction):
            return False

        def parts(self, resource_type, interaction):
            return ()

    stage = set_stage()
    known = Caller(stage.actor, Nothing())
    monkeypatch.setattr("cordee.fhir.frame.caller_of", lambda request: known)
    assert stage.machine.get("StructureDefinition/medium").status_code == 200
    assert stage.machine.get("Patient").status_code == 403
