from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_consents_name_their_notice"),
        ("directory", "0006_closed_not_deleted"),
    ]
    operations = [run(SQL / "territory.sql")]
