from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("broker", "0009_when_in_the_day")]
    operations = [
        migrations.AddField(
            "invitation",
            "is_firm",
            models.BooleanField("dit par qui est connu", default=False, db_default=False),
        )
    ]
