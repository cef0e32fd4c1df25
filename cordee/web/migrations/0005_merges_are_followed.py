"""Arm every table that hangs from a person, once the rooms that own them are there."""

from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[2] / "people" / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_duplicates_and_merges"),
        ("messaging", "0001_initial"),
        ("intake", "0001_initial"),
        ("broker", "0001_initial"),
        ("pathways", "0001_initial"),
        ("web", "0004_second_lock"),
    ]

    operations = [run(SQL / "follow_merge.sql")]
