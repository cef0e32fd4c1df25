from pathlib import Path

from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_bulk")]
    operations = [
        run(SQL / "months.sql"),
        migrations.SeparateDatabaseAndState(
            database_operations=[run(SQL / "contents_by_month.sql")],
            state_operations=[
                migrations.AddField(
                    "factcontent",
                    "recorded_at",
                    models.DateTimeField(verbose_name="enregistré le"),
                    preserve_default=False,
                )
            ],
        ),
    ]
