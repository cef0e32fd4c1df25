from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0014_merging_by_itself")]
    operations = [run(SQL / "sight_entrusted.sql")]
