"""Exports in bulk: what was asked, how far it went, and its files, sealed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

from cordee.access.actor import Actor
from cordee.access.models import Account
from cordee.kernel.base import Table
from cordee.partners.models import Client


class Export(Table):
    """What a system asked for in bulk, and how far that went: a checkpoint after each file."""

    class State(models.TextChoices):
        RUNNING = "running", "en cours"
        DONE = "done", "terminé"
        CANCELLED = "cancelled", "annulé"
        STOPPED = "stopped", "arrêté\u00a0: l’autorisation a pris fin"
        FAILED = "failed", "interrompu par une erreur"
        OVER = "over", "terminé, fichiers retirés"

    class Level(models.TextChoices):
        SYSTEM = "system", "tout ce qui lui est confié"
        PATIENT = "patient", "ce qui concerne les personnes"
        GROUP = "group", "ce qui concerne un groupe de personnes"

    client = models.ForeignKey(Client, models.PROTECT, related_name="+", verbose_name="système")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="compte")
    level = models.CharField("étendue", max_length=7, choices=Level)
    group_id = models.UUIDField("groupe", null=True, blank=True)
    asked = models.JSONField("demande")
    address = models.TextField("adresse de la demande")
    base = models.TextField("adresse de la porte")
    scopes = models.TextField("portées")
    role = models.CharField("rôle", max_length=30, blank=True, default="", db_default="")
    organization_id = models.UUIDField("structure", null=True, blank=True)
    asked_at = models.DateTimeField("demandé le")
    begun_by = models.BigIntegerField("transaction de la demande")
    state = models.CharField("état", max_length=9, choices=State, default=State.RUNNING)
    stage = models.CharField("type en cours", max_length=40, blank=True)
    place = models.CharField("dernière clé", max_length=40, blank=True)
    files = models.PositiveIntegerField("fichiers", default=0)
    resources = models.PositiveBigIntegerField("ressources", default=0)
    persons = models.PositiveIntegerField("personnes", default=0)
    moved_at = models.DateTimeField("avancé le")
    tries = models.PositiveSmallIntegerField("essais du fichier en cours", default=0, db_default=0)
    revived_at = models.DateTimeField("relancé le", null=True, blank=True)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)

    lets_go = ""  # retention removes it whole

    class Meta:
        verbose_name = "export de données"
        verbose_name_plural = "exports de données"
        constraints = [
            models.UniqueConstraint(
                name="fhir_export_runs_alone_for_its_client",
                fields=["client"],
                condition=Q(state="running"),
            ),
            models.CheckConstraint(
                name="fhir_export_says_when_it_ended",
                condition=Q(state="running", ended_at=None)
                | (~Q(state="running") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="fhir_export_of_a_group_names_it",
                condition=Q(level="group", group_id__isnull=False)
                | (~Q(level="group") & Q(group_id=None)),
            ),
        ]
        indexes = [models.Index(name="fhir_export_latest", fields=["-asked_at", "-id"])]

    def __str__(self) -> str:
        return f"{self.client_id} {self.state}"

    @property
    def is_running(self) -> bool:
        """Whether files are still to come."""
        return self.state == self.State.RUNNING

    def is_of(self, actor: Actor) -> bool:
        """Whether somebody still acts as whoever asked: another role would read other things."""
        acts_as = (actor.role.value, actor.organization_id)
        return self.account_id == actor.account_id and (
            not self.role or (self.role, self.organization_id) == acts_as
        )


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
