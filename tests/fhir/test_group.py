"""A group is those whom a structure follows, as far as who asks may know them; exported whole."""

from datetime import timedelta

import pytest

from cordee.access.models import Trace
from cordee.fhir.models import Export
from cordee.fhir.registry import mappings
from cordee.people import services
from cordee.people.models import CircleMember
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.factories.vigilance import visit_of
from tests.fhir.door import Machine, codes
from tests.fhir.systems import ask, bearing, exported, system_of
from tests.support import NOW, arranging, coordinator_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(stage):
    return bearing(system_of(stage, per_minute=6_000))


@pytest.fixture
def home(stage):
    """A home help that follows one of the two persons of the desk, and one whom nobody here knows.

    Each of the three had a visit.
    """
    home = OrganizationFactory(name="Aide à domicile du Drac", kind="home_help")
    helper = AccountFactory()
    other = PersonFactory(birth_name="Aubert", territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    away = PersonFactory(birth_name="Ailleurs")
    for person in (stage.person, away):
        joins_circle(person, organization=home)
    for person in (stage.person, other, away):
        InformationFactory(person=person)
        visit_of(person, home, helper)
    return home


def members(answer):
    return [one["entity"]["reference"] for one in answer.json().get("member", [])]


def test_a_group_names_those_whom_the_structure_follows_and_its_reader_knows(stage, home):
    answer = stage.machine.get(f"Group/{home.pk}")
    assert members(answer) == [f"Patient/{stage.person.pk}"]
    assert answer.json()["quantity"] == 1
    assert len(members(stage.machine.get(f"Group/{stage.desk.pk}"))) == 2
    elsewhere = OrganizationFactory()
    joins_circle(PersonFactory(), organization=elsewhere)
    hidden = stage.machine.get(f"Group/{elsewhere.pk}")
    assert hidden.status_code == 404
    assert hidden.json() == stage.machine.get(f"Group/{stage.person.pk}").json()
    assert Machine(coordinator_of(OrganizationFactory())).found("Group", _count=9) == []


def test_a_group_is_found_by_its_structure_and_by_whom_it_names(stage, home):
    found = stage.machine.found
    assert set(found("Group", _count=9)) == {str(home.pk), str(stage.desk.pk)}
    assert found("Group", **{"managing-entity": f"Organization/{home.pk}"}) == [str(home.pk)]
    assert set(found("Group", member=f"Patient/{stage.person.pk}")) == set(found("Group", _count=9))
    with arranging():
        CircleMember.objects.filter(organization=home).update(until=NOW)
    assert found("Group", member=str(stage.person.pk)) == [str(stage.desk.pk)]
    assert found("Group", type="person", actual="true") == [str(stage.desk.pk)]
    assert found("Group", actual="false") == []


def test_a_group_is_another_version_when_somebody_joins_it(stage):
    address = f"Group/{stage.desk.pk}"
    before = stage.machine.get(address)
    assert stage.machine.get(address, if_none_match=before["ETag"]).status_code == 304
    joins_circle(PersonFactory(), organization=stage.desk)
    after = stage.machine.get(address, if_none_match=before["ETag"])
    assert (after.status_code, after["ETag"] != before["ETag"]) == (200, True)


def test_each_whom_a_group_names_is_told_that_they_were_seen(stage, home):
    address = f"Group/{home.pk}"
    version = stage.machine.get(address).json()["meta"]["versionId"]
    before = Trace.objects.count()
    stage.machine.get(address)
    stage.machine.get(f"{address}/_history/{version}")
    stage.machine.found("Group", **{"managing-entity": str(home.pk)})
    lines = list(Trace.objects.order_by("pk")[before:])
    assert [one.kind for one in lines] == ["read", "list", "read", "list", "list"]
    assert [one.persons for one in lines if one.kind == "list"] == [[stage.person.pk]] * 3


def test_who_is_bound_to_one_person_is_shown_no_group(stage):
    assert mappings()["Group"].seen(stage.actor, None).exists()
    assert not mappings()["Group"].seen(stage.actor, stage.person.pk).exists()


def test_a_group_is_not_watched(stage):
    sent = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "essai",
        "criteria": "Group",
        "channel": {"type": "rest-hook", "endpoint": "https://exemple.fr/", "payload": "x"},
    }
    answer = stage.machine.post("Subscription", sent)
    assert answer.status_code == 422


