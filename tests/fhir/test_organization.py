"""Organization: how a structure is reached, said by the system that speaks for that structure."""

import json

import pytest

from cordee.access.actor import Role
from cordee.access.models import Trace
from cordee.directory.models import Organization
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.partners import PAST, SystemFactory
from tests.fhir.door import JSON, Machine, codes
from tests.fhir.rows import organization
from tests.fhir.systems import bearing
from tests.support import NOW, actor, arranging, speaking_as

pytestmark = pytest.mark.django_db
FINESS = "https://finess.esante.gouv.fr"
NEW = [{"system": "phone", "value": "04 92 50 11 11"}]
PATCH = "application/json-patch+json"


def speaks_for(house):
    """The system of a partner that administration registered for a structure."""
    return Machine(actor(Role.PARTNER, house, account_id=AccountFactory().pk))


def house_of(stage, **said):
    """A structure that FINESS does not know: all that is said of it was said here."""
    row = organization.make(stage)
    with arranging():
        for name, value in ({"finess": None} | said).items():
            setattr(row, name, value)
        row.save()
    return row


def read(stage, row):
    answer = stage.machine.get(f"Organization/{row.pk}")
    return answer.json(), answer["ETag"]


def put(machine, row, said, version=""):
    how = {"if_match": version} if version else {}
    return machine.put(f"Organization/{row.pk}", said, **how)


def desks(row):
    return {(one.label, one.kind, one.value) for one in row.contacts.all()}


def reached(system, value, label):
    return {"purpose": {"text": label}, "telecom": [{"system": system, "value": value}]}


def test_a_structure_says_how_it_is_reached(stage):
    row, gap = house_of(stage), CommuneFactory(code="05061", name="Gap")
    said, version = read(stage, row)
    said |= {
        "telecom": [
            {"system": "phone", "value": "04 92 50 11 11"},
            {"system": "email", "value": "maison@exemple.fr"},
            {"system": "url", "value": "https://maison.exemple.fr"},
        ],
        "address": [{"line": ["Bâtiment B", "4 rue Neuve"], "city": "Gap", "postalCode": "05000"}],
        "contact": [
            reached("email", "sejour@hopital.mssante.fr", "Sorties d’hôpital"),
            reached("phone", "04 92 50 22 22", "Nuit"),
        ],
    }
    answer = put(speaks_for(row), row, said, version)
    assert answer.status_code == 200, answer.content
    now = Organization.objects.get(pk=row.pk)
    assert (now.phone, now.email) == ("+33492501111", "maison@exemple.fr")
    assert (now.address, now.postal_code) == ("Bâtiment B, 4 rue Neuve", "05000")
    assert now.commune == gap
    assert {"phone", "address", "postal_code", "commune_id"} <= set(now.corrected)
    assert desks(row) == {
        ("Sorties d’hôpital", "mssante", "sejour@hopital.mssante.fr"),
        ("Nuit", "phone", "04 92 50 22 22"),
    }
    told = answer.json()
    assert {"system": "url", "value": "https://maison.exemple.fr"} in told["telecom"]
    assert told["address"][0]["line"] == ["Bâtiment B", "4 rue Neuve"]
    assert Trace.objects.filter(verb="directory.say_reach", subject_id=row.pk).exists()


def test_what_is_put_back_as_it_was_read_changes_nothing(stage):
    row = organization.make(stage)
    said, version = read(stage, row)
    before = (Organization.objects.filter(pk=row.pk).values().get(), desks(row))
    assert put(speaks_for(row), row, said, version).status_code == 200
    assert (Organization.objects.filter(pk=row.pk).values().get(), desks(row)) == before


def test_a_silence_removes_nothing_and_a_version_named_does(stage):
    row = house_of(stage)
    said, version = read(stage, row)
    known = desks(row)
    bare = {name: said[name] for name in ("resourceType", "id", "name")}
    answer = put(speaks_for(row), row, bare)
    assert answer.status_code == 200, answer.content
    now = Organization.objects.get(pk=row.pk)
    assert (now.phone, now.address, desks(row)) == (row.phone, row.address, known)
    assert put(speaks_for(row), row, bare, version).status_code == 412
    answer = put(speaks_for(row), row, bare, answer["ETag"])
    now = Organization.objects.get(pk=row.pk)
    assert (now.phone, now.email, now.address, desks(row)) == ("", "", "", set())


def test_a_patch_changes_what_it_names(stage):
    row = house_of(stage)
    place = len(read(stage, row)[0]["contact"])
    more = reached("fax", "04 92 50 33 33", "Pharmacie")
    changes = [{"op": "add", "path": f"/contact/{place}", "value": more}]
    address = f"Organization/{row.pk}"
    answer = speaks_for(row).send("PATCH", address, changes, content_type=PATCH)
    assert answer.status_code == 200, answer.content
    assert ("Pharmacie", "fax", "04 92 50 33 33") in desks(row)
    assert len(desks(row)) == place + 1


