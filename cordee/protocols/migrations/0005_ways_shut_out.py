from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("protocols", "0004_passages"),
    ]

    operations = [run(SQL / "ways.sql")]
