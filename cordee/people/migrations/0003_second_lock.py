from pathlib import Path

import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0002_texts_and_emails"), ("access", "0005_second_lock")]
    operations = [
        run(SQL / "sight.sql"),
        migrations.CreateModel(
            name="GateGrant",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account_id", models.UUIDField(verbose_name="ouvert par")),
                ("expires_at", models.DateTimeField(verbose_name="expire le")),
            ],
            options={
                "verbose_name": "accès d’urgence",
                "verbose_name_plural": "accès d’urgence",
                "db_table": "people_gate_grant",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="GateInformation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "information donnée",
                "verbose_name_plural": "informations données",
                "db_table": "people_gate_information",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="GateOpposition",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "opposition à l’accès d’urgence",
                "verbose_name_plural": "oppositions à l’accès d’urgence",
                "db_table": "people_gate_opposition",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="GatePerson",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("birth_date", models.DateField(null=True, verbose_name="date de naissance")),
                ("protection", models.TextField(verbose_name="protection juridique")),
                ("territory_id", models.UUIDField(null=True, verbose_name="territoire")),
                ("ins", models.TextField(verbose_name="matricule INS")),
                ("phone", models.TextField(verbose_name="téléphone")),
                ("other_phone", models.TextField(verbose_name="autre téléphone")),
                (
                    "search_keys",
                    django.contrib.postgres.search.SearchVectorField(
                        verbose_name="clés de recherche"
                    ),
                ),
                ("name_key", models.TextField(verbose_name="clé de tri")),
            ],
            options={
                "verbose_name": "personne accompagnée",
                "verbose_name_plural": "personnes accompagnées",
                "db_table": "people_gate_person",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="GateProcessing",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("purpose", models.TextField(verbose_name="finalité")),
                ("will", models.TextField(verbose_name="volonté")),
            ],
            options={
                "verbose_name": "choix de traitement",
                "verbose_name_plural": "choix de traitement",
                "db_table": "people_gate_processing",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="GateRelative",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "has_parental_authority",
                    models.BooleanField(verbose_name="titulaire de l’autorité parentale"),
                ),
                ("is_representative", models.BooleanField(verbose_name="représentant légal")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="retiré le")),
            ],
            options={
                "verbose_name": "proche",
                "db_table": "people_gate_relative",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="GateSharing",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("category", models.TextField(verbose_name="catégorie d’information")),
                ("audience", models.TextField(verbose_name="catégorie de professionnels")),
                ("medium", models.TextField(verbose_name="support")),
                ("choice", models.TextField(verbose_name="choix")),
                ("speaker", models.TextField(verbose_name="de la part de")),
            ],
            options={
                "verbose_name": "choix de partage",
                "verbose_name_plural": "choix de partage",
                "db_table": "people_gate_sharing",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="GateSpace",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("account_id", models.UUIDField(verbose_name="compte")),
                ("since", models.DateTimeField(verbose_name="depuis")),
                ("until", models.DateTimeField(null=True, verbose_name="jusqu’à")),
            ],
            options={
                "verbose_name": "accès à son propre espace",
                "verbose_name_plural": "accès à leur propre espace",
                "db_table": "people_gate_space",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="GateStay",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("practitioner_id", models.UUIDField(null=True, verbose_name="professionnel")),
                ("organization_id", models.UUIDField(null=True, verbose_name="structure")),
                ("ground", models.TextField(verbose_name="appartenance à l’équipe de soins")),
            ],
            options={
                "verbose_name": "membre du cercle",
                "verbose_name_plural": "membres du cercle",
                "db_table": "people_gate_stay",
                "managed": False,
            },
        ),
    ]
