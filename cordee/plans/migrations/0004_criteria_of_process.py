from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_lasting")]
    operations = [
        migrations.AddField(
            "activity",
            "process",
            models.CharField(
                "à quoi on verra que cela se fait",
                max_length=300,
                blank=True,
                default="",
                db_default="",
            ),
        )
    ]
