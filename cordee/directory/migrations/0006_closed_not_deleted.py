from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0005_where_a_number_was_found"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="pole",
            name="directory_pole_is_named_once",
        ),
        migrations.RemoveConstraint(
            model_name="sector",
            name="directory_sector_is_named_once",
        ),
        migrations.RemoveConstraint(
            model_name="territory",
            name="directory_territory_is_named_once",
        ),
        migrations.AddField(
            model_name="pole",
            name="closed_on",
            field=models.DateField(blank=True, null=True, verbose_name="fermé le"),
        ),
        migrations.AddField(
            model_name="sector",
            name="closed_on",
            field=models.DateField(blank=True, null=True, verbose_name="fermé le"),
        ),
        migrations.AddField(
            model_name="territory",
            name="closed_on",
            field=models.DateField(blank=True, null=True, verbose_name="fermé le"),
        ),
        migrations.AddField(
            model_name="territory",
            name="heir",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="directory.territory",
                verbose_name="territoire qui reprend",
            ),
        ),
        migrations.AddConstraint(
            model_name="pole",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_on", None)),
                fields=("organization", "name"),
                name="directory_pole_is_named_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="sector",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_on", None)),
                fields=("organization", "name"),
                name="directory_sector_is_named_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="territory",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_on", None)),
                fields=("kind", "name"),
                name="directory_territory_is_named_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="territory",
            constraint=models.CheckConstraint(
                condition=models.Q(("heir", None), ("closed_on__isnull", False), _connector="OR"),
                name="directory_territory_is_taken_over_when_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="territory",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("heir", None),
                    models.Q(("heir", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="directory_territory_is_taken_over_by_another",
            ),
        ),
        run(SQL / "closed.sql"),
    ]
