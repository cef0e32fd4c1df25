"""Questionnaires, kept as they were published, and what was answered to them."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.assessments.rules.about import CATEGORIES
from cordee.directory.models import Organization
from cordee.people.models import Person

AS_CHOICES = [(category.value, category.label) for category in CATEGORIES]


class QuestionnaireQuerySet(RecordQuerySet):
    """Questions about questionnaires."""

    def active(self) -> "QuestionnaireQuerySet":
        """Those that one may begin to fill in."""
        return self.filter(status=Questionnaire.Status.ACTIVE)


class Questionnaire(Record):
    """An instrument, in one edition. Once published the database keeps it as it is."""

    class Status(models.TextChoices):
        DRAFT = "draft", "à publier"
        ACTIVE = "active", "en usage"
        RETIRED = "retired", "retiré"

    url = models.CharField("adresse canonique", max_length=255)
    edition = models.CharField("édition", max_length=40)
    name = models.CharField("code", max_length=60)
    title = models.CharField("titre", max_length=200)
    category = models.CharField("catégorie d’information", max_length=14, choices=AS_CHOICES)
    definition = models.JSONField("définition")
    digest = models.CharField("empreinte", max_length=64)
    status = models.CharField("état", max_length=7, choices=Status, default=Status.DRAFT)
    source = models.TextField("source", max_length=2000, blank=True)
    copyright = models.TextField("droits", max_length=2000, blank=True)
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    published_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="publié par"
    )
    retired_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects: ClassVar = QuestionnaireQuerySet.as_manager()
    person_path = "no_person"
    privacy = Privacy(
        identifying="published_by",
        plain="url edition name title category definition digest status source copyright "
        "published_at retired_at",
    )

    class Meta:
        verbose_name = "questionnaire d’évaluation"
        verbose_name_plural = "questionnaires d’évaluation"
        constraints = [
            models.UniqueConstraint(
                name="assessments_questionnaire_is_one_per_edition", fields=["url", "edition"]
            ),
            models.UniqueConstraint(
                name="assessments_questionnaire_has_one_edition_in_use",
                fields=["url"],
                condition=Q(status="active"),
            ),
            models.CheckConstraint(
                name="assessments_published_questionnaire_says_when",
                condition=Q(status="draft") | Q(published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.url}|{self.edition}"


class ComparableEditions(Record):
    """Two editions of an instrument that measure the same, on the word of who publishes them."""

    edition = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="comparisons", verbose_name="édition"
    )
    before = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="+", verbose_name="édition d’avant"
    )
    why = models.TextField("pourquoi elles se comparent", max_length=600)
    declared_at = models.DateTimeField("déclaré le")
    declared_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="déclaré par"
    )
    withdrawn_at = models.DateTimeField("repris le", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="repris par"
    )

    person_path = "no_person"
    privacy = Privacy(
        identifying="declared_by withdrawn_by",
        plain="edition before why declared_at withdrawn_at",
    )

    class Meta:
        verbose_name = "éditions comparables"
        verbose_name_plural = "éditions comparables"
        constraints = [
            models.UniqueConstraint(
                name="assessments_edition_is_compared_once",
                fields=["edition"],
                condition=Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="assessments_comparison_says_why",
                condition=~Q(why="") & ~Q(edition=models.F("before")),
            ),
            models.CheckConstraint(
                name="assessments_comparison_is_withdrawn_by_somebody",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.before_id}"


class ResponseQuerySet(RecordQuerySet):
    """Questions about what was answered."""

    def uncorrected(self) -> "ResponseQuerySet":
        """Those that nobody corrected."""
        corrected = QuestionnaireResponse.objects.filter(
            corrects=models.OuterRef("pk"), status=QuestionnaireResponse.Status.AMENDED
        )
        return self.filter(~models.Exists(corrected))

    def standing(self) -> "ResponseQuerySet":
        """Those that are whole and that nobody corrected nor withdrew."""
        return self.filter(status__in=QuestionnaireResponse.WHOLE).uncorrected()

    def standing_or_part(self) -> "ResponseQuerySet":
        """Those, and what professionals gave of a part: what a team puts side by side."""
        return self.filter(pk__in=self.standing().values("pk")) | self.filter(
            status=QuestionnaireResponse.Status.PART
        )

    def drafts(self) -> "ResponseQuerySet":
        """Those that their author has not finished."""
        return self.filter(status=QuestionnaireResponse.Status.IN_PROGRESS)


class QuestionnaireResponse(Record):
    """What somebody answered about a person. Once completed it is never rewritten."""

    class Status(models.TextChoices):
        IN_PROGRESS = "in-progress", "brouillon"
        COMPLETED = "completed", "terminée"
        AMENDED = "amended", "corrigée"
        # What one was asked for, and no more: never counted, joined by the evaluation of the team.
        PART = "part", "une part"
        ENTERED_IN_ERROR = "entered-in-error", "saisie par erreur"

    WHOLE = (Status.COMPLETED, Status.AMENDED)
    GIVEN = (*WHOLE, Status.PART)

    person = models.ForeignKey(
        Person,
        models.PROTECT,
        related_name="questionnaire_responses",
        verbose_name="personne accompagnée",
    )
    questionnaire = models.ForeignKey(
        Questionnaire,
        models.PROTECT,
        related_name="responses",
        verbose_name="questionnaire d’évaluation",
    )
    # Of its questionnaire: the second lock reads it on the row, and the database holds them equal.
    category = models.CharField("catégorie d’information", max_length=14, choices=AS_CHOICES)
    status = models.CharField("état", max_length=16, choices=Status, default=Status.IN_PROGRESS)
    items = models.JSONField("réponses", default=list)
    results = models.JSONField("résultats", default=list)
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="auteur")
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure",
    )
    started_at = models.DateTimeField("commencée le")
    saved_at = models.DateTimeField("gardée le")
    # The window that wrote last: two of them do not undo each other’s answers.
    window = models.CharField("fenêtre de saisie", max_length=36, blank=True)
    authored_at = models.DateTimeField("terminée le", null=True, blank=True)
    # An evaluation of a team: those that it settles, and how the team decided.
    settles = ArrayField(
        models.UUIDField(), null=True, blank=True, verbose_name="évaluations tranchées"
    )
    settled_because = models.TextField("comment l’équipe a décidé", max_length=600, null=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="corrige"
    )

    is_its_author_s_alone = True  # where it is unique, a draft: see `people.services.moving`
    objects: ClassVar = ResponseQuerySet.as_manager()
    privacy = Privacy(
        identifying="person author organization",
        clinical="questionnaire category items results settles settled_because",
        plain="status started_at saved_at window authored_at corrects",
    )

    class Meta:
        verbose_name = "évaluation"
        verbose_name_plural = "évaluations"
        constraints = [
            models.UniqueConstraint(
                name="assessments_draft_is_one_per_author_and_questionnaire",
                fields=["person", "questionnaire", "author"],
                condition=Q(status="in-progress"),
            ),
            models.UniqueConstraint(
                name="assessments_response_is_corrected_once",
                fields=["corrects"],
                condition=Q(status="amended"),
            ),
            models.CheckConstraint(
                name="assessments_completed_response_says_when",
                condition=Q(status="in-progress", authored_at=None)
                | (~Q(status="in-progress") & Q(authored_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="assessments_amended_response_says_what_it_corrects",
                condition=~Q(status="amended", corrects=None)
                & ~Q(status="completed", corrects__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="assessments_response_of_person",
                fields=["person", "questionnaire", "-authored_at", "id"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} {self.person_id}"

    @property
    def is_draft(self) -> bool:
        """Whether its author has not finished it."""
        return self.status == self.Status.IN_PROGRESS

    def answered_at(self, now: datetime) -> datetime:
        """Of when its answers are: of now while it is filled in. A correction says better what was
        answered first: it is of that day, however late it is written."""
        if self.corrects is None:
            return self.authored_at or now
        return self.corrects.answered_at(now)


class AskedPartQuerySet(RecordQuerySet):
    """Questions about the parts that were asked for."""

    def awaited(self) -> "AskedPartQuerySet":
        """Those that nobody answered nor took back."""
        return self.filter(answer=None, ended_at=None)


class AskedPart(Record):
    """The part of a team’s evaluation that somebody was asked for: by whom, and by when."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="asked_parts", verbose_name="personne accompagnée"
    )
    questionnaire = models.ForeignKey(
        Questionnaire, models.PROTECT, related_name="+", verbose_name="questionnaire d’évaluation"
    )
    # Of its questionnaire, as for what is answered.
    category = models.CharField("catégorie d’information", max_length=14, choices=AS_CHOICES)
    sections = ArrayField(
        models.CharField(max_length=255), default=list, verbose_name="sections demandées"
    )
    guest = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="demandée à")
    # Where its task waits; none for who has no worklist, who finds it on the page of the person.
    desk = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure de qui répond",
    )
    asked_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="demandée par"
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure",
    )
    asked_at = models.DateTimeField("demandée le")
    wanted_on = models.DateField("attendue le")
    answer = models.ForeignKey(
        QuestionnaireResponse,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="évaluation",
    )
    ended_at = models.DateTimeField("plus attendue depuis", null=True, blank=True)
    ended_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="retirée par"
    )

    objects: ClassVar = AskedPartQuerySet.as_manager()
    privacy = Privacy(
        identifying="person guest asked_by ended_by",
        clinical="questionnaire category sections answer",
        plain="desk organization asked_at wanted_on ended_at",
    )

    class Meta:
        verbose_name = "part demandée"
        verbose_name_plural = "parts demandées"
        constraints = [
            models.CheckConstraint(
                name="assessments_asked_part_is_answered_or_ended",
                condition=Q(answer=None) | Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="assessments_asked_part_ends_by_somebody",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="assessments_asked_of_person", fields=["person", "-asked_at", "id"])
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} {self.person_id}"

    @property
    def is_awaited(self) -> bool:
        """Whether it is still to come."""
        return self.answer_id is None and self.ended_at is None
