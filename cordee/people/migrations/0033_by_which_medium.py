from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0021_by_which_medium"),
        ("people", "0032_persons_follow_their_commune"),
    ]
    operations = [run(SQL / "sight_medium.sql")]
