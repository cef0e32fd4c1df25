"""CareTeam: the circle of somebody, as a partner reads it."""

from datetime import timedelta
from uuid import UUID

import pytest

from cordee.access.actor import Role
from cordee.broker import services as broker
from cordee.fhir.resources.care_team import GROUND, ROLES
from cordee.people.models import CircleMember
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse
from tests.factories.directory import (
    AccountFactory,
    OrganizationFactory,
    PracticeSiteFactory,
    PractitionerFactory,
)
from tests.factories.people import MemberFactory, PersonFactory, RelativeFactory, joins_circle
from tests.fhir.door import Machine, codes
from tests.fhir.stage import set_stage
from tests.support import NOW, actor, arranging, orienteuse_of, speaking_as, stranger

pytestmark = pytest.mark.django_db


def test_a_circle_is_found_by_the_person_and_by_who_is_in_it_once():
    stage = set_stage()
    nurse = PractitionerFactory()
    joins_circle(stage.person, practitioner=nurse, until=NOW)
    joins_circle(stage.person, practitioner=nurse, since=NOW)
    circle = [str(stage.person.pk)]
    assert stage.machine.found("CareTeam", patient=circle[0]) == circle
    assert stage.machine.found("CareTeam", participant=f"Practitioner/{nurse.pk}") == circle
    assert stage.machine.found("CareTeam", participant=f"Organization/{nurse.pk}") == []
    assert stage.machine.found("CareTeam", participant=str(PractitionerFactory().pk)) == []
    assert stage.machine.found("CareTeam", status="active") == circle
    chained = {"participant:Practitioner.identifier": nurse.rpps}
    assert stage.machine.found("CareTeam", **chained) == circle


def test_the_circle_is_another_version_when_somebody_leaves_it():
    stage = set_stage()
    stay = joins_circle(stage.person, practitioner=PractitionerFactory())
    address = f"CareTeam/{stage.person.pk}"
    before = stage.machine.get(address)
    assert stage.machine.get(address, if_none_match=before["ETag"]).status_code == 304
    with arranging():
        stay.until = NOW + timedelta(days=1)
        stay.save()
    after = stage.machine.get(address, if_none_match=before["ETag"])
    assert (after.status_code, after["ETag"] != before["ETag"]) == (200, True)


def test_who_is_in_the_circle_comes_along_with_it():
    stage = set_stage()
    nurse, daughter = PractitionerFactory(), RelativeFactory(person=stage.person)
    joins_circle(stage.person, practitioner=nurse)
    found = stage.machine.search(
        "CareTeam", patient=str(stage.person.pk), _include="CareTeam:participant"
    ).json()
    brought = {one["resource"]["id"] for one in found["entry"]}
    assert {str(nurse.pk), str(stage.desk.pk)} <= brought
    assert str(daughter.pk) not in brought


def test_the_least_view_shows_no_circle():
    stage = set_stage()
    with arranging():
        stage.person.circle.all().delete()
    joins_circle(stage.person, practitioner=PractitionerFactory())
    desk = Machine(orienteuse_of(stage.desk, account_id=stage.account.pk))
    assert desk.get(f"Patient/{stage.person.pk}").status_code == 200
    assert desk.get(f"CareTeam/{stage.person.pk}").status_code == 404
    assert Machine(stranger()).found("CareTeam", patient=str(stage.person.pk)) == []


# --- written -----------------------------------------------------------------------------------


def circle_of(stage):
    """The circle as it is read, and its version."""
    answer = stage.machine.get(f"CareTeam/{stage.person.pk}")
    return answer.json(), answer["ETag"]


def comes(reference, role, ground="recognised", more=()):
    """A participant as a partner tells it."""
    codes = [{"coding": [{"system": ROLES, "code": one}]} for one in (role, *more)]
    told = {"member": {"reference": reference}, "role": codes}
    said = {"url": GROUND, "valueCoding": {"code": ground}}
    return told | ({"extension": [said]} if ground else {})


def put(stage, circle, version):
    """Write the circle over the version that was read; "": without a word of it."""
    address = f"CareTeam/{stage.person.pk}"
    return stage.machine.put(address, circle, **({"if_match": version} if version else {}))


def members(stage):
    """Who is in the circle now, by the key of whom the stay is of."""
    stays = CircleMember.objects.current().filter(person=stage.person)
    return {one.practitioner_id or one.organization_id or one.relative_id: one for one in stays}


