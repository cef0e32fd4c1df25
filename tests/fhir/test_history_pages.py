"""Histories: page by page nothing is lost, and what was a draft stays with who wrote it."""

import pytest

from cordee.people.models import Person
from tests.factories.assessments import QuestionnaireFactory
from tests.factories.directory import AccountFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.factories.protocols import ProtocolVersionFactory
from tests.fhir.door import Machine
from tests.fhir.rows import communication
from tests.fhir.stage import set_stage
from tests.fhir.test_evaluations import walking
from tests.people.test_no_shadow import asked
from tests.support import NOW, Role, actor, arranging, coordinator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage():
    return set_stage()


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
