from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("broker", "0007_where_and_how_to_come")]
    operations = [
        migrations.AddField(
            "solicitation",
            "need_changed_at",
            models.DateTimeField("besoin changé après le oui le", null=True, blank=True),
        ),
        migrations.AddField(
            "solicitation",
            "later_offered_at",
            models.DateTimeField("visite plus tardive offerte le", null=True, blank=True),
        ),
    ]
