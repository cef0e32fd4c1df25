from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("fhir", "0008_sight_imports"),
        ("assessments", "0002_days_of_reassessment"),
        ("liaison", "0002_promises_and_sight"),
    ]
    operations = [run(SQL / "told.sql")]
