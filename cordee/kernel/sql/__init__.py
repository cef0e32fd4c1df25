"""The SQL that migrations run: kept in files, because SQL reads better as SQL."""

from pathlib import Path

from django.db.migrations import RunSQL


def run(path: Path) -> RunSQL:
    """Run a file as one migration operation, which has no way back."""
    return RunSQL(path.read_text(encoding="utf-8"), elidable=False)
