from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("people", "0019_lines_of_nobody"), ("directory", "0001_initial")]
    operations = [run(SQL / "spaces_gone.sql")]
