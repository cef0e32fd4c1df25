from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("liaison", "0004_contacts_last_and_are_taken_back")]
    operations = [run(SQL / "contacts_checked.sql")]
