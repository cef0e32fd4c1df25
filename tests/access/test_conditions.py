"""A scope written once gives what the ORM gives each time, wherever the query is put."""

from dataclasses import replace

import pytest
from django.db.models import Exists, OuterRef, Q

from cordee.access import conditions, policy
from cordee.access.actor import ANONYMOUS, SYSTEM, Role
from cordee.access.policy import visible
from cordee.directory.models import Organization
from cordee.intake.models import CareRequest
from cordee.kernel.identifiers import uuid7
from cordee.pathways.models import Task
from cordee.people.models import Person
from tests.access.scene import set_scene, tables_of_the_house
from tests.factories.directory import OrganizationFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import PersonFactory
from tests.support import actor

pytestmark = pytest.mark.django_db

ASKING = ["Trace"]
"""Tables whose scope asks the database: built each time."""


@pytest.fixture(autouse=True)
def nothing_written():
    conditions._written.clear()


def by_the_orm(model, actor):
    return {
        *model._default_manager.filter(policy.scope_of(model)(actor)).values_list("pk", flat=True)
    }


def as_kept(model, actor):
    return {*visible(model._default_manager.all(), actor).values_list("pk", flat=True)}


def test_every_table_gives_everybody_the_rows_that_its_scope_gives():
    scene = set_scene()
    readers = {"nobody": ANONYMOUS, "house": SYSTEM, **scene.actors}
    given = 0
    for model in tables_of_the_house():
        for name, reader in readers.items():
            wanted = by_the_orm(model, reader)
            stranger = replace(reader, account_id=uuid7(), practitioner_id=uuid7())
            theirs = by_the_orm(model, stranger)
            for _ in range(2):  # written, then read again
                assert as_kept(model, reader) == wanted, (model.__name__, name)
                assert as_kept(model, stranger) == theirs, (model.__name__, name)
            given += len(wanted)
    assert given > 1_000
    unkept = {key[0].__name__ for key, kept in conditions._written.items() if kept is None}
    assert sorted(unkept) == ASKING


@pytest.fixture
def team():
    """A desk with two tasks, one of which is about nobody, beside another desk with one."""
    desk = OrganizationFactory()
    tasks = {TaskFactory(organization=desk).pk, TaskFactory(organization=desk, kind="call_back").pk}
    TaskFactory()
    return actor(Role.ORIENTEUSE, desk), tasks


def test_it_follows_its_table_into_a_query_of_the_same_table(team):
    who, tasks = team
    seen = visible(Task.objects.all(), who)
    assert {*seen.values_list("pk", flat=True)} == tasks
    inside = Task.objects.filter(pk__in=seen.values("pk"))
    assert {one.pk for one in inside} == tasks
    beside = Task.objects.filter(Exists(seen.filter(pk=OuterRef("pk"))))
    assert {one.pk for one in beside} == tasks
    others = Task.objects.exclude(pk__in=seen.values("pk"))
    assert tasks.isdisjoint(one.pk for one in others)
    assert others.count() == 1


def test_it_follows_its_table_through_a_join_and_an_either_or(team):
    who, tasks = team
    seen = visible(Task.objects.all(), who)
    assert {one.pk for one in seen.filter(organization__name__gt="")} == tasks
    assert {one.pk for one in seen | Task.objects.filter(pk=None)} == tasks
    assert {one.pk for one in seen & Task.objects.filter(kind="call_back")} < tasks
    assert Organization.objects.filter(Q(pk__in=seen.values("organization"))).count() == 1


def test_a_condition_within_a_condition_is_about_its_own_table():
    scene = set_scene()
    desk = scene.actors["orienteuse"]
    known = visible(Person.objects.all(), desk)
    asked = visible(CareRequest.objects.filter(person__in=known), desk)
    persons = by_the_orm(Person, desk)
    wanted = {
        one.pk
        for one in CareRequest.objects.filter(pk__in=by_the_orm(CareRequest, desk))
        if one.person_id in persons
    }
    assert wanted
    assert {one.pk for one in asked} == wanted


def test_a_scope_that_asks_the_database_is_asked_each_time(team, monkeypatch):
    who, tasks = team
    first, second = sorted(tasks)
    asked = []

    def scope(reader):
        asked.append(Task.objects.filter(kind="call_back").count())
        return Q(pk=[first, second][len(asked) % 2])

    monkeypatch.setitem(policy._scopes, Task, scope)
    assert as_kept(Task, who) != as_kept(Task, who)


def test_a_scope_that_joins_another_table_is_written_once(team, monkeypatch):
    who, tasks = team
    named = Organization.objects.get(pk__in=who.organizations).name
    monkeypatch.setitem(policy._scopes, Task, lambda reader: Q(organization__name=named))
    for _ in range(2):
        assert as_kept(Task, who) == tasks
    assert len(conditions._written) == 1
    assert None not in conditions._written.values()
    seen = visible(Task.objects.all(), who)
    joined = seen.filter(organization__name=named).select_related("organization", "person")
    assert {one.pk for one in joined} == tasks
    beside = Organization.objects.filter(Exists(seen.filter(organization=OuterRef("pk"))))
    assert {one.pk for one in beside} == who.organizations
    assert tasks.isdisjoint(one.pk for one in Task.objects.exclude(pk__in=seen.values("pk")))


def test_a_scope_keeps_the_rows_that_have_nothing_where_it_may_join(team, monkeypatch):
    who, _ = team
    alone, about = TaskFactory(), TaskFactory(person=PersonFactory())
    family = about.person.birth_name

    def scope(reader):
        return Q(person__isnull=True) | Q(person__birth_name=family)

    monkeypatch.setitem(policy._scopes, Task, scope)
    assert {alone.pk, about.pk} <= as_kept(Task, who) == by_the_orm(Task, who)
    assert None not in conditions._written.values()
    others = Task.objects.exclude(pk__in=visible(Task.objects.all(), who).values("pk"))
    assert {one.pk for one in others} == {
        one.pk for one in Task.objects.exclude(pk__in=by_the_orm(Task, who))
    }


def test_what_another_thread_cleared_meanwhile_is_not_looked_for_again(team, monkeypatch):
    class Forgets(dict):
        def __setitem__(self, key, value):
            """As when the next thread clears everything at once."""

    monkeypatch.setattr(conditions, "_written", Forgets())
    who, tasks = team
    assert as_kept(Task, who) == tasks


def test_another_shape_is_another_text_and_the_same_shape_is_not(team):
    who, _ = team
    for one in (who, replace(who, account_id=uuid7()), replace(who, role=Role.DPO)):
        as_kept(Task, one)
    assert [key[0] for key in conditions._written].count(Task) == 2


def test_one_row_is_seen_by_whom_its_scope_gives_it():
    scene, tried = set_scene(), 0
    for model in tables_of_the_house():
        rows = sorted(model._default_manager.values_list("pk", flat=True), key=str)[:3]
        for reader, who in {"house": SYSTEM, "nobody": ANONYMOUS, **scene.actors}.items():
            given = by_the_orm(model, who)
            for pk in rows:
                assert policy.sees_row(who, model, pk) is (pk in given), (model.__name__, reader)
                tried += 1
    assert tried > 500
