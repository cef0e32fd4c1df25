"""Protocols as documents: written, proposed, approved by another, retired."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization


class VersionQuerySet(RecordQuerySet):
    """Questions about versions."""

    def approved(self) -> "VersionQuerySet":
        """Those that somebody may be put on."""
        return self.filter(state=ProtocolVersion.State.APPROVED)

    def shipped(self) -> "VersionQuerySet":
        """Those that come with the house: to be taken up, never used as they are."""
        return self.filter(organization=None)


class ProtocolVersion(Record):
    """One version of a protocol, as a text. Once approved the database keeps it as it is."""

    class State(models.TextChoices):
        DRAFT = "draft", "brouillon"
        PROPOSED = "proposed", "proposé"
        APPROVED = "approved", "en usage"
        RETIRED = "retired", "retiré"

    PUBLISHED = (State.APPROVED, State.RETIRED)

    name = models.CharField("identifiant du protocole", max_length=80)
    edition = models.CharField("version du texte", max_length=40)
    title = models.CharField("titre", max_length=200)
    text = models.TextField("texte", max_length=100_000)
    digest = models.CharField("empreinte", max_length=64)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure",
    )
    state = models.CharField("état", max_length=8, choices=State, default=State.DRAFT)
    author = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="auteur"
    )
    writers = ArrayField(
        models.UUIDField(), default=list, blank=True, verbose_name="comptes qui ont écrit"
    )
    window = models.UUIDField("fenêtre qui a écrit en dernier", null=True, blank=True)
    drawn_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="repris de"
    )
    remark = models.CharField("remarque du relecteur", max_length=500, blank=True)
    proposed_at = models.DateTimeField("proposé le", null=True, blank=True)
    approved_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="approuvé par",
    )
    approved_at = models.DateTimeField("approuvé le", null=True, blank=True)
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects: ClassVar = VersionQuerySet.as_manager()
    person_path = "no_person"
    privacy = Privacy(
        identifying="author writers approved_by",
        plain="name edition title text digest organization state window drawn_from remark "
        "proposed_at approved_at retired_at",
    )

    class Meta:
        verbose_name = "version de protocole"
        verbose_name_plural = "versions de protocole"
        constraints = [
            models.UniqueConstraint(
                name="protocols_edition_of_a_name_is_approved_once",
                fields=["organization", "name", "edition"],
                condition=Q(state__in=("approved", "retired")),
            ),
            models.UniqueConstraint(
                name="protocols_name_has_one_version_in_use",
                fields=["organization", "name"],
                condition=Q(state="approved"),
            ),
            models.UniqueConstraint(
                name="protocols_shipped_edition_is_kept_once",
                fields=["name", "edition"],
                condition=Q(organization=None),
            ),
            models.CheckConstraint(
                name="protocols_approved_version_says_who_and_when",
                condition=Q(state__in=("draft", "proposed"), approved_at=None, approved_by=None)
                | Q(
                    state__in=("approved", "retired"),
                    approved_at__isnull=False,
                    approved_by__isnull=False,
                    author__isnull=False,
                    organization__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="protocols_author_does_not_approve",
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("author")),
            ),
            models.CheckConstraint(
                name="protocols_shipped_version_stays_to_be_validated",
                condition=Q(organization__isnull=False) | Q(state="draft"),
            ),
        ]
        indexes = [
            models.Index(name="protocols_by_name", fields=["organization", "name", "state"]),
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.edition}"

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the house."""
        return self.organization_id is None

    @property
    def is_draft(self) -> bool:
        """Whether its text may still be written."""
        return self.state == self.State.DRAFT and not self.is_shipped
