"""The outbox, what comes back, the words, the one-time codes and the state of carriers."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import MD5

from cordee.access.records import Privacy, Record
from cordee.directory.models import Organization, Practitioner
from cordee.kernel.base import Table
from cordee.messaging.quiet import quiet_ends_at
from cordee.messaging.wordings import said_reason
from cordee.people.models import Person


class Channel(models.TextChoices):
    """How a message travels."""

    SMS = "sms", "texto"
    EMAIL = "email", "courriel"


class Message(Record):
    """One message to one addressee, from the moment it is due to what became of it.

    `text` is what the desk may read: the link and one-time codes are hidden in it and kept in
    `sealed`, from where they are written into what leaves.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "en attente"
        SENDING = "sending", "en cours d’envoi"
        SENT = "sent", "remis à l’opérateur"
        DELIVERED = "delivered", "arrivé"
        FAILED = "failed", "non remis"

    channel = models.CharField("canal", max_length=5, choices=Channel)
    to = models.CharField("destinataire", max_length=254)
    organization = models.ForeignKey(  # `by_desk` begins with it
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="structure qui écrit",
    )
    practitioner = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="professionnel destinataire",
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="personne concernée",
    )
    template = models.CharField("modèle de message", max_length=40)
    context = models.JSONField("mots permis", default=dict)
    subject = models.CharField("objet", max_length=120, blank=True)
    text = models.TextField("texte montré")
    sealed = models.BinaryField("mots scellés", blank=True)
    state = models.CharField("état", max_length=9, choices=State, default=State.QUEUED)
    reason = models.CharField("motif", max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_attempt_at = models.DateTimeField("prochain essai", null=True, blank=True)
    expires_at = models.DateTimeField("sans objet après", null=True, blank=True)
    quiet_from = models.TimeField("pas à partir de", null=True, blank=True)
    quiet_until = models.TimeField("ni avant", null=True, blank=True)
    sending_since = models.DateTimeField("en cours d’envoi depuis", null=True, blank=True)
    in_doubt = models.BooleanField("peut-être déjà parti", default=False)
    sent_at = models.DateTimeField("remis à l’opérateur le", null=True, blank=True)
    settled_at = models.DateTimeField("sort connu le", null=True, blank=True)
    reference = models.PositiveIntegerField(
        "référence chez l’opérateur",
        db_default=Func(Value("messaging_reference"), function="nextval"),
    )
    carrier_ids = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        verbose_name="identifiants chez l’opérateur",
    )
    origin = models.CharField("origine", max_length=80, blank=True)

    lets_go = "subject text sealed context"
    privacy = Privacy(
        identifying="to practitioner person sealed",
        plain="channel organization template context subject text state reason attempts "
        "next_attempt_at expires_at quiet_from quiet_until sending_since in_doubt sent_at "
        "settled_at reference carrier_ids origin",
    )

    class Meta:
        verbose_name = "message"
        constraints = [
            models.CheckConstraint(
                name="messaging_message_goes_where_its_channel_can",
                condition=Q(channel="sms", to__regex=r"^\+[1-9][0-9]{5,14}$")
                | Q(channel="email", to__regex=r"^[^@[:space:]]+@[^@[:space:]]+$"),
            ),
            models.CheckConstraint(
                name="messaging_message_waiting_has_its_next_attempt",
                condition=Q(state="queued", next_attempt_at__isnull=False)
                | (~Q(state="queued") & Q(next_attempt_at=None)),
            ),
            models.CheckConstraint(
                name="messaging_message_being_sent_says_since_when",
                condition=Q(state="sending", sending_since__isnull=False)
                | (~Q(state="sending") & Q(sending_since=None)),
            ),
            models.CheckConstraint(
                name="messaging_message_sent_says_when",
                condition=~Q(state__in=["sent", "delivered"]) | Q(sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="messaging_message_settled_says_when",
                condition=Q(state__in=["delivered", "failed"], settled_at__isnull=False)
                | (~Q(state__in=["delivered", "failed"]) & Q(settled_at=None)),
            ),
            models.CheckConstraint(
                name="messaging_message_failed_says_why",
                condition=~Q(state="failed") | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="messaging_message_reference_fits_in_two_bytes",
                condition=Q(reference__lte=65535),
            ),
            models.UniqueConstraint(
                name="messaging_message_reference_is_its_own_while_sending",
                fields=["channel", "reference"],
                condition=Q(state="sending"),
            ),
            models.UniqueConstraint(
                F("origin"),
                F("template"),
                F("to"),
                MD5("text"),
                name="messaging_message_waits_once",
                condition=Q(state="queued", in_doubt=False, sealed=b"") & ~Q(origin=""),
            ),
        ]
        indexes = [
            models.Index(
                name="messaging_message_due",
                fields=["channel", "next_attempt_at", "id"],
                condition=Q(state="queued"),
            ),
            models.Index(
                name="messaging_message_under_way",
                fields=["channel", "sending_since", "id"],
                condition=Q(state="sending"),
            ),
            models.Index(name="messaging_message_by_desk", fields=["organization", "-id"]),
            models.Index(name="messaging_message_by_number", fields=["to", "-id"]),
            models.Index(name="messaging_message_by_origin", fields=["origin", "id"]),
            GinIndex(name="messaging_message_by_carrier", fields=["carrier_ids"]),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.state}"

    @property
    def why(self) -> str:
        """Say in French why it waits or failed."""
        return said_reason(self.reason)

    def leaves_at(self, moment: datetime) -> datetime:
        """Give the first moment from then on when it may leave, quiet hours being kept."""
        if self.quiet_from is None or self.quiet_until is None:
            return moment
        return quiet_ends_at(moment, self.quiet_from, self.quiet_until)

    @property
    def is_settled(self) -> bool:
        """Say whether nothing more will happen by itself."""
        return self.state in (self.State.DELIVERED, self.State.FAILED)


class DeliveryReceipt(Table):
    """What the carrier said of one segment; it may come before its message is known as sent."""

    class Fate(models.TextChoices):
        DELIVERED = "delivered", "arrivé"
        FAILED = "failed", "non remis"
        UNDERWAY = "underway", "en route"

    channel = models.CharField("canal", max_length=5, choices=Channel)
    carrier_id = models.CharField("identifiant chez l’opérateur", max_length=120, blank=True)
    reference = models.PositiveIntegerField("référence", null=True, blank=True)
    fate = models.CharField("sort", max_length=9, choices=Fate)
    reason = models.CharField("motif", max_length=60, blank=True)
    received_at = models.DateTimeField("reçu le")
    message = models.ForeignKey(
        Message,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="receipts",
        verbose_name="message",
    )

    lets_go = ""

    class Meta:
        verbose_name = "accusé de l’opérateur"
        constraints = [
            models.CheckConstraint(
                name="messaging_receipt_names_a_message",
                condition=~Q(carrier_id="") | Q(reference__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="messaging_receipt_unmatched",
                fields=["channel", "carrier_id"],
                condition=Q(message=None),
            ),
            models.Index(name="messaging_receipt_of_message", fields=["message", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.carrier_id} {self.fate}"


class InboundText(Record):
    """A text received, whole, as it was read."""

    sender = models.CharField("expéditeur", max_length=32)
    practitioner = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="professionnel reconnu",
    )
    text = models.TextField("texte reçu", blank=True)
    received_at = models.DateTimeField("reçu le")
    carrier_key = models.CharField("clé de l’opérateur", max_length=64, null=True, blank=True)
    is_stop = models.BooleanField("demande d’arrêt", default=False)
    is_clear = models.BooleanField("compris sans doute possible", default=False)
    answers = ArrayField(
        models.CharField(max_length=16), default=list, blank=True, verbose_name="réponses lues"
    )
    codes = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, verbose_name="codes cités"
    )

    lets_go = "text"
    privacy = Privacy(
        identifying="sender practitioner",
        clinical="text",
        plain="received_at carrier_key is_stop is_clear answers codes",
    )

    class Meta:
        verbose_name = "texto reçu"
        constraints = [
            models.UniqueConstraint(
                name="messaging_inbound_text_is_taken_once", fields=["carrier_key"]
            ),
            models.CheckConstraint(
                name="messaging_inbound_text_unclear_answers_nothing",
                condition=Q(is_clear=True) | Q(answers=[], is_stop=False),
            ),
        ]
        indexes = [models.Index(name="messaging_inbound_by_sender", fields=["sender", "-id"])]

    def __str__(self) -> str:
        return f"{self.received_at:%Y-%m-%d %H:%M}"


class TextPiece(Record):
    """A piece of a long text, until the others are there."""

    sender = models.CharField("expéditeur", max_length=32)
    reference = models.PositiveIntegerField("référence")
    number = models.PositiveSmallIntegerField("rang")
    total = models.PositiveSmallIntegerField("nombre de morceaux")
    text = models.TextField("morceau", blank=True)
    received_at = models.DateTimeField("reçu le")
    whole = models.ForeignKey(
        InboundText,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="pieces",
        verbose_name="texto entier",
    )

    lets_go = "text"
    privacy = Privacy(
        identifying="sender", clinical="text", plain="reference number total received_at whole"
    )

    class Meta:
        verbose_name = "morceau de texto"
        constraints = [
            models.CheckConstraint(
                name="messaging_text_piece_has_its_place",
                condition=Q(number__gte=1, number__lte=F("total"), total__lte=255),
            ),
            models.UniqueConstraint(
                name="messaging_text_piece_waits_once",
                fields=["sender", "reference", "total", "number"],
                condition=Q(whole=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"


class MessageTemplate(Record):
    """The words of one message, when administration chose others than those shipped."""

    code = models.CharField("modèle de message", max_length=40)
    channel = models.CharField("canal", max_length=5, choices=Channel)
    subject = models.CharField("objet", max_length=120, blank=True)
    body = models.TextField("texte du modèle", max_length=1000)

    privacy = Privacy(plain="code channel subject body")

    class Meta:
        verbose_name = "modèle de message"
        constraints = [
            models.UniqueConstraint(
                name="messaging_template_is_written_once", fields=["code", "channel"]
            ),
            models.CheckConstraint(
                name="messaging_template_mail_has_a_subject",
                condition=Q(channel="sms", subject="") | (Q(channel="email") & ~Q(subject="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.channel}"


class PhoneCode(Record):
    """A six-digit code sent to a phone or address, for one purpose; only its hash is here."""

    to = models.CharField("envoyé à", max_length=254)
    origin = models.CharField("origine", max_length=80)
    hash = models.BinaryField("empreinte du code", max_length=32)
    issued_at = models.DateTimeField("émis le")
    expires_at = models.DateTimeField("valable jusqu’à")
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)
    replaced_at = models.DateTimeField("remplacé le", null=True, blank=True)

    lets_go = ""
    privacy = Privacy(
        identifying="to", plain="origin hash issued_at expires_at attempts used_at replaced_at"
    )

    class Meta:
        verbose_name = "code à usage unique"
        constraints = [
            models.UniqueConstraint(
                name="messaging_phone_code_is_the_only_one_open",
                fields=["to", "origin"],
                condition=Q(used_at=None, replaced_at=None),
            ),
            models.CheckConstraint(
                name="messaging_phone_code_tried_five_times_at_most",
                condition=Q(attempts__lte=5),
            ),
            models.CheckConstraint(
                name="messaging_phone_code_expires_after_it_was_issued",
                condition=Q(expires_at__gt=F("issued_at")),
            ),
            models.CheckConstraint(
                name="messaging_phone_code_used_in_its_time",
                condition=Q(used_at=None) | Q(used_at__lte=F("expires_at")),
            ),
        ]
        indexes = [models.Index(name="messaging_phone_code_by_number", fields=["to", "issued_at"])]

    def __str__(self) -> str:
        return f"{self.issued_at:%Y-%m-%d %H:%M}"


class CarrierState(Table):
    """Whether the link of a channel holds, since when, and whether the desk was told."""

    channel = models.CharField("canal", max_length=5, choices=Channel, unique=True)
    is_up = models.BooleanField("joignable", default=True)
    since = models.DateTimeField("depuis le")
    reason = models.CharField("motif", max_length=60, blank=True)
    told_at = models.DateTimeField("alerte donnée le", null=True, blank=True)

    class Meta:
        verbose_name = "état d’un opérateur"
        constraints = [
            models.CheckConstraint(
                name="messaging_carrier_alert_is_about_a_break",
                condition=Q(told_at=None) | Q(is_up=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {'up' if self.is_up else 'down'}"

    @property
    def why(self) -> str:
        """Say in French why the link does not hold."""
        return said_reason(self.reason)

    @property
    def detail(self) -> str:
        """What the carrier itself said, for who sets it up."""
        return self.reason.partition(" ")[2]


class Unkept(Table):
    """What a carrier said that can never be kept: how often, by kind, without a word of it."""

    class What(models.TextChoices):
        TEXT = "text", "texto reçu"
        RECEIPT = "receipt", "accusé"
        OTHER = "other", "message illisible"

    channel = models.CharField("canal", max_length=5, choices=Channel)
    what = models.CharField("nature", max_length=7, choices=What)
    why = models.CharField("motif", max_length=60)
    times = models.PositiveIntegerField("nombre de fois")
    first_at = models.DateTimeField("la première fois le")
    last_at = models.DateTimeField("la dernière fois le")

    class Meta:
        verbose_name = "retour d’opérateur perdu"
        constraints = [
            models.UniqueConstraint(
                name="messaging_unkept_is_one_line_a_kind", fields=["channel", "what", "why"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.what} {self.why}"

    @property
    def reason(self) -> str:
        """Say in French why it could not be kept."""
        return said_reason(self.why)
