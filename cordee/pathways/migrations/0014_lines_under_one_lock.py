from pathlib import Path

from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("pathways", "0013_who_comes_is_called"),
        ("people", "0019_lines_of_nobody"),
        ("access", "0013_insertions"),
    ]
    operations = [
        run(SQL / "shown.sql"),
        migrations.CreateModel(
            name="ShownTask",
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
                ("kind", models.TextField(verbose_name="nature")),
                ("urgency", models.SmallIntegerField(verbose_name="urgence")),
                ("since_at", models.DateTimeField(verbose_name="depuis")),
                ("due_at", models.DateTimeField(null=True, verbose_name="à faire avant")),
                ("sorts_at", models.DateTimeField(verbose_name="rang")),
                ("used_first_name", models.TextField(null=True, verbose_name="prénom utilisé")),
                (
                    "first_name",
                    models.TextField(null=True, verbose_name="premier prénom de naissance"),
                ),
                ("first_names", models.TextField(null=True, verbose_name="prénoms de naissance")),
                ("birth_name", models.TextField(null=True, verbose_name="nom de naissance")),
                ("used_name", models.TextField(null=True, verbose_name="nom utilisé")),
                ("sex", models.TextField(null=True, verbose_name="sexe")),
            ],
            options={
                "verbose_name": "tâche",
                "db_table": "pathways_shown_task",
                "managed": False,
            },
        ),
    ]
