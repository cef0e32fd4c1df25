from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0031_why_an_emergency_is_care"),
        ("directory", "0013_what_was_corrected_before"),
    ]
    operations = [run(SQL / "commune.sql")]
