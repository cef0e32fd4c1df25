"""Histories: page by page nothing is lost, and what was a draft stays with who wrote it."""

import pytest

from cordee.fhir.caller import Caller
from cordee.people.models import Person
from tests.factories.assessments import QuestionnaireFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.factories.protocols import ProtocolVersionFactory
from tests.fhir.door import Machine
from tests.fhir.rows import communication, related_person
from tests.fhir.test_evaluations import walking
from tests.people.test_no_shadow import asked
from tests.support import NOW, Role, actor, arranging, coordinator_of

pytestmark = pytest.mark.django_db


def changed(stage, person, times):
    """A person whose name changes, so many times."""
    for turn in range(times):
        with arranging():
            Person.objects.filter(pk=person.pk).update(used_name=f"Blanc {turn}")


def tags(bundle):
    return [(one["fullUrl"], one["response"]["etag"]) for one in bundle.get("entry", [])]


def walked(machine, address):
    """Every page of a history, by the addresses that the door gives."""
    pages = [machine.get(address).json()]
    while len(pages) < 30:
        onward = [one["url"] for one in pages[-1]["link"] if one["relation"] == "next"]
        if not onward:
            return pages
        pages.append(machine.get(onward[0].partition("/fhir/")[2]).json())
    raise AssertionError("it never ends")


@pytest.mark.parametrize("count", [1, 2, 3, 200])
def test_the_pages_of_a_history_tell_each_version_once(stage, count):
    for _ in range(4):
        person = PersonFactory(territory=stage.desk.territory)
        joins_circle(person, organization=stage.desk)
        changed(stage, person, 2)
    for address in ("Patient/_history", f"Patient/{person.pk}/_history"):
        (whole,) = walked(stage.machine, f"{address}?_count=200")
        pages = walked(stage.machine, f"{address}?_count={count}")
        assert all(len(one["entry"]) <= count for one in pages)
        told = [tag for one in pages for tag in tags(one)]
        assert (len(told), set(told)) == (whole["total"], set(tags(whole)))
        assert [one.get("total") for one in pages[1:]] == [None] * (len(pages) - 1)


def test_since_a_moment_tells_what_changed_after_it_however_many_there_are(stage):
    known = [stage.machine.get(f"Patient/{stage.person.pk}").json()["meta"]["lastUpdated"]]
    for _ in range(25):
        joins_circle(PersonFactory(territory=stage.desk.territory), organization=stage.desk)
    pages = walked(stage.machine, f"Patient/_history?_since={known[0]}")
    assert "total" not in pages[0]
    assert len({url for one in pages for url, _ in tags(one)}) == 26
    far = stage.machine.get("Patient/_history?_since=2999-01-01").json()
    assert (far["total"], far.get("entry")) == (0, None)


def test_the_cursor_of_one_history_opens_no_other(stage):
    changed(stage, stage.person, 2)
    first = stage.machine.get(f"Patient/{stage.person.pk}/_history?_count=1").json()
    cursor = first["link"][1]["url"].partition("?")[2]
    assert stage.machine.get(f"Patient/_history?{cursor}").status_code == 400


def test_what_was_a_draft_stays_with_its_author_once_it_is_completed(stage):
    QuestionnaireFactory(url="urn:essai:marche", edition="3")
    draft = walking(stage, status="in-progress", answers={"pas": {"valueInteger": 3}})
    first = stage.machine.post("QuestionnaireResponse", draft)
    pk = first.json()["id"]
    address = f"QuestionnaireResponse/{pk}"
    done = stage.machine.put(address, walking(stage, id=pk), if_match=first["ETag"])
    assert done.json()["status"] == "completed"
    mate = Machine(coordinator_of(stage.desk, account_id=AccountFactory().pk))
    assert mate.get(address).status_code == 200
    for history in (f"{address}/_history", "QuestionnaireResponse/_history"):
        states = [one["resource"]["status"] for one in mate.get(history).json()["entry"]]
        assert states == ["completed"]
        mine = [one["resource"]["status"] for one in stage.machine.get(history).json()["entry"]]
        assert "in-progress" in mine
    tag = first.json()["meta"]["versionId"]
    assert mate.get(f"{address}/_history/{tag}").status_code == 404
    assert stage.machine.get(f"{address}/_history/{tag}").status_code == 200


def test_what_a_protocol_was_before_it_was_approved_stays_with_its_structure(stage):
    row = ProtocolVersionFactory(draft=True, organization=stage.desk)
    steps = (
        {"state": "proposed", "proposed_at": NOW},
        {"state": "approved", "approved_by": AccountFactory(), "approved_at": NOW},
    )
    for step in steps:
        with arranging():
            type(row).objects.filter(pk=row.pk).update(**step)
    address = f"PlanDefinition/{row.pk}/_history"
    assert stage.machine.get(address).json()["total"] == 3
    elsewhere = Machine(actor(Role.ORIENTEUSE)).get(address).json()
    assert [one["resource"]["status"] for one in elsewhere["entry"]] == ["active"]


