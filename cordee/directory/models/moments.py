"""The hours of « matin, midi, soir, nuit » that a territory chose, from a day on."""

from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.rules import MomentHours, hours_of

MOMENTS = ("morning", "noon", "evening", "night")


class MomentSetting(Record):
    """One setting of the moments of the day; the one before it is kept as it was."""

    since = models.DateField("à partir du", unique=True)
    source = models.CharField("source", max_length=200)
    verified = models.BooleanField("relu par des infirmières du territoire", default=False)
    morning_from = models.TimeField("début du matin")
    morning_until = models.TimeField("fin du matin")
    noon_from = models.TimeField("début du midi")
    noon_until = models.TimeField("fin du midi")
    evening_from = models.TimeField("début du soir")
    evening_until = models.TimeField("fin du soir")
    night_from = models.TimeField("début de la nuit")
    night_until = models.TimeField("fin de la nuit")
    set_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="choisi par"
    )

    privacy = Privacy(
        identifying="set_by",
        plain="since source verified morning_from morning_until noon_from noon_until evening_from "
        "evening_until night_from night_until",
    )

    class Meta:
        verbose_name = "heures des moments de la journée"
        constraints = [
            models.CheckConstraint(
                name="directory_moment_setting_says_its_source", condition=~Q(source="")
            ),
            models.CheckConstraint(
                name="directory_moment_setting_begins_in_order",
                condition=Q(morning_from__lt=F("noon_from"), noon_from__lt=F("evening_from"))
                & Q(morning_from__lt=F("morning_until"), noon_from__lt=F("noon_until")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d}"

    @property
    def hours(self) -> MomentHours:
        """The setting as the rules read it."""
        parts = {
            one: (getattr(self, f"{one}_from"), getattr(self, f"{one}_until")) for one in MOMENTS
        }
        return MomentHours(self.since, self.source, hours_of(parts), self.verified)

    def concerned(self) -> None:
        """Settings are about nobody."""
        return
