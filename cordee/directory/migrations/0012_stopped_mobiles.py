from django.db import migrations, models
from django.db.models import Q

NAME = "directory_call_mobile_is_proved_or_waits_for_its_code"


class Migration(migrations.Migration):
    """When a STOP ended the texts of somebody on call, for its owner to be told."""

    dependencies = [("directory", "0011_mobiles_on_call")]
    operations = [
        migrations.AddField(
            model_name="callmobile",
            name="stopped_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="SMS arrêtés le"),
        ),
        migrations.RemoveConstraint(model_name="callmobile", name=NAME),
        migrations.AddConstraint(
            model_name="callmobile",
            constraint=models.CheckConstraint(
                name=NAME,
                condition=Q(number="", proved_at=None)
                & (~Q(asked="") | Q(stopped_at__isnull=False))
                | ~Q(number="") & Q(proved_at__isnull=False, stopped_at=None),
            ),
        ),
    ]
