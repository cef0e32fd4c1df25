from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0004_the_trace_is_read_by_day")]
    operations = [run(SQL / "sight.sql")]
