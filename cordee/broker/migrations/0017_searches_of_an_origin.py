from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("broker", "0016_on_the_road")]
    operations = [
        AddIndexConcurrently(
            "solicitation",
            models.Index(
                name="broker_solicitation_of_origin", fields=["origin", "launched_at", "id"]
            ),
        ),
    ]
