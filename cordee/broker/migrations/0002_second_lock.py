from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("broker", "0001_initial"), ("people", "0003_second_lock")]
    operations = [run(SQL / "sight.sql")]
