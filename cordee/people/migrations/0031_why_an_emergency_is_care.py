from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0030_choices_of_whose_voice_one_holds")]
    operations = [run(SQL / "sight_attested.sql")]
