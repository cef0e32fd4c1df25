from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"
MERGES = Path(__file__).resolve().parent.parent.parent / "people" / "sql" / "follow_merge.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("liaison", "0001_initial"),
        ("people", "0020_spaces_gone"),
        ("access", "0014_told_by_the_room"),
        ("assessments", "0002_days_of_reassessment"),
    ]
    operations = [
        run(SQL / "promises.sql"),
        run(SQL / "sight.sql"),
        run(MERGES),
    ]
