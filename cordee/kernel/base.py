"""What every table of ours has."""

from django.db import models

from cordee.kernel.identifiers import uuid7


class Table(models.Model):
    """A row with an identifier that means nothing and sorts by time of birth."""

    id = models.UUIDField("identifiant", primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True
