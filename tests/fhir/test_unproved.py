"""An INS that a partner says of somebody is told to nobody, wherever it stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordee.fhir.models import KeptBody
from cordee.fhir.rules.unproved import MASK, unproved
from cordee.fhir.rules.unproved import NUMBER as LIKE_ONE
from cordee.fhir.shape import troubles
from tests.fhir.stage import set_stage
from tests.fhir.test_care import sent

XHTML = "http://www.w3.org/1999/xhtml"
NUMBER = "253072A07300443"
INS = {"use": "official", "system": "urn:oid:1.2.250.1.213.1.4.10", "value": NUMBER}
OWN = {"system": "urn:partner:ipp", "value": NUMBER[:13]}
PATIENT = {"resourceType": "Patient", "id": "p", "identifier": [INS, OWN]}


def narrative(text):
    return {"status": "generated", "div": f'<div xmlns="{XHTML}">{text}</div>'}


@pytest.mark.django_db
def test_an_ins_beside_a_request_is_kept_masked_and_nothing_else_is_lost():
    stage = set_stage()
    body = sent("ServiceRequest", stage)
    body["subject"]["identifier"] = INS
    body["contained"] = [PATIENT]
    body["supportingInfo"] = [{"reference": "#p"}]
    body["text"] = narrative(f"Pansement pour {NUMBER}")
    answer = stage.machine.post("ServiceRequest", body)
    assert answer.status_code == 201, answer.content
    read = stage.machine.get(answer["Location"].partition("/fhir/")[2]).json()
    assert NUMBER not in json.dumps(read)
    assert not KeptBody.objects.filter(sent__contains=NUMBER).exists()
    assert [one for one in troubles(read) if one.severity == "error"] == []
    masked, own = read["contained"][0]["identifier"]
    assert (masked["system"], "value" in masked, own) == (INS["system"], False, OWN)
    assert masked["_value"]["extension"][0]["valueCode"] == "masked"
    assert "text" not in read
    found = stage.machine.found("ServiceRequest", identifier="urn:partner:demandes|D-2026-118")
    assert found == [read["id"]]


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        (f"Odile Blanc, {NUMBER}", False),
        ("Odile Blanc, 2 53 07 2A 073 004 43", False),
        ("Odile Blanc, 2\u00a053\u00a007\u00a02a\u00a0073\u00a0004\u00a043", False),
        ("Dossier 253072A07300442", True),
        ("Sonner deux fois, code 1234", True),
        ("Au 06 39 98 00 45, lot 2026112700001", True),
    ],
)
def test_a_narrative_goes_only_when_it_tells_a_number_with_its_key(text, is_kept):
    assert ("text" in unproved({"resourceType": "Task", "text": narrative(text)})) == is_kept


SPACED = "2 53 07 2A 073 004 43"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"code": {"text": f"Réf. {NUMBER}."}}, {"code": {"text": f"Réf. {MASK}."}}),
        ({"note": [{"text": f"INS {SPACED}"}]}, {"note": [{"text": f"INS {MASK}"}]}),
        ({"subject": {"display": NUMBER}}, {"subject": {"display": MASK}}),
        ({"name": [{"given": [NUMBER]}]}, {"name": [{"given": [MASK]}]}),
        ({"extension": [{"valueString": NUMBER}]}, {"extension": [{"valueString": MASK}]}),
        ({"contained": [{"title": NUMBER}]}, {"contained": [{"title": MASK}]}),
        ({"note": [{"text": SPACED.replace(" ", "\n")}]}, {"note": [{"text": MASK}]}),
        ({"note": [{"text": SPACED.replace(" ", "\u2009")}]}, {"note": [{"text": MASK}]}),
        # What leads to somebody is no word; words that look like it are.
        ({"title": f'"reference":"{NUMBER}"'}, {"title": f'"reference":"{MASK}"'}),
        ({'abc"reference': NUMBER}, {'abc"reference': MASK}),
        ({"reference": NUMBER, "display": NUMBER}, {"reference": NUMBER, "display": MASK}),
    ],
)
def test_in_free_words_the_number_alone_is_masked(said, kept):
    assert unproved(said) == kept


PARTED = st.sampled_from(["", "", " ", "-", ".", "\t", "\n", "\r", "\f", "\v", "\u00a0", "\u202f"])


@given(st.lists(PARTED, min_size=14, max_size=14), st.text(max_size=9), st.text(max_size=9))
def test_the_short_look_at_a_text_finds_what_the_pattern_finds(parts, before, after):
    number = NUMBER[0] + "".join(map("".join, zip(parts, NUMBER[1:], strict=True)))
    words = f"{before}{number}{after}"
    found = LIKE_ONE.findall(words)
    assert (unproved({"title": words}) != {"title": words}) == (number in found)


@pytest.mark.parametrize(
    "said",
    [
        {"code": {"text": "Réf. 253072A07300442, lot 2026112700001"}},  # without its key
        {"identifier": [OWN | {"value": NUMBER}]},
        {"code": {"coding": [{"system": "urn:partner", "code": NUMBER}]}},
        {"content": [{"attachment": {"data": f"{NUMBER}A", "url": f"urn:x:{NUMBER}"}}]},
        {"subject": {"reference": f"Patient?identifier=urn:partner|{NUMBER}"}},
    ],
)
def test_what_is_no_free_word_or_has_no_key_is_left_as_it_came(said):
    assert unproved(said) == said


@pytest.mark.django_db
def test_an_ins_in_the_words_of_a_request_is_told_to_no_partner():
    stage = set_stage()
    body = sent("ServiceRequest", stage)
    body["bodySite"] = [{"text": f"Jambe gauche ({SPACED})"}]
    answer = stage.machine.post("ServiceRequest", body)
    assert answer.status_code == 201, answer.content
    read = stage.machine.get(answer["Location"].partition("/fhir/")[2]).json()
    assert read["bodySite"] == [{"text": f"Jambe gauche ({MASK})"}]
    assert [one for one in troubles(read) if one.severity == "error"] == []
