"""What a stencil asks is made ready once, however long, and says the same."""

import pytest
from django.db import connection

from cordee.kernel.prepared import _numbered, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("room", ["", " " * 5_000])  # the library keeps no text that long
def test_values_go_where_they_are_marked_and_a_percent_stays_one(room):
    sql = f"SELECT %s::int, '100 %%', %s::text{room} WHERE %s LIKE 'a%%'"
    with connection.cursor() as cursor:
        cursor.execute(sql, [1, "%s $1", "ab"])
        told = cursor.fetchall()

    assert run(sql, [1, "%s $1", "ab"]) == told == [(1, "100 %", "%s $1")]
    assert run(sql, [1, "%s $1", "ba"]) == []


def test_a_text_is_made_ready_once():
    sql = "SELECT %s::int"
    assert _numbered(sql) is _numbered(sql)
    assert _numbered(sql) == b"SELECT $1::int"


def test_a_statement_without_values_is_sent_as_it_is_written():
    assert run("SELECT '10 %%'", []) == [("10 %",)]
