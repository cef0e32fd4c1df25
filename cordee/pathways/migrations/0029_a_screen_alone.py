from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("pathways", "0028_kinds_from_one_table")]
    operations = [run(SQL / "shown.sql")]
