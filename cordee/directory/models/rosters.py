"""Who holds the desk, and who answers for whom: poles, shifts, hand-overs, sectors, cover."""

from datetime import time

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.models.organizations import Organization, same
from cordee.directory.models.places import Commune
from cordee.directory.rules import DUTY_CLOSES, DUTY_DAYS, DUTY_OPENS
from cordee.kernel.base import Table


def duty_days() -> list[int]:
    """Give the days on which a desk is held unless it says otherwise."""
    return list(DUTY_DAYS)


class Pole(Record):
    """A duty desk of an organisation, with its opening hours."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="poles", verbose_name="structure"
    )
    name = models.CharField("nom", max_length=80)
    opens = models.TimeField("ouverture", default=DUTY_OPENS)
    closes = models.TimeField("fermeture", default=DUTY_CLOSES)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(), default=duty_days, verbose_name="jours tenus"
    )
    closed_on = models.DateField("fermé le", null=True, blank=True)

    privacy = Privacy(plain="organization name opens closes weekdays closed_on")

    class Meta:
        verbose_name = "pôle de permanence"
        constraints = [
            models.UniqueConstraint(
                name="directory_pole_is_named_once",
                fields=["organization", "name"],
                condition=Q(closed_on=None),
            ),
            models.CheckConstraint(
                name="directory_pole_closes_after_it_opens",
                condition=Q(closes__gt=F("opens")) | Q(closes=time(0)),
            ),
            models.CheckConstraint(
                name="directory_pole_is_held_on_days_of_the_week",
                condition=Q(weekdays__contained_by=[0, 1, 2, 3, 4, 5, 6]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Shift(Record):
    """Somebody holds a pole's desk, or is on call for it, from one moment to another."""

    class Kind(models.TextChoices):
        DESK = "desk", "permanence"
        ON_CALL = "on_call", "astreinte"

    pole = models.ForeignKey(Pole, models.CASCADE, related_name="shifts", verbose_name="pôle")
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="shifts", verbose_name="compte"
    )
    kind = models.CharField("nature", max_length=8, choices=Kind, default=Kind.DESK)
    starts_at = models.DateTimeField("début")
    ends_at = models.DateTimeField("fin")

    privacy = Privacy(identifying="account", plain="pole kind starts_at ends_at")

    class Meta:
        verbose_name = "tour de permanence"
        constraints = [
            models.CheckConstraint(
                name="directory_shift_ends_after_it_starts",
                condition=Q(ends_at__gt=F("starts_at")),
            ),
            ExclusionConstraint(
                name="directory_shift_nobody_is_on_two_desks_at_once",
                expressions=[
                    (same("account"), RangeOperators.EQUAL),
                    (
                        Func(F("starts_at"), F("ends_at"), Value("[)"), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [
            models.Index(name="directory_shift_by_pole", fields=["pole", "starts_at", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.starts_at:%Y-%m-%d %H:%M}"


class CallMobile(Table):
    """The mobile that somebody on call may be texted at: theirs alone to give, and to take away.

    `asked` waits for its code; `number` was proved by one. Nobody else reads either, and no
    former number is kept: what is taken away is gone. After a STOP its moment alone stays, for its
    owner to be told.
    """

    account = models.OneToOneField(
        Account, models.CASCADE, related_name="call_mobile", verbose_name="compte joignable"
    )
    number = models.CharField("mobile d’astreinte", max_length=16, blank=True)
    proved_at = models.DateTimeField("mobile prouvé le", null=True, blank=True)
    asked = models.CharField("mobile à prouver", max_length=16, blank=True)
    stopped_at = models.DateTimeField("SMS arrêtés le", null=True, blank=True)

    lets_go = ""

    class Meta:
        verbose_name = "mobile d’astreinte"
        verbose_name_plural = "mobiles d’astreinte"
        constraints = [
            models.CheckConstraint(
                name="directory_call_mobile_is_proved_or_waits_for_its_code",
                condition=Q(number="", proved_at=None)
                & (~Q(asked="") | Q(stopped_at__isnull=False))
                | ~Q(number="") & Q(proved_at__isnull=False, stopped_at=None),
            ),
            models.CheckConstraint(
                name="directory_call_mobile_is_a_number_that_can_be_called",
                condition=Q(number__regex=r"^(\+[1-9][0-9]{5,14})?$")
                & Q(asked__regex=r"^(\+[1-9][0-9]{5,14})?$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}"


class Handover(Record):
    """What the desk tells the next one, at the end of a shift."""

    pole = models.ForeignKey(Pole, models.PROTECT, related_name="handovers", verbose_name="pôle")
    author = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="auteur de la relève"
    )
    note = models.TextField("note de relève")
    written_at = models.DateTimeField("écrite le")
    read_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="relève lue par",
    )
    read_at = models.DateTimeField("relève lue le", null=True, blank=True)

    privacy = Privacy(
        identifying="author read_by", clinical="note", plain="pole written_at read_at"
    )

    class Meta:
        verbose_name = "relève"
        constraints = [
            models.CheckConstraint(
                name="directory_handover_reading_says_who_and_when",
                condition=Q(read_by=None, read_at=None)
                | Q(read_by__isnull=False, read_at__isnull=False),
            ),
            models.CheckConstraint(name="directory_handover_says_something", condition=~Q(note="")),
        ]
        indexes = [
            models.Index(name="directory_handover_latest", fields=["pole", "-written_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.pole_id} {self.written_at:%Y-%m-%d %H:%M}"


class Sector(Record):
    """Communes that one coordinator of an organisation answers for."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="sectors", verbose_name="structure"
    )
    name = models.CharField("nom", max_length=80)
    coordinator = models.ForeignKey(
        Account, models.PROTECT, related_name="sectors", verbose_name="coordination assurée par"
    )
    communes = models.ManyToManyField(
        Commune, through="SectorCommune", related_name="+", verbose_name="communes"
    )

    closed_on = models.DateField("fermé le", null=True, blank=True)

    privacy = Privacy(identifying="coordinator", plain="organization name closed_on")

    class Meta:
        verbose_name = "secteur"
        constraints = [
            models.UniqueConstraint(
                name="directory_sector_is_named_once",
                fields=["organization", "name"],
                condition=Q(closed_on=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SectorCommune(Record):
    """A commune of a sector; inside one organisation it answers to one sector only."""

    sector = models.ForeignKey(
        Sector, models.CASCADE, related_name="places", verbose_name="secteur"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    commune = models.ForeignKey(Commune, models.PROTECT, related_name="+", verbose_name="commune")

    privacy = Privacy(plain="sector organization commune")

    class Meta:
        verbose_name = "commune d’un secteur"
        constraints = [
            models.UniqueConstraint(
                name="directory_sector_commune_answers_to_one_sector",
                fields=["organization", "commune"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sector_id} {self.commune_id}"


class Cover(Record):
    """While one is away, another sees and does their work."""

    absent = models.ForeignKey(
        Account, models.PROTECT, related_name="covers", verbose_name="compte absent"
    )
    cover = models.ForeignKey(
        Account, models.PROTECT, related_name="covering", verbose_name="compte remplaçant"
    )
    since = models.DateTimeField("depuis le")
    until = models.DateTimeField("jusqu’au", null=True, blank=True)

    privacy = Privacy(identifying="absent cover", plain="since until")

    class Meta:
        verbose_name = "remplacement"
        constraints = [
            models.CheckConstraint(
                name="directory_cover_is_somebody_else", condition=~Q(absent=F("cover"))
            ),
            models.CheckConstraint(
                name="directory_cover_ends_after_it_began",
                condition=Q(until=None) | Q(until__gt=F("since")),
            ),
            ExclusionConstraint(
                name="directory_cover_is_one_person_at_a_time",
                expressions=[
                    (same("absent"), RangeOperators.EQUAL),
                    (
                        Func(F("since"), F("until"), Value("[)"), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absent_id} → {self.cover_id}"
