"""Records that may speak of one person, and the merges that somebody decided."""

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.people.models.person import Person
from cordee.people.models.unattended import UnattendedMerging


class CandidateQuerySet(RecordQuerySet):
    """Questions about pairs."""

    def to_judge(self) -> "CandidateQuerySet":
        """Those that wait for a human."""
        return self.filter(state=Candidate.State.TO_JUDGE)

    def of(self, *persons: UUID) -> "CandidateQuerySet":
        """Those that speak of one of these records."""
        return self.filter(Q(one__in=persons) | Q(other__in=persons))


class Candidate(Record):
    """Two records that look alike. A human says whether they are one person."""

    class State(models.TextChoices):
        TO_JUDGE = "to_judge", "à comparer"
        NOT_SAME = "not_same", "deux personnes différentes"
        MERGED = "merged", "réunies"
        DROPPED = "dropped", "ne se ressemblent plus"

    one = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="une fiche")
    other = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name="l’autre fiche"
    )
    weight = models.FloatField("poids des indices")
    probability = models.FloatField("probabilité")
    reasons = ArrayField(models.TextField(), verbose_name="raisons")
    state = models.CharField("état", max_length=8, choices=State, default=State.TO_JUDGE)
    judged_at = models.DateTimeField("jugé le", null=True, blank=True)
    judged_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="jugé par"
    )

    objects: ClassVar = CandidateQuerySet.as_manager()
    person_path = "one_id"
    privacy = Privacy(
        identifying="one other reasons judged_by", plain="weight probability state judged_at"
    )

    class Meta:
        verbose_name = "ressemblance entre deux fiches"
        verbose_name_plural = "ressemblances entre fiches"
        constraints = [
            models.UniqueConstraint(
                name="people_candidate_is_one_per_pair", fields=["one", "other"]
            ),
            models.CheckConstraint(
                name="people_candidate_is_written_in_order", condition=Q(one__lt=F("other"))
            ),
        ]
        indexes = [
            models.Index(
                name="people_candidate_to_judge",
                fields=["-probability", "id"],
                condition=Q(state="to_judge"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"


class MergeQuerySet(RecordQuerySet):
    """Questions about merges."""

    def standing(self) -> "MergeQuerySet":
        """Those that nobody undid."""
        return self.filter(undone_at=None)


class Merge(Record):
    """One record absorbed by another, on somebody’s word, until it is undone."""

    survivor = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name="fiche gardée"
    )
    absorbed = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name="fiche réunie à l’autre"
    )
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, related_name="+", verbose_name="ressemblance"
    )
    merged_at = models.DateTimeField("réunies le")
    merged_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réunies par"
    )
    # Under which setting, when nobody merged them. Without an index of its own: few are looked for.
    unattended = models.ForeignKey(
        UnattendedMerging,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="merges",
        verbose_name="réunies automatiquement selon",
    )
    undone_at = models.DateTimeField("réunion annulée le", null=True, blank=True)
    undone_by = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="réunion annulée par",
    )

    objects: ClassVar = MergeQuerySet.as_manager()
    person_path = "survivor_id"
    privacy = Privacy(
        identifying="survivor absorbed merged_by undone_by",
        plain="candidate merged_at unattended undone_at",
    )

    class Meta:
        verbose_name = "réunion de deux fiches"
        verbose_name_plural = "réunions de fiches"
        constraints = [
            models.UniqueConstraint(
                name="people_record_is_absorbed_once",
                fields=["absorbed"],
                condition=Q(undone_at=None),
            ),
            models.CheckConstraint(
                name="people_record_does_not_absorb_itself", condition=~Q(survivor=F("absorbed"))
            ),
        ]
        indexes = [models.Index(name="people_merge_of_survivor", fields=["survivor", "-id"])]

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.survivor_id}"


class MergeStep(Record):
    """What a merge changed in one row: what undoing puts back."""

    merge = models.ForeignKey(
        Merge, models.PROTECT, related_name="steps", verbose_name="réunion de fiches"
    )
    order = models.PositiveIntegerField("rang")
    table = models.CharField("table", max_length=63)
    row = models.UUIDField("enregistrement")
    before = models.JSONField("avant")
    after = models.JSONField("après")

    person_path = "merge.survivor_id"
    privacy = Privacy(identifying="before after", plain="merge order table row")

    class Meta:
        verbose_name = "changement d’une réunion de fiches"
        verbose_name_plural = "changements d’une réunion de fiches"
        constraints = [
            models.UniqueConstraint(
                name="people_merge_step_is_told_once_in_order", fields=["merge", "order"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
