"""What retention runs to take away who an account was."""

from pathlib import Path

from django.db import migrations

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0005_merges_are_followed"),
        ("access", "0012_when_an_account_closed"),
    ]
    operations = [run(SQL / "empty_accounts.sql")]
