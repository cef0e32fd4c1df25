"""The phones of helpers, and what they sent that could not be taken."""

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.models import Organization
from cordee.kernel.base import Table
from cordee.vigilance.rules.sent import SENT, WHY


class Device(Table):
    """One helper on one phone. Two helpers on one phone have two keys: neither reads the other.

    No record: each contact changes it, and its former states would keep its key for years.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="devices", verbose_name="aide à domicile"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="devices", verbose_name="service"
    )
    token_hash = models.BinaryField("empreinte du secret", max_length=32)
    sealed_key = models.BinaryField("clé du téléphone, scellée", max_length=200)
    since = models.DateTimeField("depuis le")
    last_seen_at = models.DateTimeField("dernier contact")
    revoked_at = models.DateTimeField("retiré le", null=True, blank=True)
    was_silent = models.BooleanField("retiré faute de contact", default=False, db_default=False)
    wiped_at = models.DateTimeField("effacé le", null=True, blank=True)
    wrong_secrets = models.PositiveIntegerField("secrets refusés", default=0, db_default=0)
    wrong_at = models.DateTimeField("dernier secret refusé le", null=True, blank=True)

    class Meta:
        verbose_name = "téléphone d’une aide à domicile"
        verbose_name_plural = "téléphones des aides à domicile"
        constraints = [
            models.CheckConstraint(
                name="vigilance_phone_is_wiped_once_it_is_revoked",
                condition=Q(wiped_at=None) | Q(revoked_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="vigilance_device_of_account", fields=["account", "id"])]

    def __str__(self) -> str:
        return f"{self.account_id}"


class RefusedVisit(Record):
    """What a phone sent that could not be taken, word for word, until somebody answers for it.

    It names nobody by a key: whom it speaks of may be unknown, or followed by this service no more.
    """

    lets_go = ""  # retention removes it whole, once it is answered

    sent_id = models.UUIDField("identifiant envoyé", null=True, blank=True)
    device = models.ForeignKey(
        Device, models.PROTECT, related_name="refused", verbose_name="téléphone"
    )
    helper = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="aide à domicile"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="service"
    )
    why = models.CharField("pourquoi", max_length=14, choices=list(WHY.items()))
    content = models.TextField("ce qui a été envoyé", max_length=SENT)
    digest = models.CharField("empreinte", max_length=64)
    received_at = models.DateTimeField("reçu le")
    answered_at = models.DateTimeField("traité le", null=True, blank=True)
    answered_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="traité par",
    )
    answer = models.CharField("ce qui a été fait", max_length=300, blank=True)

    privacy = Privacy(
        identifying="sent_id device helper organization answered_by",
        clinical="content digest answer",
        plain="why received_at answered_at",
    )

    class Meta:
        verbose_name = "envoi mis de côté"
        verbose_name_plural = "envois mis de côté"
        constraints = [
            models.UniqueConstraint(
                name="vigilance_refused_record_is_kept_once", fields=["device", "digest"]
            ),
            models.CheckConstraint(
                name="vigilance_refused_record_is_answered_by_somebody",
                condition=Q(answered_at=None, answered_by=None, answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="vigilance_refused_to_answer",
                fields=["organization", "received_at", "id"],
                condition=Q(answered_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.why}"
