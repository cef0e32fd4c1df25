"""A person on a version of a protocol, and what the engine remembers of the way."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization
from cordee.kernel.base import Table
from cordee.people.models import Person
from cordee.protocols.models.versions import ProtocolVersion
from cordee.protocols.rules.outcomes import TOLD_BY_FACTS, Leaving

DENIABLE = [one.value for one in TOLD_BY_FACTS]


class PathwayQuerySet(RecordQuerySet):
    """Questions about pathways."""

    def open(self) -> "PathwayQuerySet":
        """Those that the person has not left."""
        return self.filter(left_at=None)

    def heard(self) -> "PathwayQuerySet":
        """Those that facts still move: what a fact ended, another may deny."""
        return self.filter(Q(left_at=None) | Q(leaving__in=DENIABLE))


class Pathway(Record):
    """A person follows a protocol, for a structure that watches over it."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="pathways", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    followed = models.ForeignKey(
        ProtocolVersion, models.PROTECT, related_name="+", verbose_name="version du protocole"
    )
    protocol = models.SlugField("protocole", max_length=80, db_index=False)
    entered_at = models.DateTimeField("entrée le")
    joined_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="entrée décidée par"
    )
    left_at = models.DateTimeField("sortie le", null=True, blank=True)
    leaving = models.CharField(
        "motif de sortie", max_length=10, choices=Leaving.choices(), blank=True
    )

    objects: ClassVar = PathwayQuerySet.as_manager()
    privacy = Privacy(
        identifying="person joined_by",
        clinical="followed protocol",
        plain="organization entered_at left_at leaving",
    )

    class Meta:
        verbose_name = "parcours suivi"
        verbose_name_plural = "parcours suivis"
        constraints = [
            models.UniqueConstraint(
                name="protocols_pathway_is_open_once_per_person_and_protocol",
                fields=["person", "protocol"],
                condition=Q(left_at=None),
            ),
            models.CheckConstraint(
                name="protocols_pathway_end_is_dated_and_has_a_reason",
                condition=(
                    Q(left_at=None, leaving="") | (Q(left_at__isnull=False) & ~Q(leaving=""))
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.protocol} {self.person_id}"

    @property
    def is_open(self) -> bool:
        """Whether the person is on it."""
        return self.left_at is None


class Clock(Table):
    """What the engine remembers of one pathway: moved by each fact, hence without its history.

    Everything in it may be read again from the thread.
    """

    pathway = models.OneToOneField(
        Pathway, models.PROTECT, related_name="clock", verbose_name="parcours suivi"
    )
    state = models.JSONField("état du moteur")
    heard = models.BigIntegerField("dernière ligne entendue", default=0)
    wake_at = models.DateTimeField("à regarder de nouveau le", null=True, blank=True)

    class Meta:
        verbose_name = "horloge d’un parcours"
        verbose_name_plural = "horloges des parcours"
        indexes = [
            models.Index(
                name="protocols_clock_to_wake",
                fields=["wake_at", "id"],
                condition=Q(wake_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pathway_id)
