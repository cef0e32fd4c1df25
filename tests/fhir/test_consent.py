"""Consent: what a person chose, as a partner reads it and writes it down."""

import json
from pathlib import Path

import pytest

from cordee.access.actor import Role
from cordee.people import services
from cordee.people.models import Person, Relative, Sharing
from tests.factories.directory import AccountFactory
from tests.factories.people import (
    EmergencyOppositionFactory,
    HintChoiceFactory,
    PersonFactory,
    ProcessingFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.fhir.door import Machine, codes
from tests.fhir.stage import set_stage
from tests.support import NOW, actor, arranging, stranger

pytestmark = pytest.mark.django_db
SENT = (Path(__file__).parent / "sent" / "Consent.json").read_text("utf-8")


def sent(stage):
    return json.loads(SENT.replace("{person}", str(stage.person.pk)))


def test_a_choice_that_a_partner_collected_ends_the_former_one_on_that_cell():
    stage = set_stage()
    former = SharingFactory(
        person=stage.person, audience="home_help", choice="neutral", since=NOW.replace(year=2025)
    )
    answer = stage.machine.post("Consent", sent(stage))
    assert answer.status_code == 201, answer.content
    row = Sharing.objects.current().get(person=stage.person)
    assert (row.choice, row.audience, row.medium, row.how) == (
        *("opposed", "home_help", "screen"),
        "paper",
    )
    assert str(row.pk) == answer.json()["id"]
    former.refresh_from_db()
    assert former.until is not None
    patient = str(stage.person.pk)
    assert stage.machine.found("Consent", patient=patient, status="active") == [str(row.pk)]
    assert stage.machine.found("Consent", patient=patient, type="permit") == []
    assert len(stage.machine.found("Consent", patient=patient, audience="home_help")) == 2


def test_an_agreement_without_the_notice_is_refused_in_the_words_of_the_law():
    stage = set_stage()
    body = sent(stage)
    body["provision"]["type"] = "permit"
    answer = stage.machine.post("Consent", body)
    assert (answer.status_code, codes(answer)) == (422, ["people.not_informed"])
    assert not Sharing.objects.exists()


def test_who_has_no_quality_to_speak_does_not_choose_for_somebody():
    stage = set_stage()
    body = sent(stage)
    son = RelativeFactory(person=stage.person)
    body["performer"] = [{"reference": f"RelatedPerson/{son.pk}"}]
    answer = stage.machine.post("Consent", body)
    assert (answer.status_code, codes(answer)) == (422, ["consent.speaker"])


def test_who_represents_her_no_more_does_not_choose_for_her():
    stage = set_stage()
    body = sent(stage)
    guardian = RelativeFactory(person=stage.person, is_representative=True)
    body["performer"] = [{"reference": f"RelatedPerson/{guardian.pk}"}]
    with arranging():
        Person.objects.filter(pk=stage.person.pk).update(protection="guarded")
    assert stage.machine.post("Consent", body).status_code == 201
    with arranging():
        Relative.objects.filter(pk=guardian.pk).update(ended_at=NOW)
    answer = stage.machine.post("Consent", body)
    assert (answer.status_code, codes(answer)) == (422, ["people.speaker"])
    assert Sharing.objects.count() == 1


@pytest.mark.parametrize("missing", ["code", "actor", "extension", "type"])
def test_half_a_choice_is_not_guessed(missing):
    stage = set_stage()
    body = sent(stage)
    del body["provision"][missing]
    answer = stage.machine.post("Consent", body)
    assert answer.status_code == 422, answer.content
    assert not Sharing.objects.exists()


NARROWER = [
    {"provision": [{"type": "permit"}]},
    {"period": {"end": "2030-01-01"}},
    {"period": {"start": "2099-01-01"}},
    {"period": {"start": "2026-11-23T23:30:00Z"}},  # tomorrow, in France
    {"purpose": [{"code": "ETREAT"}]},
    {"dataPeriod": {"start": "2026-01-01"}},
]


@pytest.mark.parametrize("more", NARROWER)
def test_a_choice_is_never_heard_wider_than_it_was_given(more):
    stage = set_stage()
    body = sent(stage)
    body["provision"] |= more
    answer = stage.machine.post("Consent", body)
    assert (answer.status_code, codes(answer)) == (422, ["consent.narrower"])
    assert not Sharing.objects.exists()


@pytest.mark.parametrize("past", [{}, {"period": {"start": "2024-01-01", "end": "2025-01-01"}}])
def test_a_choice_of_the_past_does_not_end_that_of_today(past):
    stage = set_stage()
    row = SharingFactory(person=stage.person, audience="home_help", choice="opposed")
    body = sent(stage) | {"status": "inactive"}
    body["provision"] |= past
    assert codes(stage.machine.post("Consent", body)) == ["consent.narrower"]
    del body["provision"]["type"]
    assert stage.machine.post("Consent", body).status_code == (422 if past else 201)
    row.refresh_from_db()
    assert (row.until is None) is bool(past)


def test_another_person_does_not_speak_for_her():
    stage = set_stage()
    other = PersonFactory(territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    body = sent(stage) | {"performer": [{"reference": f"Patient/{other.pk}"}]}
    assert codes(stage.machine.post("Consent", body)) == ["consent.performer"]
    assert not Sharing.objects.exists()


def test_a_choice_is_not_rewritten_and_not_deleted():
    stage = set_stage()
    row = SharingFactory(person=stage.person)
    address = f"Consent/{row.pk}"
    read = stage.machine.get(address).json()
    assert stage.machine.put(address, read).status_code == 405
    assert stage.machine.send("DELETE", address).status_code == 405


def test_choices_of_who_hides_do_not_exist():
    stage = set_stage()
    row = SharingFactory(person=stage.person)
    machine = Machine(stranger())
    assert machine.get(f"Consent/{row.pk}").status_code == 404
    assert machine.found("Consent", patient=str(stage.person.pk)) == []


# --- what is only read -------------------------------------------------------------------------


@pytest.fixture
def chosen():
    """A person who refuses an emergency access and a purpose, and lets one say a part is shown."""
    stage = set_stage()
    ProcessingFactory(person=stage.person, purpose="texts", will="refused")
    EmergencyOppositionFactory(person=stage.person)
    HintChoiceFactory(person=stage.person)
    SharingFactory(person=stage.person)
    return stage


@pytest.mark.parametrize(
    ("words", "element", "code", "kind"),
    [
        ({"purpose": "texts"}, "purpose", "texts", "deny"),
        ({"purpose": "ETREAT"}, "purpose", "ETREAT", "deny"),
        ({"action": "say-partial"}, "action", "say-partial", "permit"),
    ],
)
def test_the_other_choices_are_told_as_what_they_are(chosen, words, element, code, kind):
    person = f"Patient/{chosen.person.pk}"
    found = chosen.machine.search("Consent", patient=person, **words).json()
    (one,) = [entry["resource"] for entry in found["entry"]]
    assert (one["status"], one["provision"]["type"]) == ("active", kind)
    (said,) = one["provision"][element]
    assert said.get("code", said.get("coding", [{}])[0].get("code")) == code
    assert chosen.machine.get(f"Consent/{one['id']}").json() == one


def test_all_the_choices_of_a_person_are_one_search(chosen):
    person = f"Patient/{chosen.person.pk}"
    assert len(chosen.machine.found("Consent", patient=person)) == 4
    assert len(chosen.machine.found("Consent", patient=person, type="deny")) == 3
    assert len(chosen.machine.found("Consent", patient=person, information="care")) == 1
    assert Machine(stranger()).found("Consent", patient=person) == []


def test_a_refusal_that_was_taken_back_is_no_refusal(chosen):
    her = actor(
        Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({chosen.person.pk})
    )
    services.choose_emergency(
        actor=her, person=chosen.person, opposed=False, told=services.Told(), now=NOW
    )
    assert chosen.machine.found("Consent", purpose="ETREAT", status="active") == []
    told = chosen.machine.search("Consent", purpose="ETREAT").json()["entry"]
    assert {one["resource"]["status"] for one in told} == {"inactive"}


def test_they_are_not_written_through_this_door(chosen):
    body = sent(chosen)
    body["provision"] = {"type": "deny", "purpose": [{"code": "ETREAT"}]}
    assert codes(chosen.machine.post("Consent", body)) == ["consent.narrower"]
