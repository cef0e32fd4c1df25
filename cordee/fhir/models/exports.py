"""Exports in bulk: what was asked, how far it went, and its files, sealed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

from cordee.fhir.models.work import BulkWork
from cordee.kernel.base import Table


class Export(BulkWork):
    """What a system asked to take away, and how far that went: a checkpoint after each file."""

    class Level(models.TextChoices):
        SYSTEM = "system", "tout ce qui lui est confié"
        PATIENT = "patient", "ce qui concerne les personnes"
        GROUP = "group", "ce qui concerne un groupe de personnes"

    level = models.CharField("étendue", max_length=7, choices=Level)
    group_id = models.UUIDField("groupe", null=True, blank=True)
    asked = models.JSONField("demande")
    address = models.TextField("adresse de la demande")
    begun_by = models.BigIntegerField("transaction de la demande")
    stage = models.CharField("type en cours", max_length=40, blank=True)
    place = models.CharField("dernière clé", max_length=40, blank=True)
    files = models.PositiveIntegerField("fichiers", default=0)
    resources = models.PositiveBigIntegerField("ressources", default=0)
    persons = models.PositiveIntegerField("personnes", default=0)

    job = ("cordee.fhir.jobs.export", "export")

    class Meta(BulkWork.Meta):
        verbose_name = "export de données"
        verbose_name_plural = "exports de données"
        constraints = [
            *BulkWork.Meta.constraints,
            models.CheckConstraint(
                name="fhir_export_of_a_group_names_it",
                condition=Q(level="group", group_id__isnull=False)
                | (~Q(level="group") & Q(group_id=None)),
            ),
        ]


class ExportPart(Table):
    """A file of an export: resources of one type, packed, then sealed under its own key."""

    class What(models.TextChoices):
        OUTPUT = "output", "ressources"
        DELETED = "deleted", "ressources retirées"

    export = models.ForeignKey(Export, models.PROTECT, related_name="parts", verbose_name="export")
    number = models.PositiveIntegerField("numéro")
    what = models.CharField("nature", max_length=7, choices=What)
    kind = models.CharField("type de ressource", max_length=40)
    lines = models.PositiveIntegerField("lignes")
    persons = ArrayField(
        models.UUIDField(), default=list, db_default=Value("{}"), verbose_name="personnes"
    )
    sealed = models.BinaryField("contenu, scellé")

    class Meta:
        verbose_name = "fichier d’export"
        verbose_name_plural = "fichiers d’export"
        constraints = [
            models.UniqueConstraint(
                name="fhir_export_part_is_written_once", fields=["export", "number"]
            ),
            models.CheckConstraint(
                name="fhir_export_part_holds_something", condition=Q(lines__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.export_id}/{self.number}"


class ExportedPerson(Table):
    """Whom an export has already told of, by type: each reading of somebody is traced once."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="+", verbose_name="export")
    kind = models.CharField("type de ressource", max_length=40)
    person_key = models.UUIDField("personne")

    class Meta:
        verbose_name = "personne dont un export a parlé"
        verbose_name_plural = "personnes dont un export a parlé"
        constraints = [
            models.UniqueConstraint(
                name="fhir_exported_person_is_told_of_once",
                fields=["export", "kind", "person_key"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.export_id} {self.kind}"
