from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("broker", "0006_what_a_search_serves")]
    operations = [
        migrations.AddField(
            "solicitation",
            "arrival_notes",
            models.TextField("où et comment venir", blank=True, db_default=""),
        )
    ]
