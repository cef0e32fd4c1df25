import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """An index whose column another begins with. By hand: Django would make the foreign key again,
    which reads the table whole while it holds it."""

    atomic = False
    dependencies = [("messaging", "0004_what_is_lost")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS messaging_message_organization_id_360faf91",
                    migrations.RunSQL.noop,
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "message",
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="directory.organization",
                        verbose_name="structure qui écrit",
                    ),
                )
            ],
        )
    ]
