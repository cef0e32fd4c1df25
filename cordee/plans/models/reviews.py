"""Reviews: the effect of each objective, judged by the person and by the professional, apart."""

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.plans.models.lines import Goal
from cordee.plans.models.plans import CarePlan
from cordee.plans.rules.lines import Effect


class Review(Record):
    """One look back at the plan, together. Kept as it was said."""

    person_path = "plan.person_id"

    plan = models.ForeignKey(CarePlan, models.PROTECT, related_name="reviews", verbose_name="plan")
    number = models.PositiveIntegerField("version révisée")
    held_on = models.DateField("tenue le")
    next_on = models.DateField("prochaine révision")
    words = models.TextField("ce qui en ressort", blank=True, max_length=2000)
    recorded_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="notée par"
    )

    privacy = Privacy(
        identifying="plan recorded_by", clinical="words", plain="number held_on next_on"
    )

    class Meta:
        verbose_name = "révision du plan"
        verbose_name_plural = "révisions du plan"
        constraints = [
            models.CheckConstraint(
                name="plans_review_is_followed_by_a_later_one",
                condition=Q(next_on__gt=models.F("held_on")),
            ),
        ]


class GoalReview(Record):
    """What each side felt of one objective: two judgements, never one mean."""

    person_path = "review.plan.person_id"

    review = models.ForeignKey(
        Review, models.PROTECT, related_name="goals", verbose_name="révision du plan"
    )
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="reviews", verbose_name="objectif")
    person_effect = models.CharField(
        "effet pour la personne", max_length=10, choices=Effect.choices(), blank=True
    )
    person_words = models.CharField("mots de la personne", max_length=300, blank=True)
    team_effect = models.CharField(
        "effet pour le professionnel", max_length=10, choices=Effect.choices(), blank=True
    )
    team_words = models.CharField("mots du professionnel", max_length=300, blank=True)

    privacy = Privacy(
        identifying="review goal",
        clinical="person_effect person_words team_effect team_words",
    )

    class Meta:
        verbose_name = "effet d’un objectif"
        verbose_name_plural = "effets des objectifs"
        constraints = [
            models.UniqueConstraint(
                name="plans_effect_is_judged_once_per_review", fields=["review", "goal"]
            ),
            models.CheckConstraint(
                name="plans_effect_is_judged_by_somebody",
                condition=~Q(person_effect="") | ~Q(team_effect=""),
            ),
        ]
