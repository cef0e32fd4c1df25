import django.db.models.deletion
from django.db import migrations, models

STATE = [
    migrations.AlterField(
        "invitation",
        "practitioner",
        models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="invitations",
            to="directory.practitioner",
            verbose_name="professionnel",
        ),
    ),
    migrations.AlterField(
        "invitation",
        "solicitation",
        models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.CASCADE,
            related_name="invitations",
            to="broker.solicitation",
            verbose_name="recherche",
        ),
    ),
    migrations.AlterField(
        "solicitation",
        "person",
        models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="solicitations",
            to="people.person",
            verbose_name="personne accompagnée",
        ),
    ),
]


DROPPED = [
    "DROP INDEX CONCURRENTLY IF EXISTS broker_invitation_practitioner_id_6a01a27d",
    "DROP INDEX CONCURRENTLY IF EXISTS broker_invitation_solicitation_id_5c274d53",
    "DROP INDEX CONCURRENTLY IF EXISTS broker_solicitation_person_id_4e1132a7",
]


class Migration(migrations.Migration):
    """Three indexes whose column another index begins with. By hand: Django would make the foreign
    keys again, which reads the tables whole while it holds them."""

    atomic = False
    dependencies = [("broker", "0013_codes_alone"), ("people", "0019_lines_of_nobody")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(one, migrations.RunSQL.noop) for one in DROPPED],
            state_operations=STATE,
        )
    ]
