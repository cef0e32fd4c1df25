"""Nothing in a document is about somebody else than its subject, however it says whom it is about:
by what is contained, by a number, by words, or by an address of elsewhere."""

import json

import pytest

from cordee.fhir.models import KeptBody
from tests.fhir.door import JSON, codes
from tests.fhir.rows.bundle import LETTER, PATIENT, address, letter
from tests.fhir.systems import bearing, system_of
from tests.fhir.test_documents import SEEN, daughter_of, key_of, message, one_of, sent

pytestmark = pytest.mark.django_db
HERS = {"system": "urn:partner:ipp", "value": "8812"}
THEIRS = {"system": "urn:partner:ipp", "value": "8813"}
ELSEWHERE = "https://hopital.exemple.fr/fhir/Patient/9"
FILE = "https://hopital.exemple.fr/dossier/9"
DOCTOR = {"reference": "#d"}
"""Somebody, who is a Patient that a resource holds."""


def known(stage, number, family):
    """Somebody whom the partner brought under its own number. Gives its key here."""
    said = one_of("Patient", identifier=[number], name=[{"family": family, "given": ["Odile"]}])
    made = stage.machine.post("Patient", said | {"birthDate": "1938-02-11"})
    assert made.status_code == 201, made.content
    return made.json()["id"]


def with_entry(body, resource, url=f"{LETTER[:-1]}6"):
    body["entry"].append({"fullUrl": url, "resource": resource})
    return body


def with_number(stage, body):
    """The same letter, whose Patient says the number that she has elsewhere."""
    body["entry"][1]["resource"]["identifier"] = [HERS]
    return body


def refused_as(stage, body, code="document.several"):
    answer = sent(stage.machine, body)
    assert (answer.status_code, codes(answer) if answer.content else []) == (422, [code])
    assert not KeptBody.objects.filter(kind__in=("document", "message")).exists()


def seen(**said):
    return SEEN | said


def holding(**said):
    """A Patient within what speaks of them."""
    return [one_of("Patient", id="d", **said)]


