"""Notes about mental health or social life: shared more strictly than the rest."""

from django.db import models

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.models import Organization
from cordee.people.models.person import Person
from cordee.people.rules.sharing import Category


class ProtectedNote(Record):
    """A note that only consent opens. Never rewritten: a correction is a new note."""

    CATEGORIES = (Category.MENTAL_HEALTH, Category.SOCIAL)

    person = models.ForeignKey(
        Person,
        models.PROTECT,
        related_name="protected_notes",
        verbose_name="personne accompagnée",
    )
    category = models.CharField(
        "catégorie d’information",
        max_length=14,
        choices=[(category.value, category.label) for category in CATEGORIES],
    )
    body = models.TextField("note", max_length=8000)
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
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="corrige"
    )

    privacy = Privacy(
        identifying="person author organization",
        clinical="body category",
        plain="written_at corrects",
    )

    class Meta:
        verbose_name = "note protégée"
        verbose_name_plural = "notes protégées"
        constraints = [
            models.UniqueConstraint(name="people_note_is_corrected_once", fields=["corrects"]),
        ]
        indexes = [
            models.Index(
                name="people_note_of_person", fields=["person", "category", "-written_at", "id"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.person_id}"
