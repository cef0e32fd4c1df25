"""Territories are Locations: what a service covers, commune by commune."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from tests.factories.directory import (
    PracticeSiteFactory,
    TerritoryCommuneFactory,
    TerritoryFactory,
)
from tests.fhir.door import Machine, codes
from tests.fhir.receiver import receiving
from tests.fhir.rows import location
from tests.fhir.stage import set_stage
from tests.fhir.systems import bearing, exported, system_of
from tests.fhir.test_changed import age
from tests.fhir.test_subscriptions import Partner, told
from tests.support import Browser, actor

pytestmark = pytest.mark.django_db
COMMUNES = "https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune"
TEST = "http://terminology.hl7.org/CodeSystem/v3-ActReason|HTEST"


def test_a_territory_is_found_by_its_kind_its_name_and_a_commune_beside_places_of_practice():
    stage = set_stage()
    machine, row = stage.machine, location.make_territory(stage)
    site = PracticeSiteFactory(name="CPTS du Champsaur, maison")
    heir = str(row.heir_id)
    here = machine.found("Location", commune=f"{COMMUNES}|05132", _count=50)
    assert {str(row.pk), str(site.pk)} <= set(here)
    assert machine.found("Location", commune="05061") == [str(row.pk)]
    assert machine.found("Location", commune="urn:autre|05061") == []
    assert set(machine.found("Location", type="cpts")) == {str(row.pk), heir}
    assert machine.found("Location", partof=f"Location/{heir}") == [str(row.pk)]
    assert set(machine.found("Location", name="cpts du ch")) == {str(row.pk), str(site.pk)}
    assert str(site.pk) in machine.found("Location", type__missing="true", _count=50)
    assert machine.found("Location", status="inactive") == [str(row.pk)]
    assert machine.found("Location", _security=TEST, _count=50) == [str(site.pk)]
    brought = machine.search("Location", _id=str(row.pk), _include="Location:partof").json()
    assert [one["resource"]["id"] for one in brought["entry"]] == [str(row.pk), heir]


def test_places_keep_their_history_and_a_drawing_says_that_none_is_kept_of_it():
    stage = set_stage()
    row, site = location.make_territory(stage), location.make(stage)
    said = stage.machine.get(f"Location/{site.pk}/_history").json()
    assert [one["resource"]["id"] for one in said["entry"]] == [str(site.pk)]
    refused = stage.machine.get(f"Location/{row.pk}/_history")
    assert (refused.status_code, codes(refused)) == (400, ["history.several_rows"])
    of_type = stage.machine.get("Location/_history").json()["entry"]
    assert {one["resource"]["id"] for one in of_type} == {str(site.pk)}
    assert "Location" in {
        one["request"]["url"].partition("/")[0]
        for one in stage.machine.get("_history").json()["entry"]
    }


def test_nobody_writes_a_territory_by_machine():
    stage = set_stage()
    row = location.make_territory(stage)
    said = stage.machine.get(f"Location/{row.pk}").json()
    house = Machine(actor(Role.PARTNER, stage.desk, account_id=stage.account.pk))
    for machine in (stage.machine, house):
        assert machine.get(f"Location/{row.pk}").status_code == 200
        assert machine.put(f"Location/{row.pk}", said).status_code == 405
        assert machine.post("Location", said).status_code == 405
    refused = stage.machine.post(
        "HealthcareService",
        {"resourceType": "HealthcareService", "location": [{"reference": f"Location/{row.pk}"}]},
    )
    assert (refused.status_code, codes(refused)) == (422, ["healthcare_service.whose"])


@pytest.mark.django_db(transaction=True)
def test_a_territory_that_is_drawn_again_on_a_page_is_told_at_once():
    stage = set_stage()
    row = TerritoryFactory(name="CPTS du Drac", kind="cpts")
    for code in ("05132", "05061"):
        TerritoryCommuneFactory(territory=row, commune_id=code)
    age()
    before = stage.machine.get(f"Location/{row.pk}")
    drawn = reverse("directory:territory", args=[row.pk])
    with receiving() as receiver:
        wanted = Partner(stage).subscribes("Location?type=cpts", url=receiver.url)
        assert wanted.status_code == 201, wanted.content
        assert told() == 0
        page = Browser().as_(actor(Role.ADMINISTRATOR)).post(drawn, {"communes": ["05132"]})
        assert page.status_code == 303
        assert told() == 1
        (one,) = receiver.got
        assert one.focus == f"Location/{row.pk}"
    after = stage.machine.get(f"Location/{row.pk}")
    assert after["ETag"] != before["ETag"]
    assert [one["valueCoding"]["code"] for one in after.json()["extension"]] == ["05132"]


def test_territories_leave_in_an_export_beside_places():
    stage = set_stage()
    row, site = location.make_territory(stage), location.make(stage)
    told = exported(bearing(system_of(stage)), "?_type=Location")["Location"]
    assert {str(row.pk), str(site.pk)} <= {one["id"] for one in told}
