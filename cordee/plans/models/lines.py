"""What a plan says line by line: needs, objectives, actions, the answers to them, alerts."""

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.people.models import CircleMember
from cordee.people.rules.sharing import Category
from cordee.plans.models.plans import CarePlan
from cordee.plans.rules.domains import CATEGORIES, Domain, Level, Priority, priority
from cordee.plans.rules.lines import Answer, Choice, Funding, Phase, Stage, Voice, Who
from cordee.plans.rules.rhythms import Rhythm

LINE = "plan author"


class Line(Record):
    """One line of a plan. Never erased: what is taken away keeps its words and leaves the page."""

    person_path = "plan.person_id"

    plan = models.ForeignKey(
        CarePlan, models.PROTECT, related_name="%(class)s_lines", verbose_name="plan"
    )
    category = models.CharField(
        "catégorie d’information",
        max_length=14,
        choices=[(one.value, one.label) for one in CATEGORIES],
        default=Category.COORDINATION.value,
    )
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="auteur")
    words = models.TextField("intitulé", max_length=600)
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    class Meta:
        abstract = True


class Need(Line):
    """A problem or a need that is not met, and what comes first."""

    domain = models.CharField("domaine", max_length=10, choices=Domain.choices())
    origin = models.CharField("vient de", max_length=100, blank=True)
    necessary = models.CharField(
        "nécessaire", max_length=1, choices=Level.choices(), default=Level.RATHER.value
    )
    possible = models.CharField(
        "possible", max_length=1, choices=Level.choices(), default=Level.RATHER.value
    )

    privacy = Privacy(
        identifying=LINE,
        clinical="category words domain origin",
        plain="removed_at necessary possible",
    )

    class Meta:
        verbose_name = "besoin"
        constraints = [
            models.CheckConstraint(name="plans_need_says_something", condition=~Q(words="")),
        ]
        indexes = [models.Index(name="plans_need_of_plan", fields=["plan", "id"])]

    @property
    def priority(self) -> Priority:
        """What comes first."""
        return priority(Level(self.necessary), Level(self.possible))


class Goal(Line):
    """An objective shared with the person. One that was not reached is kept."""

    need = models.ForeignKey(
        Need, models.PROTECT, null=True, blank=True, related_name="goals", verbose_name="besoin"
    )
    voice = models.CharField("formulé par", max_length=14, choices=Voice.choices())
    why = models.TextField("pourquoi c’est important pour la personne", blank=True, max_length=600)
    target = models.CharField("à quoi on verra que c’est atteint", blank=True, max_length=300)
    review_on = models.DateField("à revoir le", null=True, blank=True)
    stage = models.CharField(
        "où il en est", max_length=12, choices=Stage.choices(), default=Stage.PURSUED.value
    )
    outcome = models.CharField("ce qui s’est passé", blank=True, max_length=600)
    settled_on = models.DateField("conclu le", null=True, blank=True)

    privacy = Privacy(
        identifying=LINE,
        clinical="category words need voice why target outcome",
        plain="removed_at review_on stage settled_on",
    )

    class Meta:
        verbose_name = "objectif"
        constraints = [
            models.CheckConstraint(name="plans_goal_says_something", condition=~Q(words="")),
            models.CheckConstraint(
                name="plans_goal_is_dated_once_settled",
                condition=Q(stage=Stage.PURSUED.value, settled_on=None)
                | (~Q(stage=Stage.PURSUED.value) & Q(settled_on__isnull=False)),
            ),
        ]
        indexes = [models.Index(name="plans_goal_of_plan", fields=["plan", "id"])]


