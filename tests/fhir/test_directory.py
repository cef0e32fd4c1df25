"""The directory at the machine's door: who works where, found as a partner asks for it."""

import pytest

from tests.factories.directory import (
    AbsenceFactory,
    AccountFactory,
    OrganizationFactory,
    PracticeFactory,
    PracticeSiteFactory,
    PractitionerFactory,
)
from tests.fhir.door import Machine
from tests.support import NOW, speaking_as

pytestmark = pytest.mark.django_db
PROFESSIONS = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
RPPS, IDNPS = "https://rpps.esante.gouv.fr", "urn:oid:1.2.250.1.71.4.2.1"
IDNST = "urn:oid:1.2.250.1.71.4.2.2"
COMMUNES = "https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune"


def test_a_professional_is_found_by_the_number_of_either_register(machine):
    nurse = PractitionerFactory(rpps="10000023084")
    old = PractitionerFactory(rpps="051234567")
    assert machine.found("Practitioner", identifier=f"{RPPS}|10000023084") == [str(nurse.pk)]
    assert machine.found("Practitioner", identifier=f"{IDNPS}|810000023084") == [str(nurse.pk)]
    assert machine.found("Practitioner", identifier=f"{IDNPS}|0051234567") == [str(old.pk)]
    assert machine.found("Practitioner", identifier=f"{IDNPS}|9051234567") == []


def test_a_professional_is_found_by_the_beginning_of_a_name_without_its_accents(machine):
    nurse = PractitionerFactory(last_name="Lefèvre-Blanc", first_name="Élodie")
    PractitionerFactory(last_name="Roux")
    assert machine.found("Practitioner", family="lefevre b") == [str(nurse.pk)]
    assert machine.found("Practitioner", given="ELO") == [str(nurse.pk)]
    assert machine.found("Practitioner", name="elodie") == [str(nurse.pk)]
    assert machine.found("Practitioner", family__contains="blanc") == [str(nurse.pk)]


def test_who_left_the_directory_is_read_and_is_no_longer_active(machine):
    gone = PractitionerFactory(closed_on=NOW.date())
    assert machine.get(f"Practitioner/{gone.pk}").json()["active"] is False
    assert machine.found("Practitioner", active="false") == [str(gone.pk)]


def test_roles_are_found_by_trade_by_place_and_with_who_holds_them(machine):
    house = OrganizationFactory(name="Maison du Drac")
    site = PracticeSiteFactory(organization=house)
    PracticeSiteFactory(practitioner__profession="70")
    found = machine.search(
        "PractitionerRole",
        role=f"{PROFESSIONS}|60",
        organization=str(house.pk),
        _include=["PractitionerRole:practitioner", "PractitionerRole:location"],
    ).json()
    assert [one["resource"]["resourceType"] for one in found["entry"]] == [
        "PractitionerRole",
        "Practitioner",
        "Location",
    ]
    assert found["entry"][0]["resource"]["id"] == str(site.pk)
    by_house = machine.found("PractitionerRole", **{"organization.name": "maison"})
    assert by_house == [str(site.pk)]
    by_number = {"practitioner.identifier": f"{RPPS}|{site.practitioner.rpps}"}
    assert machine.found("PractitionerRole", **by_number) == [str(site.pk)]


def test_a_structure_is_found_by_its_national_number_its_kind_and_its_place(machine):
    house = OrganizationFactory(name="EHPAD du Drac", kind="ehpad", finess="050000124")
    assert machine.found("Organization", identifier=f"{IDNST}|1050000124") == [str(house.pk)]
    assert machine.found("Organization", type="ehpad", name="ehp") == [str(house.pk)]
    assert str(house.pk) in machine.found("Organization", **{"address-city": "saint-bonnet"})


def test_what_a_professional_offers_is_told_to_the_desk_and_to_herself_alone(machine):
    practice = PracticeFactory(kinds=["injection"], communes=["05132"], mobile="+33612345678")
    AbsenceFactory(practice=practice)
    other = PractitionerFactory()
    said = machine.get(f"HealthcareService/{practice.pk}")
    assert said.status_code == 200, said.content
    assert b"612345678" not in said.content  # the mobile is for Cordée alone
    colleague = Machine(speaking_as(other, account_id=AccountFactory().pk))
    assert colleague.get(f"HealthcareService/{practice.pk}").status_code == 404
    herself = Machine(speaking_as(practice.practitioner, account_id=AccountFactory().pk))
    assert herself.get(f"HealthcareService/{practice.pk}").status_code == 200
    site = PracticeSiteFactory(practitioner=practice.practitioner)
    assert "healthcareService" not in colleague.get(f"PractitionerRole/{site.pk}").json()


def test_care_is_found_by_kind_and_by_the_commune_where_it_is_given(machine):
    practice = PracticeFactory(kinds=["injection", "dressing"], communes=["05132"])
    other = PracticeFactory(kinds=["dressing"], communes=["05061"])
    wanted = {"service-type": "injection", "commune": f"{COMMUNES}|05132"}
    assert machine.found("HealthcareService", **wanted) == [str(practice.pk)]
    assert machine.found("HealthcareService", **{"service-type:not": "injection"}) == [
        str(other.pk)
    ]
