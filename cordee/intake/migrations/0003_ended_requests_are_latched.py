from django.db import migrations

LATCH = """
    INSERT INTO kernel_latch (origin)
    SELECT 'intake/request/' || id FROM intake_carerequest
    WHERE state IN ('refused', 'cancelled', 'handed_on') OR held_at IS NOT NULL
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Requests that ended, or are held, before latches existed."""

    dependencies = [("intake", "0002_second_lock"), ("kernel", "0009_latch")]
    operations = [migrations.RunSQL(LATCH, migrations.RunSQL.noop)]