def test_who_is_told_comes_in_and_who_is_told_no_more_leaves():
    stage = set_stage()
    doctor, daughter = PractitionerFactory(profession="10"), RelativeFactory(person=stage.person)
    nurse = PractitionerFactory(profession="60")
    joins_circle(stage.person, practitioner=doctor, role="doctor")
    circle, version = circle_of(stage)
    kept = [one for one in circle["participant"] if str(doctor.pk) not in str(one)]
    place = PracticeSiteFactory(practitioner=nurse)
    kept.append(comes(f"PractitionerRole/{place.pk}", "nurse", more=("usual-nurse",)))
    kept.append(comes(f"RelatedPerson/{daughter.pk}", "relative", ground=""))
    answer = put(stage, circle | {"participant": kept}, version)
    assert answer.status_code == 200, answer.content
    now = members(stage)
    assert now.keys() == {stage.desk.pk, nurse.pk, daughter.pk}
    assert (now[nurse.pk].is_usual_nurse, now[nurse.pk].ground) == (True, "recognised")
    assert (now[daughter.pk].role, now[daughter.pk].ground) == ("relative", "")
    (left,) = CircleMember.objects.filter(practitioner=doctor)
    assert left.until is not None
    told = {one["member"]["reference"]: one for one in answer.json()["participant"]}
    assert "end" in told[f"Practitioner/{doctor.pk}"]["period"]
    assert f"Practitioner/{nurse.pk}" in told


def test_a_circle_put_back_as_it_was_read_changes_nothing():
    stage = set_stage()
    joins_circle(stage.person, practitioner=PractitionerFactory(), is_usual_nurse=True)
    MemberFactory(person=stage.person, practitioner=None, account=AccountFactory(), role="other")
    circle, version = circle_of(stage)
    before = list(CircleMember.objects.order_by("pk").values())
    assert put(stage, circle, version).status_code == 200
    assert list(CircleMember.objects.order_by("pk").values()) == before
    circle, version = circle_of(stage)
    fewer = circle | {"participant": circle["participant"][:1]}
    assert put(stage, fewer, version).status_code == 200
    assert CircleMember.objects.current().filter(account__isnull=False).exists()


def test_of_two_who_write_one_circle_the_late_one_is_told_so():
    stage = set_stage()
    circle, version = circle_of(stage)
    nurse = comes(f"Practitioner/{PractitionerFactory(profession='60').pk}", "nurse")
    more = circle | {"participant": [*circle["participant"], nurse]}
    assert put(stage, more, version).status_code == 200
    assert put(stage, circle, version).status_code == 412
    assert len(members(stage)) == 2


# --- over the version that was read ------------------------------------------------------------

PATCH = "application/json-patch+json"


def says_yes(stage):
    """A nurse says yes to a search made for the person: she enters the circle. Gives her yes."""
    search = SolicitationFactory(organization=stage.desk, person=stage.person)
    asked = InvitationFactory(solicitation=search, practitioner=nurse())
    mine = speaking_as(asked.practitioner, account_id=None)
    return broker.accept(actor=mine, invitation=asked, now=NOW)


def put_by_its_address(stage, circle):
    return stage.machine.put(f"CareTeam/{stage.person.pk}", circle)


def put_by_a_condition(stage, circle):
    return stage.machine.put(f"CareTeam?patient={stage.person.pk}", circle)


def patched(stage, circle):
    changes = [{"op": "replace", "path": "/participant", "value": circle["participant"]}]
    return stage.machine.send("PATCH", f"CareTeam/{stage.person.pk}", changes, content_type=PATCH)


def in_a_transaction(stage, circle):
    asks = {"method": "PUT", "url": f"CareTeam/{stage.person.pk}"}
    entries = [{"resource": circle, "request": asks}]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return stage.machine.post("", bundle)


@pytest.mark.parametrize(
    "written", [put_by_its_address, put_by_a_condition, patched, in_a_transaction]
)
def test_a_circle_read_before_a_nurse_said_yes_does_not_put_her_out(written):
    stage = set_stage()
    daughter = RelativeFactory(person=stage.person)
    read, _ = circle_of(stage)
    read["participant"].append(comes(f"RelatedPerson/{daughter.pk}", "relative", ground=""))
    yes = says_yes(stage)
    answer = written(stage, read)
    assert (answer.status_code, codes(answer)) == (428, ["version.unnamed"])
    assert members(stage).keys() == {stage.desk.pk, yes.practitioner_id}
    yes.solicitation.refresh_from_db()
    assert yes.solicitation.state == "filled"

    circle, version = circle_of(stage)
    circle["participant"].append(read["participant"][-1])
    assert put(stage, circle, version).status_code == 200
    assert members(stage).keys() == {stage.desk.pk, yes.practitioner_id, daughter.pk}


def test_a_circle_read_before_somebody_left_does_not_bring_them_back():
    stage = set_stage()
    gone = joins_circle(stage.person, practitioner=PractitionerFactory())
    circle, _ = circle_of(stage)
    with arranging():
        gone.until = NOW
        gone.save()
    assert put(stage, circle, "").status_code == 428
    assert members(stage).keys() == {stage.desk.pk}


