from pathlib import Path

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import cordee.kernel.identifiers
from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0013_absorbed_records_follow_their_territory"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Evaluation",
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
                ("digest", models.CharField(max_length=64, verbose_name="empreinte du fichier")),
                ("weights", models.CharField(max_length=16, verbose_name="empreinte des poids")),
                ("made_up", models.BooleanField(verbose_name="paires inventées")),
                ("pairs", models.PositiveIntegerField(verbose_name="paires")),
                ("threshold", models.FloatField(verbose_name="seuil")),
                ("found", models.PositiveIntegerField(verbose_name="justes")),
                ("wrong", models.PositiveIntegerField(verbose_name="faux")),
                ("missed", models.PositiveIntegerField(verbose_name="manqués")),
                ("measured_at", models.DateTimeField(verbose_name="mesuré le")),
            ],
            options={
                "verbose_name": "mesure du rapprochement",
                "verbose_name_plural": "mesures du rapprochement",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("digest", "weights", "threshold"),
                        name="people_evaluation_of_a_file_counts_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "pairs__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("found"), "+", models.F("wrong")
                                    ),
                                    "+",
                                    models.F("missed"),
                                ),
                            )
                        ),
                        name="people_evaluation_counts_no_more_than_its_pairs",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnattendedMerging",
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
                ("since", models.DateTimeField(verbose_name="depuis")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="jusqu’à")),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="éteint par",
                    ),
                ),
                (
                    "evaluation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.evaluation",
                        verbose_name="mesure du rapprochement",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="allumé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "réunion automatique de fiches",
                "verbose_name_plural": "réunions automatiques de fiches",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("until",),
                        name="people_unattended_merging_is_on_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="merge",
            name="unattended",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges",
                to="people.unattendedmerging",
                verbose_name="réunies automatiquement selon",
            ),
        ),
        run(SQL / "unattended.sql"),
    ]
