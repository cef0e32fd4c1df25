from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0017_nothing_without_the_name")]
    operations = [run(SQL / "sight_awaited.sql")]
