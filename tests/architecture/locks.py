"""What a migration would hold for long while people work: found in its operations, before it runs.

A house of a million persons is served while it migrates. Each operation here either takes an
exclusive lock for as long as it reads or rewrites a table, or takes away what the version that is
still running needs (expand, then contract in a later release).
"""

import re
from collections.abc import Iterator

from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import operations as op
from django.db.models import CheckConstraint, Field, GeneratedField

from cordee.access.records import Record

SMALL = frozenset(
    {
        *("directory.pole", "directory.sector", "directory.territory", "directory.cover"),
        *("people.emergencygrant", "people.processingbasis", "intake.triageversion"),
        "directory.callmobile",
        *("broker.searchsetting", "broker.setting", "web.savedfilter", "kernel.databaseroles"),
    }
)
"""A row or a few per structure: read whole in a moment. Every other table may be large."""

WORDS = re.compile(r"--[^\n]*|'(?:[^']|'')*'|(?P<tag>\$\w*\$).*?(?P=tag)", re.S)
DONE_NOW = re.compile(r"\bDO\s+(?:LANGUAGE\s+\w+\s+)?(?P<tag>\$\w*\$)(.*?)(?P=tag)", re.S | re.I)
EXECUTED = re.compile(r"\bEXECUTE\s+(?:format\s*\(\s*)?'((?:[^']|'')*)'", re.I)
GESTURE = re.compile(r"\bset_config\s*\(\s*'cordee\.gesture'\s*,\s*'([^']*)'", re.I)
WRITES = re.compile(r"\b(?:UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+(?:ONLY\s+)?(\w+)", re.I)
NAMED, OVER = "a_gesture_is_named", "its_gesture_is_over"
LONG = (
    (r"\bCREATE\s+(UNIQUE\s+)?INDEX\b(?!\s+CONCURRENTLY)", "builds an index under a lock"),
    (
        r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+IF\s+NOT\s+EXISTS\b",
        "believes an index that a build cut short left invalid: drop it first",
    ),
    (r"\bREINDEX\b(?!\s+\w+\s+CONCURRENTLY)", "rebuilds an index under a lock"),
    (r"\bALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE\b", "rewrites a column"),
    (r"\bSET\s+NOT\s+NULL\b", "reads the whole table under a lock"),
    (r"\bADD\s+CONSTRAINT\b(?!.*\bNOT\s+VALID\b)", "reads the whole table under a lock"),
    (r"\bLOCK\s+TABLE\b", "holds a table"),
    (r"\bVACUUM\s+FULL\b|\bCLUSTER\b", "rewrites a table"),
    (r"\bDROP\s+(TABLE|COLUMN)\b", "takes away what the running version reads"),
)


WORDING = frozenset(
    {
        *("verbose_name", "help_text", "choices", "validators", "blank", "related_name"),
        *("on_delete", "default", "limit_choices_to", "related_query_name", "error_messages"),
    }
)
"""What a field says of itself to Python: the column does not change with it."""


class Reader:
    """Reads migrations in order, and remembers the columns they made."""

    def __init__(self) -> None:
        self.columns: dict[tuple[str, str], Field] = {}

    def faults_of(self, migration) -> list[str]:
        """Say, in a line each, what a migration would hold or take away."""
        app, found, born = migration.app_label, [], set()
        for one in _all(migration.operations):
            table = f"{app}.{getattr(one, 'model_name_lower', '')}"
            if isinstance(one, op.CreateModel):
                born.add(f"{app}.{one.name_lower}")
                for name, field in one.fields:
                    self.columns[f"{app}.{one.name_lower}", name] = field
            elif table not in born:
                found += _faults(one, table, born, self.columns.get((table, _name_of(one))))
            if isinstance(one, op.AddField | op.AlterField):
                self.columns[table, one.name] = one.field
        return [f"{app}.{migration.name}: {fault}" for fault in found]


def _all(operations) -> Iterator[op.base.Operation]:
    """The operations that touch the database: not what is only told to the state."""
    for one in operations:
        if isinstance(one, op.SeparateDatabaseAndState):
            yield from _all(one.database_operations)
        else:
            yield one


