"""A document or a message is kept as it came, for who may know the person; nothing is believed."""

import json
from copy import deepcopy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordee.access.models import Trace
from cordee.fhir.models import KeptBody
from cordee.intake.models import CareRequest
from cordee.kernel.identifiers import uuid7
from cordee.people.models import Person
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.fhir.door import JSON, Machine, codes, matches
from tests.fhir.rows.bundle import LETTER, SECTION, address, letter
from tests.fhir.stage import set_stage
from tests.fhir.systems import bearing, system_of
from tests.support import coordinator_of, facts, simultaneously

pytestmark = pytest.mark.django_db
HERS = {"system": "urn:partner:ipp", "value": "8812"}


@pytest.fixture
def stage():
    return set_stage()


def sent(machine, document, where="Bundle", **headers):
    return machine.post(where, document, **headers)


def key_of(answer):
    assert answer.status_code in (200, 201), answer.content
    return answer["Location"].partition("Bundle/")[2].partition("/")[0]


def message(stage, person=None):
    """Somebody was discharged: an event, about who was."""
    key = (person or stage.person).pk
    head = {
        "resourceType": "MessageHeader",
        "eventUri": "urn:partner:discharged",
        "source": {"endpoint": "https://hopital.exemple.fr/"},
        "focus": [{"reference": f"Patient/{key}"}],
    }
    entry = {"fullUrl": "urn:uuid:5b0a51c6-6a3c-4f7b-9d53-0e8a6b5a4c20", "resource": head}
    return {"resourceType": "Bundle", "type": "message", "entry": [entry]}


# --- kept, and read ----------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["", "Bundle"])
def test_a_document_is_read_back_byte_for_byte(stage, where):
    raw = json.dumps(letter(stage), ensure_ascii=False, indent=3) + "\n\n"
    raw = raw.replace('"type": "document"', '"type"  :"document"')
    answer = sent(stage.machine, raw.encode(), where)
    assert (answer.status_code, answer.content) == (201, b"")
    read = stage.machine.get(f"Bundle/{key_of(answer)}")
    assert read.content == raw.encode()
    assert read["ETag"] == answer["ETag"]
    version = stage.machine.get(answer["Location"].partition("/fhir/")[2])
    assert version.content == raw.encode()
    again = stage.machine.get(f"Bundle/{key_of(answer)}", if_none_match=read["ETag"])
    assert again.status_code == 304


def test_the_thread_says_who_it_came_from_and_tells_nothing_of_it(stage):
    pk = key_of(sent(stage.machine, letter(stage)))
    (line,) = facts("fhir.care_document_received")
    assert line["thread"] == stage.person.pk
    assert line["data"] == {
        "person_id": str(stage.person.pk),
        "document_id": pk,
        "form": "document",
    }
    assert "Lettre" not in str(line)


def test_nothing_of_it_is_believed(stage):
    before = (Person.objects.count(), CareRequest.objects.count())
    document = letter(stage)
    claimed = {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "253072A07300443"}
    document["entry"][1]["resource"]["identifier"] = [claimed]
    document["entry"][1]["resource"]["birthDate"] = "1900-01-01"
    asks = {"resourceType": "ServiceRequest", "status": "active", "intent": "order"}
    asks |= {"subject": {"reference": document["entry"][1]["fullUrl"]}}
    document["entry"].append({"fullUrl": f"{LETTER[:-1]}9", "resource": asks})
    key_of(sent(stage.machine, document))
    assert (Person.objects.count(), CareRequest.objects.count()) == before
    stage.person.refresh_from_db()
    assert not stage.person.shown_ins.startswith("253072")
    assert str(stage.person.birth_date) != "1900-01-01"


