from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0028_looks_at_one_person_only")]
    operations = [run(SQL / "names_kept.sql")]
