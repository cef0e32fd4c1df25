"""What a meeting talks about, what is said of it, and what it decides."""

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.meetings.models.meetings import Meeting
from cordee.meetings.rules.agenda import Reason
from cordee.meetings.rules.states import Phase
from cordee.people.models import CircleMember
from cordee.people.rules.sharing import Category
from cordee.plans.rules.domains import CATEGORIES

CATEGORY = [(one.value, one.label) for one in CATEGORIES]


class Line(Record):
    """One line, read by what it tells; who wrote it keeps sight of it while in the circle."""

    person_path = "meeting.person_id"

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="%(class)ss", verbose_name="réunion"
    )
    category = models.CharField(
        "catégorie d’information",
        max_length=14,
        choices=CATEGORY,
        default=Category.COORDINATION.value,
    )
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="auteur")
    words = models.TextField("intitulé", max_length=600)

    class Meta:
        abstract = True


class Topic(Line):
    """A line of the agenda, kept or left out by somebody; then what was said of it."""

    reason = models.CharField("pourquoi", max_length=8, choices=Reason.choices())
    origin = models.CharField("vient de", max_length=100, blank=True)
    kept = models.BooleanField("retenue", default=True)
    said = models.TextField("ce qui s’est dit", max_length=4000, blank=True)

    privacy = Privacy(
        identifying="meeting author", clinical="category words said reason origin", plain="kept"
    )

    class Meta:
        verbose_name = "ligne d’ordre du jour"
        verbose_name_plural = "lignes d’ordre du jour"
        constraints = [
            models.CheckConstraint(name="meetings_topic_says_something", condition=~Q(words="")),
            models.UniqueConstraint(
                name="meetings_topic_is_judged_once_per_line_of_the_plan",
                fields=["meeting", "origin"],
                condition=~Q(origin=""),
            ),
        ]


class Decision(Line):
    """What was decided: who does it, and until when."""

    topic = models.ForeignKey(
        Topic,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name="ligne d’ordre du jour",
    )
    by_person = models.BooleanField("faite par la personne", default=False)
    member = models.ForeignKey(
        CircleMember,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="membre du cercle",
    )
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="membre de l’équipe",
    )
    due_on = models.DateField("pour le")
    phase = models.CharField(
        "état", max_length=7, choices=Phase.choices(), default=Phase.OPEN.value
    )
    settled_at = models.DateTimeField("conclue le", null=True, blank=True)
    outcome = models.CharField("ce qui s’est passé", max_length=300, blank=True)
    given_at = models.DateTimeField("confiée à qui peut la lire le", null=True, blank=True)

    privacy = Privacy(
        identifying="meeting author member account",
        clinical="category words topic by_person outcome",
        plain="due_on phase settled_at given_at",
    )

    class Meta:
        verbose_name = "décision de réunion"
        verbose_name_plural = "décisions de réunion"
        constraints = [
            models.CheckConstraint(name="meetings_decision_says_something", condition=~Q(words="")),
            models.CheckConstraint(
                name="meetings_decision_names_who_does_it",
                condition=Q(by_person=True, member=None, account=None)
                | Q(by_person=False, member__isnull=False, account=None)
                | Q(by_person=False, member=None, account__isnull=False),
            ),
            models.CheckConstraint(
                name="meetings_decision_is_dated_once_settled",
                condition=Q(phase=Phase.OPEN.value, settled_at=None)
                | (~Q(phase=Phase.OPEN.value) & Q(settled_at__isnull=False)),
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.phase == Phase.OPEN