def test_it_is_found_by_who_may_know_the_person_and_by_nobody_else(stage):
    document = letter(stage)
    pk = key_of(sent(stage.machine, document))
    named = f"{document['identifier']['system']}|{document['identifier']['value']}"
    follows = Machine(coordinator_of(stage.desk, account_id=AccountFactory().pk))
    for words in (
        {"_count": 20},
        {"identifier": named},
        {"patient": str(stage.person.pk), "type": "document"},
    ):
        assert follows.found("Bundle", **words) == [pk], words
    assert follows.found("Bundle", type="message") == []
    assert follows.found("Bundle", identifier="autre") == []
    told = follows.get(f"Patient/{stage.person.pk}/$everything").json()
    assert pk in matches(told)
    stranger = Machine(coordinator_of(OrganizationFactory(), account_id=AccountFactory().pk))
    assert stranger.found("Bundle", _count=20) == []
    assert stranger.get(f"Bundle/{pk}").status_code == 404
    assert Trace.objects.filter(kind="refused", subject_id=pk).count() == 1


def test_what_it_tells_decides_who_reads_it(stage):
    restricted = letter(stage)
    restricted["entry"][0]["resource"]["confidentiality"] = "R"
    refused = sent(stage.machine, restricted)
    assert (refused.status_code, codes(refused)) == (422, ["document.category"])
    system = "https://cordee.fr/fhir/CodeSystem/information-category"
    said = [{"coding": [{"system": system, "code": "mental_health"}]}]
    restricted["entry"][0]["resource"]["category"] = said
    pk = key_of(sent(stage.machine, restricted))
    assert facts("fhir.mental_health_document_received")
    assert stage.machine.get(f"Bundle/{pk}").status_code == 200  # who sent it
    other = Machine(coordinator_of(stage.desk, account_id=AccountFactory().pk))
    assert other.get(f"Bundle/{pk}").status_code == 404  # nobody agreed to that sharing


def letter_with(stage, *, inner=(), tag=(), security=(), confidentiality=None):
    """A letter that says categories and confidentialities: an entry within it, or its Bundle."""
    found = letter(stage)
    note = {"resourceType": "DocumentReference", "status": "current", "content": []}
    note |= {"content": [{"attachment": {"title": "Note"}}]}
    if inner:
        note["meta"] = {"security": [label(one) for one in inner]}
    found["entry"].append({"fullUrl": f"{LETTER[:-1]}8", "resource": note})
    meta = {"tag": [label(one) for one in tag], "security": [label(one) for one in security]}
    if told := {name: many for name, many in meta.items() if many}:
        found["meta"] = told
    if confidentiality:
        found["entry"][0]["resource"]["confidentiality"] = confidentiality
    return found


def label(code):
    """A confidentiality when it is one letter, else a category of the house."""
    house = "https://cordee.fr/fhir/CodeSystem/information-category"
    hl7 = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
    return {"system": hl7 if len(code) == 1 else house, "code": code}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"inner": ["R"]}, "document.category"),
        ({"inner": ["V"], "confidentiality": "N"}, "document.category"),
        ({"inner": ["R"], "tag": ["care"]}, "document.category"),
        ({"security": ["R"], "tag": ["coordination"]}, "document.category"),
        ({"tag": ["mental_health", "social"]}, "document.categories"),
        ({"inner": ["social"], "security": ["mental_health"]}, "document.categories"),
        ({"tag": ["addiction"]}, "document.category.unknown"),
        ({"inner": ["addiction"], "tag": ["mental_health"]}, "document.category.unknown"),
    ],
)
def test_what_is_not_sorted_within_it_is_refused(stage, said, code):
    answer = sent(stage.machine, letter_with(stage, **said))
    assert (answer.status_code, codes(answer)) == (422, [code])
    assert not KeptBody.objects.filter(kind="document").exists()


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ({"inner": ["mental_health"]}, "mental_health"),
        ({"inner": ["R"], "tag": ["social", "care"]}, "social"),
        ({"tag": ["coordination"]}, "coordination"),
        ({"tag": ["coordination"], "inner": ["care"]}, "care"),
        ({"inner": ["coordination"]}, "care"),
        ({"inner": ["N"], "tag": ["identity"]}, "care"),
    ],
)
def test_the_most_protected_of_what_it_says_decides(stage, said, category):
    pk = key_of(sent(stage.machine, letter_with(stage, **said)))
    assert KeptBody.objects.get(pk=pk).category == category


