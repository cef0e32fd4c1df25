"""Imports in bulk: what a system sends, file after file, line after line, and what was refused."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cordee.fhir.models.work import BulkWork
from cordee.kernel.base import Table
from cordee.people.models import Person


class Import(BulkWork):
    """What a system sends in bulk, and how far that went: a checkpoint after some lines."""

    kinds = ArrayField(models.CharField(max_length=40), verbose_name="types annoncés")
    lines = models.PositiveBigIntegerField("lignes lues", default=0)
    written = models.PositiveBigIntegerField("lignes enregistrées", default=0)
    known = models.PositiveBigIntegerField("lignes déjà là", default=0)
    refused = models.PositiveBigIntegerField("lignes refusées", default=0)
    passes = models.PositiveSmallIntegerField("passages faits", default=0, db_default=0)

    job = ("cordee.fhir.jobs.take_in", "work")
    wakes = "cordee.fhir.jobs.wake_import"

    class Meta(BulkWork.Meta):
        verbose_name = "import de données"
        verbose_name_plural = "imports de données"


class ImportFile(Table):
    """One file of an import: where it is fetched, how far its lines are done."""

    whole = models.ForeignKey(Import, models.PROTECT, related_name="files", verbose_name="import")
    number = models.PositiveIntegerField("numéro")
    kind = models.CharField("type de ressource", max_length=40, blank=True)
    address = models.BinaryField("adresse, scellée", default=b"")
    taken_at = models.DateTimeField("reçu le", null=True, blank=True)
    place = models.PositiveIntegerField("dernière ligne faite", default=0)
    lines = models.PositiveIntegerField("lignes lues", default=0)
    written = models.PositiveIntegerField("lignes enregistrées", default=0)
    known = models.PositiveIntegerField("lignes déjà là", default=0)
    refused = models.PositiveIntegerField("lignes refusées", default=0)
    waited = models.PositiveIntegerField("lignes qui ont attendu", default=0, db_default=0)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    class Meta:
        verbose_name = "fichier d’import"
        verbose_name_plural = "fichiers d’import"
        constraints = [
            models.UniqueConstraint(
                name="fhir_import_file_has_its_own_number", fields=["whole", "number"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whole_id}/{self.number}"


class ImportPart(Table):
    """Some lines of a file, packed then sealed: those to be done, or what was refused of them."""

    class What(models.TextChoices):
        SENT = "sent", "lignes reçues"
        LATER = "later", "lignes qui en attendent d’autres"
        REFUSED = "refused", "lignes refusées"

    file = models.ForeignKey(
        ImportFile, models.PROTECT, related_name="parts", verbose_name="fichier"
    )
    what = models.CharField("nature", max_length=7, choices=What)
    number = models.PositiveIntegerField("première ligne")
    lines = models.PositiveIntegerField("lignes")
    sealed = models.BinaryField("contenu, scellé")

    class Meta:
        verbose_name = "lignes d’un import"
        verbose_name_plural = "lignes d’import"
        constraints = [
            models.UniqueConstraint(
                name="fhir_import_part_is_kept_once", fields=["file", "what", "number"]
            ),
            models.CheckConstraint(
                name="fhir_import_part_holds_something", condition=Q(lines__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"


class ImportedKey(Table):
    """What a resource of an import is called where it comes from, and here.

    It outlasts its import, for what its system sends next, until it is one name too many
    (`imports.services.MOST_NAMES`), the import goes by retention, or its person does. While the
    import runs, « held here as nothing » says that a line bears that name and was not written;
    « Type/ », that a line or a file of that type could not be read, and may have borne any.
    """

    whole = models.ForeignKey(Import, models.PROTECT, related_name="+", verbose_name="import")
    sent_as = models.CharField("adresse d’origine", max_length=130)
    held_as = models.CharField("adresse ici", max_length=130, blank=True)
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name="personne",
    )

    class Meta:
        verbose_name = "ressource importée"
        verbose_name_plural = "ressources importées"
        constraints = [
            models.UniqueConstraint(
                name="fhir_imported_key_is_that_of_one_resource", fields=["whole", "sent_as"]
            ),
        ]
        indexes = [
            models.Index(name="fhir_imported_key_by_name", fields=["sent_as"]),
            models.Index(name="fhir_imported_key_of_person", fields=["person"]),
        ]

    def __str__(self) -> str:
        return self.held_as