class Activity(Line):
    """An action: for which objective, done by whom, when; hers to do or to entrust."""

    goal = models.ForeignKey(
        Goal, models.PROTECT, related_name="activities", verbose_name="objectif"
    )
    choice = models.CharField(
        "choix de la personne", max_length=10, choices=Choice.choices(), blank=True
    )
    who = models.CharField("faite par", max_length=12, choices=Who.choices())
    member = models.ForeignKey(
        CircleMember,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="membre du cercle",
    )
    rhythm = models.CharField(
        "rythme", max_length=12, choices=Rhythm.choices(), default=Rhythm.ONCE.value
    )
    first_on = models.DateField("à faire le, ou à partir du", null=True, blank=True)
    next_on = models.DateField("prochaine échéance", null=True, blank=True)
    process = models.CharField(
        "à quoi on verra que cela se fait", blank=True, max_length=300, default="", db_default=""
    )
    funding = models.CharField("financement", max_length=10, choices=Funding.choices(), blank=True)
    phase = models.CharField(
        "état", max_length=8, choices=Phase.choices(), default=Phase.PROPOSED.value
    )
    done_on = models.DateField("faite le", null=True, blank=True)
    stopped_at = models.DateTimeField("arrêtée le", null=True, blank=True)
    stop_words = models.CharField("pourquoi elle s’arrête", blank=True, max_length=300)
    given_at = models.DateTimeField("confiée à qui peut la lire le", null=True, blank=True)

    privacy = Privacy(
        identifying=f"{LINE} member",
        clinical="category words goal choice who process funding stop_words",
        plain="removed_at rhythm first_on next_on phase done_on stopped_at given_at",
    )

    class Meta:
        verbose_name = "action du plan"
        verbose_name_plural = "actions du plan"
        constraints = [
            models.CheckConstraint(name="plans_action_says_something", condition=~Q(words="")),
            models.CheckConstraint(
                name="plans_action_names_who_does_it",
                condition=Q(who=Who.PERSON.value, member=None)
                | (~Q(who=Who.PERSON.value) & Q(member__isnull=False)),
            ),
            models.CheckConstraint(
                name="plans_action_follows_the_choice_of_the_person",
                condition=Q(choice="")
                | Q(choice=Choice.HERSELF.value, who=Who.PERSON.value)
                | (Q(choice=Choice.ENTRUSTED.value) & ~Q(who=Who.PERSON.value)),
            ),
            models.CheckConstraint(
                name="plans_action_under_way_was_chosen_by_the_person",
                condition=~Q(phase=Phase.ACTIVE.value) | (~Q(choice="") & Q(removed_at=None)),
            ),
            models.CheckConstraint(
                name="plans_action_that_comes_back_has_a_first_day",
                condition=Q(rhythm=Rhythm.ONCE.value) | Q(first_on__isnull=False),
            ),
        ]
        indexes = [models.Index(name="plans_action_of_plan", fields=["plan", "id"])]


class ActionAnswer(Record):
    """What who is to act answered to an action: understood, a question, or cannot. Kept as said."""

    person_path = "activity.plan.person_id"

    activity = models.ForeignKey(
        Activity, models.PROTECT, related_name="answers", verbose_name="action du plan"
    )
    answer = models.CharField("réponse", max_length=10, choices=Answer.choices())
    words = models.TextField("dans ses mots", blank=True, max_length=600)
    answered_at = models.DateTimeField("répondu le")
    answered_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="noté par"
    )

    privacy = Privacy(
        identifying="activity answered_by", clinical="words", plain="answer answered_at"
    )

    class Meta:
        verbose_name = "réponse à une action"
        verbose_name_plural = "réponses aux actions"
        constraints = [
            models.CheckConstraint(
                name="plans_answer_that_asks_or_refuses_has_words",
                condition=Q(answer=Answer.UNDERSTOOD.value) | ~Q(words=""),
            ),
        ]
        indexes = [
            models.Index(name="plans_answer_of_action", fields=["activity", "-answered_at", "-id"])
        ]


class AlertStep(Record):
    """One step of the alert plan: when this happens, whom to call, in which order."""

    person_path = "plan.person_id"

    plan = models.ForeignKey(CarePlan, models.PROTECT, related_name="alerts", verbose_name="plan")
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="auteur")
    place = models.PositiveSmallIntegerField("ordre d’appel")
    words = models.CharField("si cela arrive", max_length=300)
    who = models.CharField("appeler", max_length=160)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    removed_at = models.DateTimeField("retiré le", null=True, blank=True)

    privacy = Privacy(
        identifying="plan author who phone", clinical="words", plain="place removed_at"
    )

    class Meta:
        verbose_name = "étape d’alerte"
        verbose_name_plural = "étapes d’alerte"
        constraints = [
            models.UniqueConstraint(
                name="plans_alert_step_has_its_own_place",
                fields=["plan", "place"],
                condition=Q(removed_at=None),
            ),
            models.CheckConstraint(
                name="plans_alert_step_says_when_and_whom", condition=~Q(words="") & ~Q(who="")
            ),
        ]
