"""Somebody followed more closely for a while."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization
from cordee.people.models import Person
from cordee.vigilance.rules.reinforced import GROUNDS, OUTCOMES


class ReinforcedQuerySet(RecordQuerySet):
    """Questions about reinforced follow-ups."""

    def current(self) -> "ReinforcedQuerySet":
        """Those that have not ended."""
        return self.filter(ended_at=None)


class ReinforcedFollowUp(Record):
    """A person in the cohort that a structure looks at more closely, from an entry to an exit."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="reinforced", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    ground = models.CharField(
        "motif", max_length=10, choices=[(one.value, words) for one, words in GROUNDS.items()]
    )
    started_at = models.DateTimeField("depuis le")
    started_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="décidé par"
    )
    review_on = models.DateField("point prévu le")
    ended_at = models.DateTimeField("fini le", null=True, blank=True)
    ended_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="fin décidée par",
    )
    outcome = models.CharField(
        "comment il a fini",
        max_length=12,
        choices=[(one.value, words) for one, words in OUTCOMES.items()],
        blank=True,
    )

    objects: ClassVar = ReinforcedQuerySet.as_manager()
    privacy = Privacy(
        identifying="person organization started_by ended_by",
        clinical="ground outcome",
        plain="started_at review_on ended_at",
    )

    class Meta:
        verbose_name = "suivi renforcé"
        verbose_name_plural = "suivis renforcés"
        constraints = [
            models.UniqueConstraint(
                name="vigilance_reinforced_is_open_once_per_person_and_structure",
                fields=["person", "organization"],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="vigilance_reinforced_ends_with_who_and_how",
                condition=Q(ended_at=None, ended_by=None, outcome="")
                | (Q(ended_at__gte=F("started_at"), ended_by__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [
            models.Index(
                name="vigilance_reinforced_open",
                fields=["organization", "review_on", "id"],
                condition=Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.ground}"
