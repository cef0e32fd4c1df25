from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0008_who_examines_without_a_dpo"), ("access", "0011_removal")]
    operations = [run(SQL / "removal.sql")]
