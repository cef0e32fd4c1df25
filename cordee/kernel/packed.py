"""Columns that leave the database as one value, in octets: often what it tells is known already.

Two rows are the same when their octets are, which costs one comparison instead of one by column.
"""

from typing import Any

from django.db.models import BinaryField, Func
from psycopg.types.composite import RecordBinaryLoader


class Packed(Func):
    """Some columns of a row, as PostgreSQL sends a record: each with its type and its length."""

    template = "record_send(ROW(%(expressions)s))"
    output_field = BinaryField()


def unpacked(octets: bytes) -> tuple[Any, ...]:
    """The values of those columns, in their order, as a statement that was prepared gives them."""
    return _reader.load(octets)


_reader = RecordBinaryLoader(0)
