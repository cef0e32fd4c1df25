"""Emergency access: one professional, one person, two hours, and a review."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import CombinedExpression

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.access.sight import RightsNow
from cordee.directory.models import Organization
from cordee.people.models.person import Person
from cordee.people.rules import emergency


class GrantQuerySet(RecordQuerySet):
    """Questions about emergency accesses."""

    def open(self) -> "GrantQuerySet":
        """Neither ended nor expired: the clock of the database decides, not a late job."""
        return self.filter(ended_at=None, expires_at__gt=RightsNow())


class EmergencyGrant(Record):
    """Read-only sight, opened by an attestation. The words never enter the thread."""

    person = models.ForeignKey(
        Person,
        models.PROTECT,
        related_name="emergency_grants",
        verbose_name="personne accompagnée",
    )
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="ouvert par"
    )
    profession = models.CharField("code de profession", max_length=4)
    motive = models.CharField("motif", max_length=12, choices=emergency.Motive.choices())
    words = models.TextField("situation décrite", max_length=2000)
    opened_at = models.DateTimeField("ouvert le")
    expires_at = models.DateTimeField("expire le")
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    told_at = models.DateTimeField("personne prévenue le", null=True, blank=True)
    told_how = models.CharField("prévenue comment", max_length=120, blank=True)
    reviewed_at = models.DateTimeField("relu le", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="relu par"
    )
    # Set at the opening when the house has no DPO: else whoever examines is known by their role.
    examiner = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure qui examine",
    )
    outcome = models.CharField(
        "conclusion", max_length=12, choices=emergency.Outcome.choices(), blank=True
    )
    review_words = models.TextField("relecture", max_length=2000, blank=True)

    objects: ClassVar = GrantQuerySet.as_manager()
    privacy = Privacy(
        identifying="person account reviewed_by",
        clinical="words review_words motive",
        plain="profession opened_at expires_at ended_at told_at told_how reviewed_at outcome "
        "examiner",
    )

    class Meta:
        verbose_name = "accès d’urgence"
        verbose_name_plural = "accès d’urgence"
        constraints = [
            models.CheckConstraint(
                name="people_emergency_lasts_two_hours_at_most",
                condition=Q(expires_at__gt=F("opened_at"))
                & Q(
                    expires_at__lte=CombinedExpression(
                        F("opened_at"), "+", models.Value(emergency.LASTS)
                    )
                ),
            ),
            models.UniqueConstraint(
                name="people_emergency_is_open_once_per_professional",
                fields=["person", "account"],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="people_emergency_review_is_signed_and_concluded",
                condition=Q(reviewed_at=None, reviewed_by=None, outcome="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [
            models.Index(
                name="people_emergency_of_account",
                fields=["account", "person"],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.opened_at:%Y-%m-%d %H:%M}"

    @property
    def review_due_at(self) -> datetime:
        """By when somebody must have looked."""
        return emergency.review_due_at(self.opened_at)
