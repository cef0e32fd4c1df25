from django.db import migrations

TAKE_OVER = """
INSERT INTO broker_heldcode (id, invitation, asked_at, until)
SELECT DISTINCT ON (1) broker_held_code(phone, code), id, asked_at, code_until
FROM broker_invitation WHERE channel = 'text' AND code_until > now() - interval '1 day'
ORDER BY 1, code_until DESC
ON CONFLICT (id) DO NOTHING
"""


class Migration(migrations.Migration):
    """The codes held before are held here too; then their exclusion has nothing left to refuse."""

    dependencies = [("broker", "0013_codes_in_use")]
    operations = [
        migrations.RunSQL(TAKE_OVER, migrations.RunSQL.noop),
        migrations.RemoveConstraint("invitation", "broker_invitation_code_is_alone_on_its_phone"),
    ]
