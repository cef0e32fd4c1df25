from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0004_criteria_of_process")]
    operations = [
        migrations.AddField(
            "activity",
            "given_at",
            models.DateTimeField("confiée à qui peut la lire le", null=True, blank=True),
        )
    ]
