from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0014_told_by_the_room")]
    operations = [run(SQL / "erased.sql")]
