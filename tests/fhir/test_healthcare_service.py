"""HealthcareService: what a professional declares, written by herself or by the desk for her."""

from datetime import time, timedelta
from uuid import UUID

import pytest

from cordee.access.actor import Role
from cordee.directory.models import Absence, Practice
from cordee.fhir.resources.healthcare_service import CARE
from tests.factories.directory import (
    AbsenceFactory,
    AccountFactory,
    OrganizationFactory,
    PracticeFactory,
    PracticeSiteFactory,
    PractitionerFactory,
    WeeklyHoursFactory,
)
from tests.fhir.door import Machine, codes
from tests.fhir.rows import healthcare_service
from tests.fhir.stage import set_stage
from tests.support import NOW, actor, arranging, simultaneously, speaking_as

pytestmark = pytest.mark.django_db
COMMUNES = "https://mos.esante.gouv.fr/NOS/TRE_R13-Commune/FHIR/TRE-R13-Commune"
PATCH = "application/json-patch+json"


def gives(*kinds):
    return [{"coding": [{"system": CARE, "code": one}]} for one in kinds]


def around(*communes):
    return [{"identifier": {"system": COMMUNES, "value": one}} for one in communes]


def declared(stage, row):
    """What is read, and its version."""
    answer = stage.machine.get(f"HealthcareService/{row.pk}")
    return answer.json(), answer["ETag"]


def put(machine, row, said, version):
    how = {"if_match": version} if version else {}
    return machine.put(f"HealthcareService/{row.pk}", said, **how)


def week_of(row):
    return [(one.weekday, one.starts, one.ends) for one in row.hours.order_by("weekday", "starts")]


def herself(row):
    return Machine(speaking_as(row.practitioner, account_id=AccountFactory().pk))


def test_what_is_told_is_declared(stage):
    row = healthcare_service.make(stage)
    said, version = declared(stage, row)
    begins = (NOW + timedelta(days=20)).isoformat(timespec="seconds")
    said |= {
        "type": gives("toilette", "injection"),
        "coverageArea": around("05061", "05132"),
        "availableTime": [
            {
                "daysOfWeek": ["tue", "mon"],
                "availableStartTime": "07:30:00",
                "availableEndTime": "12:00:00",
            },
            {"daysOfWeek": ["sun"], "allDay": True},
        ],
        "notAvailable": [{"description": "Formation", "during": {"start": begins}}],
        "comment": "Sonner deux fois.",
    }
    answer = put(stage.machine, row, said, version)
    assert answer.status_code == 200, answer.content
    row = Practice.objects.get(pk=row.pk)
    assert (set(row.kinds), row.communes) == ({"toilette", "injection"}, ["05061", "05132"])
    morning = (time(7, 30), time(12))
    assert week_of(row) == [(0, *morning), (1, *morning), (6, time(0), time(0))]
    to_come = row.absences.filter(begins_at__gt=NOW)
    assert [(one.kind, one.ends_at) for one in to_come] == [("training", None)]
    told = answer.json()
    assert told["comment"] == "Sonner deux fois."
    assert [one["description"] for one in told["notAvailable"]] == ["formation"]


def test_what_is_put_back_as_it_was_read_changes_nothing(stage):
    row = healthcare_service.make(stage)
    AbsenceFactory(practice=row, kind="pause", begins_at=NOW + timedelta(microseconds=7))
    said, version = declared(stage, row)
    before = [list(found.order_by("pk").values()) for found in (row.hours, row.absences)]
    version_then = Practice.objects.get(pk=row.pk).version
    assert put(stage.machine, row, said, version).status_code == 200
    assert [list(found.order_by("pk").values()) for found in (row.hours, row.absences)] == before
    assert Practice.objects.get(pk=row.pk).version == version_then


