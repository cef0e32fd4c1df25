from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("liaison", "0002_promises_and_sight")]
    operations = [run(SQL / "whole_threads.sql")]
