from django.db import migrations

# What was completed before days were waited for has none: the house gives them theirs, by a job.
QUEUE = """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        'facts', 'cordee.assessments.jobs.wait_for_days_of_before', 0, NULL, NULL,
        jsonb_build_object('before', applied, 'after', ''), NULL
    )::procrastinate_job_to_defer_v1])
    FROM django_migrations
    WHERE app = 'assessments' AND name = '0002_days_of_reassessment' AND EXISTS (
        SELECT FROM assessments_questionnaireresponse given
        WHERE given.status IN ('completed', 'amended') AND given.authored_at < applied)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0004_parts_asked_for"),
        ("procrastinate", "0038_post_batch_defer_jobs"),
    ]
    operations = [migrations.RunSQL(QUEUE, migrations.RunSQL.noop)]