def test_a_day_of_absence_holds_to_its_midnight_and_what_is_told_no_more_ends(stage):
    row = healthcare_service.make(stage)
    under_way = row.absences.get(ends_at__gt=NOW)
    with arranging():
        Absence.objects.filter(pk=under_way.pk).update(begins_at=NOW - timedelta(days=1))
    said, version = declared(stage, row)
    said["notAvailable"] = [
        {"description": "congés", "during": {"start": "2026-12-24", "end": "2026-12-26"}},
        {"description": "pause", "during": {"start": "2026-01-01", "end": "2026-01-02"}},
    ]
    assert put(stage.machine, row, said, version).status_code == 200
    under_way.refresh_from_db()
    assert under_way.ends_at == NOW
    (asked,) = Absence.objects.filter(practice=row, begins_at__gt=NOW)
    assert (asked.begins_at.isoformat(), asked.ends_at.isoformat()) == (
        "2026-12-23T23:00:00+00:00",
        "2026-12-26T23:00:00+00:00",
    )


def test_it_is_written_over_the_version_that_was_read_alone(stage):
    row = healthcare_service.make(stage)
    said, version = declared(stage, row)
    answer = put(stage.machine, row, said | {"type": gives("injection")}, "")
    assert (answer.status_code, codes(answer)) == (428, ["version.unnamed"])
    with arranging():
        WeeklyHoursFactory(practice=row, weekday=5)
    assert put(stage.machine, row, said, version).status_code == 412
    assert Practice.objects.get(pk=row.pk).kinds == ["injection", "dressing"]
    change = [{"op": "remove", "path": "/type/0"}]
    address, how = f"HealthcareService/{row.pk}", {"content_type": PATCH}
    assert stage.machine.send("PATCH", address, change, **how).status_code == 428
    _, version = declared(stage, row)
    assert stage.machine.send("PATCH", address, change, if_match=version, **how).status_code == 200
    assert Practice.objects.get(pk=row.pk).kinds == ["dressing"]


def test_messages_stop_by_whom_may_declare_and_resume_by_herself_alone(stage):
    row = healthcare_service.make(stage)
    said, version = declared(stage, row)
    del said["active"]
    stopped = put(stage.machine, row, said, version)
    assert stopped.json()["active"] is True  # a silence stops nothing
    stopped = put(stage.machine, row, said | {"active": False}, stopped["ETag"])
    assert stopped.json()["active"] is False
    said["active"] = True
    refused = put(stage.machine, row, said, stopped["ETag"])
    assert (refused.status_code, codes(refused)) == (403, ["directory.resume_messages"])
    resumed = put(herself(row), row, said, stopped["ETag"])
    assert (resumed.status_code, resumed.json()["active"]) == (200, True)


def test_who_may_not_declare_writes_nothing(stage):
    row = healthcare_service.make(stage)
    said, version = declared(stage, row)
    house = OrganizationFactory(kind="hospital")
    roles = (Role.HOSPITAL, Role.HOME_HELP, Role.PARTNER)
    others = [Machine(actor(one, house, account_id=AccountFactory().pk)) for one in roles]
    colleague = PractitionerFactory()
    others.append(Machine(speaking_as(colleague, account_id=AccountFactory().pk)))
    new = said | {"location": [{"reference": f"Location/{PracticeSiteFactory().pk}"}]}
    for other in others:
        assert put(other, row, said, version).status_code == 404  # it is not theirs to see
        assert other.post("HealthcareService", new).status_code == 403
    assert Practice.objects.count() == 1


def test_a_practice_is_opened_by_a_place_of_hers_and_once(stage):
    site = PracticeSiteFactory()
    said = {
        "resourceType": "HealthcareService",
        "identifier": [{"system": "urn:partner:offre", "value": "7"}],
        "location": [{"reference": f"Location/{site.pk}"}],
        "type": gives("injection"),
        "active": False,
    }
    made = stage.machine.post("HealthcareService", said)
    assert made.status_code == 201, made.content
    row = Practice.objects.get(pk=made.json()["id"])
    assert (row.practitioner_id, row.kinds) == (site.practitioner_id, ["injection"])
    assert row.stopped_at is not None
    again = stage.machine.post("HealthcareService", said | {"type": gives("dressing")})
    assert (again.status_code, codes(again)) == (422, ["directory.practice_open"])
    known = "identifier=urn:partner:offre|7"
    assert stage.machine.post("HealthcareService", said, if_none_exist=known).status_code == 200
    assert Practice.objects.get().kinds == ["injection"]