def test_a_label_on_a_part_of_a_resource_is_heard_as_one_on_the_whole(stage):
    found = letter(stage)
    coding = {"system": "http://loinc.org", "code": "59284-0"}
    scope = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment"}
    asked = {"resourceType": "Consent", "status": "active", "scope": {"coding": [scope]}}
    asked |= {"category": [{"coding": [coding]}], "policyRule": {"text": "Une règle"}}
    asked |= {"provision": {"provision": [{"securityLabel": [label("social")]}]}}
    found["entry"].append({"fullUrl": f"{LETTER[:-1]}8", "resource": asked})
    assert KeptBody.objects.get(pk=key_of(sent(stage.machine, found))).category == "social"


@pytest.mark.parametrize("code", ["R", "mental_health"])
def test_what_a_message_brings_is_not_told_to_who_may_not_read_it(stage, code):
    told = message(stage)
    note = letter_with(stage, inner=[code])["entry"][-1]
    told["entry"].append(note)
    answer = sent(stage.machine, told)
    if code == "R":
        assert codes(answer) == ["document.category"]
    else:
        other = Machine(coordinator_of(stage.desk, account_id=AccountFactory().pk))
        assert other.get(f"Bundle/{key_of(answer)}").status_code == 404


def test_a_message_is_kept_the_same_way(stage):
    pk = key_of(sent(stage.machine, message(stage)))
    assert stage.machine.found("Bundle", type="message") == [pk]


def test_whom_it_is_about_is_found_by_an_identifier_that_its_sender_may_search(stage):
    hers = {"resourceType": "Patient", "identifier": [HERS], "name": [{"family": "Blanc"}]}
    made = stage.machine.post("Patient", hers | {"birthDate": "1938-02-11"}).json()["id"]
    document = letter(stage)
    document["entry"][1] = {"fullUrl": f"{LETTER[:-1]}2", "resource": hers}
    document["entry"][0]["resource"]["subject"] = {"reference": f"{LETTER[:-1]}2"}
    pk = key_of(sent(stage.machine, document))
    assert str(KeptBody.objects.get(pk=pk).person_id) == made
    document["identifier"]["value"] = "autre"
    blind = bearing(system_of(stage), "system/Bundle.c system/Patient.r")
    answer = blind.post("/fhir/Bundle", json.dumps(document), JSON)
    assert (answer.status_code, codes(answer)) == (422, ["document.nobody"])


def made(machine, value):
    """A record made by a partner under its own number; and a Patient that says that number."""
    said = {"resourceType": "Patient", "identifier": [HERS | {"value": value}]}
    said |= {"name": [{"family": f"Blanc {value}"}], "birthDate": "1938-02-11"}
    assert machine.post("Patient", said).status_code == 201
    return {"resource": said}


def test_a_message_about_two_is_filed_under_neither(stage):
    both = message(stage)
    both["entry"][0]["resource"].pop("focus")
    one, other = made(stage.machine, "1"), made(stage.machine, "2")
    unknown = deepcopy(other)
    unknown["resource"]["identifier"][0]["value"] = "3"
    for brought, code in (
        ([one, other], "document.several"),
        ([one, unknown], "document.nobody"),
        ([unknown, one], "document.nobody"),
    ):
        answer = sent(stage.machine, both | {"entry": [both["entry"][0], *brought]})
        assert (answer.status_code, codes(answer)) == (422, [code])
    assert not KeptBody.objects.filter(kind="message").exists()
    key_of(sent(stage.machine, both | {"entry": [both["entry"][0], one, one]}))


def test_who_is_found_and_may_not_be_read_is_nobody(stage):
    client = system_of(stage)
    hers = {"resourceType": "Patient", "identifier": [HERS], "name": [{"family": "Blanc"}]}
    whole = json.dumps(hers | {"birthDate": "1938-02-11"})
    assert bearing(client).post("/fhir/Patient", whole, JSON).status_code == 201
    document = letter(stage)
    document["entry"][1] = {"fullUrl": f"{LETTER[:-1]}2", "resource": hers}
    document["entry"][0]["resource"]["subject"] = {"reference": f"{LETTER[:-1]}2"}
    for part, said in (("?gender=female", (422, "document.nobody")), ("", (201, ""))):
        machine = bearing(client, f"system/Bundle.c system/Patient.s system/Patient.r{part}")
        answer = machine.post("/fhir/Bundle", json.dumps(document), JSON)
        assert (answer.status_code, codes(answer)[0] if answer.content else "") == said


