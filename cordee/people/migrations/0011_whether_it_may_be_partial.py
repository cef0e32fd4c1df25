from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import cordee.kernel.identifiers
from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0010_a_note_is_corrected_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("person", "says_incomplete")]
        ),
        migrations.CreateModel(
            name="HintChoice",
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
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="créé le")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="modifié le")),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
                ),
                (
                    "speaker",
                    models.CharField(
                        choices=[
                            ("person", "la personne"),
                            ("parent", "titulaire de l’autorité parentale"),
                            ("representative", "représentant légal"),
                            ("trusted", "personne de confiance"),
                        ],
                        max_length=14,
                        verbose_name="de la part de",
                    ),
                ),
                (
                    "notice",
                    models.CharField(
                        blank=True, max_length=12, verbose_name="version de la note d’information"
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("oral", "de vive voix"),
                            ("phone", "au téléphone"),
                            ("paper", "par écrit"),
                            ("online", "en ligne"),
                        ],
                        max_length=10,
                        verbose_name="recueilli comment",
                    ),
                ),
                (
                    "document",
                    models.CharField(blank=True, max_length=120, verbose_name="justificatif"),
                ),
                ("since", models.DateTimeField(verbose_name="depuis")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="jusqu’à")),
                (
                    "allowed",
                    models.BooleanField(verbose_name="permet que l’on dise le dossier partiel"),
                ),
                (
                    "collected_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recueilli par",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="people.person",
                        verbose_name="personne accompagnée",
                    ),
                ),
                (
                    "relative",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.relative",
                        verbose_name="proche",
                    ),
                ),
            ],
            options={
                "verbose_name": "choix sur l’affichage partiel",
                "verbose_name_plural": "choix sur l’affichage partiel",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("person",),
                        name="people_hint_has_one_last_word",
                    )
                ],
            },
        ),
        run(SQL / "follow_merge.sql"),
        run(SQL / "sight_hint.sql"),
    ]
