"""Whatever is sent, the answer is FHIR: never a page, never a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.fhir.door import JSON, codes
from tests.fhir.stage import set_stage

pytestmark = pytest.mark.django_db
PATIENT = '{"resourceType": "Patient", "name": [{"family": "Blanc"}]'
BEGUN = PATIENT.encode()


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b" ", 400, "reading.json"),
        (b"{", 400, "reading.json"),
        (b"[]", 400, "reading.not_a_resource"),
        (b'"Patient"', 400, "reading.not_a_resource"),
        (b"{}", 400, "reading.resource_type"),
        (b'{"resourceType": "Task"}', 400, "reading.resource_type"),
        (b'{"resourceType": ["Patient"]}', 400, "reading.resource_type"),
        (BEGUN + b', "gender": "male", "gender": "female"}', 400, "reading.duplicate_key"),
        (b'{"resourceType": "Patient", "name": [{"family": "\xe9"}]}', 400, "reading.utf8"),
        (BEGUN + b', "multipleBirthInteger": NaN}', 400, "reading.json"),
        (BEGUN + b', "id": "\\ud800"}', 400, "reading.json"),
        (BEGUN + b', "language": "a\\u0000b"}', 400, "reading.null_character"),
        (BEGUN + b', "contained": ' + b"[" * 90 + b"]" * 90 + b"}", 400, "reading.too_deep"),
        (b"[" * 100_000, 400, "reading.json"),
        (BEGUN + b', "language": "' + b"a" * 2_000_001 + b'"}', 413, "reading.too_big"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_its_name(raw, status, code):
    answer = set_stage().machine.post("Patient", raw)
    assert (answer.status_code, codes(answer)) == (status, [code])


@pytest.mark.parametrize("kind", ["application/fhir+xml", "text/plain", "multipart/form-data", ""])
def test_what_is_not_json_is_refused_with_a_sentence(kind):
    answer = set_stage().machine.post("Patient", PATIENT + "}", content_type=kind)
    assert (answer.status_code, codes(answer)) == (415, ["reading.content_type"])


def sentences(answer):
    """What is said of a refusal: in French, in English."""
    (issue,) = answer.json()["issue"]
    return issue["details"]["text"], issue["diagnostics"]


@pytest.mark.parametrize("kind", ["application/fhir+xml", "application/xml", "text/xml"])
def test_xml_is_neither_read_nor_written_and_a_sentence_says_so(kind):
    stage = set_stage()
    person = f"Patient/{stage.person.pk}"
    xml = '<Patient xmlns="http://hl7.org/fhir"><gender value="female"/></Patient>'
    sent = [
        stage.machine.post("Patient", xml, content_type=kind),
        stage.machine.put(person, xml, content_type=kind),
    ]
    for answer in sent:
        assert (answer.status_code, codes(answer)) == (415, ["reading.content_type"])
        french, english = sentences(answer)
        assert "ne lit pas le XML" in french
        assert "XML is not read here" in english
    wanted = [
        stage.machine.get(person, accept=kind),
        stage.machine.get(f"{person}?_format={kind}"),
        stage.machine.get("metadata?_format=xml"),
    ]
    for answer in wanted:
        assert (answer.status_code, codes(answer)) == (406, ["writing.format"])
        french, english = sentences(answer)
        assert "n’écrit que du JSON" in french
        assert "Only JSON is written here" in english
    for answer in sent + wanted:
        assert answer.headers["Content-Type"].startswith("application/fhir+json")
    assert "xml" not in " ".join(stage.machine.get("metadata").json()["format"])


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "Unknown", 404),
        ("GET", "Unknown/1", 404),
        ("GET", "nowhere/at/all", 404),
        ("GET", "", 405),
        ("GET", "Patient/x", 404),
        ("GET", "Patient/01900000-0000-7000-8000-000000000000/_history/9", 404),
        ("DELETE", "Patient/01900000-0000-7000-8000-000000000000", 405),
        ("TRACE", "Patient", 405),
        ("GET", "Patient?_count=-1", 400),
        ("GET", "Patient?_sort=nothing", 400),
        ("GET", "Patient?birthdate=2026-13-45", 400),
        ("GET", "Patient?birthdate=9999", 400),
        ("GET", "Patient?_cursor=forged", 400),
        ("GET", "Patient?gender:exact=male", 400),
        ("GET", "Patient?name.family=x", 400),
        ("GET", "Patient?_lastUpdated=gt", 400),
        ("GET", "Patient?" + "&".join(["name=a"] * 61), 400),
        ("GET", "Patient?name=%00", 400),
        ("GET", "Patient?name=%FF", 200),
        ("GET", "Patient?_id=%27%3B--", 200),
        ("GET", "Patient?general-practitioner=Practitioner/%20", 200),
    ],
)  # fmt: skip
def test_no_address_opens_a_page_or_a_fault(method, address, status):
    answer = set_stage().machine.send(method, address, b"")
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith(JSON)
    assert "resourceType" in answer.json()


def test_an_unknown_parameter_is_said_or_refused_when_strictness_is_asked():
    machine = set_stage().machine
    lenient = machine.get("Patient?shoe-size=41").json()
    assert lenient["entry"][-1]["search"]["mode"] == "outcome"
    strict = machine.get("Patient?shoe-size=41", prefer="handling=strict")
    assert (strict.status_code, codes(strict)) == (400, ["search.unknown"])


def test_a_question_of_another_origin_is_answered_when_it_is_listed(settings):
    from dataclasses import replace

    settings.CORDEE = replace(settings.CORDEE, fhir_origins=("https://app.example",))
    machine = set_stage().machine
    heard = machine.send("OPTIONS", "Patient", b"", origin="https://app.example")
    assert heard["Access-Control-Allow-Origin"] == "https://app.example"
    assert {"Range", "If-Range"} <= set(heard["Access-Control-Allow-Headers"].split(", "))
    told = set(heard["Access-Control-Expose-Headers"].split(", "))
    assert {"Retry-After", "X-Progress", "Expires", "Content-Range", "WWW-Authenticate"} <= told
    assert "Access-Control-Allow-Origin" not in machine.get(
        "metadata", origin="https://evil.example"
    )


def test_a_full_disk_is_said_in_fhir_too(monkeypatch):
    monkeypatch.setattr("cordee.web.room.has_room", lambda: False)
    machine = set_stage().machine
    answer = machine.post("Patient", PATIENT + "}")
    assert (answer.status_code, codes(answer)) == (503, ["web.disk_full"])
    assert machine.get("Patient").status_code == 200


WORDS = st.sampled_from(
    ["name", "family:exact", "family:contains", "birthdate", "_lastUpdated", "identifier"]
    + ["_has:Patient:link:name", "general-practitioner.name", "_sort", "_include", "_revinclude"]
    + [
        "_count",
        "_elements",
        "_summary",
        "_total",
        "_id",
        "_tag:not",
        "phone",
        "address",
        "_cursor",
    ]
)


class Anything(TestCase):
    """Random searches: each is answered, and none by a fault of ours."""

    @given(st.lists(st.tuples(WORDS, st.text(max_size=12)), max_size=4))
    def test_no_search_is_answered_by_a_fault(self, words):
        machine = set_stage().machine
        pairs: dict[str, list[str]] = {}
        for name, value in words:
            pairs.setdefault(name, []).append(value)
        answer = machine.search("Patient", **pairs)
        assert answer.status_code < 500, (words, answer.content)
        answer.json()