def test_what_concerns_a_group_is_exported_apart(stage, machine, home):
    told = exported(machine, level=f"Group/{home.pk}/")
    assert [one["id"] for one in told["Patient"]] == [str(stage.person.pk)]
    patients = {one["subject"]["reference"] for one in told["Observation"]}
    assert patients == {f"Patient/{stage.person.pk}"}
    assert not {"Organization", "Group", "Practitioner"} & set(told)
    export = Export.objects.get()
    assert (export.level, export.group_id) == ("group", home.pk)
    assert len(exported(machine, level=f"Group/{stage.desk.pk}/")["Patient"]) == 2


def test_who_joins_a_group_is_exported_whole_whatever_the_moment(stage, machine, home):
    later = PersonFactory(birth_name="Rey", territory=stage.desk.territory)
    joins_circle(later, organization=stage.desk)
    long_ago = NOW - timedelta(days=9)
    with arranging():
        for model in (type(later), CircleMember):
            model._base_manager.update(created_at=long_ago)
            model._base_manager.update(updated_at=long_ago)
    words = "?_type=Patient&_since=2026-11-23T12:00:00Z"
    assert exported(machine, words, f"Group/{home.pk}/") == {}
    joins_circle(later, organization=home)
    told = exported(machine, words, f"Group/{home.pk}/")["Patient"]
    assert [one["id"] for one in told] == [str(later.pk)]


@pytest.mark.parametrize("level", ["", "Patient/"])
def test_whom_who_asks_follows_from_now_on_is_exported_whole_whatever_the_moment(
    stage, machine, level
):
    later = PersonFactory(birth_name="Rey", territory=stage.desk.territory)
    long_ago = NOW - timedelta(days=9)
    with arranging():
        for model in (type(later), CircleMember):
            model._base_manager.update(created_at=long_ago, updated_at=long_ago)
    joins_circle(stage.person, organization=OrganizationFactory())  # of others: she is known
    words = "?_type=Patient&_since=2026-11-23T12:00:00Z"
    assert exported(machine, words, level) == {}
    joins_circle(later, organization=stage.desk)
    told = exported(machine, words, level)["Patient"]
    assert [one["id"] for one in told] == [str(later.pk)]


def test_a_record_that_a_member_absorbed_is_told_to_who_follows_the_group(stage, machine):
    other = PersonFactory(birth_name="Grandidier", territory=stage.desk.territory)
    joins_circle(other, organization=stage.desk)
    claire = coordinator_of(stage.desk, account_id=stage.account.pk)
    pair = services.propose_pair(actor=claire, person=stage.person, other=other, now=NOW)
    services.merge_persons(actor=claire, candidate=pair, from_absorbed=frozenset(), now=NOW)
    words = "?_type=Patient&_since=2026-11-23T12:00:00Z"
    told = exported(machine, words, f"Group/{stage.desk.pk}/")["Patient"]
    assert sorted(one["active"] for one in told) == [False, True]


def test_a_group_that_is_not_seen_is_not_exported(stage, machine):
    elsewhere = OrganizationFactory()
    joins_circle(PersonFactory(), organization=elsewhere)
    answer = ask(machine, level=f"Group/{elsewhere.pk}/")
    assert (answer.status_code, codes(answer)) == (404, ["read.absent"])
    narrow = bearing(system_of(stage), "system/Patient.rs")
    answer = ask(narrow, level=f"Group/{stage.desk.pk}/")
    assert (answer.status_code, codes(answer)) == (403, ["caller.scope"])
    page = stage.machine.get(f"Group/{stage.desk.pk}/$export", prefer="respond-async")
    assert page.status_code == 403
    assert not Export.objects.exists()
