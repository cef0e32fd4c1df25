"""Accounts, the trace and its seals, the previous states of records."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac

from cordee.kernel.base import Table


class AccountManager(BaseUserManager["Account"]):
    """Find an account by its address, whatever the case."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username or "")


class Account(Table, AbstractBaseUser):
    """Somebody who signs in. What they may do comes from dated memberships, not from here."""

    email = models.EmailField("adresse électronique")
    name = models.CharField("nom affiché", max_length=150)
    is_active = models.BooleanField("actif", default=True)
    closed_at = models.DateTimeField("fermé le", null=True, blank=True)
    is_demonstration = models.BooleanField("compte de démonstration", default=False)
    is_machine = models.BooleanField("compte d’un logiciel", default=False, db_default=False)
    created_at = models.DateTimeField("créé le", db_default=Now())
    epoch = models.PositiveIntegerField(
        "fois où ses sessions ont été fermées", default=0, db_default=0
    )

    objects = AccountManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "compte"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="access_account_email_is_taken_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is good with: the password, and what was closed since.

        A session that its owner renews while it is being closed was signed for the epoch before.
        """
        proof: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        if not self.epoch:
            return proof
        salt = "cordee.access.epoch"
        return salted_hmac(salt, f"{self.epoch} {proof}", secret=secret).hexdigest()


class Trace(models.Model):
    """A line of sight: who read, listed, did or was refused, when, and whom it concerned.

    Parted by month (ADR 16), like its seals.
    """

    class Kind(models.TextChoices):
        READ = "read", "consultation"
        LIST = "list", "liste affichée"
        ACT = "act", "geste"
        REFUSED = "refused", "refus"
        SESSION = "session", "connexion"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("quand", db_default=Now())
    shard = models.GeneratedField(
        expression=models.F("id") % 4,
        output_field=models.SmallIntegerField(),
        db_persist=True,
        verbose_name="tranche",
    )
    transaction_id = models.BigIntegerField(
        "transaction",
        db_default=models.Func(
            template="(pg_current_xact_id()::text::bigint)",
            output_field=models.BigIntegerField(),
        ),
    )
    kind = models.TextField("nature", choices=Kind)
    verb = models.TextField("verbe")
    role = models.TextField("rôle")
    account_id = models.UUIDField("compte", null=True)
    practitioner_id = models.UUIDField("professionnel", null=True)
    organization_id = models.UUIDField("structure", null=True)
    purpose = models.TextField("finalité")
    origin = models.TextField("origine")
    session = models.TextField("session")
    subject_kind = models.TextField("nature de l’objet")
    subject_id = models.TextField("objet")
    persons = ArrayField(models.UUIDField(), verbose_name="personnes concernées")
    reason = models.TextField("motif")

    class Meta:
        db_table = "access_trace"
        verbose_name = "ligne de trace"
        indexes = [
            GinIndex(name="access_trace_by_person", fields=["persons"], fastupdate=True),
            BrinIndex(name="access_trace_by_day", fields=["at"]),
            models.Index(name="access_trace_by_account", fields=["account_id", "id"]),
            models.Index(name="access_trace_by_transaction", fields=["transaction_id", "id"]),
            models.Index(
                name="access_trace_refused_by_source",
                fields=["session", "at"],
                condition=models.Q(kind="refused"),
            ),
        ]


class Seal(models.Model):
    """A sealed batch of trace lines, chained per month and shard. Written by `access_seal`."""

    id = models.BigAutoField(primary_key=True)
    month = models.DateField("mois")
    shard = models.SmallIntegerField("tranche")
    number = models.BigIntegerField("numéro")
    until_transaction = models.BigIntegerField("jusqu’à la transaction")
    line_ids = ArrayField(models.BigIntegerField(), verbose_name="lignes")
    line_digests = ArrayField(models.BinaryField(), verbose_name="empreintes des lignes")
    sealed_at = models.DateTimeField("scellé le")
    previous_hash = models.BinaryField("maillon précédent")
    hash = models.BinaryField("maillon")

    class Meta:
        db_table = "access_seal"
        verbose_name = "sceau"
        constraints = [
            models.UniqueConstraint(
                name="access_seal_follows_one_other", fields=["month", "shard", "number"]
            ),
        ]


class PreviousState(models.Model):
    """What a record was before a gesture changed it. Written by the record's own trigger, under the
    lock of its row: each state is kept once. Parted by month (ADR 16). Of a row that its author
    erased, a mark says the table and the number, kept under its person: see `sql/erased.sql`."""

    id = models.BigAutoField(primary_key=True)
    table_name = models.TextField("table")
    record_id = models.UUIDField("enregistrement")
    version = models.IntegerField("version")
    replaced_at = models.DateTimeField("remplacé le")
    gesture = models.JSONField("geste")
    state = models.JSONField("état")

    class Meta:
        db_table = "access_previous_state"
        verbose_name = "état précédent"
        indexes = [
            models.Index(
                name="access_state_of_record",
                fields=["table_name", "record_id", "version"],
            ),
        ]
