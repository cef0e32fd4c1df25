from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("intake", "0005_what_it_says_of_care")]
    operations = [
        AddIndexConcurrently(
            "carerequest",
            models.Index(
                name="intake_request_owed_in_order",
                fields=["organization", "due_at", "received_at", "id"],
                condition=models.Q(
                    ("state__in", ["received", "qualified", "searching", "found", "confirmed"]),
                    models.Q(
                        ("state__in", ["refused", "cancelled", "handed_on"]),
                        ("told_at__isnull", True),
                    ),
                    _connector="OR",
                ),
            ),
        ),
        AddIndexConcurrently(
            "carerequest",
            models.Index(
                name="intake_request_measured_calls",
                fields=["organization", "received_at"],
                condition=models.Q(("call_seconds__isnull", False)),
            ),
        ),
    ]
