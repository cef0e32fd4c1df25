"""The notebook of a person: notes, who read them, drafts; and contacts made around her."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization
from cordee.liaison.rules import CATEGORIES, LONGEST, Importance, Result, Way, Whom, said_length
from cordee.people.models import Person
from cordee.people.rules.sharing import Category

LONG = 2000
CATEGORY_CHOICES = [(one.value, one.label) for one in CATEGORIES]


class Note(Record):
    """A note of the circle. Never rewritten: a correction is a new note, a withdrawal is said."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="liaison_notes", verbose_name="personne accompagnée"
    )
    category = models.CharField(
        "catégorie d’information",
        max_length=14,
        choices=CATEGORY_CHOICES,
        default=Category.COORDINATION.value,
    )
    importance = models.CharField(
        "importance",
        max_length=9,
        choices=Importance.choices(),
        default=Importance.ORDINARY.value,
    )
    body = models.TextField("note", max_length=LONG)
    about = models.CharField("à propos de", max_length=100, blank=True)
    thread = models.ForeignKey(
        "self", models.PROTECT, related_name="thread_notes", verbose_name="première note du fil"
    )
    is_reply = models.BooleanField("réponse", default=False)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="corrige"
    )
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="auteur")
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure",
    )
    written_at = models.DateTimeField("écrite le")
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)
    withdrawn_why = models.CharField("pourquoi elle est retirée", blank=True, max_length=300)

    privacy = Privacy(
        identifying="person author organization thread corrects",
        clinical="body category about withdrawn_why",
        plain="importance is_reply written_at withdrawn_at",
    )

    class Meta:
        verbose_name = "note du cahier de liaison"
        verbose_name_plural = "notes du cahier de liaison"
        constraints = [
            models.CheckConstraint(name="liaison_note_says_something", condition=~Q(body="")),
            models.CheckConstraint(
                name="liaison_note_begins_a_thread_answers_one_or_corrects",
                condition=Q(is_reply=False, corrects=None, thread=F("id"))
                | (~Q(thread=F("id")) & (Q(is_reply=True) | Q(corrects__isnull=False))),
            ),
            models.CheckConstraint(
                name="liaison_note_withdrawn_says_why",
                condition=Q(withdrawn_at=None, withdrawn_why="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
            ),
            models.UniqueConstraint(name="liaison_note_is_corrected_once", fields=["corrects"]),
        ]
        indexes = [
            models.Index(name="liaison_note_of_person", fields=["person", "-written_at", "id"]),
            models.Index(name="liaison_note_about", fields=["about"], condition=~Q(about="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_importance_display()} {self.person_id}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether its author took it back."""
        return self.withdrawn_at is not None


class NoteRead(Record):
    """Somebody said that they read a note."""

    person_path = "note.person_id"

    note = models.ForeignKey(Note, models.PROTECT, related_name="reads", verbose_name="note")
    reader = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="lue par")
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure",
    )
    read_at = models.DateTimeField("lue le")

    privacy = Privacy(identifying="note reader organization", plain="read_at")

    class Meta:
        verbose_name = "lecture d’une note"
        verbose_name_plural = "lectures de notes"
        constraints = [
            models.UniqueConstraint(
                name="liaison_note_is_read_once_by_each", fields=["note", "reader"]
            ),
        ]


class NoteDraft(Record):
    """A note that is being typed: its author’s alone, nobody’s information yet."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="note_drafts", verbose_name="personne accompagnée"
    )
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="auteur")
    thread = models.ForeignKey(
        Note,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drafts",
        verbose_name="en réponse à",
    )
    category = models.CharField(
        "catégorie d’information", max_length=14, choices=CATEGORY_CHOICES, blank=True
    )
    importance = models.CharField(
        "importance", max_length=9, choices=Importance.choices(), blank=True
    )
    body = models.TextField("note", blank=True, max_length=LONG)
    saved_at = models.DateTimeField("gardé le")

    privacy = Privacy(
        identifying="person author thread", clinical="body category", plain="importance saved_at"
    )

    class Meta:
        verbose_name = "brouillon de note"
        verbose_name_plural = "brouillons de notes"
        indexes = [
            models.Index(name="liaison_draft_of_author", fields=["author", "person", "-saved_at"])
        ]


class ContactQuerySet(RecordQuerySet):
    """Questions about contacts."""

    def standing(self) -> "ContactQuerySet":
        """Those that were not noted by mistake."""
        return self.filter(withdrawn_at=None)


class Contact(Record):
    """Somebody was called, visited or written to: with whom, and whether they were reached.

    `minutes` is what it took, as `Encounter.length` of FHIR says it; nothing when nobody noted it.
    """

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="contacts", verbose_name="personne accompagnée"
    )
    way = models.CharField("moyen", max_length=8, choices=Way.choices())
    whom = models.CharField("avec qui", max_length=12, choices=Whom.choices())
    result = models.CharField("résultat", max_length=12, choices=Result.choices())
    words = models.CharField("en bref", max_length=300, blank=True)
    made_at = models.DateTimeField("fait le")
    minutes = models.PositiveSmallIntegerField("durée, en minutes", null=True, blank=True)
    author = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name="noté par")
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="structure",
    )

    withdrawn_at = models.DateTimeField("repris le", null=True, blank=True)
    withdrawn_why = models.CharField(
        "pourquoi il est repris", blank=True, max_length=300, default="", db_default=""
    )

    objects: ClassVar = ContactQuerySet.as_manager()
    privacy = Privacy(
        identifying="person author organization",
        clinical="words withdrawn_why",
        plain="way whom result made_at minutes withdrawn_at",
    )

    class Meta:
        verbose_name = "contact pris"
        verbose_name_plural = "contacts pris"
        constraints = [
            models.CheckConstraint(
                name="liaison_contact_lasts_a_day_at_most",
                condition=Q(minutes=None) | Q(minutes__range=(1, LONGEST)),
            ),
            models.CheckConstraint(
                name="liaison_contact_taken_back_says_why",
                condition=Q(withdrawn_at=None, withdrawn_why="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
            ),
        ]
        indexes = [
            models.Index(name="liaison_contact_of_person", fields=["person", "-made_at", "id"])
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.person_id}"

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was noted by mistake."""
        return self.withdrawn_at is not None

    @property
    def length(self) -> str:
        """How long it took, as one says it; nothing when nobody noted it."""
        return said_length(self.minutes) if self.minutes else ""
