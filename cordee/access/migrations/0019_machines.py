from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0018_epoch")]
    operations = [
        migrations.AddField(
            model_name="account",
            name="is_machine",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="compte d’un logiciel"
            ),
        ),
    ]
