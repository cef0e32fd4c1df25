"""Equipment asked for and followed to its use, and small everyday actions that are tried."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization
from cordee.people.models import Person
from cordee.vigilance.models.alerts import Alert
from cordee.vigilance.rules.equipment import ENDED, Stage, What
from cordee.vigilance.rules.following import Effect

OVER = sorted(one.value for one in ENDED)


class EquipmentQuerySet(RecordQuerySet):
    """Questions about equipment."""

    def open(self) -> "EquipmentQuerySet":
        """What is still awaited."""
        return self.exclude(stage__in=OVER)


class Equipment(Record):
    """Equipment asked for somebody, with the day on which its next step is looked for."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="equipment", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure qui suit"
    )
    alert = models.ForeignKey(
        Alert,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="equipment",
        verbose_name="alerte d’où elle vient",
    )
    what = models.CharField("matériel", max_length=10, choices=What.choices())
    words = models.CharField("précisions", max_length=300, blank=True)
    stage = models.CharField("où elle en est", max_length=11, choices=Stage.choices())
    number = models.PositiveSmallIntegerField("nombre d’étapes", default=1)
    due_on = models.DateField("étape suivante à vérifier le", null=True, blank=True)
    asked_at = models.DateTimeField("demandé le")
    asked_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="demandé par"
    )

    objects: ClassVar = EquipmentQuerySet.as_manager()
    privacy = Privacy(
        identifying="person asked_by",
        clinical="alert what words stage",
        plain="organization number due_on asked_at",
    )

    class Meta:
        verbose_name = "demande de matériel"
        verbose_name_plural = "demandes de matériel"
        constraints = [
            models.CheckConstraint(
                name="vigilance_equipment_is_looked_at_again_while_awaited",
                condition=Q(stage__in=OVER, due_on=None)
                | (~Q(stage__in=OVER) & Q(due_on__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(
                name="vigilance_equipment_of_person", fields=["person", "-asked_at", "id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.person_id}"

    @property
    def is_open(self) -> bool:
        """Whether a next step is awaited."""
        return Stage(self.stage) not in ENDED


class EquipmentStep(Record):
    """One step of an equipment request: which, on which day, said by whom. Kept as said."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name="personne accompagnée"
    )
    equipment = models.ForeignKey(
        Equipment, models.PROTECT, related_name="steps", verbose_name="demande de matériel"
    )
    number = models.PositiveSmallIntegerField("rang")
    stage = models.CharField("étape", max_length=11, choices=Stage.choices())
    happened_on = models.DateField("le")
    words = models.CharField("précisions", max_length=300, blank=True)
    said_by = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="noté par")
    said_at = models.DateTimeField("noté le")

    privacy = Privacy(
        identifying="person said_by",
        clinical="stage words",
        plain="equipment number happened_on said_at",
    )

    class Meta:
        verbose_name = "étape d’une demande de matériel"
        verbose_name_plural = "étapes des demandes de matériel"
        constraints = [
            models.UniqueConstraint(
                name="vigilance_equipment_takes_one_step_at_a_time",
                fields=["equipment", "number"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.equipment_id}"


class Trial(Record):
    """A small everyday action that is tried: since when, until when, with what effect."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="trials", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure qui suit"
    )
    alert = models.ForeignKey(
        Alert,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="trials",
        verbose_name="alerte d’où elle vient",
    )
    words = models.CharField("ce qui est essayé", max_length=300)
    since = models.DateField("depuis le")
    review_on = models.DateField("à revoir le")
    begun_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="proposé par"
    )
    effect = models.CharField("effet", max_length=7, choices=Effect.choices(), blank=True)
    goes_on = models.BooleanField("se poursuit", default=False)
    reviewed_at = models.DateTimeField("revu le", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="revu par"
    )

    privacy = Privacy(
        identifying="person begun_by reviewed_by",
        clinical="alert words effect",
        plain="organization since review_on goes_on reviewed_at",
    )

    class Meta:
        verbose_name = "petite action essayée"
        verbose_name_plural = "petites actions essayées"
        constraints = [
            models.CheckConstraint(
                name="vigilance_trial_says_what_is_tried", condition=~Q(words="")
            ),
            models.CheckConstraint(
                name="vigilance_trial_is_reviewed_after_it_began",
                condition=Q(review_on__gte=F("since")),
            ),
            models.CheckConstraint(
                name="vigilance_trial_is_reviewed_with_its_effect",
                condition=Q(reviewed_at=None, reviewed_by=None, effect="", goes_on=False)
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(effect="")),
            ),
        ]
        indexes = [
            models.Index(name="vigilance_trial_of_person", fields=["person", "-since", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.since} {self.person_id}"
