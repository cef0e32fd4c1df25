from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("broker", "0015_held_once")]
    operations = [
        migrations.AddField(
            "brokersettings",
            "sets_off",
            models.PositiveIntegerField("en route avant une visite", default=60, db_default=60),
        )
    ]
