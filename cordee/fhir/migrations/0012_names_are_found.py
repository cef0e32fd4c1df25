from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("fhir", "0011_names_that_outlast_their_import")]
    operations = [
        AddIndexConcurrently(
            "importedkey", models.Index(name="fhir_imported_key_by_name", fields=["sent_as"])
        ),
        AddIndexConcurrently(
            "importedkey", models.Index(name="fhir_imported_key_of_person", fields=["person"])
        ),
    ]
