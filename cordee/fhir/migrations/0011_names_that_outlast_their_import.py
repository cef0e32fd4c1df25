import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("fhir", "0010_lines_that_wait_for_others"),
        ("people", "0021_one_person_only"),
    ]

    operations = [
        migrations.AddField(
            model_name="importedkey",
            name="person",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
                verbose_name="personne",
            ),
        ),
        migrations.AlterField(
            model_name="importedkey",
            name="held_as",
            field=models.CharField(blank=True, max_length=130, verbose_name="adresse ici"),
        ),
    ]
