from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0024_stays_that_facts_tell"),
        ("kernel", "0004_contents_by_month"),
    ]
    operations = [run(SQL / "thread_lines.sql")]