@pytest.mark.parametrize(
    ("scope", "expected"), [("", (422, "document.nowhere")), (" system/Organization.r", (201, ""))]
)
def test_what_the_scopes_do_not_let_read_is_as_absent(stage, scope, expected):
    document = letter(stage)
    document["entry"][0]["resource"]["author"] = [{"reference": f"Organization/{stage.desk.pk}"}]
    machine = bearing(system_of(stage), f"system/Bundle.c system/Patient.r{scope}")
    answer = machine.post("/fhir/Bundle", json.dumps(document), JSON)
    said = codes(answer)[0] if answer.content else ""
    assert (answer.status_code, said) == expected


@pytest.mark.parametrize(
    ("scope", "read", "searched"),
    [
        ("system/Bundle.r", 200, 403),
        ("system/Bundle.s", 403, 200),
        ("system/Composition.rs system/Patient.rs", 403, 403),
    ],
)
def test_reading_it_asks_the_scope_of_a_bundle_alone_whatever_is_in_it(
    stage, scope, read, searched
):
    client = system_of(stage)
    sender = bearing(client, "system/Bundle.c system/Patient.r")
    key = key_of(sender.post("/fhir/Bundle", json.dumps(letter(stage)), JSON))
    reader = bearing(client, scope)
    assert reader.get(f"/fhir/Bundle/{key}").status_code == read
    assert reader.get("/fhir/Bundle?type=document").status_code == searched


def test_what_is_named_often_is_looked_for_once(stage):
    counts = []
    for many in (1, 40):
        document = letter(stage)
        here = {"reference": f"Organization/{stage.desk.pk}"}
        document["entry"][0]["resource"]["author"] = [here] * many
        with CaptureQueriesContext(connection) as seen:
            key_of(sent(stage.machine, document))
        counts.append(len(seen))
    assert counts[1] <= counts[0]


def test_no_more_is_looked_for_than_is_bearable(stage):
    document = letter(stage)
    named = [{"reference": f"Patient/{uuid7()}"} for _ in range(200)]
    some = {"subject": {"reference": address(stage.person)}, "performer": named}
    document["entry"].append({"fullUrl": f"{LETTER[:-1]}8", "resource": SEEN | some})
    answer = sent(stage.machine, document)
    assert (answer.status_code, codes(answer)) == (422, ["document.many"])
    del named[0]
    key_of(sent(stage.machine, document))


# --- refused -----------------------------------------------------------------------------------


def without_a_page(document, stage):
    document["entry"].reverse()


def without_anything(document, stage):
    del document["entry"]


def without_a_date(document, stage):
    del document["timestamp"]


def to_what_it_lacks(document, stage):
    document["entry"][0]["resource"]["author"] = [{"reference": f"{LETTER[:-1]}7"}]


def to_what_is_not_here(document, stage):
    document["entry"][0]["resource"]["author"] = [{"reference": f"Practitioner/{uuid7()}"}]


def to_what_an_entry_lacks(document, stage):
    document["entry"][1]["resource"]["managingOrganization"] = {"reference": f"{LETTER[:-1]}7"}


def about_nobody(document, stage):
    document["entry"][1]["fullUrl"] = f"{LETTER[:-1]}2"
    document["entry"][0]["resource"]["subject"] = {"reference": f"{LETTER[:-1]}2"}


def about_who_hides(document, stage):
    hidden = PersonFactory(birth_name="Ailleurs")
    document["entry"][0]["resource"]["subject"] = {"reference": f"Patient/{hidden.pk}"}


def about_another_than_its_subject(document, stage):
    """Her mother is known here; whom the letter is about is not."""
    unknown = {"resourceType": "Patient", "name": [{"family": "Blanc"}]}
    document["entry"].append({"fullUrl": f"{LETTER[:-1]}3", "resource": unknown})
    document["entry"][0]["resource"]["subject"] = {"reference": f"{LETTER[:-1]}3"}


