from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_second_lock")]
    operations = [
        migrations.AddField(
            model_name="message",
            name="quiet_from",
            field=models.TimeField("pas à partir de", null=True, blank=True),
        ),
        migrations.AddField(
            model_name="message",
            name="quiet_until",
            field=models.TimeField("ni avant", null=True, blank=True),
        ),
    ]
