"""What was measured of the weights, and whether the site lets records be merged by themselves."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.people.rules.matching import Measure


class Evaluation(Record):
    """How often one threshold was right on one labelled file, with the weights of that day."""

    digest = models.CharField("empreinte du fichier", max_length=64)
    weights = models.CharField("empreinte des poids", max_length=16)
    made_up = models.BooleanField("paires inventées")
    pairs = models.PositiveIntegerField("paires")
    threshold = models.FloatField("seuil")
    found = models.PositiveIntegerField("justes")
    wrong = models.PositiveIntegerField("faux")
    missed = models.PositiveIntegerField("manqués")
    measured_at = models.DateTimeField("mesuré le")

    person_path = "nobody"
    privacy = Privacy(plain="digest weights made_up pairs threshold found wrong missed measured_at")

    class Meta:
        verbose_name = "mesure du rapprochement"
        verbose_name_plural = "mesures du rapprochement"
        constraints = [
            models.UniqueConstraint(
                name="people_evaluation_of_a_file_counts_once",
                fields=["digest", "weights", "threshold"],
            ),
            models.CheckConstraint(
                name="people_evaluation_counts_no_more_than_its_pairs",
                condition=Q(pairs__gte=F("found") + F("wrong") + F("missed")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.threshold} {self.digest[:8]}"

    @property
    def measure(self) -> Measure:
        """The counts, as the rules read them."""
        return Measure(self.threshold, self.found, self.wrong, self.missed)


class UnattendedQuerySet(RecordQuerySet):
    """Questions about the setting."""

    def current(self) -> "UnattendedQuerySet":
        """The one that is on, if any."""
        return self.filter(until=None)


class UnattendedMerging(Record):
    """From when to when the site let records be merged by themselves, and on which measure."""

    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="+", verbose_name="mesure du rapprochement"
    )
    since = models.DateTimeField("depuis")
    set_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="allumé par"
    )
    until = models.DateTimeField("jusqu’à", null=True, blank=True)
    ended_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="éteint par"
    )

    objects: ClassVar = UnattendedQuerySet.as_manager()
    person_path = "nobody"
    privacy = Privacy(identifying="set_by ended_by", plain="evaluation since until")

    class Meta:
        verbose_name = "réunion automatique de fiches"
        verbose_name_plural = "réunions automatiques de fiches"
        constraints = [
            models.UniqueConstraint(
                name="people_unattended_merging_is_on_once",
                fields=["until"],
                condition=Q(until=None),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation} {self.since:%Y-%m-%d}"