def about_two(document, stage):
    other = PersonFactory(territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    InformationFactory(person=other)
    second = {"fullUrl": address(other), "resource": {"resourceType": "Patient"}}
    document["entry"].append(second)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (without_a_page, "shape.bdl-11"),
        (without_anything, "shape.bdl-11"),
        (without_a_date, "shape.bdl-10"),
        (to_what_it_lacks, "document.nowhere"),
        (to_what_is_not_here, "document.nowhere"),
        (to_what_an_entry_lacks, "document.nowhere"),
        (about_nobody, "document.nobody"),
        (about_who_hides, "document.nowhere"),
        (about_another_than_its_subject, "document.nobody"),
        (about_two, "document.several"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_is_refused_leaves_nothing_and_says_why(stage, wrong, code):
    document = deepcopy(letter(stage))
    wrong(document, stage)
    answer = sent(stage.machine, document)
    assert answer.status_code == 422
    assert code in codes(answer)
    assert answer.json()["issue"][0]["expression"][0].startswith("Bundle")
    assert not KeptBody.objects.filter(kind="document").exists()


def test_a_batch_neither_holds_a_document_nor_is_sent_as_one(stage):
    entry = {"resource": letter(stage), "request": {"method": "POST", "url": "Bundle"}}
    batch = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    told = stage.machine.post("", batch).json()["entry"][0]["response"]
    assert told["status"].startswith("422")
    answer = sent(stage.machine, batch)
    assert (answer.status_code, codes(answer)) == (422, ["bundle.kind"])
    searchset = {"resourceType": "Bundle", "type": "searchset"}
    assert codes(sent(stage.machine, searchset, "")) == ["bundle.kind"]


def test_it_is_brought_within_the_scopes_alone(stage):
    machine = bearing(system_of(stage), "system/Patient.r system/Bundle.crs?type=message")
    answer = machine.post("/fhir/Bundle", json.dumps(letter(stage)), JSON)
    assert (answer.status_code, codes(answer)) == (403, ["caller.part"])
    reads = bearing(system_of(stage), "system/Bundle.rs")
    answer = reads.post("/fhir/Bundle", json.dumps(letter(stage)), JSON)
    assert (answer.status_code, codes(answer)) == (403, ["caller.scope"])
    assert not KeptBody.objects.exists()


# --- whom else it names ------------------------------------------------------------------------


def daughter_of(stage, *, known=True):
    """Somebody else whom the desk follows; or who hides from it."""
    other = PersonFactory(birth_name="Roux", territory=stage.desk.territory)
    if known:
        joins_circle(other, organization=stage.desk)
        InformationFactory(person=other)
    return other


def naming(document, other, resource):
    """The same with somebody else among its entries, and something that leads to them."""
    document["entry"].append({"fullUrl": address(other), "resource": {"resourceType": "Patient"}})
    document["entry"].append({"fullUrl": f"{LETTER[:-1]}6", "resource": resource})
    return document


def answers(by, about):
    """A questionnaire that somebody answered about somebody."""
    said = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    return said | {"subject": {"reference": about}, "source": {"reference": by}}


def test_who_is_merely_named_in_a_document_is_not_whom_it_is_about(stage):
    other = daughter_of(stage)
    document = naming(letter(stage), other, answers(address(other), address(stage.person)))
    document["entry"][0]["resource"]["author"] = [{"reference": address(other)}]
    pk = key_of(sent(stage.machine, document))
    assert KeptBody.objects.get(pk=pk).person_id == stage.person.pk
    assert stage.machine.found("Bundle", patient=str(other.pk)) == []
    assert [line["thread"] for line in facts("fhir.care_document_received")] == [stage.person.pk]


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": {}},
        {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "focus": [{}]},
        {"resourceType": "RelatedPerson", "patient": {}},
        {"resourceType": "FamilyMemberHistory", "status": "completed", "patient": {}},
        {"resourceType": "List", "status": "current", "mode": "working", "entry": [{"item": {}}]},
    ],
    ids=lambda one: one["resourceType"],
)
def test_a_document_in_which_something_is_about_somebody_else_is_refused(stage, resource):
    other = daughter_of(stage)
    if resource["resourceType"] == "FamilyMemberHistory":
        resource = resource | {"relationship": {"text": "mère"}}
    said = json.dumps(resource).replace("{}", json.dumps({"reference": address(other)}))
    document = naming(letter(stage), other, json.loads(said))
    document["entry"][0]["resource"]["author"] = [{"reference": address(other)}]
    answer = sent(stage.machine, document)
    assert (answer.status_code, codes(answer)) == (422, ["document.several"])
    assert not KeptBody.objects.exists()


