"""What a transaction adds by the hundred is written in sets, and nobody sees the difference."""

import base64
import re

import pytest
from django.db import connection

from cordee.access.actor import Role
from cordee.access.models import Trace
from cordee.access.policy import visible
from cordee.fhir.bundles import transaction
from cordee.fhir.models import KeptBody
from cordee.fhir.systems import ours
from cordee.kernel.models import FactHeader
from cordee.liaison.models import Note, NoteDraft
from cordee.people.models import Candidate, CircleMember, Person, Relative
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, RelativeFactory, joins_circle
from tests.fhir.door import codes
from tests.fhir.stage import set_stage
from tests.fhir.test_bundles import bundle, entry, patient
from tests.fhir.test_related_person import QUALITIES
from tests.people.test_no_shadow import asked
from tests.support import actor

pytestmark = pytest.mark.django_db
URL = "urn:uuid:7f2a1c9e-0d3b-4a51-9b11-3a5f6f7a0001"


def note(rank, subject, **more):
    """A note as a partner sends it, with what Cordée has no word for."""
    text = base64.b64encode(f"Passage {rank}, tout va bien.".encode()).decode()
    sent = {
        "resourceType": "DocumentReference",
        "identifier": [{"system": "urn:essai:note", "value": str(rank)}],
        "status": "current",
        "subject": {"reference": subject},
        "content": [{"attachment": {"contentType": "text/plain", "data": text}}],
        "context": {"facilityType": {"text": "Domicile"}},
    }
    return sent | more


def notes(count, subject):
    return [entry("POST", "DocumentReference", note(rank, subject)) for rank in range(count)]


def history(count):
    """Somebody, and notes about her."""
    one = entry("POST", "Patient", patient("Zylberstein")) | {"fullUrl": URL}
    return bundle("transaction", one, *notes(count, URL))


def told(machine, answer):
    """What is read of each note a transaction made, but for what differs each time."""
    assert answer.status_code == 200, answer.content
    found = []
    for one in answer.json()["entry"][1:]:
        assert one["response"]["status"] == "201 Created"
        address, _, version = one["response"]["location"].partition("/_history/")
        read = machine.get(address.partition("/fhir/")[2])
        assert read["ETag"] == one["response"]["etag"] == f'W/"{version}"'
        resource = read.json()
        del resource["id"], resource["meta"]["lastUpdated"]
        resource.pop("subject", None)
        found.append(resource)
    return found


def test_notes_of_a_set_are_told_as_notes_that_came_one_by_one(monkeypatch):
    stage = set_stage()
    together = told(stage.machine, stage.machine.post("", history(6)))
    facts = FactHeader.objects.filter(kind="liaison.note_written").count()
    monkeypatch.setattr(transaction, "written_together", lambda *_: None)
    alone = told(stage.machine, stage.machine.post("", history(6)))
    assert together == alone
    assert together[0]["context"] == {"facilityType": {"text": "Domicile"}}
    assert facts == 6
    assert FactHeader.objects.filter(kind="liaison.note_written").count() == 12


def test_notes_of_several_persons_and_categories_say_the_version_that_is_then_read():
    stage = set_stage()
    said = [
        note(
            rank,
            URL if rank % 2 else f"Patient/{stage.person.pk}",
            category=[{"coding": [{"system": ours("information-category"), "code": code}]}],
        )
        for rank, code in enumerate(("care", "social", "coordination", "care", "social"))
    ]
    one = entry("POST", "Patient", patient("Zylberstein")) | {"fullUrl": URL}
    sent = [one, *(entry("POST", "DocumentReference", each) for each in said)]
    found = told(stage.machine, stage.machine.post("", bundle("transaction", *sent)))
    assert [one["meta"]["versionId"] for one in found] == ["1-1"] * 5


