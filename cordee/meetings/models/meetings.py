"""A meeting about one person: when, where, and who is asked to come."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.models import Organization, Practitioner
from cordee.meetings.rules.states import State
from cordee.people.models import CircleMember, Person

ALONE = {"is_person": False, "member": None, "practitioner": None, "account": None}


class Meeting(Record):
    """One meeting, held by a structure. `sequence` counts what was said of it to its guests."""

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="meetings", verbose_name="personne accompagnée"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    reference = models.CharField("référence", max_length=9)
    starts_at = models.DateTimeField("commence le")
    minutes = models.PositiveSmallIntegerField("durée en minutes", default=60)
    place = models.CharField("lieu", max_length=160, blank=True)
    link = models.URLField("lien de la visioconférence", max_length=300, blank=True)
    state = models.CharField(
        "état", max_length=9, choices=State.choices(), default=State.PLANNED.value
    )
    sequence = models.PositiveSmallIntegerField("rang de l’invitation", default=0)
    called_at = models.DateTimeField("prévue le")
    called_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="organisée par"
    )
    ended_at = models.DateTimeField("close le", null=True, blank=True)
    why = models.CharField("pourquoi elle est annulée", max_length=300, blank=True)
    words = models.TextField("ce qui en ressort", max_length=2000, blank=True)

    privacy = Privacy(
        identifying="person called_by place link",
        clinical="why words",
        plain="organization reference starts_at minutes state sequence called_at ended_at",
    )

    class Meta:
        verbose_name = "réunion"
        constraints = [
            models.UniqueConstraint(
                name="meetings_meeting_has_its_own_reference", fields=["reference"]
            ),
            models.CheckConstraint(
                name="meetings_meeting_says_where", condition=~Q(place="") | ~Q(link="")
            ),
            models.CheckConstraint(
                name="meetings_meeting_lasts_some_time", condition=Q(minutes__gte=5)
            ),
            models.CheckConstraint(
                name="meetings_meeting_is_dated_once_held_or_cancelled",
                condition=Q(state=State.PLANNED.value, ended_at=None)
                | (~Q(state=State.PLANNED.value) & Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def ends_at(self) -> datetime:
        """When it should be over."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_planned(self) -> bool:
        """Whether it is still to come, or to be written down."""
        return self.state == State.PLANNED

    @property
    def is_held(self) -> bool:
        """Whether it took place."""
        return self.state == State.HELD


class Seat(Record):
    """Somebody who is asked to come: the person, her circle, the team, or somebody else."""

    person_path = "meeting.person_id"

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="seats", verbose_name="réunion"
    )
    is_person = models.BooleanField("la personne elle-même", default=False)
    member = models.ForeignKey(
        CircleMember,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="membre du cercle",
    )
    practitioner = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="professionnel hors du cercle",
    )
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="membre de l’équipe",
    )
    is_accepted = models.BooleanField("la personne a accepté sa venue", default=False)
    was_there = models.BooleanField("était là", null=True, blank=True)

    privacy = Privacy(
        identifying="meeting member practitioner account",
        plain="is_person is_accepted was_there",
    )

    class Meta:
        verbose_name = "participant"
        constraints = [
            models.CheckConstraint(
                name="meetings_seat_is_exactly_one_kind",
                condition=Q(**ALONE | {"is_person": True})
                | (Q(is_person=False, practitioner=None, account=None) & ~Q(member=None))
                | (Q(is_person=False, member=None, account=None) & ~Q(practitioner=None))
                | (Q(is_person=False, member=None, practitioner=None) & ~Q(account=None)),
            ),
            models.CheckConstraint(
                name="meetings_seat_from_outside_was_accepted_by_the_person",
                condition=Q(practitioner=None) | Q(is_accepted=True),
            ),
            models.UniqueConstraint(
                name="meetings_seat_of_the_person_is_one",
                fields=["meeting"],
                condition=Q(is_person=True),
            ),
            *[
                models.UniqueConstraint(
                    name=f"meetings_seat_has_each_{kind}_once",
                    fields=["meeting", kind],
                    condition=Q(**{f"{kind}__isnull": False}),
                )
                for kind in ("member", "practitioner", "account")
            ],
        ]
