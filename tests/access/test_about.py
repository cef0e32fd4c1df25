"""What a reader may know of somebody, asked once, gives the rows that each would be judged by."""

import pytest
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordee.access.policy import SomeAbout, see_about, seen_about, sees_row, visible
from cordee.access.records import Record
from cordee.fhir.models import KeptBody
from cordee.kernel.once import asked_once
from cordee.people.models import Person, Sharing
from cordee.people.policy import is_entrusted, know, knows
from cordee.people.policy.known import would_follow
from cordee.people.rules.sharing import Category
from cordee.vigilance.models import PlannedVisit, Visit
from tests.access.scene import tables_of_the_house
from tests.access.test_second_lock import everybody, set_full_scene
from tests.factories.directory import OrganizationFactory
from tests.factories.people import PersonFactory, SharingFactory, joins_circle
from tests.support import coordinator_of

pytestmark = pytest.mark.django_db
AT_BOTH = {"coordinator", "elsewhere", "person"}


def leading_to_somebody():
    """Every table whose rows lead to one person, with the field that does."""
    found = []
    for model in tables_of_the_house():
        if not issubclass(model, Record):
            continue
        path = model.person_path.replace(".", "__")
        try:
            model._default_manager.filter(**{path: None})
        except (FieldError, FieldDoesNotExist):
            continue
        found.append((model, path))
    return found


def test_every_table_gives_everybody_the_same_rows_of_somebody_asked_once_or_row_by_row():
    scene, tables = set_full_scene(), leading_to_somebody()
    assert len(tables) > 40
    elsewhere = Person.objects.get(birth_name="Ailleurs")
    given = hidden = 0
    for name, actor in everybody(scene).items():
        both = (scene.person, elsewhere) if name in AT_BOTH else (scene.person,)
        for person in both:
            with asked_once():
                for model, path in tables:
                    rows = visible(model._default_manager.all(), actor).filter(**{path: person.pk})
                    one_by_one = set(rows.values_list("pk", flat=True))
                    at_once = set(seen_about(actor, model, person.pk, path=path))
                    assert at_once == one_by_one, (name, model.__name__, person.birth_name)
                    given += len(at_once)
                    hidden += not at_once
    assert given > 100
    assert hidden > 100


def known_of(actor, person_id):
    """All that `know` asks at once."""
    each = [knows(actor, person_id, one) for one in Category]
    return [*each, is_entrusted(actor, person_id), would_follow(actor, person_id)]


def _first(rows, most):
    return rows.order_by("pk").values_list("pk")[:most]


def test_some_rows_of_somebody_are_the_first_of_those_that_each_would_be_judged_to_be():
    scene, shown = set_full_scene(), 0
    few = {
        model: SomeAbout(model, "person_id", _first) for model in (Visit, PlannedVisit, KeptBody)
    }
    for name, actor in everybody(scene).items():
        for model, some in few.items():
            rows = visible(model._default_manager.all(), actor).filter(person=scene.person)
            wanted = list(rows.order_by("pk").values_list("pk")[:2])
            assert some(actor, scene.person.pk, most=2) == wanted, (name, model.__name__)
            shown += len(wanted)
    assert shown > 5


def test_many_tables_asked_together_give_what_each_gives():
    scene, tables = set_full_scene(), leading_to_somebody()
    for name, actor in everybody(scene).items():
        with asked_once():
            alone = [seen_about(actor, model, scene.person.pk, path=path) for model, path in tables]
            told = known_of(actor, scene.person.pk)
        with asked_once():
            know(actor, scene.person.pk)
            see_about(actor, scene.person.pk, tables)
            with CaptureQueriesContext(connection) as asked:
                assert told == known_of(actor, scene.person.pk), name
                assert len(asked) == 0, name
                for keys, (model, path) in zip(alone, tables, strict=True):
                    found = seen_about(actor, model, scene.person.pk, path=path)
                    assert sorted(found, key=str) == sorted(keys, key=str), (name, model.__name__)
            assert len(asked) < len(tables) / 4, name


def test_rows_of_somebody_are_asked_for_in_a_few_words():
    person, dac, asked = PersonFactory(), OrganizationFactory(kind="dac"), []
    joins_circle(person, organization=dac, role="coordination")
    SharingFactory(person=person)
    actor = coordinator_of(dac)

    def noting(execute, sql, parameters, many, context):
        asked.append(sql)
        return execute(sql, parameters, many, context)

    with asked_once():
        sees_row(actor, Person, person.pk)
        with connection.execute_wrapper(noting):
            assert Sharing.objects.seen_about(actor, person.pk)
    (rows,) = [sql for sql in asked if sql.startswith('SELECT "people_sharing"."id" AS "pk"')]
    assert len(rows) < 200
