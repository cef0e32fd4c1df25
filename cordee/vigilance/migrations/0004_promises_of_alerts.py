from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"
MERGES = Path(__file__).resolve().parent.parent.parent / "people" / "sql" / "follow_merge.sql"


class Migration(migrations.Migration):
    dependencies = [("vigilance", "0003_alerts")]
    operations = [run(SQL / "alerts.sql"), run(SQL / "sight_alerts.sql"), run(MERGES)]