def test_a_long_history_asks_no_more_than_a_short_one(stage):
    row = ProtocolVersionFactory(draft=True, organization=stage.desk)

    def written(title):
        with arranging():
            type(row).objects.filter(pk=row.pk).update(title=title)

    written("Un")
    few, one = asked(lambda: stage.machine.get("PlanDefinition/_history"))
    for title in ("Deux", "Trois", "Quatre"):
        written(title)
    many, four = asked(lambda: stage.machine.get("PlanDefinition/_history"))
    assert (one.json()["total"], four.json()["total"]) == (2, 5)
    assert len(many) == len(few), "\n".join(many)


def test_a_message_that_holds_bytes_is_told_as_it_was(stage):
    row = communication.make(stage)
    with arranging():
        type(row).objects.filter(pk=row.pk).update(created_at=NOW)
    answer = stage.machine.get("Communication/_history")
    assert (answer.status_code, answer.json()["total"]) == (200, 2), answer.content


def moments(bundle):
    return [one["response"]["lastModified"] for one in bundle.get("entry", [])]


def told_of(machine, stage):
    """Four persons of whom each changes in turn: their versions are mixed in time."""
    persons = [stage.person]
    for _ in range(3):
        persons.append(PersonFactory(territory=stage.desk.territory))
        joins_circle(persons[-1], organization=stage.desk)
    for turn in range(3):
        for person in persons:
            known = machine.get(f"Patient/{person.pk}").json()
            known["maritalStatus"] = {"text": f"état {turn}"}
            assert machine.put(f"Patient/{person.pk}", known).status_code == 200
    return persons


@pytest.mark.parametrize("count", [3, 7])
@pytest.mark.parametrize("address", ["Patient/_history", "_history"])
def test_a_history_goes_back_in_time_across_resources_and_pages(stage, address, count):
    machine = stage.machine
    told_of(machine, stage)
    (whole,) = walked(machine, f"{address}?_count=200")
    times = moments(whole)
    assert times == sorted(times, reverse=True)
    pages = walked(machine, f"{address}?_count={count}")
    told = [tag for one in pages for tag in tags(one)]
    assert told == tags(whole)
    assert len(told) == len(set(told)) == whole["total"] >= 16
    mixed = [url for url, _ in told if "/Patient/" in url][:4]
    assert len(set(mixed)) == 4


def test_the_history_of_the_whole_door_tells_types_together_within_the_scopes(stage, monkeypatch):
    told_of(stage.machine, stage)
    row = communication.make(stage)
    whole = stage.machine.get("_history?_count=200").json()
    kinds = {one["resource"]["resourceType"] for one in whole["entry"]}
    assert {"Patient", "Communication"} <= kinds
    assert whole["entry"][0]["resource"]["id"] == str(row.pk)

    class Patients:
        def allow(self, resource_type, interaction):
            return resource_type == "Patient"

        def parts(self, resource_type, interaction):
            return ()

    known = Caller(stage.actor, Patients())
    monkeypatch.setattr("cordee.fhir.frame.caller_of", lambda request: known)
    narrow = stage.machine.get("_history?_count=200").json()
    assert {one["resource"]["resourceType"] for one in narrow["entry"]} == {"Patient"}


def test_the_history_of_the_whole_door_tells_a_stranger_nothing_of_who_hides(stage):
    told_of(stage.machine, stage)
    stranger = Machine(coordinator_of(OrganizationFactory()))
    kinds = [one["fullUrl"] for one in stranger.get("_history?_count=200").json().get("entry", [])]
    assert not [url for url in kinds if "/Patient/" in url or "/Consent/" in url]
    assert Machine().get("_history").status_code == 401


def test_what_was_current_at_a_moment_is_told_as_it_was_then(stage):
    machine = stage.machine
    address = f"Patient/{stage.person.pk}"
    for turn in range(3):
        known = machine.get(address).json() | {"maritalStatus": {"text": f"état {turn}"}}
        machine.put(address, known)
    entries = machine.get(f"{address}/_history").json()["entry"]
    assert len(entries) == 4
    for one in entries:
        at = one["response"]["lastModified"]
        then = machine.get(f"{address}/_history?_at={at}").json()
        assert one["response"]["etag"] in {two["response"]["etag"] for two in then["entry"]}
        assert len(then["entry"]) <= 2  # a moment is a millisecond wide
    before = machine.get(f"{address}/_history?_at=1990").json()
    assert (before["total"], before.get("entry")) == (0, None)
    assert machine.get(f"{address}/_history?_at=hier").status_code == 400


def test_what_was_deleted_is_a_tombstone_of_the_whole_door(stage):
    row = related_person.make(stage)
    assert stage.machine.send("DELETE", f"RelatedPerson/{row.pk}").status_code == 204
    last = stage.machine.get("_history").json()["entry"][0]
    assert last["request"] == {"method": "DELETE", "url": f"RelatedPerson/{row.pk}"}
    assert "resource" not in last


def test_the_history_of_the_whole_door_costs_as_many_queries_for_many(stage):
    few, _ = asked(lambda: stage.machine.get("_history?_count=10"))
    told_of(stage.machine, stage)
    many, answer = asked(lambda: stage.machine.get("_history?_count=10"))
    assert len(answer.json()["entry"]) == 10
    assert len(many) <= len(few) + 12, "\n".join(many)
