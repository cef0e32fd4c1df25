from django.db import migrations


class Migration(migrations.Migration):
    # It said again what every line of the thread tells; `people.policy.lines` does, at each arming.
    dependencies = [
        ("assessments", "0001_initial"),
    ]
    operations = []
