from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0029_names_kept"),
        ("directory", "0013_what_was_corrected_before"),
    ]
    operations = [run(SQL / "commune.sql")]
