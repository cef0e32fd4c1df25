from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0018_named_to_be_asked")]
    operations = [run(SQL / "sight_roles.sql")]
