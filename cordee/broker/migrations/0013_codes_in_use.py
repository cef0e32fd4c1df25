from pathlib import Path

from django.db import migrations, models

import cordee.kernel.identifiers
from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    """Every question holds its code here too, whichever version asks it; `0013_codes_alone` takes
    over those held already. Neither holds the table of questions while it reads it."""

    dependencies = [("broker", "0012_taken_back")]
    operations = [
        migrations.CreateModel(
            name="HeldCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=cordee.kernel.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="identifiant",
                    ),
                ),
                ("invitation", models.UUIDField(verbose_name="invitation")),
                ("asked_at", models.DateTimeField(verbose_name="demandé le")),
                ("until", models.DateTimeField(verbose_name="code réservé jusqu’au")),
            ],
            options={"verbose_name": "code de réponse réservé"},
        ),
        run(SQL / "codes.sql"),
    ]
