"""Nobody stops care for a migration: each is read before it runs (see `locks.py`)."""

from collections import defaultdict

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from tests.architecture.locks import Reader

EMPTY = "before the first house was opened: its tables are made in the same start"
SHIPPED = "communes of the shipped file, the same few seconds everywhere"
LEFT = "a column that no version since people.0011 reads nor writes; dropping it rewrites nothing"
TOLD_BY_FACTS = "reads two kinds of facts, holds nobody, writes a table that is made just before"
ACCEPTED = {
    "access.0003_refusals_are_counted_by_source": EMPTY,
    "access.0004_the_trace_is_read_by_day": EMPTY,
    "access.0006_months": EMPTY,
    "broker.0003_one_standing_search": EMPTY,
    "directory.0002_communes": SHIPPED,
    "directory.0003_imports_by_the_million": EMPTY,
    "kernel.0004_contents_by_month": EMPTY,
    "pathways.0002_one_box_in_order": EMPTY,
    "pathways.0004_one_desk_is_not_read_whole": EMPTY,
    "partners.0003_opened_beside": "a row by partner: some dozens in a house",
    "partners.0006_what_was_withheld_is_told_again": "its table is made, empty, two steps before",
    "people.0004_duplicates_and_merges": EMPTY,
    "people.0006_consents_name_their_notice": EMPTY,
    "people.0010_a_note_is_corrected_once": EMPTY,
    "people.0012_who_took_it_back": EMPTY,
    "people.0016_a_column_nobody_reads": LEFT,
    "people.0024_stays_that_facts_tell": TOLD_BY_FACTS,
    "vigilance.0004_promises_of_alerts": "its table is made, empty, by the migration before it",
    "web.0003_professional_invited": EMPTY,
}
"""Migrations that hold something for long all the same, and why. One more asks for a reason."""


def test_no_migration_holds_a_large_table_while_people_work():
    ours = {one.label for one in apps.get_app_configs() if one.name.startswith("cordee.")}
    disk = sorted(MigrationLoader(None).disk_migrations.items())
    reader = Reader()
    found = [fault for key, one in disk if key[0] in ours for fault in reader.faults_of(one)]

    wrong = [fault for fault in found if fault.split(":")[0] not in ACCEPTED]
    assert not wrong, "\n".join(wrong)
    assert {fault.split(":")[0] for fault in found} == set(ACCEPTED)  # and none is accepted in vain


def migration(*operations):
    made = migrations.Migration("0009_next", "people")
    made.operations = list(operations)
    return made


def reader() -> Reader:
    """One who has read the migration that made the table."""
    knows = Reader()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField("nom", max_length=80)),
        ("note", models.TextField("note", null=True)),
        ("desk", models.ForeignKey("directory.Organization", models.PROTECT)),
    ]
    assert knows.faults_of(migration(migrations.CreateModel("person", fields))) == []
    return knows


