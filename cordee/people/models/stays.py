"""Stays in hospital: what was told of entering and of leaving, as one."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization
from cordee.people.models.person import Person
from cordee.people.rules.stays import Stay
from cordee.people.rules.traits import Destination

TOLD = ("entered_at", "said_again_at", "left_at", "destination")


class StayQuerySet(RecordQuerySet):
    """Questions about stays."""

    def going_on(self) -> "StayQuerySet":
        """Those of who is in hospital."""
        return self.filter(left_at=None)


class HospitalStay(Record):
    """One stay: since when, until when and for where, as far as it was told.

    The facts stay on the thread; this row follows what they tell (`rules/stays.py`), and has the
    versions that a line of the thread has not.
    """

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="stays", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="établissement",
    )
    entered_at = models.DateTimeField("hospitalisée le", null=True, blank=True)
    said_again_at = models.DateTimeField("entrée redite le", null=True, blank=True)
    left_at = models.DateTimeField("sortie le", null=True, blank=True)
    destination = models.CharField(
        "sortie vers", max_length=16, choices=Destination.choices(), blank=True
    )

    objects: ClassVar = StayQuerySet.as_manager()
    privacy = Privacy(
        identifying="person",
        clinical="organization destination",
        plain="entered_at said_again_at left_at",
    )

    class Meta:
        verbose_name = "séjour à l’hôpital"
        verbose_name_plural = "séjours à l’hôpital"
        constraints = [
            models.UniqueConstraint(
                name="people_hospital_stay_goes_on_once",
                fields=["person"],
                condition=Q(left_at=None),
            ),
            models.CheckConstraint(
                name="people_hospital_stay_tells_a_moment",
                condition=Q(entered_at__isnull=False) | Q(left_at__isnull=False),
            ),
            models.CheckConstraint(
                name="people_hospital_stay_ends_after_it_began",
                condition=Q(entered_at=None) | Q(left_at=None) | Q(left_at__gte=F("entered_at")),
            ),
            models.CheckConstraint(
                name="people_hospital_stay_is_said_again_after_it_began",
                condition=Q(said_again_at=None)
                | Q(entered_at__isnull=False, said_again_at__gt=F("entered_at")),
            ),
            models.CheckConstraint(
                name="people_hospital_stay_leads_nowhere_while_it_lasts",
                condition=Q(destination="") | Q(left_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.entered_at or self.left_at:%Y-%m-%d}"

    @property
    def told(self) -> Stay:
        """What is known of it, as the rules read it."""
        return Stay(
            row=self.pk, place=self.organization_id, **{name: getattr(self, name) for name in TOLD}
        )

    def follow(self, told: Stay) -> None:
        """Say what is known of it now."""
        self.organization_id = told.place
        for name in TOLD:
            setattr(self, name, getattr(told, name))
