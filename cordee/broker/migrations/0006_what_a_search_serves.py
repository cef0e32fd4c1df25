from pathlib import Path

from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("broker", "0005_who_only_said_no")]
    operations = [
        migrations.AddField(
            "invitation",
            "stay",
            models.UUIDField("séjour ouvert dans le cercle", null=True, blank=True),
        ),
        migrations.AddField(
            "solicitation",
            "is_carried",
            models.BooleanField("sert une demande en cours", default=True, db_default=True),
        ),
        run(SQL / "carried.sql"),
    ]
