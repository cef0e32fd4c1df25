from typing import Any

from django.db import migrations

from cordee.directory import communes


def bring_in(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        communes.bring_in(cursor)


class Migration(migrations.Migration):
    """The communes as shipped on the day of the migration; `load_communes` brings newer ones."""

    dependencies = [("directory", "0001_initial")]
    operations = [migrations.RunPython(bring_in, migrations.RunPython.noop)]
