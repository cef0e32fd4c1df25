"""What the person was told and what they chose: about sharing, and about processing.

Rows are never rewritten: the next word ends the previous one (`until`) and a trigger refuses any
other change.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.people.models.circle import Relative
from cordee.people.models.person import Person
from cordee.people.rules import processing, sharing
from cordee.people.rules.notices import How

PROOF = "person relative collected_by"
PLAIN_PROOF = "speaker notice how document since until"


class ChoiceQuerySet(RecordQuerySet):
    """Questions about choices."""

    def current(self) -> "ChoiceQuerySet":
        """The last word on each thing."""
        return self.filter(until=None)


class Proof(Record):
    """Who said it, to whom, how, on which notice: what makes a choice hold."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="%(class)ss", verbose_name="personne accompagnée"
    )
    speaker = models.CharField("de la part de", max_length=14, choices=sharing.Speaker.choices())
    relative = models.ForeignKey(
        Relative, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="proche"
    )
    collected_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="recueilli par",
    )
    notice = models.CharField("version de la note d’information", max_length=12, blank=True)
    how = models.CharField("recueilli comment", max_length=10, choices=How.choices())
    document = models.CharField("justificatif", max_length=120, blank=True)
    since = models.DateTimeField("depuis")
    until = models.DateTimeField("jusqu’à", null=True, blank=True)

    objects: ClassVar = ChoiceQuerySet.as_manager()

    class Meta:
        abstract = True


class Information(Proof):
    """The person was told what is shared, with whom, how, and that they may oppose."""

    privacy = Privacy(identifying=PROOF, plain=PLAIN_PROOF)

    class Meta:
        verbose_name = "information donnée"
        verbose_name_plural = "informations données"
        indexes = [models.Index(name="people_information_of_person", fields=["person", "id"])]


class Sharing(Proof):
    """The last word on one cell: category of information × audience × medium."""

    category = models.CharField(
        "catégorie d’information", max_length=14, choices=sharing.Category.choices()
    )
    audience = models.CharField(
        "catégorie de professionnels", max_length=14, choices=sharing.Audience.choices()
    )
    medium = models.CharField("support", max_length=10, choices=sharing.Medium.choices())
    choice = models.CharField("choix", max_length=10, choices=sharing.Choice.choices())

    privacy = Privacy(identifying=PROOF, plain=f"{PLAIN_PROOF} category audience medium choice")

    class Meta:
        verbose_name = "choix de partage"
        verbose_name_plural = "choix de partage"
        constraints = [
            models.UniqueConstraint(
                name="people_sharing_has_one_last_word_per_cell",
                fields=["person", "category", "audience", "medium"],
                condition=Q(until=None),
            ),
            models.CheckConstraint(
                name="people_sharing_consent_names_its_notice",
                condition=~Q(choice=sharing.Choice.CONSENTED.value) | ~Q(notice=""),
            ),
        ]


class Processing(Proof):
    """The last word on one purpose of processing."""

    purpose = models.CharField("finalité", max_length=14, choices=processing.Purpose.choices())
    will = models.CharField("volonté", max_length=10, choices=processing.Will.choices())

    privacy = Privacy(identifying=PROOF, plain=f"{PLAIN_PROOF} purpose will")

    class Meta:
        verbose_name = "choix de traitement"
        verbose_name_plural = "choix de traitement"
        constraints = [
            models.UniqueConstraint(
                name="people_processing_has_one_last_word_per_purpose",
                fields=["person", "purpose"],
                condition=Q(until=None),
            ),
        ]


class EmergencyOpposition(Proof):
    """The person refuses beforehand any emergency access, or takes that refusal back.

    Taking it back is a word of its own, past as soon as it is said.
    """

    opposed = models.BooleanField("refuse l’accès d’urgence", default=True, db_default=True)

    privacy = Privacy(identifying=PROOF, plain=f"{PLAIN_PROOF} opposed")

    class Meta:
        verbose_name = "opposition à l’accès d’urgence"
        verbose_name_plural = "oppositions à l’accès d’urgence"
        constraints = [
            models.UniqueConstraint(
                name="people_emergency_is_opposed_once",
                fields=["person"],
                condition=Q(until=None),
            ),
            models.CheckConstraint(
                name="people_emergency_is_no_longer_opposed_from_a_moment",
                condition=Q(opposed=True) | Q(until__isnull=False, until=F("since")),
            ),
        ]


class HintChoice(Proof):
    """The last word on whether one may be told that what is shown may be partial."""

    allowed = models.BooleanField("permet que l’on dise le dossier partiel")

    privacy = Privacy(identifying=PROOF, plain=f"{PLAIN_PROOF} allowed")

    class Meta:
        verbose_name = "choix sur l’affichage partiel"
        verbose_name_plural = "choix sur l’affichage partiel"
        constraints = [
            models.UniqueConstraint(
                name="people_hint_has_one_last_word",
                fields=["person"],
                condition=Q(until=None),
            ),
        ]


class ProcessingBasis(Record):
    """The legal basis that the data controller set for a purpose, from a day on."""

    purpose = models.CharField("finalité", max_length=14, choices=processing.Purpose.choices())
    basis = models.CharField("base légale", max_length=12, choices=processing.Basis.choices())
    set_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="fixée par"
    )
    since = models.DateTimeField("depuis")
    until = models.DateTimeField("jusqu’à", null=True, blank=True)

    objects: ClassVar = ChoiceQuerySet.as_manager()
    person_path = "nobody"
    privacy = Privacy(identifying="set_by", plain="purpose basis since until")

    class Meta:
        verbose_name = "base légale d’un traitement"
        verbose_name_plural = "bases légales des traitements"
        constraints = [
            models.UniqueConstraint(
                name="people_purpose_has_one_legal_basis",
                fields=["purpose"],
                condition=Q(until=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} : {self.get_basis_display()}"
