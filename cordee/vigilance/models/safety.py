"""Helpers who did not feel safe, and what their service answered."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.models import Organization
from cordee.vigilance.rules.safety import Fear

A_WHILE = timedelta(minutes=10)


class SafetyAlert(Record):
    """A helper says that she does not feel safe: hers and her service’s, about no person."""

    person_path = "no_person"

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="service"
    )
    helper = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="aide à domicile"
    )
    fear = models.CharField("raison", max_length=6, choices=Fear.choices())
    said_at = models.DateTimeField("dit le")
    answered_at = models.DateTimeField("traité le", null=True, blank=True)
    answered_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="traité par"
    )
    answer = models.CharField("ce qui a été fait", max_length=300, blank=True)

    privacy = Privacy(
        identifying="helper fear answered_by answer", plain="organization said_at answered_at"
    )

    class Meta:
        verbose_name = "alerte de sécurité d’une aide"
        verbose_name_plural = "alertes de sécurité des aides"
        constraints = [
            models.CheckConstraint(
                name="vigilance_safety_alert_is_answered_in_words",
                condition=Q(answered_at=None, answered_by=None, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
            ),
        ]
        indexes = [
            models.Index(
                name="vigilance_safety_of_service", fields=["organization", "-said_at", "id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fear}"

    @property
    def came_late(self) -> bool:
        """Whether it waited on a phone for a network."""
        return self.created_at - self.said_at > A_WHILE
