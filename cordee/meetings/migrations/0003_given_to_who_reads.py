from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0002_promises_and_sight")]
    operations = [
        migrations.AddField(
            "decision",
            "given_at",
            models.DateTimeField("confiée à qui peut la lire le", null=True, blank=True),
        )
    ]
