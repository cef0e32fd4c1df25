"""Visits to come and visits that were marked."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.models import Organization
from cordee.people.models import Person
from cordee.vigilance.models.devices import Device
from cordee.vigilance.rules.marks import HIGHEST, LOWEST, SIGNS, Kind
from cordee.vigilance.rules.sent import WORDS


class PlannedVisit(Record):
    """A visit that a home service plans; imported from its planning, or made on the spot."""

    class Source(models.TextChoices):
        CSV = "csv", "planning en CSV"
        ICS = "ics", "agenda en ICS"
        HAND = "hand", "saisie à la main"

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="planned_visits", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="planned_visits", verbose_name="service"
    )
    helper = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="aide à domicile",
    )
    starts_at = models.DateTimeField("commence à")
    ends_at = models.DateTimeField("finit à")
    source = models.CharField("origine", max_length=4, choices=Source)
    external_key = models.CharField("référence du planning", max_length=120)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)

    privacy = Privacy(
        identifying="person organization helper external_key",
        plain="starts_at ends_at source cancelled_at",
    )

    class Meta:
        verbose_name = "visite prévue"
        verbose_name_plural = "visites prévues"
        constraints = [
            models.UniqueConstraint(
                name="vigilance_planned_visit_is_known_once_by_its_source",
                fields=["organization", "source", "external_key"],
            ),
            models.CheckConstraint(
                name="vigilance_planned_visit_ends_after_it_begins",
                condition=Q(ends_at__gt=F("starts_at")),
            ),
        ]
        indexes = [
            models.Index(name="vigilance_planned_of_helper", fields=["helper", "starts_at", "id"]),
            models.Index(name="vigilance_planned_of_person", fields=["person", "starts_at", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.person_id}"


def _level(name: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(name, null=True, blank=True)


class Visit(Record):
    """What a helper says of a visit, or of a need. Its identifier comes from the phone."""

    class Status(models.TextChoices):
        RECEIVED = "received", "reçue"
        SEEN = "seen", "vue"
        CLOSED = "closed", "suite donnée"

    kind = models.CharField("nature", max_length=5, choices=Kind.choices(), default="visit")
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="visits", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="visits", verbose_name="service"
    )
    helper = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="aide à domicile"
    )
    device = models.ForeignKey(
        Device,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name="téléphone",
    )
    planned = models.ForeignKey(
        PlannedVisit,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name="visite prévue",
    )
    sequence = models.PositiveIntegerField("rang sur le téléphone", default=0)
    occurred_at = models.DateTimeField("moment selon le téléphone")
    happened_at = models.DateTimeField("moment")
    received_at = models.DateTimeField("reçue le")
    clock_offset = models.IntegerField("retard de l’horloge du téléphone, en secondes", default=0)
    visit_mark = _level("la visite")
    health_mark = _level("la santé")
    morale_mark = _level("le moral")
    fitness_mark = _level("la forme")
    signs = ArrayField(
        models.CharField(max_length=20, choices=list(SIGNS.items())),
        verbose_name="signes",
        default=list,
        blank=True,
    )
    words = models.TextField("en quelques mots", blank=True, max_length=WORDS)
    urgent = models.BooleanField("urgent", default=False)
    seconds = models.PositiveIntegerField("secondes pour noter", null=True, blank=True)
    digest = models.CharField("empreinte", max_length=64)
    status = models.CharField("où elle en est", max_length=8, choices=Status, default="received")
    seen_at = models.DateTimeField("vue le", null=True, blank=True)
    seen_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vue par"
    )
    answer = models.CharField("suite donnée", max_length=300, blank=True)
    answered_at = models.DateTimeField("suite donnée le", null=True, blank=True)

    privacy = Privacy(
        identifying="person organization helper device planned seen_by",
        clinical="visit_mark health_mark morale_mark fitness_mark signs words urgent digest answer",
        plain="kind sequence occurred_at happened_at received_at clock_offset seconds status"
        " seen_at answered_at",
    )

    class Meta:
        verbose_name = "visite à domicile"
        verbose_name_plural = "visites à domicile"
        constraints = [
            *(
                models.CheckConstraint(
                    name=f"vigilance_{name}_mark_has_five_levels",
                    condition=Q(**{f"{name}_mark": None})
                    | Q(**{f"{name}_mark__range": (LOWEST, HIGHEST)}),
                )
                for name in ("visit", "health", "morale", "fitness")
            ),
            models.CheckConstraint(
                name="vigilance_visit_says_something",
                condition=Q(urgent=True)
                | ~Q(words="")
                | ~Q(signs=[])
                | Q(visit_mark__isnull=False)
                | Q(health_mark__isnull=False)
                | Q(morale_mark__isnull=False)
                | Q(fitness_mark__isnull=False),
            ),
            models.CheckConstraint(
                name="vigilance_visit_happened_before_it_was_received",
                condition=Q(happened_at__lte=F("received_at")),
            ),
            models.CheckConstraint(
                name="vigilance_visit_stands_where_its_columns_say",
                condition=Q(status="received", seen_at=None, seen_by=None, answered_at=None)
                | Q(status="seen", seen_at__isnull=False, answered_at=None)
                | Q(status="closed", answered_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="vigilance_visit_of_person", fields=["person", "-happened_at", "id"]),
            models.Index(name="vigilance_visit_of_helper", fields=["helper", "-happened_at", "id"]),
            models.Index(
                name="vigilance_visit_of_service", fields=["organization", "-happened_at", "id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_at:%Y-%m-%d %H:%M} {self.person_id}"

    @property
    def marks(self) -> dict[str, int | None]:
        """The four marks by their name, in the order in which they are asked."""
        return {
            "visit": self.visit_mark,
            "health": self.health_mark,
            "morale": self.morale_mark,
            "fitness": self.fitness_mark,
        }