@pytest.mark.parametrize(
    ("model", "read"), [(Note, set()), (KeptBody, {"kind"})], ids=["notes", "bodies"]
)
def test_what_is_seen_alike_is_all_that_sight_reads(model, read):
    """One note of a set is asked for those of the same person, category and author."""
    read = read | {"person_id", "category", "author_id"}
    table = model._meta.db_table
    columns = {one.column for one in model._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute("SELECT qual FROM pg_policies WHERE tablename = %s", [table])
        locks = " ".join(qual for (qual,) in cursor.fetchall() if qual)
    assert read <= columns
    assert columns & set(re.findall(r"\w+", locks)) == read
    for role in Role:
        at = OrganizationFactory()
        rows = visible(model.objects.values("pk"), actor(role, organization=at))
        asked = str(rows.query).partition(" WHERE ")[2]
        assert set(re.findall(rf'"{table}"."(\w+)"', asked)) <= read, role


def test_forty_notes_ask_no_more_statements_than_eight():
    stage = set_stage()
    subject = f"Patient/{stage.person.pk}"
    told = []
    stage.machine.post("", bundle("transaction", *notes(8, subject)))
    for count in (9, 40):
        sent = [
            entry("POST", "DocumentReference", note(f"{count}-{rank}", subject))
            for rank in range(count)
        ]
        statements, answer = asked(
            lambda: stage.machine.post("", bundle("transaction", *sent))  # noqa: B023
        )
        assert answer.status_code == 200, answer.content
        told.append(len(statements))
    assert told[0] == told[1]


def test_one_bad_note_among_hundreds_leaves_nothing_and_is_named():
    stage = set_stage()
    sent = history(300)
    sent["entry"][217]["resource"]["status"] = "superseded"
    answer = stage.machine.post("", sent)
    assert (answer.status_code, codes(answer)) == (422, ["document_reference.not_a_note"])
    (where,) = answer.json()["issue"][0]["expression"]
    assert where == "Bundle.entry[217].resource.status"
    assert not Person.objects.filter(birth_name="Zylberstein").exists()
    assert not Note.objects.exists()
    assert not KeptBody.objects.exists()
    assert not FactHeader.objects.filter(kind="liaison.note_written").exists()


def test_the_same_notes_sent_again_are_the_same_notes():
    stage = set_stage()
    sent = bundle("transaction", *notes(5, f"Patient/{stage.person.pk}"))
    first, again = stage.machine.post("", sent), stage.machine.post("", sent)
    made = [
        [one["response"]["location"].partition("/_history/")[0] for one in answer.json()["entry"]]
        for answer in (first, again)
    ]
    assert made[0] == made[1]
    assert Note.objects.count() == 5


def test_notes_about_somebody_who_hides_are_refused_as_of_nobody():
    stage, hidden = set_stage(), PersonFactory()
    joins_circle(hidden, organization=OrganizationFactory())
    answer = stage.machine.post("", bundle("transaction", *notes(5, f"Patient/{hidden.pk}")))
    assert (answer.status_code, codes(answer)) == (422, ["incoming.nowhere"])
    assert not Note.objects.exists()


def test_a_set_is_one_gesture_of_the_trace_and_leaves_the_drafts_of_others():
    stage = set_stage()
    before = Trace.objects.filter(verb__startswith="liaison.write").count()
    stage.machine.post("", bundle("transaction", *notes(5, f"Patient/{stage.person.pk}")))
    lines = Trace.objects.filter(verb__startswith="liaison.write").order_by("pk")[before:]
    assert [(one.verb, list(one.persons)) for one in lines] == [
        ("liaison.write_many", [stage.person.pk])
    ]
    assert not NoteDraft.objects.exists()


def relative(rank, subject, **more):
    sent = {
        "resourceType": "RelatedPerson",
        "identifier": [{"system": "urn:essai:proche", "value": str(rank)}],
        "patient": {"reference": subject},
        "relationship": [{"text": "voisine"}],
        "name": [{"use": "official", "family": "Martin", "given": [f"Rose{'a' * rank}"]}],
        "telecom": [{"system": "phone", "value": f"06 39 98 00 4{rank}"}],
    }
    return entry("POST", "RelatedPerson", sent | more)


def close_ones():
    one = entry("POST", "Patient", patient("Zylberstein")) | {"fullUrl": URL}
    return bundle("transaction", one, relative(1, URL), relative(2, URL), relative(3, URL))


def test_relatives_of_a_set_are_told_as_relatives_that_came_one_by_one(monkeypatch):
    stage = set_stage()
    together = told(stage.machine, stage.machine.post("", close_ones()))
    verbs = Trace.objects.filter(verb__startswith="people.note_relative").order_by("pk")
    assert [one.verb for one in verbs] == ["people.note_relatives"]
    monkeypatch.setattr(transaction, "written_together", lambda *_: None)
    alone = told(stage.machine, stage.machine.post("", close_ones()))
    for one in [*together, *alone]:
        del one["patient"]
        one["identifier"] = one["identifier"][:1]  # ours is its own number
    assert together == alone
    assert [one["telecom"][0]["value"] for one in together] == [
        f"06 39 98 00 4{rank}" for rank in (1, 2, 3)
    ]
    assert FactHeader.objects.filter(kind="people.relative_changed").count() == 6


def test_a_trusted_person_of_a_set_takes_the_place_of_the_former_one():
    stage = set_stage()
    subject = f"Patient/{stage.person.pk}"
    former = RelativeFactory(person=stage.person, is_trusted=True)
    trusted = [{"coding": [{"system": QUALITIES, "code": "trusted"}]}]
    sent = [relative(1, subject), relative(2, subject, relationship=trusted)]
    answer = stage.machine.post("", bundle("transaction", *sent))
    assert answer.status_code == 200, answer.content
    former.refresh_from_db()
    assert not former.is_trusted
    assert [one.name for one in Relative.objects.filter(is_trusted=True)] == ["Roseaa Martin"]


def test_one_relative_of_a_set_whose_number_cannot_exist_is_named_and_leaves_nothing():
    stage = set_stage()
    subject = f"Patient/{stage.person.pk}"
    wrong = relative(2, subject, telecom=[{"system": "phone", "value": "12"}])
    answer = stage.machine.post("", bundle("transaction", relative(1, subject), wrong))
    assert (answer.status_code, codes(answer)) == (422, ["people.relative"])
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert not Relative.objects.exists()


def newcomers():
    """Three persons, of whom two may be one; the last is like nobody."""
    born = {"birthDate": "1941-03-07", "gender": "female"}
    sent = [patient("Zylberstein", **born), patient("Zylberstein", **born), patient("Quemener")]
    return bundle("transaction", *(entry("POST", "Patient", one) for one in sent))


def counted():
    """What entering people leaves in the base."""
    return (
        Person.objects.filter(birth_name__in=("Zylberstein", "Quemener")).count(),
        CircleMember.objects.count(),
        Candidate.objects.count(),
        KeptBody.objects.count(),
        FactHeader.objects.filter(kind="people.person_created").count(),
        FactHeader.objects.filter(kind="people.joined_circle").count(),
    )


def test_persons_of_a_set_are_entered_and_compared_as_those_who_came_one_by_one(monkeypatch):
    found = []
    for together in (True, False):
        stage, before = set_stage(), counted()
        if not together:
            monkeypatch.setattr(transaction, "written_together", lambda *_: None)
        answer = stage.machine.post("", newcomers())
        assert answer.status_code == 200, answer.content
        told = [
            one["response"]["location"].partition("/fhir/")[2] for one in answer.json()["entry"]
        ]
        read = [stage.machine.get(address.partition("/_history")[0]).json() for address in told]
        for one in read:
            del one["id"], one["meta"]["lastUpdated"]
        found.append((read, [b - a for a, b in zip(before, counted(), strict=True)]))
    assert found[0] == found[1]
    assert found[0][1] == [3, 3, 1, 3, 3, 3]
    assert Trace.objects.filter(verb="people.create_many").count() == 1
