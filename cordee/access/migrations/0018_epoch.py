from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0017_dated")]
    operations = [
        migrations.AddField(
            model_name="account",
            name="epoch",
            field=models.PositiveIntegerField(
                db_default=0, default=0, verbose_name="fois où ses séances ont été fermées"
            ),
        ),
    ]
