from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0012_who_took_it_back")]
    operations = [run(SQL / "absorbed_follows.sql")]
