"""The lines of one person's thread: judged once for her, read by their index."""

from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from cordee.access.actor import SYSTEM
from cordee.access.policy import visible
from cordee.kernel.facts import publish_many
from cordee.kernel.models import FactHeader, on_threads
from cordee.pathways.facts import TaskMoved
from cordee.people.models import Person
from cordee.people.policy import OWN_LINES, tellable
from cordee.people.selectors import family, thread_of
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
        assert len(thread_of(SYSTEM, person).lines) >= 1
        assert happenings_of(person.pk, [TaskMoved.kind])[0]
    assert len(asked) == 2
    with connection.cursor() as cursor:
        for one in asked:
            cursor.execute(f"EXPLAIN {one}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert INDEX in plan, plan
