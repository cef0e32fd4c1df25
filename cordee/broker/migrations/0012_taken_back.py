from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("broker", "0011_what_was_asked")]
    operations = [
        migrations.AddField(
            "invitation",
            "taken_back_at",
            models.DateTimeField("question retirée le", null=True, blank=True),
        )
    ]
