from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("pathways", "0007_doubles_on_the_worklist"),
        ("broker", "0006_what_a_search_serves"),
        ("intake", "0006_the_queue_in_its_order"),
    ]
    operations = [run(SQL / "carried.sql")]
