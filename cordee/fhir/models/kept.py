"""What partners sent, around what Cordée understood of it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.people.models import Person
from cordee.people.rules.sharing import Category

ABOUT_NOBODY = (
    *("Questionnaire", "PlanDefinition", "Organization", "HealthcareService", "Location"),
    *("Practitioner", "PractitionerRole"),
)
"""The types that tell of no person followed: `sql/sight.sql` reads the same."""
WHOLE = ("document", "message")
"""What is kept whole, around nothing: a Bundle that was sent so, which is its own resource."""


class KeptBody(Record):
    """A resource as its last partner sent it, beside what Cordée made of it then.

    One row by resource: its previous states are its history. `sent` and `base` are text, and keep
    every digit; `labels` is what a search looks for in them. A document or a message is kept around
    nothing: it is its own resource, and Cordée made nothing of it.
    """

    kind = models.CharField("type de ressource", max_length=40)
    resource_id = models.UUIDField("ressource")
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="personne accompagnée",
    )
    category = models.CharField(
        "catégorie d’information", max_length=14, choices=Category.choices()
    )
    sent = models.TextField("ce qui a été reçu")
    base = models.TextField("ce qui en a été compris")
    former_version = models.PositiveIntegerField("version qu’il remplace", default=0)
    row_version = models.PositiveIntegerField("version de la fiche", default=1)
    labels = ArrayField(models.TextField(), default=list, blank=True, verbose_name="repères")
    author = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="reçu de"
    )
    received_at = models.DateTimeField("reçu le")

    objects: ClassVar = RecordQuerySet.as_manager()
    privacy = Privacy(
        identifying="person author labels",
        clinical="sent base",
        plain="kind resource_id category former_version row_version received_at",
    )

    class Meta:
        verbose_name = "ressource reçue"
        verbose_name_plural = "ressources reçues"
        constraints = [
            models.UniqueConstraint(
                name="fhir_body_is_kept_once_per_resource", fields=["kind", "resource_id"]
            ),
            models.CheckConstraint(name="fhir_body_names_its_kind", condition=~Q(kind="")),
        ]
        indexes = [GinIndex(name="fhir_body_by_label", fields=["labels"])]

    def __str__(self) -> str:
        return f"{self.kind}/{self.resource_id}"