@pytest.mark.parametrize(
    ("changed", "code", "where"),
    [
        ({"telecom": [{"system": "phone", "value": "04 92 50 11 11"}]},
         "directory.finess_says_the_phone", "telecom"),
        ({"address": [{"line": ["4 rue Neuve"], "city": "Gap", "postalCode": "05000"}]},
         "directory.finess_says_the_place", "address"),
        ({"name": "Autre nom"}, "organization.not_here", "name"),
        ({"active": False}, "organization.not_here", "active"),
        ({"identifier": [{"system": FINESS, "value": "750000000"}]}, "organization.not_here",
         "identifier"),
        ({"type": [{"coding": [{"system": "https://cordee.fr/fhir/CodeSystem/organization-kind",
                                "code": "sio"}]}]}, "organization.not_here", "type"),
        ({"telecom": [{"system": "email", "value": "pas une adresse"}]},
         "directory.no_such_mailbox", "telecom"),
        ({"contact": [{"name": {"text": "Mme Roux"}} | reached("phone", "0492500000", "Nuit")]},
         "organization.desk", "contact[0]"),
        ({"contact": [{"purpose": {"text": "Nuit"}}]}, "organization.desk", "contact[0]"),
        ({"contact": [reached("phone", "12", "Nuit")]}, "directory.contact_unreachable", "contact"),
        ({"contact": [reached("email", "nuit@exemple.fr",
                              "Nuit (messagerie sécurisée de santé)")]},
         "directory.not_of_health", "contact"),
        ({"contact": [reached("email", "nuit@mssante.fr.exemple.fr",
                              "Nuit (messagerie sécurisée de santé)")]},
         "directory.not_of_health", "contact"),
        ({"contact": [reached("url", "https://exemple.fr", "Site")]}, "organization.desk",
         "contact[0]"),
    ],
)  # fmt: skip
def test_what_is_not_a_partner_s_to_say_is_refused_with_its_place(stage, changed, code, where):
    row = organization.make(stage)
    said, version = read(stage, row)
    answer = put(speaks_for(row), row, said | changed, version)
    assert (answer.status_code, codes(answer)) == (422, [code])
    assert answer.json()["issue"][0]["expression"] == [f"Organization.{where}"]
    assert read(stage, row) == (said, version)


def test_what_was_typed_here_of_a_structure_of_finess_is_a_structure_s_to_say(stage):
    row = organization.make(stage)
    with arranging():
        row.corrected = ["phone"]
        row.save()
    said, version = read(stage, row)
    said["telecom"] = [{"system": "phone", "value": "+33492501111"}]
    assert put(speaks_for(row), row, said, version).status_code == 200
    now = Organization.objects.get(pk=row.pk)
    assert (now.phone, now.address, now.name) == ("+33492501111", row.address, row.name)


def test_nobody_else_says_it_and_no_structure_is_made_nor_ended_here(stage):
    row = house_of(stage)
    said, version = read(stage, row)
    another = OrganizationFactory(kind="hospital")
    roles = (Role.COORDINATOR, Role.ORIENTEUSE, Role.HOSPITAL, Role.HOME_HELP, Role.DPO)
    others = [Machine(actor(one, row, account_id=AccountFactory().pk)) for one in roles]
    others += [speaks_for(another)]
    others += [Machine(speaking_as(PractitionerFactory(), account_id=AccountFactory().pk))]
    for other in others:
        answer = put(other, row, said | {"telecom": NEW}, version)
        assert (answer.status_code, codes(answer)) == (403, ["directory.say_reach"])
    assert speaks_for(row).post("Organization", said).status_code == 405
    assert speaks_for(row).send("DELETE", f"Organization/{row.pk}").status_code == 405
    assert read(stage, row) == (said, version)


def test_a_structure_that_closed_stays_as_it_was(stage):
    row = house_of(stage, closed_on=NOW.date())
    said, version = read(stage, row)
    answer = put(speaks_for(row), row, said | {"telecom": NEW}, version)
    assert (answer.status_code, codes(answer)) == (422, ["directory.organization_closed"])


def test_a_system_comes_in_by_its_token_for_its_own_structure_within_its_scopes(stage):
    row, other = house_of(stage), house_of(stage)
    membership = MembershipFactory(organization=row, role="partner", since=PAST)
    client = SystemFactory(membership=membership, scopes="system/Organization.rus")

    def writes(house, scope):
        said, version = read(stage, house)
        said["telecom"] = [{"system": "phone", "value": "04 92 50 44 44"}]
        how = {"content_type": JSON, "headers": {"If-Match": version}}
        machine = bearing(client, scope)
        return machine.put(f"/fhir/Organization/{house.pk}", json.dumps(said), **how)

    assert writes(row, "system/Organization.rs").status_code == 403
    assert writes(other, "system/Organization.rus").status_code == 403
    answer = writes(row, "system/Organization.rus")
    assert answer.status_code == 200, answer.content
    phones = Organization.objects.filter(pk__in=[row.pk, other.pk], phone="+33492504444")
    assert [one.pk for one in phones] == [row.pk]
