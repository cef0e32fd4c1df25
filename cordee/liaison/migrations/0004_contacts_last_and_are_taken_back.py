from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

from cordee.kernel.sql import run

SQL = Path(__file__).resolve().parent.parent / "sql"
LASTS = models.CheckConstraint(
    condition=Q(minutes=None) | Q(minutes__range=(1, 1440)),
    name="liaison_contact_lasts_a_day_at_most",
)
SAYS_WHY = models.CheckConstraint(
    condition=Q(withdrawn_at=None, withdrawn_why="")
    | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
    name="liaison_contact_taken_back_says_why",
)


class Migration(migrations.Migration):
    dependencies = [("liaison", "0003_whole_threads")]
    operations = [
        migrations.AddField(
            model_name="contact",
            name="minutes",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="durée, en minutes"
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="repris le"),
        ),
        migrations.AddField(
            model_name="contact",
            name="withdrawn_why",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                verbose_name="pourquoi il est repris",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint("contact", LASTS),
                migrations.AddConstraint("contact", SAYS_WHY),
            ],
            database_operations=[run(SQL / "contacts.sql")],
        ),
    ]
