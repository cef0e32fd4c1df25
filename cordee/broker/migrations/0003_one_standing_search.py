from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A confirmed search stands for its need: no other is opened beside it."""

    dependencies = [("broker", "0002_second_lock")]
    operations = [
        migrations.AddConstraint(
            model_name="solicitation",
            constraint=models.UniqueConstraint(
                name="broker_solicitation_one_standing_per_origin",
                fields=["origin"],
                condition=Q(state__in=["open", "held", "filled", "confirmed"]),
            ),
        ),
        migrations.RemoveConstraint(
            model_name="solicitation",
            name="broker_solicitation_one_open_per_origin",
        ),
    ]
