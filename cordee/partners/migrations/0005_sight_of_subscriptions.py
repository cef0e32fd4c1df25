from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"
MERGES = Path(__file__).resolve().parent.parent.parent / "people" / "sql" / "follow_merge.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0004_subscriptions"),
        ("people", "0020_spaces_gone"),
        ("access", "0014_told_by_the_room"),
    ]
    operations = [run(SQL / "sight_subscriptions.sql"), run(MERGES)]
