"""When a request says that care is given: heard no wider than said, and never left unread."""

import pytest

from cordee.intake.models import CareRequest
from cordee.people.models import Person
from tests.fhir.door import codes
from tests.fhir.test_care import sent
from tests.fhir.test_kept_whole import ODILE

pytestmark = pytest.mark.django_db
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


def received(stage, **when):
    """The request that the desk reads, of one that says only when it is given."""
    body = sent("ServiceRequest", stage)
    left_out = ("occurrenceTiming", "note", "priority", "reasonCode", "code")
    body = {key: one for key, one in body.items() if key not in left_out}
    coding = {"system": "https://cordee.fr/fhir/CodeSystem/care-kind", "code": "dressing"}
    answer = stage.machine.post("ServiceRequest", body | {"code": {"coding": [coding]}} | when)
    assert answer.status_code == 201, answer.content
    return CareRequest.objects.get(pk=answer.json()["id"])


# --- the day -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "when",
    [
        {"occurrencePeriod": {"start": "2026-11-30T23:00:00Z", "end": "2026-12-14T23:30:00Z"}},
        {
            "occurrenceTiming": {
                "repeat": DAILY
                | {"boundsPeriod": {"start": "2026-12-01T00:00:00+01:00", "end": "2026-12-15"}}
            }
        },
    ],
)
def test_a_moment_is_heard_on_its_day_in_france(stage, when):
    row = received(stage, **when)
    assert (str(row.begins_on), str(row.ends_on)) == ("2026-12-01", "2026-12-15")


def test_a_request_of_one_moment_begins_on_its_day(stage):
    row = received(stage, occurrenceDateTime="2026-11-30T23:00:00Z")
    assert str(row.begins_on) == "2026-12-01"


def test_a_moment_that_is_none_is_refused_at_its_place(stage):
    body = sent("ServiceRequest", stage, occurrenceDateTime="2026-12-01T10:00:60Z")
    del body["occurrenceTiming"]
    answer = stage.machine.post("ServiceRequest", body)
    assert (answer.status_code, codes(answer)) == (422, ["service_request.date"])
    assert answer.json()["issue"][0]["expression"] == ["ServiceRequest.occurrence"]


def test_a_death_is_told_on_its_day_in_france(stage):
    body = ODILE | {"deceasedDateTime": "2026-11-19T23:20:00Z"}
    answer = stage.machine.post("Patient", body)
    assert answer.status_code == 201, answer.content
    assert str(Person.objects.get(pk=answer.json()["id"]).deceased_on) == "2026-11-20"
    leap = stage.machine.post("Patient", ODILE | {"deceasedDateTime": "2026-06-30T10:00:60Z"})
    assert (leap.status_code, codes(leap)) == (422, ["patient.date"])