def _faults(one, table: str, born: set[str], before: Field | None) -> Iterator[str]:
    if isinstance(one, op.RunPython):
        yield f"RunPython {one.code.__name__} runs nobody knows how long"
    elif isinstance(one, op.RunSQL):
        yield from _in_sql(one.sql, born)
    elif isinstance(one, op.DeleteModel | op.RenameModel):
        yield f"{_kind(one)} {_name_of(one)} takes away what the running version reads"
    else:
        yield from _on_a_table(one, table, before)


def _name_of(one) -> str:
    named = getattr(one, "index", None) or getattr(one, "constraint", None) or one
    return getattr(named, "name", None) or getattr(one, "old_name", "")


def _kind(one) -> str:
    return type(one).__name__


def _in_sql(sql, born) -> Iterator[str]:
    bare = WORDS.sub(" ", _said(sql))
    made = {one.lower() for one in re.findall(r"\bCREATE\s+(?:TEMP\s+)?TABLE\s+(\w+)", bare, re.I)}
    made |= {name.replace(".", "_") for name in born}
    yield from _without_a_gesture(bare, made)
    for statement in filter(str.strip, bare.split(";")):
        on = re.search(r"\b(?:ON|TABLE)\s+(?:ONLY\s+|IF\s+EXISTS\s+)?(\w+)", statement, re.I)
        if on and on[1].lower() in made:
            continue
        for pattern, why in LONG:
            if re.search(pattern, statement, re.I | re.S):
                yield f"SQL « {' '.join(statement.split())[:60]} » {why}"


def _said(sql) -> str:
    """What is run: with what a DO block does, and what it executes, in their place."""
    text = "; ".join(sql if isinstance(sql, list) else [sql])
    text = DONE_NOW.sub(lambda block: f"; {EXECUTED.sub(_executed, block[2])} ;", text)
    return GESTURE.sub(lambda one: f"({NAMED if one[1] else OVER}", text)


def _executed(one: re.Match[str]) -> str:
    return "; " + one[1].replace("''", "'") + " ;"


def _without_a_gesture(bare: str, made: set[str]) -> Iterator[str]:
    """Records are written by somebody, even in a migration: a base that has lived refuses."""
    is_named, records = False, _records() - made
    for statement in bare.split(";"):
        if NAMED in statement or OVER in statement:
            is_named = NAMED in statement
        for table in WRITES.findall(statement):
            if table.lower() in records and not is_named:
                yield f"SQL « {' '.join(statement.split())[:60]} » names no cordee.gesture"


def _records() -> set[str]:
    return {one._meta.db_table for one in apps.get_models() if issubclass(one, Record)}


def _on_a_table(one, table: str, before: Field | None) -> Iterator[str]:
    where = f"{_kind(one)} {_name_of(one)} on {table}"
    if isinstance(one, op.RemoveField | op.RenameField):
        yield f"{where} takes away what the running version reads"
    elif isinstance(one, op.AddField):
        yield from (f"{where} {why}" for why in _adding(one.field, table))
    elif isinstance(one, AddIndexConcurrently) or table in SMALL:
        return
    elif isinstance(one, op.AlterField) and _column_of(one.field) != _column_of(before):
        yield f"{where} may rewrite the column, or read the whole table"
    elif isinstance(one, op.AddIndex):
        yield f"{where} builds an index under a lock"
    elif isinstance(one, op.AddConstraint):
        reads = isinstance(one.constraint, CheckConstraint)
        yield f"{where} {'reads the whole table' if reads else 'builds an index'} under a lock"


def _adding(field: Field, table: str) -> Iterator[str]:
    if not field.null and not field.has_default() and not field.has_db_default():
        yield "asks every row for a value that none has"
    indexed = field.db_index or field.unique
    if indexed and table not in SMALL:
        yield "builds an index under a lock: db_index=False, then AddIndexConcurrently"
    if isinstance(field, GeneratedField) and table not in SMALL:
        yield "rewrites the table"


def _column_of(field: Field | None) -> tuple[object, ...]:
    """A field as its column: its kind, and what the database knows of it. Its index too: with one
    less, Django makes a foreign key again, and reads the table whole (DROP INDEX by hand)."""
    if field is None:
        return ()
    _, path, arguments, options = field.deconstruct()
    known = {name: value for name, value in options.items() if name not in WORDING}
    return path, repr(arguments), repr(sorted(known.items(), key=lambda item: item[0]))
