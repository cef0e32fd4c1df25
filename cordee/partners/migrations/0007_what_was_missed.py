from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0006_what_was_withheld_is_told_again")]

    operations = [
        migrations.AddField(
            model_name="tally",
            name="missed_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="n’a rien su depuis le"),
        ),
    ]