SOMEBODY = "SELECT set_config('cordee.gesture', '{\"verb\": \"people.migrated\"}', true)"
NOBODY = "SELECT set_config('cordee.gesture', '', true)"
NAMED = models.Index(fields=["name"], name="people_by_name")


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddIndex("person", NAMED),
        migrations.AddConstraint("person", models.UniqueConstraint(fields=["name"], name="once")),
        migrations.AddConstraint(
            "person", models.CheckConstraint(condition=~models.Q(name=""), name="named")
        ),
        migrations.AddField("person", "age", models.IntegerField("âge")),
        migrations.AddField("person", "code", models.TextField("code", null=True, db_index=True)),
        migrations.AlterField(
            "person",
            "desk",
            models.ForeignKey("directory.Organization", models.PROTECT, db_index=False),
        ),
        migrations.AlterField("person", "name", models.TextField("nom")),
        migrations.AlterField("person", "note", models.TextField("note")),
        migrations.AlterField(
            "person", "name", models.CharField("nom", max_length=80, unique=True)
        ),
        migrations.RemoveField("person", "note"),
        migrations.RenameField("person", "note", "words"),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY IF NOT EXISTS late ON people_person (name)"),
        migrations.DeleteModel("person"),
        migrations.RenameModel("person", "human"),
        migrations.RunPython(lambda apps, editor: None),
        migrations.RunSQL("CREATE INDEX late ON people_person (name)"),
        migrations.RunSQL("create unique index late on people_person (name)"),
        migrations.RunSQL("ALTER TABLE people_person ALTER COLUMN name TYPE varchar(40)"),
        migrations.RunSQL("ALTER TABLE people_person ALTER COLUMN note SET NOT NULL"),
        migrations.RunSQL("ALTER TABLE people_person ADD CONSTRAINT c CHECK (name <> '')"),
        migrations.RunSQL("LOCK TABLE people_person"),
        migrations.RunSQL("DO $$ BEGIN LOCK TABLE people_person; END $$"),
        migrations.RunSQL("DO LANGUAGE plpgsql $do$ BEGIN LOCK TABLE people_person; END $do$"),
        migrations.RunSQL("DO $$ BEGIN EXECUTE 'LOCK TABLE people_person'; END $$"),
        migrations.RunSQL(
            "DO $$ BEGIN EXECUTE format('CREATE INDEX %I ON people_person (name)', 'x'); END $$"
        ),
        migrations.RunSQL("UPDATE people_person SET note = ''"),
        migrations.RunSQL("update only people_person set note = ''"),
        migrations.RunSQL("DELETE FROM people_person WHERE note = ''"),
        migrations.RunSQL("WITH one AS (UPDATE people_person SET note = '') SELECT 1"),
        migrations.RunSQL("DO $$ BEGIN UPDATE people_person SET note = ''; END $$"),
        migrations.RunSQL(f"{NOBODY}; UPDATE people_person SET note = ''"),
        migrations.RunSQL(f"{SOMEBODY}; {NOBODY}; UPDATE people_person SET note = ''"),
        migrations.RunSQL(f"-- {SOMEBODY}\nUPDATE people_person SET note = ''"),
        migrations.RunSQL(f"UPDATE people_person SET note = ''; {SOMEBODY}"),
        migrations.RunSQL("ALTER TABLE people_person DROP COLUMN note"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AddIndex("person", NAMED)]
        ),
    ],
)
def test_what_would_hold_a_large_table_is_seen(operation):
    assert len(reader().faults_of(migration(operation))) == 1


@pytest.mark.parametrize(
    "operation",
    [
        AddIndexConcurrently("person", NAMED),
        migrations.AddField("person", "age", models.IntegerField("âge", null=True)),
        migrations.AddField("person", "age", models.IntegerField("âge", db_default=0)),
        migrations.AlterField(
            "person", "name", models.CharField("nom de naissance", max_length=80)
        ),
        migrations.RemoveIndex("person", "people_by_name"),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY late ON people_person (name)"),
        migrations.RunSQL("CREATE TABLE spare (n int); CREATE INDEX spare_n ON spare (n)"),
        migrations.RunSQL("ALTER TABLE people_person ADD CONSTRAINT c CHECK (n > 0) NOT VALID"),
        migrations.RunSQL(f"{SOMEBODY}; UPDATE people_person SET note = ''; {NOBODY}"),
        migrations.RunSQL([SOMEBODY, "UPDATE people_person SET note = ''", NOBODY]),
        migrations.RunSQL(
            f"DO $$ BEGIN PERFORM {SOMEBODY[7:]}; UPDATE people_person SET x = 1; END $$"
        ),
        migrations.RunSQL("CREATE TABLE spare (n int); UPDATE spare SET n = 1"),
        migrations.RunSQL("SELECT 'UPDATE people_person SET x = 1'"),
        migrations.RunSQL(
            "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ UPDATE people_person SET x = 1 $$"
        ),
        migrations.RunSQL("DO $$ BEGIN PERFORM 1; END $$"),
        migrations.RunSQL("-- CREATE INDEX said ON people_person (name)\nSELECT 1"),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddIndex("person", NAMED)]
        ),
    ],
)
def test_what_passes_beside_the_work_is_let_through(operation):
    assert reader().faults_of(migration(operation)) == []


@pytest.mark.django_db
def test_the_database_keeps_no_column_that_the_code_has_left_behind():
    known = defaultdict(set)
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_config.name.startswith("cordee."):
            known[model._meta.db_table] |= {one.column for one in model._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = ANY (%s)
            AND is_generated = 'NEVER'""",
            [list(known)],
        )
        left = {f"{table}.{name}" for table, name in cursor if name not in known[table]}
    assert not left
