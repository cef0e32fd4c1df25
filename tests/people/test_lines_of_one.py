"""The lines of one person's thread: judged once for her, read by their index."""

from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from cordee.access.actor import ANONYMOUS, SYSTEM
from cordee.access.policy import visible
from cordee.access.sight import seen_by
from cordee.kernel.facts import publish_many
from cordee.kernel.models import FactHeader, on_threads
from cordee.pathways.facts import TaskMoved
from cordee.people.models import Person
from cordee.people.policy import OWN_LINES, tellable
from cordee.people.selectors import Wanted, family, thread_of
from cordee.protocols.selectors import happenings_of
from tests.access.test_second_lock import everybody, set_full_scene
from tests.factories.people import PersonFactory
from tests.support import arranging

pytestmark = pytest.mark.django_db
INDEX = "kernel_fact_by_chain"


def test_what_one_may_be_told_of_a_person_is_what_each_line_would_be_judged_to_be():
    scene, told = set_full_scene(), {}
    persons = list(Person.objects.filter(merged_into=None).order_by("pk"))
    for name, actor in everybody(scene).items():
        for person in persons:
            hers = FactHeader._default_manager.filter(on_threads(family(person.pk)))
            line_by_line = set(visible(hers, actor).values_list("pk", "kind"))
            at_once = set(hers.filter(tellable(actor, person.pk).lines).values_list("pk", "kind"))
            assert at_once == line_by_line, (name, person.birth_name)
            told[name, person.pk] = {kind for _, kind in at_once}
    assert told["coordinator", scene.person.pk]
    assert not told["stranger", scene.person.pk]
    assert told["person", scene.person.pk] & set(OWN_LINES)
    assert not told["coordinator", scene.person.pk] & set(OWN_LINES)


def test_the_latest_lines_are_those_that_the_tables_show_one_by_one():
    """The page reads them at once; with filters, even those that leave everything, one by one."""
    scene, told = set_full_scene(), {}
    absorbed = PersonFactory()
    with arranging():
        Person.objects.filter(pk=absorbed.pk).update(merged_into=scene.person)
    persons = list(Person.objects.order_by("pk"))
    everybody_there = everybody(scene) | {"nobody": ANONYMOUS, "house": SYSTEM}
    for name, actor in everybody_there.items():
        for person in persons:
            with seen_by(actor):
                at_once = thread_of(actor, person)
                assert at_once == thread_of(actor, person, Wanted()), (name, person.birth_name)
            told[name, person.pk] = len(at_once.lines)
    assert told["house", scene.person.pk] > told["coordinator", scene.person.pk] > 0
    assert not told["stranger", scene.person.pk]


@pytest.mark.parametrize("reader", ["stranger", "nobody", "dpo"])
def test_the_latest_lines_stay_under_the_second_lock_when_the_first_fails(reader):
    scene = set_full_scene()
    with seen_by((everybody(scene) | {"nobody": ANONYMOUS})[reader]):
        assert not thread_of(SYSTEM, scene.person).lines
    with seen_by(scene.actors["coordinator"]):
        seen = {line.text for line in thread_of(SYSTEM, scene.person).lines}
    assert seen == {line.text for line in told_to(scene, "coordinator")}


def told_to(scene, name):
    with seen_by(scene.actors[name]):
        return thread_of(scene.actors[name], scene.person).lines


@pytest.mark.django_db(transaction=True)
def test_a_thread_is_read_by_its_index_however_many_the_others_are():
    """On statistics of its own: those that the tests before left may say that all are one chain."""
    person, house = PersonFactory(), uuid4()
    with arranging():
        publish_many(
            [
                TaskMoved(
                    person_id=one,
                    task_id=uuid4(),
                    task_kind="follow_action",
                    organization_id=house,
                    how="handed",
                )
                for one in [*(uuid4() for _ in range(600)), person.pk]
            ]
        )
    with psycopg.connect(
        settings.SERVER.owner_url(settings.TEST_DATABASE), autocommit=True
    ) as owner:
        owner.execute("ANALYZE kernel_fact")
    asked = []

    def noting(execute, sql, parameters, many, context):
        if 'FROM "kernel_fact"' in sql and '"kind" IN' not in sql:  # kinds are indexed too
            asked.append(context["cursor"].mogrify(sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(noting):
        assert len(thread_of(SYSTEM, person, Wanted()).lines) >= 1
        assert happenings_of(person.pk, [TaskMoved.kind])[0]
    assert len(asked) == 2
    with connection.cursor() as cursor:
        for one in asked:
            cursor.execute(f"EXPLAIN {one}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert INDEX in plan, plan
    with transaction.atomic():  # the lines of her page are read within a function
        before = walks_of_the_index()
        assert len(thread_of(SYSTEM, person).lines) >= 1
        assert walks_of_the_index() == before + 1


def walks_of_the_index():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_get_xact_numscans(%s::regclass)", [INDEX])
        return cursor.fetchone()[0]
