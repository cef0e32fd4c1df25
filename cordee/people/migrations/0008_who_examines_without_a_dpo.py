from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0006_closed_not_deleted"),
        ("people", "0007_persons_follow_their_territory"),
    ]
    operations = [
        migrations.AddField(
            model_name="emergencygrant",
            name="examiner",
            field=models.ForeignKey(
                "directory.organization",
                django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="structure qui examine",
            ),
        ),
        run(SQL / "sight_examiner.sql"),
    ]
