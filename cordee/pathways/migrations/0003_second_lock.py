from pathlib import Path

from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("pathways", "0002_one_box_in_order"), ("people", "0003_second_lock")]
    operations = [
        run(SQL / "sight.sql"),
        migrations.CreateModel(
            name="GateTask",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "organization",
                    models.UUIDField(db_column="organization_id", verbose_name="structure"),
                ),
                ("role", models.TextField(verbose_name="réservée au rôle")),
                (
                    "person",
                    models.UUIDField(
                        db_column="person_id", null=True, verbose_name="personne accompagnée"
                    ),
                ),
                (
                    "assignee",
                    models.UUIDField(db_column="assignee_id", null=True, verbose_name="confiée à"),
                ),
                ("state", models.TextField(verbose_name="état")),
                ("box", models.TextField(verbose_name="boîte")),
                ("urgency", models.SmallIntegerField(verbose_name="urgence")),
                ("sorts_at", models.DateTimeField(verbose_name="rang")),
                ("snoozed_until", models.DateTimeField(null=True, verbose_name="reportée jusqu’à")),
            ],
            options={
                "verbose_name": "tâche",
                "db_table": "pathways_gate_task",
                "managed": False,
            },
        ),
    ]
