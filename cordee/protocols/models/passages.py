"""What a person passed on a pathway, and when; the ways that people take are counted from it."""

from django.db import models

from cordee.kernel.base import Table
from cordee.protocols.models.pathways import Pathway


class Passage(Table):
    """A fact that does what a step waits for. Read again from the thread whenever it must be."""

    pathway = models.ForeignKey(
        Pathway, models.PROTECT, related_name="passages", verbose_name="parcours suivi"
    )
    station = models.SlugField("étape", max_length=80, db_index=False)
    at = models.DateTimeField("passée le")
    fact = models.BigIntegerField("ligne du fil")

    class Meta:
        verbose_name = "passage à une étape"
        verbose_name_plural = "passages aux étapes"
        constraints = [
            models.UniqueConstraint(
                name="protocols_passage_counts_a_fact_once_per_station",
                fields=["pathway", "at", "fact", "station"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.pathway_id}"
