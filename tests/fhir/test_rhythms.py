"""When a request says that care is given: heard no wider than said, and never left unread."""

import pytest

from cordee.intake.models import CareRequest
from cordee.people.models import Person
from tests.fhir.door import codes
from tests.fhir.test_care import sent
from tests.fhir.test_kept_whole import ODILE
from tests.fhir.test_said_aside import ABSENT

pytestmark = pytest.mark.django_db
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}
UCUM = {"system": "http://unitsofmeasure.org"}
SAID = "Rythme dit\u00a0: "


def received(stage, **when):
    """The request that the desk reads, of one that says only when it is given."""
    body = sent("ServiceRequest", stage)
    left_out = ("occurrenceTiming", "note", "priority", "reasonCode", "code")
    body = {key: one for key, one in body.items() if key not in left_out}
    coding = {"system": "https://cordee.fr/fhir/CodeSystem/care-kind", "code": "dressing"}
    answer = stage.machine.post("ServiceRequest", body | {"code": {"coding": [coding]}} | when)
    assert answer.status_code == 201, answer.content
    return CareRequest.objects.get(pk=answer.json()["id"])


def timed(stage, timing=None, **repeat):
    return received(stage, occurrenceTiming={"repeat": repeat} | (timing or {}))


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


# --- the rhythm ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("repeat", "frequency", "words"),
    [
        (DAILY, "daily", ""),
        (DAILY | {"when": ["MORN"]}, "daily", ""),
        (DAILY | {"dayOfWeek": ["mon", "thu"]}, "other", "1 fois par jour, lundi, jeudi"),
        ({"dayOfWeek": ["mon", "thu"]}, "other", "lundi, jeudi"),
        (DAILY | {"periodMax": 3}, "other", "1 fois en 1 à 3 jours"),
        (DAILY | {"period": 2}, "other", "1 fois en 2 jours"),
        ({"count": 1, "countMax": 3}, "other", "1 à 3 passages en tout"),
        ({"count": 10} | DAILY, "other", "10 passages en tout, 1 fois par jour"),
        (DAILY | {"when": ["MORN", "PCM"]}, "daily", "après le petit déjeuner"),
        (DAILY | {"when": ["ACM"], "offset": 30}, "daily", "avant le petit déjeuner, à 30 minutes"),
        (DAILY | {"timeOfDay": ["08:00:00", "18:30:00"]}, "daily", "à 08 h 00, à 18 h 30"),
        (
            DAILY | {"boundsDuration": {"value": 10, "unit": "j", "code": "d"} | UCUM},
            *("daily", "pendant 10 jours"),
        ),
        (
            DAILY | {"boundsRange": {"low": {"value": 5, "unit": "jours"}}},
            *("daily", "pendant au moins 5 jours"),
        ),
        (DAILY | {"duration": 10, "durationUnit": "h"}, "daily", "10 heures par passage"),
        (
            DAILY | {"duration": 20, "durationMax": 30, "durationUnit": "min"},
            *("daily", "20 à 30 minutes par passage"),
        ),
    ],
)
def test_a_rhythm_is_never_heard_wider_than_it_was_said(stage, repeat, frequency, words):
    row = timed(stage, **repeat)
    assert row.frequency == frequency
    assert row.need.startswith(f"{SAID}{words}" if words else "")
    assert bool(row.need) == bool(words)


@pytest.mark.parametrize(
    ("duration", "minutes"), [((1.5, "h"), 90), ((1800, "s"), 30), ((20, "min"), 20)]
)
def test_how_long_a_visit_lasts_is_held_in_minutes(stage, duration, minutes):
    long, unit = duration
    row = timed(stage, **DAILY, duration=long, durationUnit=unit)
    assert (row.visit_minutes, row.frequency, row.need) == (minutes, "daily", "")


def test_a_unit_that_is_said_to_be_unknown_is_told_so(stage):
    row = timed(stage, frequency=1, period=2, _periodUnit=ABSENT, duration=3, _durationUnit=ABSENT)
    said = "1 fois en 2 unités non dites, 3 unités non dites par passage"
    assert (row.frequency, row.need) == ("other", SAID + said)


def test_days_that_are_named_and_what_is_given_if_needed_are_read_by_the_desk(stage):
    days = {"event": ["2026-12-03", "2026-12-05T14:30:00Z"], "code": {"text": "deux passages"}}
    row = received(stage, occurrenceTiming=days)
    said = "deux passages, le 03/12/2026, le 05/12/2026 à 15 h 30"
    assert (row.frequency, row.need) == ("other", SAID + said)
    needed = timed(stage, **DAILY)
    assert needed.frequency == "daily"
    row = received(stage, occurrenceTiming={"repeat": DAILY}, asNeededBoolean=True)
    assert (row.frequency, row.need) == ("other", f"{SAID}1 fois par jour, si besoin")
    why = {"asNeededCodeableConcept": {"text": "douleur"}}
    row = received(stage, occurrenceDateTime="2026-12-01", **why)
    assert (row.frequency, row.need) == ("other", f"{SAID}si besoin (douleur)")


def test_the_words_beside_a_code_of_ours_are_read_where_they_say_something_else(stage):
    coding = {"system": "https://cordee.fr/fhir/CodeSystem/care-kind", "code": "dressing"}
    own = coding | {"display": "Pansement"}
    row = received(stage, code={"coding": [own], "text": "pansement"})
    assert (row.kind, row.need) == ("dressing", "")
    row = received(
        stage,
        code={"coding": [coding], "text": "Pansement d’ulcère, jambe gauche"},
        orderDetail=[{"coding": [coding | {"code": "injection"}], "text": "Anticoagulant"}],
    )
    assert row.need == "Pansement d’ulcère, jambe gauche\nAnticoagulant"
