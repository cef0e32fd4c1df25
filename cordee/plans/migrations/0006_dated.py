from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("plans", "0005_given_to_who_reads"), ("access", "0017_dated")]
    operations = [run(SQL / "dated.sql")]
