"""Records fetched by their keys: what the ORM makes of them, by a query that is planned once."""

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from cordee.access.actor import ANONYMOUS, SYSTEM
from cordee.access.fetched import Fetch
from cordee.access.sight import seen_by
from cordee.assessments.models import Questionnaire
from cordee.people.models import Person
from tests.factories.people import PersonFactory
from tests.support import arranging

pytestmark = pytest.mark.django_db


def told(record: Model) -> dict[str, object]:
    return {one.attname: getattr(record, one.attname) for one in record._meta.concrete_fields}


def test_a_record_is_what_the_orm_makes_of_it_its_relations_too():
    persons = [PersonFactory(), PersonFactory(commune=None), PersonFactory()]
    rows = Person.objects.select_related("commune", "territory")
    found = Fetch(lambda: rows)(one.pk for one in persons)
    for wanted in rows.filter(pk__in=found):
        given = found[wanted.pk]
        assert type(given) is Person
        assert told(given) == told(wanted)
        assert not given._state.adding
        with CaptureQueriesContext(connection) as asked:
            assert given.territory == wanted.territory
            assert (given.commune and told(given.commune)) == (
                wanted.commune and told(wanted.commune)
            )
        assert len(asked) == 0
    assert len(found) == 3


def test_a_column_that_the_orm_reads_its_own_way_is_read_so():
    with arranging():
        made = Questionnaire.objects.create(
            url="https://exemple.fr/q", edition="1", name="q", definition={"item": [{"é": 1}]}
        )
    wanted = Questionnaire.objects.get(pk=made.pk)
    assert told(Fetch(Questionnaire.objects.all)([made.pk])[made.pk]) == told(wanted)


def test_keys_that_are_nobody_s_give_nothing_and_no_key_asks_nothing():
    person, fetch = PersonFactory(), Fetch(Person.objects.all)
    assert list(fetch([person.pk, person.pk, PersonFactory.build().pk])) == [person.pk]
    with CaptureQueriesContext(connection) as asked:
        assert fetch([]) == {}
    assert len(asked) == 0


def test_the_second_lock_is_asked_of_what_is_fetched():
    person, fetch = PersonFactory(), Fetch(Person.objects.all)
    with seen_by(ANONYMOUS):
        assert fetch([person.pk]) == {}
    with seen_by(SYSTEM):
        assert list(fetch([person.pk])) == [person.pk]
