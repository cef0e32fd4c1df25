"""The register of ruptures: what was expected on a pathway, since when it waits, how it ended."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.protocols.models.pathways import Pathway
from cordee.protocols.rules.outcomes import OPEN, Cause, Standing
from cordee.protocols.rules.silence import Basis

OPEN_CODES = [one.value for one in OPEN]
DECIDED = [Standing.WAIVED.value, Standing.ACCEPTED.value]


class RuptureQuerySet(RecordQuerySet):
    """Questions about ruptures."""

    def open(self) -> "RuptureQuerySet":
        """Those that wait for somebody."""
        return self.filter(standing__in=OPEN_CODES)


class Rupture(Record):
    """Something that a protocol expects and that is late, close to be, or was forbidden."""

    person_path = "pathway.person_id"

    pathway = models.ForeignKey(
        Pathway, models.PROTECT, related_name="ruptures", verbose_name="parcours suivi"
    )
    of = models.SlugField("règle ou étape", max_length=80, db_index=False)
    at = models.DateTimeField("échéance, ou moment du fait")
    undone = models.BooleanField("ne peut être défait", default=False)
    standing = models.CharField("état", max_length=8, choices=Standing.choices())
    expected = models.CharField("ce qui était attendu", max_length=300)
    role = models.CharField("qui peut agir", max_length=30)
    because = models.JSONField("faits en cause", default=list)
    basis = models.CharField(
        "fondement du silence",
        max_length=8,
        choices=[(one.value, one.value) for one in Basis],
        blank=True,
    )
    gaps = models.PositiveIntegerField("intervalles connus", default=0)
    found_at = models.DateTimeField("signalée le")
    reopened_at = models.DateTimeField("rouverte le", null=True, blank=True)
    ended_at = models.DateTimeField("terminée le", null=True, blank=True)
    ended_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="terminée par",
    )
    cause = models.CharField("cause", max_length=14, choices=Cause.choices(), blank=True)
    words = models.TextField("ce qui a été fait, ou décidé", blank=True, max_length=600)

    objects: ClassVar = RuptureQuerySet.as_manager()
    privacy = Privacy(
        identifying="pathway ended_by",
        clinical="of expected role because words cause basis gaps",
        plain="at undone standing found_at reopened_at ended_at",
    )

    class Meta:
        verbose_name = "rupture de parcours"
        verbose_name_plural = "ruptures de parcours"
        constraints = [
            models.UniqueConstraint(
                name="protocols_rupture_is_told_once", fields=["pathway", "of", "at"]
            ),
            models.CheckConstraint(
                name="protocols_rupture_end_is_dated",
                condition=(
                    Q(standing__in=OPEN_CODES, ended_at=None, ended_by=None)
                    | (~Q(standing__in=OPEN_CODES) & Q(ended_at__isnull=False))
                ),
            ),
            models.CheckConstraint(
                name="protocols_rupture_is_waived_or_accepted_with_a_reason",
                condition=(
                    ~Q(standing__in=DECIDED)
                    | (Q(ended_by__isnull=False) & ~Q(words="") & ~Q(cause=""))
                ),
            ),
        ]
        indexes = [
            models.Index(
                name="protocols_rupture_open",
                fields=["pathway", "at"],
                condition=Q(standing__in=OPEN_CODES),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of} {self.get_standing_display()}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for somebody."""
        return self.standing in OPEN
