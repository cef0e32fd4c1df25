from django.db import migrations


class Migration(migrations.Migration):
    # It said again what every line of the thread tells; `people.policy.lines` does, at each arming.
    dependencies = [
        ("fhir", "0008_sight_imports"),
        ("assessments", "0002_days_of_reassessment"),
        ("liaison", "0002_promises_and_sight"),
    ]
    operations = []
