"""Patient: who may read it, what leaves, what comes in, and what is kept of it."""

from datetime import date

import pytest

from cordee.fhir.models import KeptBody
from cordee.people.models import Candidate, Person
from tests.factories.directory import CommuneFactory
from tests.factories.people import BORN, PersonFactory, joins_circle
from tests.fhir.door import Machine, codes
from tests.people.test_no_shadow import asked
from tests.support import arranging, stranger

pytestmark = pytest.mark.django_db
INS = "urn:oid:1.2.250.1.213.1.4.10"
RELIABILITY = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
STATUS = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0445"


def followed(desk, **details):
    person = PersonFactory(**details)
    joins_circle(person, organization=desk)
    return person


def test_a_person_is_read_as_a_french_patient(desk, machine):
    person = followed(desk, birth_name="Lefèvre", used_name="Martin", qualified=True)
    answer = machine.get(f"Patient/{person.pk}")
    said = answer.json()
    assert answer.status_code == 200, said
    assert answer["ETag"] == 'W/"1"'
    assert answer["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert (said["resourceType"], said["id"]) == ("Patient", str(person.pk))
    assert [one["family"] for one in said["name"]] == ["Lefèvre", "Martin"]
    assert said["identifier"][0]["value"] == person.ins
    assert (said["gender"], said["birthDate"]) == ("female", "1941-03-07")


def test_an_ins_does_not_leave_before_the_identity_is_qualified(desk, machine):
    person = followed(desk, ins="253072A07300443", ins_oid="1.2.250.1.213.1.4.10")
    said = machine.get(f"Patient/{person.pk}").json()
    assert "identifier" not in said
    assert machine.found("Patient", identifier=f"{INS}|253072A07300443") == []


def test_who_hides_is_answered_as_who_does_not_exist(desk):
    person = followed(desk)
    machine = Machine(stranger())
    hidden = machine.get(f"Patient/{person.pk}")
    nobody = machine.get("Patient/01900000-0000-7000-8000-000000000000")
    assert hidden.status_code == nobody.status_code == 404
    assert hidden.json() == nobody.json()


def test_without_a_name_the_door_says_401_and_never_shows_a_page():
    answer = Machine().get("Patient/01900000-0000-7000-8000-000000000000")
    assert (answer.status_code, codes(answer)) == (401, ["caller.unknown"])


SENT = {
    "resourceType": "Patient",
    "meta": {"tag": [{"system": "urn:partner", "code": "lot-7"}]},
    "extension": [
        {
            "url": RELIABILITY,
            "extension": [
                {"url": "identityStatus", "valueCoding": {"system": STATUS, "code": "VALI"}}
            ],
        },
        {"url": "https://partner.example/dose", "valueDecimal": 1.5},
        {"url": "https://partner.example/dossier", "valueReference": {"reference": "#b"}},
    ],
    "identifier": [
        {"system": INS, "value": "253072A07300443", "use": "official"},
        {"system": "urn:partner:ipp", "value": "8812"},
    ],
    "name": [{"use": "official", "family": "Blanc", "given": ["Odile", "Rose"]}],
    "telecom": [{"system": "phone", "value": "06 39 98 00 12", "use": "mobile"}],
    "gender": "female",
    "birthDate": "1938-02-11",
    "contained": [{"resourceType": "Basic", "id": "b", "code": {"text": "x"}}],
}


def test_what_is_sent_comes_back_but_for_what_the_house_answers_for(machine):
    answer = machine.post("Patient", SENT)
    assert answer.status_code == 201, answer.content
    said = machine.get(f"Patient/{answer.json()['id']}").json()
    assert said == answer.json()
    assert said["contained"] == SENT["contained"]
    assert said["extension"][0] == SENT["extension"][1]
    assert said["telecom"] == SENT["telecom"]
    assert said["name"][0]["given"] == ["Odile", "Rose"]
    assert said["meta"]["tag"] == SENT["meta"]["tag"]
    assert said["identifier"] == [SENT["identifier"][1]]  # a claim is not an identity


def test_a_partner_finds_again_what_it_sent_by_its_own_number(machine):
    pk = machine.post("Patient", SENT).json()["id"]
    assert machine.found("Patient", identifier="urn:partner:ipp|8812") == [pk]
    assert machine.found("Patient", _tag="urn:partner|lot-7") == [pk]
    again = machine.post("Patient", SENT, if_none_exist="identifier=urn:partner:ipp|8812")
    assert (again.status_code, again.json()["id"]) == (200, pk)


def test_a_name_is_found_without_its_accents(desk, machine):
    person = followed(desk, birth_name="Lefèvre-Blanc")
    assert machine.found("Patient", family="lefevre") == [str(person.pk)]
    assert machine.found("Patient", name="BLANC") == [str(person.pk)]
    assert machine.found("Patient", family="blan cette") == []


def test_a_silence_takes_nothing_of_what_the_house_knew(desk, machine):
    lives = {"address": "12 rue du Four", "commune": CommuneFactory(name="Orpierre")}
    person = followed(desk, sex="F", phone="+33639980012", qualified=True, **lives)
    address, kept = f"Patient/{person.pk}", ("sex", "birth_date", "phone", "address", "commune_id")
    before = [getattr(person, name) for name in (*kept, "ins_status")]
    said = {"resourceType": "Patient", "id": str(person.pk)}
    said["name"] = [{"use": "official", "family": person.birth_name}]
    assert machine.put(address, said).status_code == 200
    assert machine.put(address, said | {"birthDate": "1941"}).json()["birthDate"] == "1941-03-07"
    person.refresh_from_db()
    assert [getattr(person, name) for name in (*kept, "ins_status")] == before
    unknown = said | {"address": [{"line": ["3 place Neuve"], "city": "Syldavie-les-Bains"}]}
    assert machine.put(address, unknown).status_code == 200
    person.refresh_from_db()
    assert (person.address, person.commune_id) == ("3 place Neuve", lives["commune"].pk)
    read = machine.get(address)
    silent = {name: one for name, one in read.json().items() if name != "telecom"}
    assert "telecom" not in machine.put(address, silent, if_match=read["ETag"]).json()


def test_a_year_of_birth_that_contradicts_the_known_day_is_refused(desk, machine):
    person = followed(desk)
    read = machine.get(f"Patient/{person.pk}").json()
    answer = machine.put(f"Patient/{person.pk}", read | {"birthDate": "1940-03"})
    assert (answer.status_code, codes(answer)) == (422, ["patient.another_birth"])


@pytest.mark.parametrize("half", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026"}])
def test_a_death_without_its_day_is_refused_and_never_given_back(desk, machine, half):
    person = followed(desk)
    read = machine.get(f"Patient/{person.pk}").json()
    for answer in (
        machine.post("Patient", SENT | half),
        machine.put(f"Patient/{person.pk}", read | half),
    ):
        assert (answer.status_code, codes(answer)) == (422, ["patient.death_without_a_day"])
    assert not half.keys() & machine.get(f"Patient/{person.pk}").json().keys()


def test_a_creation_asks_no_version_of_who_is_new(machine):
    machine.post("Patient", SENT)
    statements, made = asked(lambda: machine.post("Patient", SENT))
    assert KeptBody.objects.get(resource_id=made.json()["id"]).row_version == 1
    version = 'SELECT "people_person"."version"'
    assert not [one for one in statements if one.startswith(version)]


def test_whether_one_may_compare_is_asked_once_somebody_is_like_her(machine):
    def said(family, birth):
        name = {"use": "official", "family": family, "given": ["Odile"]}
        return {"resourceType": "Patient", "name": [name], "birthDate": birth}

    machine.post("Patient", said("Blanc", "1931-02-03"))
    asks = 'SELECT "people_gate_person"."id" AS "pk" FROM "people_gate_person"'
    for sent, pairs in ((said("Zylberstein", "1944-11-30"), 0), (said("Blanc", "1931-02-03"), 1)):
        statements, made = asked(lambda: machine.post("Patient", sent))  # noqa: B023
        assert made.status_code == 201, made.content
        assert sum(one.startswith(asks) for one in statements) == 3 * pairs
        assert Candidate.objects.count() == pairs


def test_a_death_that_comes_with_somebody_makes_another_version(machine):
    made = machine.post("Patient", SENT | {"deceasedDateTime": "2026-01-02"}).json()
    kept = KeptBody.objects.get(resource_id=made["id"])
    assert kept.row_version == Person.objects.get(pk=made["id"]).version == 2


def test_whether_a_record_is_in_use_is_said_by_the_house(machine):
    made = machine.post("Patient", SENT | {"active": False, "deceasedBoolean": False}).json()
    assert made["active"] is True
    assert "deceasedBoolean" not in made


@pytest.mark.parametrize("said", [{"multipleBirthBoolean": False}, {"multipleBirthInteger": 0}])
def test_what_is_said_not_to_be_is_given_back_as_it_was_said(machine, said):
    made = machine.post("Patient", SENT | said)
    assert made.status_code == 201, made.content
    assert machine.get(f"Patient/{made.json()['id']}").json().items() >= said.items()


def test_lines_of_an_address_are_told_once_and_go_with_it(machine):
    home = {"use": "home", "line": ["Bâtiment B", "4 rue Neuve"], "city": "Gap"}
    made = machine.post("Patient", SENT | {"address": [home]}).json()
    address = f"Patient/{made['id']}"
    assert machine.get(address).json()["address"][0]["line"] == home["line"]
    home["line"] = ["12 place du Four"]
    assert machine.put(address, made | {"address": [home]}).status_code == 200
    assert machine.get(address).json()["address"][0]["line"] == home["line"]


def test_a_crowd_of_namesakes_born_otherwise_hides_no_double(desk, machine):
    """Of those whose names are closest, 120 were looked at: whoever was mistyped came after."""
    with arranging():
        for rank in range(130):
            born = date(1950 + rank % 40, 5, 2)
            person = PersonFactory(birth_name="Lefèvre", first_names="Berthe", birth_date=born)
            joins_circle(person, organization=desk)
    double = followed(desk, birth_name="Lefebvre", first_names="Berthe Louise", birth_date=BORN)
    answer = machine.post(
        "Patient",
        {
            "resourceType": "Patient",
            "name": [{"use": "official", "family": "Lefèvre", "given": ["Berthe"]}],
            "gender": "female",
            "birthDate": BORN.isoformat(),
        },
    )
    assert answer.status_code == 201, answer.content
    (pair,) = Candidate.objects.all()
    assert {str(pair.one_id), str(pair.other_id)} == {str(double.pk), answer.json()["id"]}
