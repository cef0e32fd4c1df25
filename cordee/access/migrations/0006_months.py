from pathlib import Path

from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0005_second_lock"), ("kernel", "0004_contents_by_month")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[run(SQL / "months.sql")],
            state_operations=[
                migrations.RemoveConstraint("previousstate", "access_previous_state_is_kept_once"),
                migrations.AddIndex(
                    "previousstate",
                    models.Index(
                        name="access_state_of_record",
                        fields=["table_name", "record_id", "version"],
                    ),
                ),
            ],
        ),
    ]
