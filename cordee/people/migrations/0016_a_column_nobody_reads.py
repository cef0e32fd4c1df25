from django.db import migrations


class Migration(migrations.Migration):
    """Its word moved to the choices of the person in 0011: nothing reads nor writes it since."""

    dependencies = [("people", "0015_what_a_request_says_of_care")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE people_person DROP COLUMN IF EXISTS says_incomplete",
            "ALTER TABLE people_person ADD COLUMN says_incomplete boolean NOT NULL DEFAULT false",
        )
    ]
