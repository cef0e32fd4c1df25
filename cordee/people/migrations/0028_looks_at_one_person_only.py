from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0027_relatives_of_their_own_person")]
    operations = [run(SQL / "sight_only_looks.sql")]
