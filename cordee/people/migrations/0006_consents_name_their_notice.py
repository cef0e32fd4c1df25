from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_the_clock_of_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="emergencyopposition",
            name="notice",
            field=models.CharField(
                blank=True, max_length=12, verbose_name="version de la note d’information"
            ),
        ),
        migrations.AlterField(
            model_name="information",
            name="notice",
            field=models.CharField(
                blank=True, max_length=12, verbose_name="version de la note d’information"
            ),
        ),
        migrations.AlterField(
            model_name="processing",
            name="notice",
            field=models.CharField(
                blank=True, max_length=12, verbose_name="version de la note d’information"
            ),
        ),
        migrations.AlterField(
            model_name="sharing",
            name="notice",
            field=models.CharField(
                blank=True, max_length=12, verbose_name="version de la note d’information"
            ),
        ),
        migrations.AddConstraint(
            model_name="sharing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("choice", "consented"), _negated=True),
                    models.Q(("notice", ""), _negated=True),
                    _connector="OR",
                ),
                name="people_sharing_consent_names_its_notice",
            ),
        ),
    ]