def test_a_patch_over_the_version_that_was_read_changes_the_circle():
    stage = set_stage()
    daughter = RelativeFactory(person=stage.person)
    _, version = circle_of(stage)
    more = comes(f"RelatedPerson/{daughter.pk}", "relative", ground="")
    changes = [{"op": "add", "path": "/participant/-", "value": more}]
    address, said = f"CareTeam/{stage.person.pk}", {"content_type": PATCH, "if_match": version}
    assert stage.machine.send("PATCH", address, changes, **said).status_code == 200
    assert members(stage).keys() == {stage.desk.pk, daughter.pk}
    assert stage.machine.send("PATCH", address, changes, **said).status_code == 412


@pytest.mark.parametrize(
    ("changed", "code", "where"),
    [
        ({"role": [{"text": "nurse"}]}, "care_team.role", "CareTeam.participant[0].role"),
        ({"role": [{"coding": [{"system": ROLES, "code": "mage"}]}]}, "care_team.role",
         "CareTeam.participant[0].role"),
        ({"extension": [{"url": GROUND, "valueCoding": {"code": "x"}}]}, "care_team.ground",
         "CareTeam.participant[0].extension"),
        ({"member": {"reference": f"Practitioner/{UUID(int=7)}"}}, "incoming.nowhere",
         "CareTeam.participant[0].member"),
    ],
)  # fmt: skip
def test_what_cannot_be_of_a_participant_is_refused_and_nothing_changes(changed, code, where):
    stage = set_stage()
    circle, version = circle_of(stage)
    nurse = comes(f"Practitioner/{PractitionerFactory().pk}", "nurse") | changed
    answer = put(stage, circle | {"participant": [nurse, *circle["participant"]]}, version)
    assert (answer.status_code, codes(answer)) == (422, [code])
    assert answer.json()["issue"][0]["expression"] == [where]
    assert members(stage).keys() == {stage.desk.pk}


def test_a_part_that_the_room_refuses_is_said_with_its_place():
    stage = set_stage()
    circle, version = circle_of(stage)
    doctor = PractitionerFactory(profession="10")
    asks = comes(f"Practitioner/{doctor.pk}", "doctor", more=("usual-nurse",))
    answer = put(stage, circle | {"participant": [*circle["participant"], asks]}, version)
    assert (answer.status_code, codes(answer)) == (422, ["people.circle"])
    assert answer.json()["issue"][0]["expression"] == ["CareTeam.participant"]


def test_a_relative_comes_in_the_circle_of_their_own_person_alone():
    stage = set_stage()
    neighbour = PersonFactory(territory=stage.person.territory)
    joins_circle(neighbour, organization=stage.desk)
    son = RelativeFactory(person=neighbour)
    circle, version = circle_of(stage)
    asks = comes(f"RelatedPerson/{son.pk}", "relative", ground="")
    answer = put(stage, circle | {"participant": [*circle["participant"], asks]}, version)
    assert (answer.status_code, codes(answer)) == (422, ["people.circle"])
    assert answer.json()["issue"][0]["expression"] == ["CareTeam.participant"]
    assert members(stage).keys() == {stage.desk.pk}


def test_a_relative_taken_away_comes_no_more_in_the_circle():
    stage = set_stage()
    son = RelativeFactory(person=stage.person, ended_at=NOW)
    circle, version = circle_of(stage)
    asks = comes(f"RelatedPerson/{son.pk}", "relative", ground="")
    answer = put(stage, circle | {"participant": [*circle["participant"], asks]}, version)
    assert (answer.status_code, codes(answer)) == (422, ["people.circle"])
    assert members(stage).keys() == {stage.desk.pk}


def test_who_may_not_steer_changes_no_circle():
    stage = set_stage()
    nurse, help_ = PractitionerFactory(profession="60"), OrganizationFactory()
    joins_circle(stage.person, organization=help_, role="home_help")
    theirs = Machine(actor(Role.HOME_HELP, help_, account_id=AccountFactory().pk))
    read = theirs.get(f"CareTeam/{stage.person.pk}")
    circle = read.json()
    circle["participant"].append(comes(f"Practitioner/{nurse.pk}", "nurse"))
    answer = theirs.put(f"CareTeam/{stage.person.pk}", circle, if_match=read["ETag"])
    assert answer.status_code == 403, answer.content
    assert members(stage).keys() == {stage.desk.pk, help_.pk}


def test_what_a_partner_says_of_a_stay_is_not_told_again_as_ours():
    stage = set_stage()
    circle, version = circle_of(stage)
    circle["participant"][0]["period"]["start"] = "1999-01-01"
    circle["note"] = [{"text": "Réunion le mardi"}]
    told = put(stage, circle, version).json()
    assert "1999" not in str(told)
    assert told["note"] == [{"text": "Réunion le mardi"}]
