from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("broker", "0010_a_firm_yes_in_reserve")]
    operations = [
        migrations.AddField(
            "solicitation",
            "wanted_on",
            models.DateField("voulue au plus tard le", null=True, blank=True),
        )
    ]
