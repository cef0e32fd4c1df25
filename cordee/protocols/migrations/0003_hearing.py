from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"
MERGES = Path(__file__).resolve().parent.parent.parent / "people" / "sql" / "follow_merge.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("protocols", "0002_pathways_watched"),
        ("people", "0020_spaces_gone"),
        ("access", "0015_erased"),
        ("kernel", "0011_woken"),
        ("procrastinate", "0037_pre_batch_defer_jobs"),
    ]
    operations = [
        run(SQL / "sight.sql"),
        run(SQL / "ruptures.sql"),
        run(SQL / "hearing.sql"),
        run(MERGES),
    ]