BY = {"reference": "{other}"}
OF_HER = {"subject": {"reference": "{person}"}}


def one_of(kind, **said):
    return {"resourceType": kind} | said


SEEN = one_of("Observation", status="final", code={"text": "x"})
ASKED = {"status": "proposed", "participant": [{"actor": BY, "status": "needs-action"}]}
ACCEPTED = {"appointment": {"display": "x"}, "actor": BY, "participantStatus": "accepted"}
BESIDE = {"contained": [SEEN | {"id": "o", "performer": [BY]}]}


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        (one_of("Appointment", **ASKED), 422),
        (one_of("Appointment", supportingInformation=[OF_HER["subject"]], **ASKED), 422),
        (one_of("AppointmentResponse", **ACCEPTED), 422),
        (one_of("Schedule", actor=[BY]), 422),
        (SEEN | {"performer": [BY]}, 422),
        (one_of("QuestionnaireResponse", status="completed", source=BY), 422),
        (one_of("Communication", status="completed", recipient=[BY]), 422),
        (SEEN | OF_HER | {"hasMember": [{"reference": "#o"}]} | BESIDE, 422),
        (SEEN | OF_HER | {"performer": [BY]}, 201),
        (one_of("Communication", status="completed", sender=BY) | OF_HER, 201),
        (one_of("Procedure", status="completed", performer=[{"actor": BY}]) | OF_HER, 201),
    ],
)
def test_who_acts_is_merely_named_where_it_is_about_the_subject(stage, resource, status):
    other = daughter_of(stage)
    said = json.dumps(resource).replace("{other}", address(other))
    said = said.replace("{person}", address(stage.person))
    answer = sent(stage.machine, naming(letter(stage), other, json.loads(said)))
    refused = ["document.several"] if status == 422 else []
    assert (answer.status_code, codes(answer) if answer.content else []) == (status, refused)


@pytest.mark.parametrize(
    "more",
    [
        {"identifier": [{"system": "urn:partner:ipp", "value": "1"}]},
        {"address": [{"city": "Gap"}]},
        {"telecom": [{"system": "phone", "value": "0639980012"}]},
        {"birthDate": "1968-04-01"},
        {"text": {"status": "generated", "div": SECTION}},
        {"contact": [{"telecom": [{"system": "phone", "value": "0639980012"}]}]},
    ],
    ids=lambda one: next(iter(one)),
)
def test_who_is_named_in_a_document_is_told_of_by_name_alone(stage, more):
    other = daughter_of(stage)
    document = naming(letter(stage), other, answers(address(other), address(stage.person)))
    document["entry"][-2]["resource"] |= more
    answer = sent(stage.machine, document)
    assert answer.status_code == 422, "kept under another"
    assert codes(answer) == ["document.several"]
    named = {"resourceType": "Patient", "name": [{"family": "Roux"}]}
    document["entry"][-2]["resource"] = named
    key_of(sent(stage.machine, document))


# --- once --------------------------------------------------------------------------------------


def test_what_is_sent_again_is_the_same_and_is_told_once(stage):
    document = letter(stage)
    first, again = (sent(stage.machine, document) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first["Location"] == again["Location"]
    assert len(facts("fhir.care_document_received")) == 1
    other = Machine(coordinator_of(stage.desk, account_id=AccountFactory().pk))
    theirs = sent(other, document)
    assert theirs.status_code == 201  # another sender said the same


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_keep_one():
    stage = set_stage()
    document = letter(stage)
    answers = simultaneously(*[lambda: sent(stage.machine, document).status_code] * 10)
    assert sorted(answers) == [200] * 9 + [201]
    assert KeptBody.objects.filter(kind="document").count() == 1
