from django.db import migrations, models

NOT_DATED = "UPDATE access_account SET closed_at = now() WHERE NOT is_active AND closed_at IS NULL"


class Migration(migrations.Migration):
    """Accounts closed before this was written are taken as closed today: none goes too soon."""

    dependencies = [("access", "0011_removal")]
    operations = [
        migrations.AddField(
            model_name="account",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="fermé le"),
        ),
        migrations.RunSQL(NOT_DATED, migrations.RunSQL.noop),
    ]
