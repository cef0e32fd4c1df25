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
<<<<<<<< HEAD:cordee/web/migrations/0005_merges_are_followed.py
        ("web", "0004_second_lock"),
========
        ("web", "0003_professional_invited"),
>>>>>>>> 94a8274 (Follow the migration that invites a professional):cordee/web/migrations/0004_merges_are_followed.py
    ]

    operations = [run(SQL / "follow_merge.sql")]
