"""The condition of a scope, written in SQL once per shape of the actor, and put into any query.

Building what an actor may see costs the ORM ten to fifty milliseconds under a person,
at each query. A scope that is steady (`stencil`) is compiled once, and its text serves every query
of its table: only the identifiers of the actor change. A scope that is not is built each time.
One that joins other tables asks whether its row has there what it wants. ADR 0019.
"""

import re
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Self, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Expression, Model, Q, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import INNER

from cordee.access.actor import Actor
from cordee.access.stencil import Unsteady, filled, marked, places, refusing, shape_of

KEPT = 5_000  # shapes of actors, all tables together, after which they are written again
_NONE = Q(pk__in=[])
_OUTER = "\0"
_ALIAS = re.compile(r'"[^"]*"|\b([A-Z]+\d+)\b')

RowsT = TypeVar("RowsT", bound=QuerySet[Any, Any])
Written = tuple[str, list[Any]]
_written: dict[object, Written | Q | None] = {}
_numbers = count()
_ABSENT: Any = object()


class Condition(Expression):
    """A condition already written, about the rows of the query it is put into."""

    output_field = BooleanField()
    alias = ""

    def __init__(self, sql: str, parameters: list[Any]) -> None:
        super().__init__()
        self.sql, self.parameters = sql, parameters

    def resolve_expression(self, query: Any = None, *_: Any, **__: Any) -> Self:  # type: ignore[override]
        """Be about the table of the query it is put into, and of no other that this one enters."""
        return self if self.alias else self._about(query.get_initial_alias())

    def relabeled_clone(self, change_map: Mapping[str, str]) -> Self:
        """Follow that table where the query becomes a part of another."""
        return self._about(change_map.get(self.alias, self.alias))

    def as_sql(self, compiler: SQLCompiler, *_: Any, **__: Any) -> Any:  # type: ignore[override]
        """Give the text and its values. Raises Unsteady outside of a query."""
        if not self.alias:
            raise Unsteady("a condition about no table")
        table = compiler.quote_name_unless_alias(self.alias)
        return self.sql.replace(_OUTER, table), self.parameters

    def _about(self, alias: str) -> Self:
        clone = self.copy()
        clone.alias = alias
        return clone


def narrowed(rows: RowsT, scope: Callable[[Actor], Q], actor: Actor) -> RowsT:
    """Keep those rows that a scope of their table gives the actor."""
    values: list[Any] = []
    key = (rows.model, scope, shape_of(actor, values))
    found = _written.get(key, _ABSENT)
    if found is _ABSENT:
        if len(_written) >= KEPT:  # another thread may do so at any moment: nothing is read again
            _written.clear()
        found = _written[key] = _write(rows.model, scope, actor)
    if found is None:
        return rows.filter(scope(actor))
    if isinstance(found, Q):
        return rows.filter(found)
    sql, kept = found
    return rows.filter(Condition(sql, [filled(place, values) for place in kept]))


def _write(model: type[Model], scope: Callable[[Actor], Q], actor: Actor) -> Written | Q | None:
    """Compile a scope, or give what it amounts to; None when it cannot be kept."""
    marks: list[Any] = []
    try:
        with refusing():
            query = Query(model)
            query.add_q(scope(marked(actor, marks)))
            if not query.where.children:
                return Q()
            sql, parameters = _compiled(query)
            return _alone(sql, model._meta.db_table), places(parameters, marks)
    except EmptyResultSet:
        return _NONE
    except Unsteady:
        return None


def _compiled(query: Query) -> tuple[str, list[Any]]:
    """Give the text of a condition about one row of the table, whatever tables it joins.

    Tables that must be there are listed beside one another: PostgreSQL joins such a list as it
    joins those of the query. One that may be missing has to be joined from a row of nothing.
    """
    compiler = query.get_compiler("default")
    sql, parameters = compiler.compile(query.where)
    used = [alias for alias in query.alias_map if query.alias_refcount[alias]]
    joins = [query.alias_map[alias] for alias in used[1:]]
    if not joins:
        return sql, [*parameters]
    written = [compiler.compile(join) for join in joins]
    values = [one for _, more in written for one in more] + [*parameters]
    if any(join.join_type != INNER for join in joins):
        beside = " ".join(text for text, _ in written)
        return f"EXISTS(SELECT 1 FROM (SELECT) row_alone {beside} WHERE {sql})", values  # noqa: S608
    parts = [text.removeprefix(f"{INNER} ").partition(" ON ") for text, _ in written]
    tables, links = ", ".join(part[0] for part in parts), " AND ".join(part[2] for part in parts)
    return f"EXISTS(SELECT 1 FROM {tables} WHERE {links} AND {sql})", values  # noqa: S608


def _alone(sql: str, table: str) -> str:
    """Leave a hole for the table, and give the others names that no query will give."""
    number = next(_numbers)
    held = sql.replace(f"{connection.ops.quote_name(table)}.", f"{_OUTER}.")
    return _ALIAS.sub(lambda found: f"s{number}_{found[1]}" if found[1] else found[0], held)
