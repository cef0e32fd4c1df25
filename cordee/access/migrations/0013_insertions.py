from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Tables are armed anew by `prepare`, after every migration; until then the old trigger holds."""

    dependencies = [("access", "0012_when_an_account_closed")]
    operations = [run(SQL / "insertions.sql")]
