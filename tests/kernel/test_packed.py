"""Columns that leave the database as one value are read as they are one by one."""

from datetime import date

import pytest

from cordee.kernel.packed import Packed, unpacked
from cordee.kernel.prepared import run
from cordee.people.models import Person
from tests.factories.people import PersonFactory
from tests.support import arranging

pytestmark = pytest.mark.django_db
COLUMNS = [one.attname for one in Person._meta.concrete_fields if not one.generated]


def read(*told):
    """What a statement that is prepared gives of somebody."""
    ((*values,),) = run(*Person.objects.values_list(*told).query.sql_with_params())
    return tuple(values)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"birth_date": None, "commune": None, "deceased_on": date(2026, 11, 2)},
        {"birth_name": "Nguyễn « d’Ö »", "birth_date": date(1940, 2, 29), "used_name": ""},
    ],
    ids=str,
)
def test_each_column_is_read_as_it_is_alone(said):
    PersonFactory(**said)
    (octets,) = read(Packed(*COLUMNS, "commune__name"))
    assert unpacked(octets) == read(*COLUMNS, "commune__name")


def test_rows_are_the_same_when_their_octets_are():
    person = PersonFactory()
    before = read(Packed(*COLUMNS))
    assert read(Packed(*COLUMNS)) == before
    with arranging():
        Person.objects.filter(pk=person.pk).update(address="3 rue des Fleurs")
    assert read(Packed(*COLUMNS)) != before
