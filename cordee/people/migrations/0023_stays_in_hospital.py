from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import cordee.kernel.identifiers
from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0001_initial"),
        ("people", "0022_care_in_one_step"),
    ]

    operations = [
        migrations.CreateModel(
            name="HospitalStay",
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
                    "entered_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="hospitalisée le"),
                ),
                (
                    "said_again_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="entrée redite le"),
                ),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="sortie le")),
                (
                    "destination",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("home", "domicile"),
                            ("rehabilitation", "soins médicaux et de réadaptation"),
                            ("nursing_home", "EHPAD ou autre établissement d’hébergement"),
                            ("other", "autre service ou établissement"),
                        ],
                        max_length=16,
                        verbose_name="sortie vers",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.organization",
                        verbose_name="établissement",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stays",
                        to="people.person",
                        verbose_name="personne accompagnée",
                    ),
                ),
            ],
            options={
                "verbose_name": "séjour à l’hôpital",
                "verbose_name_plural": "séjours à l’hôpital",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("person",),
                        name="people_hospital_stay_goes_on_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("entered_at__isnull", False),
                            ("left_at__isnull", False),
                            _connector="OR",
                        ),
                        name="people_hospital_stay_tells_a_moment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("entered_at", None),
                            ("left_at", None),
                            ("left_at__gte", models.F("entered_at")),
                            _connector="OR",
                        ),
                        name="people_hospital_stay_ends_after_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("said_again_at", None),
                            models.Q(
                                ("entered_at__isnull", False),
                                ("said_again_at__gt", models.F("entered_at")),
                            ),
                            _connector="OR",
                        ),
                        name="people_hospital_stay_is_said_again_after_it_began",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("destination", ""), ("left_at__isnull", False), _connector="OR"
                        ),
                        name="people_hospital_stay_leads_nowhere_while_it_lasts",
                    ),
                ],
            },
        ),
        run(SQL / "sight_stays.sql"),
    ]
