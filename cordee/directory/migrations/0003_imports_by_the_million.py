from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Two million lines: identifiers in order, and no index that another one contains."""

    dependencies = [("directory", "0002_communes")]
    operations = [
        run(SQL / "identifiers.sql"),
        migrations.AlterField(
            model_name="practicesite",
            name="commune",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="directory.commune",
                verbose_name="commune",
            ),
        ),
        migrations.AlterField(
            model_name="practicesite",
            name="practitioner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sites",
                to="directory.practitioner",
                verbose_name="professionnel",
            ),
        ),
    ]