OTHER = [{"family": "Roux"}]
PLANNED = [{"reference": {"display": "Pansement chaque jour"}}]
"""What is not a reference, and holds one under that name."""
BY_WHOM = [
    {"individual": {"display": "Dr Paul Roux"}},
    {"individual": {"identifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "8"}}},
]
STAY = {"class": {"code": "IMP"}}
INSURED = {"reference": ELSEWHERE, "display": "Jeanne Roux"}
PAID = {"payor": [{"display": "CPAM des Hautes-Alpes"}]}
THEIR_COVER = {"beneficiary": {"display": "Jeanne Roux"}}
HER_COVER = {"beneficiary": {"reference": "{hers}"}}
OF_HER = {"subject": {"reference": "{hers}"}}


@pytest.mark.parametrize(
    "resource",
    [
        seen(contained=holding(name=OTHER), subject=DOCTOR),
        seen(contained=holding(identifier=[THEIRS]), performer=[DOCTOR], **OF_HER),
        seen(contained=holding(birthDate="1968-04-01"), performer=[DOCTOR], **OF_HER),
        seen(contained=[SEEN | {"id": "o", "subject": {"reference": ELSEWHERE}}], **OF_HER)
        | {"hasMember": [{"reference": "#o"}]},
        seen(subject={"reference": ELSEWHERE}),
        seen(subject={"reference": "Patient/9"}),
        seen(subject={"reference": "Patient?identifier=urn:partner:ipp|8813"}),
        seen(performer=[{"reference": "Patient?identifier=urn:partner:ipp|8813"}], **OF_HER),
        seen(subject={"reference": FILE, "display": "Jeanne Roux"}),
        seen(subject={"reference": "https://hopital.exemple.fr/fhir/Patient?identifier=x|8813"}),
        seen(focus=[{"reference": FILE, "type": "Patient"}], **OF_HER),
        seen(subject={"identifier": THEIRS}),
        seen(subject={"identifier": THEIRS, "display": "Odile Grandidier"}),
        seen(subject={"type": "Patient", "identifier": THEIRS}),
        seen(performer=[{"type": "Patient", "identifier": THEIRS}], **OF_HER),
        seen(subject={"display": "Jeanne Roux"}),
        seen(subject={"display": "Monsieur Grandidier"}),
        seen(subject={"display": "Marie Grandidier"}),
        seen(subject={"identifier": {"value": "8813"}, "display": "Jeanne Roux"}),
        one_of("Coverage", status="active", subscriber=INSURED, **PAID, **THEIR_COVER),
        seen(focus=[{"type": "Patient", "display": "Jeanne Roux"}], **OF_HER),
        one_of("BodyStructure", patient={"display": "Jeanne Roux"}),
        one_of("Parameters", parameter=[{"name": "x", "resource": one_of("Patient", name=OTHER)}]),
        one_of("Patient", name=OTHER),
        one_of("Patient", link=[{"other": {"reference": ELSEWHERE}, "type": "seealso"}]),
        one_of("Person", link=[{"target": {"reference": ELSEWHERE}}]),
    ],
)
def test_what_is_about_somebody_else_is_refused_however_they_are_named(stage, resource):
    body = letter(stage)
    said = json.dumps(resource).replace("{hers}", address(stage.person))
    refused_as(stage, with_entry(body, json.loads(said)))


@pytest.mark.parametrize(
    "resource",
    [
        seen(focus=[{"identifier": THEIRS}], **OF_HER),
        seen(performer=[{"identifier": THEIRS}], **OF_HER),
        seen(performer=[{"reference": "{hers}", "identifier": THEIRS}], **OF_HER),
    ],
)
def test_a_number_that_finds_somebody_else_here_is_refused_wherever_it_stands(stage, resource):
    body = letter(stage)
    said = json.loads(json.dumps(resource).replace("{hers}", address(stage.person)))
    with_entry(body, said)
    key_of(sent(stage.machine, body))  # nobody here has that number
    known(stage, THEIRS, "Roux")
    answer = sent(stage.machine, body | {"timestamp": "2026-11-27T11:00:00+01:00"})
    assert (answer.status_code, codes(answer)) == (422, ["document.several"])


@pytest.mark.parametrize(
    "resource",
    [
        seen(subject={"identifier": HERS}),
        seen(contained=holding(identifier=[HERS]), subject=DOCTOR),
        seen(contained=holding(name=OTHER), performer=[DOCTOR], **OF_HER),
        seen(subject={"display": "Mme GRANDIDIER Odile, 11/02/1938"}),
        seen(subject={"identifier": {"value": "8812"}, "display": "Odile Grandidier"}),
        seen(subject={"type": "Device", "display": "Lit 12"}),
        seen(subject={"reference": FILE, "type": "Device"}),
        seen(subject={"reference": "https://hopital.exemple.fr/fhir/Device/12"}),
        one_of("Coverage", status="active", subscriber=INSURED, **PAID, **HER_COVER),
        one_of("Coverage", status="active", policyHolder=INSURED, **PAID, **HER_COVER),
        seen(subject={"type": "Location", "identifier": THEIRS}),
        seen(performer=[{"display": "Dr Paul Roux"}, {"identifier": THEIRS}], **OF_HER),
        seen(performer=[{"reference": ELSEWHERE}], **OF_HER),
        one_of(
            "RelatedPerson", patient={"reference": "{hers}"}, name=OTHER, birthDate="1968-04-01"
        ),
        one_of("CarePlan", status="active", intent="plan", activity=PLANNED, **OF_HER),
        one_of("Encounter", status="finished", participant=BY_WHOM, **STAY, **OF_HER),
    ],
)
def test_what_is_hers_and_whoever_acts_for_her_are_kept(stage, resource):
    body = with_number(stage, letter(stage))
    body["entry"][1]["resource"]["name"] = [{"family": "Grandidier", "given": ["Odile"]}]
    said = json.dumps(resource).replace("{hers}", address(stage.person))
    key_of(sent(stage.machine, with_entry(body, json.loads(said))))


def test_her_own_entry_does_not_bear_the_number_of_somebody_else(stage):
    body = letter(stage)
    body["entry"][1]["resource"]["identifier"] = [HERS, THEIRS]
    key_of(sent(stage.machine, body))  # nobody here has that number
    known(stage, THEIRS, "Roux")
    answer = sent(stage.machine, body | {"timestamp": "2026-11-27T11:00:00+01:00"})
    assert (answer.status_code, codes(answer)) == (422, ["document.several"])


OLD = {"reference": "https://hopital.exemple.fr/fhir/Patient/77"}


@pytest.mark.parametrize("other", [OLD, {"type": "Patient", "identifier": THEIRS}])
def test_what_her_hospital_had_as_another_is_hers(stage, other):
    body = letter(stage)
    body["entry"][1]["resource"]["link"] = [{"other": other, "type": "replaces"}]
    key_of(sent(stage.machine, with_entry(body, seen(subject=other))))


@pytest.mark.parametrize("by_number", [False, True])
def test_who_is_another_here_is_not_hers_by_a_link(stage, by_number):
    other = {"reference": address(daughter_of(stage))}
    if by_number:
        known(stage, THEIRS, "Roux")
        other = {"type": "Patient", "identifier": THEIRS}
    body = letter(stage)
    body["entry"][1]["resource"]["link"] = [{"other": other, "type": "seealso"}]
    refused_as(stage, body)


@pytest.mark.parametrize(
    ("display", "status"),
    [
        ("Jeanne de la Tour", 201),
        ("DE LA TOUR Anne-Marie", 201),
        ("Jeanne de la Croix", 422),
        ("Marie de la Tour", 422),
    ],
)
def test_words_say_her_by_a_whole_name(stage, display, status):
    body = letter(stage)
    names = [{"family": "de la Tour", "given": [first]} for first in ("Jeanne", "Anne-Marie")]
    body["entry"][1]["resource"]["name"] = names
    answer = sent(stage.machine, with_entry(body, seen(subject={"display": display})))
    assert answer.status_code == status


def test_the_subject_of_a_document_is_found_by_a_number_alone(stage):
    pk = known(stage, HERS, "Blanc")
    body = letter(stage)
    body["entry"][0]["resource"]["subject"] = {"identifier": HERS}
    body["entry"][1] = {"fullUrl": PATIENT, "resource": seen(subject={"identifier": HERS})}
    assert str(KeptBody.objects.get(pk=key_of(sent(stage.machine, body))).person_id) == pk


def test_records_that_may_not_be_read_do_not_hide_the_one_that_may(stage):
    client = system_of(stage)
    numbers = [HERS | {"value": value} for value in ("1", "2", "3")]
    for rank, one in enumerate(numbers):
        said = one_of("Patient", identifier=[one], name=[{"family": f"Blanc {rank}"}])
        said |= {"birthDate": "1938-02-11", "gender": ("male", "male", "female")[rank]}
        made = bearing(client).post("/fhir/Patient", json.dumps(said), JSON)
        assert made.status_code == 201, made.content
    body = letter(stage)
    body["entry"][0]["resource"]["subject"] = {"reference": PATIENT}
    body["entry"][1] = {"fullUrl": PATIENT, "resource": one_of("Patient", identifier=numbers)}
    scopes = "system/Bundle.c system/Patient.s system/Patient.r?gender=female"
    answer = bearing(client, scopes).post("/fhir/Bundle", json.dumps(body), JSON)
    kept = KeptBody.objects.get(pk=key_of(answer))
    assert str(kept.person_id) == made.json()["id"]


def test_an_address_is_read_from_where_it_stands(stage):
    """`Patient/9` within what a hospital gave its own addresses is that of the hospital."""
    hers = one_of("Patient", identifier=[HERS], name=[{"family": "Blanc"}])
    pk = known(stage, HERS, "Blanc")
    body = letter(stage)
    body["entry"][0]["resource"]["subject"] = {"reference": ELSEWHERE}
    body["entry"][1] = {"fullUrl": ELSEWHERE, "resource": hers}
    where = "https://hopital.exemple.fr/fhir/Observation/1"
    with_entry(body, seen(subject={"reference": "Patient/9"}), where)
    key = key_of(sent(stage.machine, body))
    assert str(KeptBody.objects.get(pk=key).person_id) == pk


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        (seen(subject={"identifier": THEIRS}), "document.several"),
        (seen(contained=holding(identifier=[THEIRS]), subject=DOCTOR), "document.several"),
        (seen(contained=holding(name=OTHER), subject=DOCTOR), "document.nobody"),
        (seen(subject={"display": "Jeanne Roux"}), "document.several"),
    ],
)
def test_nothing_in_a_message_is_about_somebody_else(stage, resource, code):
    known(stage, THEIRS, "Roux")
    refused_as(stage, with_entry(message(stage), resource), code)


def test_whom_the_house_does_not_know_is_merely_named_as_whom_it_does(stage):
    """The same rule, so that no answer says who is known here."""
    for other in (daughter_of(stage), daughter_of(stage, known=False)):
        body = letter(stage)
        body["entry"][0]["resource"]["author"] = [{"reference": PATIENT}]
        named = one_of("Patient", name=OTHER, id=str(other.pk))
        key_of(sent(stage.machine, with_entry(body, named, PATIENT)))
        with_entry(body, seen(subject={"reference": PATIENT}))
        answer = sent(stage.machine, body | {"timestamp": "2026-11-27T11:00:00+01:00"})
        assert (answer.status_code, codes(answer)) == (422, ["document.several"])
