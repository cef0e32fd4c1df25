from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("intake", "0009_usual_not_first")]
    operations = [
        AddIndexConcurrently(
            "carerequest",
            models.Index(
                name="intake_request_kept",
                fields=["organization", "keeper"],
                condition=models.Q(
                    models.Q(
                        ("state__in", ["received", "qualified", "searching", "found", "confirmed"]),
                        models.Q(
                            ("state__in", ["refused", "cancelled", "handed_on"]),
                            ("told_at__isnull", True),
                        ),
                        _connector="OR",
                    ),
                    ("keeper__isnull", False),
                ),
            ),
        ),
    ]
