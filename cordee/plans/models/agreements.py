"""Versions as they were shown, and what was said of each. Never rewritten: the database refuses."""

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.people.models import Relative
from cordee.people.rules.notices import How
from cordee.people.rules.sharing import Category, Speaker
from cordee.plans.models.plans import CarePlan
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import CATEGORIES


class PlanVersion(Record):
    """The plan as it stood when it was proposed."""

    person_path = "plan.person_id"

    plan = models.ForeignKey(CarePlan, models.PROTECT, related_name="versions", verbose_name="plan")
    number = models.PositiveIntegerField("numéro")
    frozen_at = models.DateTimeField("figée le")
    frozen_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="proposée par"
    )

    privacy = Privacy(identifying="plan frozen_by", plain="number frozen_at")

    class Meta:
        verbose_name = "version du plan"
        verbose_name_plural = "versions du plan"
        constraints = [
            models.UniqueConstraint(
                name="plans_version_is_numbered_once", fields=["plan", "number"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.number}"


class VersionPart(Record):
    """What a version says of one category of information: read by who may read that category.

    What is read as more than coordination has its author, who keeps sight of their own words.
    """

    person_path = "frozen.plan.person_id"

    frozen = models.ForeignKey(
        PlanVersion, models.PROTECT, related_name="parts", verbose_name="version du plan"
    )
    category = models.CharField(
        "catégorie d’information",
        max_length=14,
        choices=[(one.value, one.label) for one in CATEGORIES],
    )
    author = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    content = models.JSONField("contenu")
    digest = models.CharField("empreinte", max_length=64)

    privacy = Privacy(identifying="frozen author", clinical="category content", plain="digest")

    class Meta:
        verbose_name = "partie d’une version"
        verbose_name_plural = "parties d’une version"
        constraints = [
            models.UniqueConstraint(
                name="plans_version_says_each_part_once",
                fields=["frozen", "category", "author"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="plans_version_part_names_who_wrote_what_is_protected",
                condition=Q(category=Category.COORDINATION.value, author=None)
                | (~Q(category=Category.COORDINATION.value) & Q(author__isnull=False)),
            ),
        ]


class Agreement(Record):
    """One word on one version: by whom, in which quality, how, when, and who wrote it down."""

    person_path = "frozen.plan.person_id"

    frozen = models.ForeignKey(
        PlanVersion, models.PROTECT, related_name="agreements", verbose_name="version du plan"
    )
    decision = models.CharField("décision", max_length=10, choices=Decision.choices())
    speaker = models.CharField("de la part de", max_length=14, choices=Speaker.choices())
    relative = models.ForeignKey(
        Relative, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="proche"
    )
    how = models.CharField("recueilli comment", max_length=10, choices=How.choices())
    words = models.TextField("dans ses mots", blank=True, max_length=1000)
    covers = models.JSONField("parties montrées", default=list)
    said_at = models.DateTimeField("dit le")
    recorded_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="recueilli par"
    )

    privacy = Privacy(
        identifying="frozen relative recorded_by",
        clinical="words",
        plain="decision speaker how covers said_at",
    )

    class Meta:
        verbose_name = "accord sur le plan"
        verbose_name_plural = "accords sur le plan"
        constraints = [
            models.CheckConstraint(
                name="plans_agreement_says_what_was_shown",
                condition=~Q(decision=Decision.AGREED.value) | ~Q(covers=[]),
            ),
            models.CheckConstraint(
                name="plans_agreement_by_another_names_them",
                condition=Q(speaker=Speaker.PERSON.value) | Q(relative__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="plans_agreement_of_version", fields=["frozen", "-said_at", "-id"])
        ]
