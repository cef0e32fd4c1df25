from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0004_profession_searched"),
        ("people", "0015_what_a_request_says_of_care"),
    ]
    operations = [run(SQL / "sight_care.sql")]
