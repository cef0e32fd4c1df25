"""An ethical dilemma: read by its author and by who took part, and by nobody else."""

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.models import Organization
from cordee.people.models import Person


class Dilemma(Record):
    """A question with no good answer: what was possible, what was at stake, what was chosen."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure",
    )
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="auteur")
    question = models.TextField("question qui se pose", max_length=2000)
    options = models.TextField("choix possibles", max_length=4000, blank=True)
    stakes = models.TextField("valeurs en jeu", max_length=4000, blank=True)
    others = models.CharField("autres personnes entendues", max_length=300, blank=True)
    choice = models.TextField("choix fait", max_length=2000, blank=True)
    why = models.TextField("pourquoi ce choix", max_length=4000, blank=True)
    written_at = models.DateTimeField("écrit le")
    review_on = models.DateField("à relire le", null=True, blank=True)

    privacy = Privacy(
        identifying="person author others",
        clinical="question options stakes choice why",
        plain="organization written_at review_on",
    )

    class Meta:
        verbose_name = "dilemme éthique"
        verbose_name_plural = "dilemmes éthiques"
        constraints = [
            models.CheckConstraint(
                name="meetings_dilemma_asks_something", condition=~Q(question="")
            ),
            models.CheckConstraint(
                name="meetings_dilemma_choice_says_why", condition=Q(choice="") | ~Q(why="")
            ),
        ]


class DilemmaSeat(Record):
    """Somebody who took part in a dilemma, and reads it."""

    person_path = "dilemma.person_id"

    dilemma = models.ForeignKey(
        Dilemma, models.PROTECT, related_name="seats", verbose_name="dilemme éthique"
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="compte")

    privacy = Privacy(identifying="dilemma account")

    class Meta:
        verbose_name = "participant à un dilemme"
        verbose_name_plural = "participants à un dilemme"
        constraints = [
            models.UniqueConstraint(
                name="meetings_dilemma_names_each_participant_once", fields=["dilemma", "account"]
            ),
        ]
