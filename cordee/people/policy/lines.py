"""What each line of the thread tells, as the second lock reads it."""

from typing import Any

from psycopg import sql

from cordee.kernel.apps import load
from cordee.kernel.prepare import arms
from cordee.people.policy.scopes import CATEGORY_OF_FACT

_FUNCTION = """CREATE OR REPLACE FUNCTION people_category_of_fact(kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE kind {} ELSE 'coordination' END
$$"""


@arms
def write_categories(cursor: Any) -> None:
    """Write the function of the second lock from what every room declares (`tells`).

    One CASE, which PostgreSQL puts in place of its call: no table is looked up for each line.
    """
    load("policy")  # a room that had not spoken would have its lines told to all
    told = (
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(kind), sql.Literal(category.value))
        for kind, category in sorted(CATEGORY_OF_FACT.items())
    )
    cursor.execute(sql.SQL(_FUNCTION).format(sql.SQL(" ").join(told)))
