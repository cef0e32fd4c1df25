"""What partners asked to be told, how far the thread was read for them, and what they were told."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.kernel.base import Table
from cordee.partners.models.clients import Client
from cordee.partners.models.grants import Grant
from cordee.people.models import Person


class Subscription(Record):
    """A partner wants to be told of what changes, in the words of a search, in somebody's name.

    `account` and `holder` say whose it is: the account it acts as, and the mark of its
    application (`Actor.session_key`), so that two applications of one account know nothing of
    each other.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "en marche"
        ERROR = "error", "arrêté par une erreur"
        OFF = "off", "coupé par le partenaire"

    class Content(models.TextChoices):
        EMPTY = "empty", "rien : il vient lire"
        ID_ONLY = "id-only", "l’identifiant de la ressource"
        FULL = "full-resource", "la ressource"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name="application")
    grant = models.ForeignKey(
        Grant,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="autorisation",
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="compte")
    holder = models.CharField("repère de l’application", max_length=8, blank=True)
    scopes = models.TextField("portées")
    kind = models.CharField("type de ressource", max_length=40)
    criteria = models.TextField("critère", max_length=2_000)
    endpoint = models.URLField("adresse", max_length=500, blank=True)
    content = models.CharField(
        "ce qui est envoyé", max_length=13, choices=Content, default=Content.ID_ONLY
    )
    reason = models.TextField("pourquoi", max_length=500)
    ends_at = models.DateTimeField("jusqu’au", null=True, blank=True)
    state = models.CharField("état", max_length=6, choices=State, default=State.ACTIVE)
    error = models.CharField("erreur", max_length=20, blank=True)
    since_at = models.DateTimeField("en marche depuis le")
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    privacy = Privacy(
        identifying="grant account criteria",
        clinical="reason",
        plain="client holder scopes kind endpoint content ends_at state error since_at removed_at",
    )

    class Meta:
        verbose_name = "abonnement d’un partenaire"
        verbose_name_plural = "abonnements de partenaires"
        constraints = [
            models.CheckConstraint(
                name="partners_subscription_in_error_says_why",
                condition=~Q(state="error") | ~Q(error=""),
            ),
            models.CheckConstraint(
                name="partners_subscription_that_is_removed_is_off",
                condition=Q(removed_at=None) | Q(state="off"),
            ),
        ]
        indexes = [
            models.Index(name="partners_subscription_of", fields=["client", "id"]),
            models.Index(
                name="partners_subscription_active", fields=["id"], condition=Q(state="active")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}"

    @property
    def is_pushed(self) -> bool:
        """Whether it is sent to an address; else the partner listens."""
        return bool(self.endpoint)


class Tally(Table):
    """How many things a subscription was to be told, and how its address answers.

    Beside the subscription, whose version a partner names: it does not move at each sending.
    """

    subscription = models.OneToOneField(
        Subscription, models.PROTECT, related_name="tally", verbose_name="abonnement"
    )
    events = models.PositiveIntegerField("événements", default=0)
    delivered_at = models.DateTimeField("dernière remise", null=True, blank=True)
    failures = models.PositiveIntegerField("échecs de suite", default=0)
    rests_until = models.DateTimeField("se repose jusqu’au", null=True, blank=True)
    missed_since = models.DateTimeField("n’a rien su depuis le", null=True, blank=True)
    """Since when it was stopped by an error and something happened: it is looked for when it is
    turned on again."""

    lets_go = ""  # it goes with its subscription

    class Meta:
        verbose_name = "compte d’un abonnement"
        verbose_name_plural = "comptes d’abonnements"

    def __str__(self) -> str:
        return f"{self.events}"

    @staticmethod
    def is_ready(now: datetime, path: str = "") -> Q:
        """The condition that its address may be called now; `path` leads to the tally."""
        until = f"{path}rests_until"
        return Q(**{until: None}) | Q(**{f"{until}__lte": now})


THE_GAP = "Subscription"
"""The type of what is told of a subscription that missed something: itself."""


class Delivery(Table):
    """One thing to tell a subscription, numbered in the order it came: identifiers alone.

    Those about one person leave one after the other; whatever is about nobody, by resource.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "en attente"
        SENDING = "sending", "en route"
        DEAD = "dead", "non remise"
        DELIVERED = "delivered", "remise"
        HEARD = "heard", "à l’écoute"
        WITHHELD = "withheld", "retenue : plus visible"
        GIVEN_UP = "given_up", "abandonnée"

    OPEN = ("waiting", "sending", "dead")
    """What holds back those after it."""
    LANE = Coalesce("person_id", "resource_id")
    """Those of one lane leave one after the other."""

    subscription = models.ForeignKey(
        Subscription, models.PROTECT, related_name="+", verbose_name="abonnement"
    )
    number = models.PositiveIntegerField("numéro")
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="personne accompagnée",
    )
    kind = models.CharField("type de ressource", max_length=40)
    resource_id = models.UUIDField("ressource")
    row_version = models.CharField("version", max_length=40)
    happened_at = models.DateTimeField("survenu le")
    state = models.CharField("état", max_length=9, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    due_at = models.DateTimeField("à envoyer le", null=True, blank=True)
    settled_at = models.DateTimeField("réglée le", null=True, blank=True)
    fault = models.CharField("ce qui n’a pas été", max_length=40, blank=True)
    given_up_by = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="abandonnée par",
    )
    given_up_why = models.CharField("abandonnée pourquoi", max_length=200, blank=True)

    lets_go = ""  # retention removes it whole

    class Meta:
        verbose_name = "notification à un partenaire"
        verbose_name_plural = "notifications aux partenaires"
        constraints = [
            models.UniqueConstraint(
                name="partners_delivery_is_numbered_once", fields=["subscription", "number"]
            ),
            models.UniqueConstraint(
                name="partners_delivery_tells_a_version_once",
                fields=["subscription", "kind", "resource_id", "row_version"],
                condition=~Q(state="withheld"),
            ),
            models.CheckConstraint(
                name="partners_delivery_given_up_says_why",
                condition=~Q(state="given_up") | ~Q(given_up_why=""),
            ),
            models.CheckConstraint(
                name="partners_delivery_to_send_has_its_time",
                condition=~Q(state__in=["waiting", "sending"]) | Q(due_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                F("subscription"),
                Coalesce("person", "resource_id"),
                F("number"),
                name="partners_delivery_in_turn",
                condition=Q(state__in=["waiting", "sending", "dead"]),
            ),
            models.Index(
                name="partners_delivery_settled",
                fields=["settled_at", "id"],
                condition=Q(settled_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class Place(Table):
    """How far the thread was read for the partners: one row."""

    transaction_id = models.BigIntegerField("transaction", default=0)
    fact_id = models.BigIntegerField("ligne", default=0)

    class Meta:
        verbose_name = "place dans le fil"
        verbose_name_plural = "places dans le fil"

    def __str__(self) -> str:
        return f"{self.fact_id}"
