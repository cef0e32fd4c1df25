from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import cordee.kernel.identifiers
from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("protocols", "0003_hearing"),
    ]

    operations = [
        migrations.CreateModel(
            name="Passage",
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
                ("station", models.SlugField(db_index=False, max_length=80, verbose_name="étape")),
                ("at", models.DateTimeField(verbose_name="passée le")),
                ("fact", models.BigIntegerField(verbose_name="ligne du fil")),
                (
                    "pathway",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="passages",
                        to="protocols.pathway",
                        verbose_name="parcours suivi",
                    ),
                ),
            ],
            options={
                "verbose_name": "passage à une étape",
                "verbose_name_plural": "passages aux étapes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pathway", "at", "fact", "station"),
                        name="protocols_passage_counts_a_fact_once_per_station",
                    )
                ],
            },
        ),
        run(SQL / "sight_passages.sql"),
        run(SQL / "ways.sql"),
    ]
