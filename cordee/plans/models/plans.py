"""The plan: one person, one structure that holds it, her words, and where it stands."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization
from cordee.people.models import Person
from cordee.plans.rules.states import IN_FORCE, EndReason, State

LONG = 4000
IN_FORCE_CODES = sorted(state.value for state in IN_FORCE)
WITHOUT = [State.DRAFT.value, State.REFUSED.value, State.CLOSED.value]


class PlanQuerySet(RecordQuerySet):
    """Questions about plans."""

    def open(self) -> "PlanQuerySet":
        """Those that have not ended."""
        return self.exclude(state=State.CLOSED)


class CarePlan(Record):
    """The personalised coordination plan of a person, held by one structure."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="plans", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    referent = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="référent du plan",
    )
    state = models.CharField(
        "état", max_length=10, choices=State.choices(), default=State.DRAFT.value
    )
    wishes = models.TextField("ses souhaits, dans ses mots", blank=True, max_length=LONG)
    strengths = models.TextField("ses forces", blank=True, max_length=LONG)
    resources = models.TextField("ce qui l’aide", blank=True, max_length=LONG)
    difficulties = models.TextField("ce qui est difficile", blank=True, max_length=LONG)
    opened_at = models.DateTimeField("ouvert le")
    opened_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="ouvert par"
    )
    in_force = models.PositiveIntegerField("version mise en œuvre", null=True, blank=True)
    review_on = models.DateField("à réviser le", null=True, blank=True)
    closed_at = models.DateTimeField("terminé le", null=True, blank=True)
    end_reason = models.CharField(
        "motif de fin", max_length=10, choices=EndReason.choices(), blank=True
    )

    objects: ClassVar = PlanQuerySet.as_manager()
    privacy = Privacy(
        identifying="person referent opened_by",
        clinical="wishes strengths resources difficulties",
        plain="organization state opened_at in_force review_on closed_at end_reason",
    )

    class Meta:
        verbose_name = "plan personnalisé"
        verbose_name_plural = "plans personnalisés"
        constraints = [
            models.UniqueConstraint(
                name="plans_plan_is_open_once_per_person_and_structure",
                fields=["person", "organization"],
                condition=~Q(state=State.CLOSED.value),
            ),
            models.CheckConstraint(
                name="plans_plan_under_way_names_its_version",
                condition=~Q(state__in=IN_FORCE_CODES) | Q(in_force__isnull=False),
            ),
            models.CheckConstraint(
                name="plans_plan_refused_or_ended_has_no_version_under_way",
                condition=~Q(state__in=WITHOUT) | Q(in_force=None),
            ),
            models.CheckConstraint(
                name="plans_plan_end_is_dated_and_has_a_reason",
                condition=Q(state=State.CLOSED.value, closed_at__isnull=False) & ~Q(end_reason="")
                | (~Q(state=State.CLOSED.value) & Q(closed_at=None, end_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.person_id}"

    @property
    def is_open(self) -> bool:
        """Whether it may still change."""
        return self.state != State.CLOSED

    @property
    def is_under_way(self) -> bool:
        """Whether what the person agreed to is being done, even while a next version is offered."""
        return self.in_force is not None
