"""The accounts of the systems that were registered before say that nobody is behind them."""

from django.db import migrations

MARKED = """
    UPDATE access_account SET is_machine = true
    WHERE id IN (SELECT held.account_id FROM partners_client AS client
                 JOIN directory_membership AS held ON held.id = client.membership_id)"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0007_what_was_missed"), ("access", "0019_machines")]

    operations = [migrations.RunSQL(MARKED, migrations.RunSQL.noop)]
