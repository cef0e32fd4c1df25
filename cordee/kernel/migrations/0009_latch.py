from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0008_yielding")]
    operations = [
        migrations.CreateModel(
            name="Latch",
            fields=[
                (
                    "origin",
                    models.CharField("objet", max_length=100, primary_key=True, serialize=False),
                ),
            ],
            options={
                "db_table": "kernel_latch",
                "verbose_name": "verrou d’un objet terminé ou retenu",
            },
        ),
    ]
