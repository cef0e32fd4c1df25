"""What somebody allowed to an application, and the keys that were given for it: only their hash."""

from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.kernel.base import Table
from cordee.partners.models.clients import Client
from cordee.people.models import Person


class Grant(Table):
    """An account let an application act in its name, under one hat, for a time."""

    class Why(models.TextChoices):
        TAKEN_BACK = "taken_back", "retirée par qui l’avait donnée"
        GIVEN_BACK = "given_back", "rendue par l’application"
        REPLAYED = "replayed", "une clé déjà utilisée est revenue"

    client = models.ForeignKey(
        Client, models.PROTECT, related_name="grants", verbose_name="application"
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="compte")
    hat = models.CharField("qualité", max_length=36)
    label = models.CharField("qualité, en mots", max_length=300)
    scopes = models.TextField("portées")
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="personne accompagnée",
    )
    given_at = models.DateTimeField("donnée le")
    ends_at = models.DateTimeField("jusqu’au")
    ended_at = models.DateTimeField("arrêtée le", null=True, blank=True)
    ended_why = models.CharField("arrêtée pourquoi", max_length=10, choices=Why, blank=True)

    lets_go = ""  # retention removes it whole

    class Meta:
        verbose_name = "autorisation donnée à une application"
        verbose_name_plural = "autorisations données à des applications"
        constraints = [
            models.CheckConstraint(
                name="partners_grant_ends_after_it_was_given",
                condition=Q(ends_at__gt=F("given_at")),
            ),
            models.CheckConstraint(
                name="partners_grant_says_why_it_ended",
                condition=Q(ended_at=None, ended_why="")
                | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
            ),
        ]
        indexes = [models.Index(name="partners_grant_of_account", fields=["account", "id"])]

    def __str__(self) -> str:
        return f"{self.client_id}"


class Code(Table):
    """What an application exchanges for its first token: once, within a minute."""

    grant = models.OneToOneField(
        Grant, models.PROTECT, related_name="code", verbose_name="autorisation"
    )
    digest = models.BinaryField("empreinte", max_length=32, unique=True)
    redirect_uri = models.CharField("adresse de retour", max_length=500)
    challenge = models.CharField("épreuve", max_length=43)
    nonce = models.CharField("mot de l’application", max_length=300, blank=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)

    class Meta:
        verbose_name = "code d’autorisation"
        verbose_name_plural = "codes d’autorisation"

    code_challenge_method = "S256"  # no other is offered

    def __str__(self) -> str:
        return f"{self.grant_id}"

    # What the library of OAuth asks of a code, in its own words.

    @property
    def code_challenge(self) -> str:
        return self.challenge

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.grant.scopes

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.grant.given_at.timestamp())

    def get_acr(self) -> None:
        """None is claimed: how one signed in is not told to applications."""

    def get_amr(self) -> None:
        """None either."""


class Token(Table):
    """A key that opens the door for minutes, or that is exchanged for the next one."""

    class Kind(models.TextChoices):
        ACCESS = "access", "accès"
        REFRESH = "refresh", "renouvellement"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name="application")
    grant = models.ForeignKey(
        Grant,
        models.PROTECT,
        related_name="tokens",
        null=True,
        blank=True,
        verbose_name="autorisation",
    )
    kind = models.CharField("nature", max_length=7, choices=Kind)
    digest = models.BinaryField("empreinte", max_length=32, unique=True)
    scopes = models.TextField("portées")
    issued_at = models.DateTimeField("donné le")
    expires_at = models.DateTimeField("valable jusqu’au")
    ended_at = models.DateTimeField("arrêté le", null=True, blank=True)

    class Meta:
        verbose_name = "jeton"
        constraints = [
            models.CheckConstraint(
                name="partners_token_is_renewed_only_for_somebody",
                condition=Q(kind="access") | Q(grant__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="partners_token_by_end", fields=["expires_at", "id"]),
            models.Index(name="partners_token_of_grant", fields=["grant", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.client_id}"

    # What the library of OAuth asks of a token, in its own words.

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.pk

    def get_scope(self) -> str:
        return self.scopes


class Proof(Table):
    """A signed proof that was taken: the same one is never taken twice."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name="application")
    digest = models.BinaryField("empreinte", max_length=32)
    expires_at = models.DateTimeField("valable jusqu’au")

    class Meta:
        verbose_name = "preuve déjà présentée"
        verbose_name_plural = "preuves déjà présentées"
        constraints = [
            models.UniqueConstraint(
                name="partners_proof_is_taken_once", fields=["client", "digest"]
            ),
        ]
        indexes = [models.Index(name="partners_proof_by_end", fields=["expires_at", "id"])]

    def __str__(self) -> str:
        return f"{self.client_id}"