HOURS = {"availableStartTime": "22:00:00", "availableEndTime": "06:00:00"}


@pytest.mark.parametrize(
    ("changed", "code", "where"),
    [
        ({"type": [{"text": "piqûres"}]}, "healthcare_service.kind", "type[0]"),
        ({"type": gives("mage")}, "healthcare_service.kind", "type[0]"),
        ({"type": gives("physiotherapy")}, "directory.kind_of_another_trade", "type"),
        ({"coverageArea": [{"display": "Gap"}]}, "healthcare_service.commune", "coverageArea[0]"),
        ({"coverageArea": around("99999")}, "directory.commune_unknown", "coverageArea"),
        ({"availableTime": [{"allDay": True}]}, "healthcare_service.hours", "availableTime[0]"),
        ({"availableTime": [{"daysOfWeek": ["mon"]} | HOURS]}, "healthcare_service.hours",
         "availableTime[0]"),
        ({"notAvailable": [{"description": "congrès", "during": {"start": "2027"}}]},
         "healthcare_service.absence", "notAvailable[0]"),
        ({"notAvailable": [{"description": "pause"}]}, "healthcare_service.absence",
         "notAvailable[0]"),
        ({"location": [{"reference": f"Location/{UUID(int=7)}"}]}, "healthcare_service.places",
         "location[0]"),
    ],
)  # fmt: skip
def test_what_cannot_be_declared_is_refused_with_its_place_and_nothing_changes(
    stage, changed, code, where
):
    row = healthcare_service.make(stage)
    said, version = declared(stage, row)
    answer = put(stage.machine, row, said | {"type": gives("toilette")} | changed, version)
    assert (answer.status_code, codes(answer)) == (422, [code])
    assert answer.json()["issue"][0]["expression"] == [f"HealthcareService.{where}"]
    assert declared(stage, row) == (said, version)


def test_whose_it_is_must_be_said_and_who_left_the_directory_declares_nothing(stage):
    unsaid = stage.machine.post("HealthcareService", {"resourceType": "HealthcareService"})
    assert (unsaid.status_code, codes(unsaid)) == (422, ["healthcare_service.whose"])
    site = PracticeSiteFactory(practitioner__closed_on=NOW.date())
    said = {"resourceType": "HealthcareService"}
    said["location"] = [{"reference": f"Location/{site.pk}"}]
    gone = stage.machine.post("HealthcareService", said)
    assert (gone.status_code, codes(gone)) == (422, ["directory.practitioner_closed"])
    row = PracticeFactory(practitioner__closed_on=NOW.date())
    told, version = declared(stage, row)
    back = put(stage.machine, row, told | {"active": True}, version)
    assert (back.status_code, codes(back)) == (422, ["healthcare_service.closed"])


def test_the_mobile_and_the_tie_are_no_business_of_this_door(stage):
    row = PracticeFactory(solicitable=True)
    said, version = declared(stage, row)
    said["telecom"] = [{"system": "phone", "value": "06 39 98 00 99"}]
    assert put(stage.machine, row, said, version).status_code == 200
    now = Practice.objects.get(pk=row.pk)
    assert (now.mobile, now.tie_confirmed_at) == (row.mobile, row.tie_confirmed_at)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_opens_a_practice_and_one_writes_over_a_version():
    stage, site = set_stage(), PracticeSiteFactory()
    said = {"resourceType": "HealthcareService"}
    said["location"] = [{"reference": f"Location/{site.pk}"}]
    machine = stage.machine
    made = simultaneously(
        *[lambda: machine.post("HealthcareService", said).status_code for _ in range(4)]
    )
    assert sorted(made) == [201] + [422] * 3
    row = Practice.objects.get()
    told, version = declared(stage, row)

    def write(kind):
        return lambda: put(machine, row, told | {"type": gives(kind)}, version).status_code

    kinds = ("toilette", "injection", "dressing", "infusion")
    answers = simultaneously(*map(write, kinds))
    assert sorted(answers) == [200] + [412] * 3
    assert Practice.objects.get().kinds == [kinds[answers.index(200)]]
