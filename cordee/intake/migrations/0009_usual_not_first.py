from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0008_read_by_the_link")]
    operations = [
        migrations.AlterField(
            "wish",
            "choice",
            models.CharField(
                "choix",
                max_length=8,
                choices=[
                    ("usual", "professionnel habituel"),
                    ("ordinary", "habituel, sans priorité"),
                    ("prefer", "préfère"),
                    ("exclude", "ne souhaite pas"),
                ],
            ),
        )
    ]
