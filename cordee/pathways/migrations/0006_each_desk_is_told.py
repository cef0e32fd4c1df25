from django.db import migrations, models

NAME = "pathways_task_is_open_once_per_desk_and_role"
CLEAR = f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}"  # a build cut short leaves it invalid
BUILD = f"""
    CREATE UNIQUE INDEX CONCURRENTLY {NAME}
    ON pathways_task (origin, kind, role, organization_id) WHERE state = 'open'
"""


class Migration(migrations.Migration):
    """One open task per origin, kind, role and structure: several may be told of one thing.

    Built beside the work, the old promise dropped once the new one is kept.
    """

    atomic = False
    dependencies = [("pathways", "0005_told_after_an_emergency")]
    operations = [
        migrations.RunSQL(
            [CLEAR, BUILD],
            migrations.RunSQL.noop,
            state_operations=[
                migrations.AddConstraint(
                    model_name="task",
                    constraint=models.UniqueConstraint(
                        fields=("origin", "kind", "role", "organization"),
                        condition=models.Q(("state", "open")),
                        name=NAME,
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="task",
            name="pathways_task_is_open_once_per_origin_kind_and_role",
        ),
    ]
