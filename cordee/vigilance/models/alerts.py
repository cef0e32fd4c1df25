"""Alerts, the budget they keep to, and what the detector remembers."""

from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization
from cordee.kernel.base import Table
from cordee.people.models import Person
from cordee.vigilance.models.visits import Visit
from cordee.vigilance.rules.following import Deed, Effect, Verdict
from cordee.vigilance.rules.marks import MARKS, SIGNS
from cordee.vigilance.rules.trend import Signal

WORDS = 600


class AlertQuerySet(RecordQuerySet):
    """Questions about alerts."""

    def open(self) -> "AlertQuerySet":
        """Those that nobody closed."""
        return self.filter(closed_at=None)

    def waiting(self) -> "AlertQuerySet":
        """Those that nobody saw; or that cannot wait, and were confirmed since: `is_waiting`."""
        again = Q(signal=Signal.IMMEDIATE.value, latest_at__gt=F("seen_at"))
        return self.open().filter(Q(seen_at=None) | again)


class Alert(Record):
    """Somebody should ask: raised by marks at home, open once per person and signal."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="alerts", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure qui répond"
    )
    service = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="service à domicile"
    )
    signal = models.CharField("signal", max_length=9, choices=Signal.choices())
    visit = models.ForeignKey(
        Visit, models.PROTECT, related_name="alerts", verbose_name="visite qui la lève"
    )
    marks = ArrayField(
        models.CharField(max_length=7, choices=list(MARKS.items())),
        verbose_name="notes en cause",
        default=list,
        blank=True,
    )
    signs = ArrayField(
        models.CharField(max_length=20, choices=list(SIGNS.items())),
        verbose_name="signes en cause",
        default=list,
        blank=True,
    )
    said_urgent = models.BooleanField("dite urgente", default=False)
    weight = models.FloatField("poids")
    times = models.PositiveIntegerField("fois", default=1)
    confirmed_by = ArrayField(
        models.UUIDField(),
        verbose_name="visites qui la confirment",
        default=list,
        db_default=Value("{}"),
        blank=True,
    )
    beside = models.BooleanField("à côté d’une autre, après une réunion", default=False)
    raised_at = models.DateTimeField("levée le")
    latest_at = models.DateTimeField("confirmée le")
    escalated_at = models.DateTimeField("passée à un autre le", null=True, blank=True)
    escalated_to = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="passée à"
    )
    seen_at = models.DateTimeField("vue le", null=True, blank=True)
    seen_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vue par"
    )
    advice = models.TextField("recommandation", blank=True, max_length=WORDS)
    deed = models.CharField("ce qui est fait", max_length=10, choices=Deed.choices(), blank=True)
    deed_words = models.CharField("en quelques mots", max_length=300, blank=True)
    acted_at = models.DateTimeField("première action le", null=True, blank=True)
    review_on = models.DateField("à revoir le", null=True, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    closed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="close par"
    )
    verdict = models.CharField("jugement", max_length=5, choices=Verdict.choices(), blank=True)
    effect = models.CharField("effet", max_length=7, choices=Effect.choices(), blank=True)

    objects: ClassVar = AlertQuerySet.as_manager()
    privacy = Privacy(
        identifying="person visit confirmed_by escalated_to seen_by closed_by",
        clinical="signal marks signs said_urgent weight advice deed deed_words verdict effect",
        plain="organization service times beside raised_at latest_at escalated_at seen_at"
        " acted_at review_on closed_at",
    )

    class Meta:
        verbose_name = "alerte"
        constraints = [
            models.CheckConstraint(
                name="vigilance_alert_is_seen_by_somebody",
                condition=Q(seen_at=None, seen_by=None)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
            ),
            models.CheckConstraint(
                name="vigilance_alert_is_closed_with_what_it_was_worth",
                condition=Q(closed_at=None, closed_by=None, verdict="", effect="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, seen_at__isnull=False)
                & ~Q(verdict="")
                & ~Q(effect=""),
            ),
            models.CheckConstraint(
                name="vigilance_alert_is_acted_on_once_it_is_seen",
                condition=Q(seen_at__isnull=False) | Q(deed="", advice=""),
            ),
        ]
        indexes = [
            models.Index(
                name="vigilance_alert_open",
                fields=["organization", "raised_at", "id"],
                condition=Q(closed_at=None),
            ),
            models.Index(name="vigilance_alert_of_person", fields=["person", "-raised_at", "id"]),
            models.Index(
                name="vigilance_alert_of_desk", fields=["organization", "-raised_at", "id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signal} {self.person_id}"

    @property
    def is_open(self) -> bool:
        """Whether something may still be done with it."""
        return self.closed_at is None

    @property
    def visits(self) -> list[UUID]:
        """The visit that raised it, and those that confirmed it."""
        return [self.visit_id, *self.confirmed_by]

    @property
    def is_waiting(self) -> bool:
        """Whether nobody saw it; or it cannot wait, and was confirmed since it was seen."""
        if self.closed_at is not None:
            return False
        if self.seen_at is None:
            return True
        return self.signal == Signal.IMMEDIATE and self.latest_at > self.seen_at


class AlarmBudget(Record):
    """How many false alerts a week a team can bear, and how it is told of those it has."""

    person_path = "no_person"

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    per_week = models.DecimalField(
        "fausses alertes supportables par semaine", max_digits=5, decimal_places=1
    )
    minutes = models.PositiveSmallIntegerField("minutes avant de passer à un autre")
    mobile = models.CharField("numéro prévenu par SMS", max_length=20, blank=True)
    correction = models.FloatField("correction apprise", default=1.0)
    learnt_at = models.DateTimeField("apprise le", null=True, blank=True)
    set_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="réglé par")
    set_at = models.DateTimeField("réglé le")

    privacy = Privacy(
        identifying="set_by mobile",
        plain="organization per_week minutes correction learnt_at set_at",
    )

    class Meta:
        verbose_name = "budget d’alertes"
        verbose_name_plural = "budgets d’alertes"
        constraints = [
            models.UniqueConstraint(
                name="vigilance_budget_is_set_once_per_structure", fields=["organization"]
            ),
            models.CheckConstraint(
                name="vigilance_budget_hears_something",
                condition=Q(per_week__gte=Decimal("0.5"), per_week__lte=Decimal(500)),
            ),
            models.CheckConstraint(
                name="vigilance_budget_waits_from_five_minutes_to_a_day",
                condition=Q(minutes__gte=5, minutes__lte=1440),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.per_week}"


class Watch(Table):
    """What the detector remembers of a person: numbers that nobody reads. See `rules.trend`.

    Its identifier is the person it was made for; after a merge the row goes with her, and is not
    read any more. No record: each visit changes it, and it is made again from the visits.
    """

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name="personne accompagnée"
    )
    numbers = ArrayField(models.FloatField(), verbose_name="mémoire du détecteur", default=list)
    latest_at = models.DateTimeField("dernière visite notée", null=True, blank=True)
    drop_limit = models.FloatField("seuil de baisse soudaine")
    decline_limit = models.FloatField("seuil de baisse lente")

    class Meta:
        verbose_name = "mémoire du détecteur"
        verbose_name_plural = "mémoires du détecteur"

    def __str__(self) -> str:
        return f"{self.person_id}"


class Leaning(Table):
    """How a helper marks beside the others: for the detector alone, shown to nobody.

    Never exported, never used to judge anybody; helpers are told (docs/vigilance.md).
    """

    helper = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="aide à domicile"
    )
    offsets = ArrayField(models.FloatField(), verbose_name="écarts")
    spread = models.FloatField("dispersion")
    doubt = models.FloatField("doute")
    estimated_at = models.DateTimeField("estimée le")

    class Meta:
        verbose_name = "façon de noter"
        verbose_name_plural = "façons de noter"
        constraints = [
            models.UniqueConstraint(
                name="vigilance_leaning_is_known_once_per_helper", fields=["helper"]
            ),
            models.CheckConstraint(
                name="vigilance_leaning_leaves_some_room",
                condition=Q(spread__gt=0, doubt__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.helper_id}"
