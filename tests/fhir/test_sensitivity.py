"""What partners mark as sensitive, in the words of HL7, is read by whom its category is told."""

import pytest

from cordee.fhir.models import KeptBody
from cordee.fhir.rules.sensitivity import ACT_CODE, ACT_CODES, CONFIDENTIALITIES, protected_in
from cordee.fhir.systems import ours
from cordee.liaison.models import Note
from tests.factories.directory import AccountFactory
from tests.fhir.door import Machine, codes
from tests.fhir.rows.bundle import LETTER, letter
from tests.fhir.test_care import sent
from tests.fhir.test_documents import key_of
from tests.support import coordinator_of

pytestmark = pytest.mark.django_db
HOUSE = ours("information-category")


@pytest.fixture
def colleague(stage):
    """Another coordinator of the desk, to whom nobody agreed that more be told."""
    return Machine(coordinator_of(stage.desk, account_id=AccountFactory().pk))


def marked(code, system=ACT_CODE):
    return {"meta": {"security": [{"system": system, "code": code}]}}


def letter_with(stage, *inner, **whole):
    """A letter whose Bundle is labelled, and one of whose entries is."""
    found = letter(stage, **whole)
    note = {"resourceType": "DocumentReference", "status": "current"}
    note |= {"content": [{"attachment": {"title": "Note"}}]}
    note |= {"meta": {"security": list(inner)}} if inner else {}
    found["entry"].append({"fullUrl": f"{LETTER[:-1]}8", "resource": note})
    return found


def label(code, system=ACT_CODE):
    return {"system": system, "code": code}


@pytest.mark.parametrize(
    ("code", "category"),
    [
        *((one, "mental_health") for one in ("PSY", "MH", "ETH", "SUD", "PSYTHPN", "COGN")),
        *((one, "social") for one in ("SDV", "LIVARG")),
    ],
)
def test_a_sensitivity_of_hl7_puts_a_document_under_the_category_that_holds_it(
    stage, colleague, code, category
):
    pk = key_of(stage.machine.post("Bundle", letter_with(stage, label(code))))
    assert KeptBody.objects.get(pk=pk).category == category
    assert colleague.get(f"Bundle/{pk}").status_code == 404
    assert stage.machine.get(f"Bundle/{pk}").status_code == 200


@pytest.mark.parametrize("system", ACT_CODES)
def test_the_list_is_known_by_each_of_its_addresses(stage, system):
    pk = key_of(stage.machine.post("Bundle", letter(stage, **marked("PSY", system))))
    assert KeptBody.objects.get(pk=pk).category == "mental_health"


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        ([label("HIV")], "document.category"),
        ([label("SEX"), label("coordination", HOUSE)], "document.category"),
        ([label("PSY"), label("SDV")], "document.categories"),
        *(([label("R", one)], "document.category") for one in CONFIDENTIALITIES),
    ],
)
def test_what_no_category_of_the_house_holds_is_not_kept_as_care(stage, labels, code):
    answer = stage.machine.post("Bundle", letter_with(stage, *labels))
    assert (answer.status_code, codes(answer)) == (422, [code])
    assert not KeptBody.objects.exists()


def test_what_says_a_protected_category_beside_is_kept_under_it(stage):
    labels = [label("HIV"), label("mental_health", HOUSE)]
    pk = key_of(stage.machine.post("Bundle", letter_with(stage, *labels)))
    assert KeptBody.objects.get(pk=pk).category == "mental_health"


def test_a_kind_of_encounter_is_no_sensitivity(stage):
    found = letter_with(stage)
    stay = {"resourceType": "Encounter", "status": "finished", "class": label("IMP")}
    found["entry"].append({"fullUrl": f"{LETTER[:-1]}9", "resource": stay})
    pk = key_of(stage.machine.post("Bundle", found))
    assert KeptBody.objects.get(pk=pk).category == "care"


# --- notes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["coordination", "care", None])
def test_a_note_that_is_marked_is_never_read_more_widely_than_it_says(stage, colleague, said):
    note = sent("DocumentReference", stage, **marked("PSY"))
    note["category"] = [{"coding": [label(said, HOUSE)]}] if said else []
    note = {name: one for name, one in note.items() if one}
    answer = stage.machine.post("DocumentReference", note)
    assert answer.status_code == 201, answer.content
    (row,) = Note.objects.all()
    assert row.category == "mental_health"
    assert colleague.get(f"DocumentReference/{row.pk}").status_code == 404


def test_of_two_categories_of_a_note_the_protected_one_decides_in_whatever_order(stage):
    both = [label("coordination", HOUSE), label("social", HOUSE)]
    for rank, said in enumerate((both, both[::-1])):
        note = sent("DocumentReference", stage)
        note["category"] = [{"coding": said}]
        note["masterIdentifier"] = {"system": "urn:partner:notes", "value": str(rank)}
        assert stage.machine.post("DocumentReference", note).status_code == 201
    assert {one.category for one in Note.objects.all()} == {"social"}
    note["category"] = [{"coding": [*both, label("mental_health", HOUSE)]}]
    assert codes(stage.machine.post("DocumentReference", note)) == ["document_reference.categories"]


@pytest.mark.parametrize(
    ("code", "found"),
    [("social", {"social"}), ("\\u0073ocial", {"social"}), ("care", set()), ("\\u0063are", set())],
)
def test_a_category_of_the_house_is_found_however_its_text_is_written(code, found):
    text = f'{{"contained": [{{"category": [{{"system": "{HOUSE}", "code": "{code}"}}]}}]}}'
    typed = text.replace('"category"', '"resourceType": "Basic", "category"')
    assert protected_in(typed) == found


# --- what is kept around a resource ------------------------------------------------------------


def test_what_is_kept_around_a_resource_is_read_by_what_it_is_marked_as(stage, colleague):
    person = f"Patient/{stage.person.pk}"
    plain = stage.machine.get(person).json()
    said = plain | {"maritalStatus": {"text": "veuve"}} | marked("ETH")
    answer = stage.machine.put(person, said)
    assert answer.status_code == 200, answer.content
    assert KeptBody.objects.get(resource_id=stage.person.pk).category == "mental_health"
    assert "maritalStatus" in stage.machine.get(person).json()
    told = colleague.get(person).json()
    assert ("maritalStatus" in told, told["name"]) == (False, plain["name"])
    assert "veuve" not in colleague.get(f"{person}/_history").content.decode()


def test_two_categories_around_one_resource_are_sent_apart(stage):
    person = f"Patient/{stage.person.pk}"
    said = stage.machine.get(person).json()
    said["meta"] = {"security": [label("ETH"), label("SDV")]}
    answer = stage.machine.put(person, said)
    assert (answer.status_code, codes(answer)) == (422, ["body.categories"])
    assert not KeptBody.objects.exists()
