"""The circle of care: who helps this person, in which role, since when and until when."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record, RecordQuerySet
from cordee.directory.models import Organization, Practitioner
from cordee.people.models.person import Person
from cordee.people.rules.sharing import Ground


class Relative(Record):
    """Somebody close: family, neighbour, trusted person, legal representative."""

    class Link(models.TextChoices):
        SPOUSE = "spouse", "conjoint ou conjointe"
        CHILD = "child", "enfant"
        PARENT = "parent", "père ou mère"
        SIBLING = "sibling", "frère ou sœur"
        FAMILY = "family", "autre membre de la famille"
        NEIGHBOUR = "neighbour", "voisin ou voisine"
        FRIEND = "friend", "ami ou amie"
        PROFESSIONAL = "professional", "mandataire judiciaire"
        OTHER = "other", "autre"

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="relatives", verbose_name="personne accompagnée"
    )
    name = models.CharField("nom du proche", max_length=160)
    link = models.CharField("lien", max_length=12, choices=Link, default=Link.OTHER)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    is_trusted = models.BooleanField("personne de confiance", default=False)
    has_parental_authority = models.BooleanField("titulaire de l’autorité parentale", default=False)
    is_representative = models.BooleanField("représentant légal", default=False)
    is_called_first = models.BooleanField("à prévenir en premier", default=False)
    ended_at = models.DateTimeField("retiré le", null=True, blank=True)

    privacy = Privacy(
        identifying="person name link phone email",
        plain="is_trusted has_parental_authority is_representative is_called_first ended_at",
    )

    class Meta:
        verbose_name = "proche"
        constraints = [
            models.UniqueConstraint(
                name="people_relative_is_the_one_trusted_person",
                fields=["person"],
                condition=Q(is_trusted=True, ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_close_to(self, person_id: UUID) -> bool:
        """Say whether they are a relative of this person, and have not been taken away."""
        return self.person_id == person_id and self.ended_at is None


class CircleQuerySet(RecordQuerySet):
    """Questions that rooms ask of circles."""

    def current(self) -> "CircleQuerySet":
        """Those who are in today; whoever left is out at once."""
        return self.filter(until=None)


class CircleMember(Record):
    """One stay of a professional, an organisation, a relative or an account in a circle."""

    class Role(models.TextChoices):
        GP = "gp", "médecin traitant"
        DOCTOR = "doctor", "médecin"
        NURSE = "nurse", "infirmier ou infirmière"
        PHYSIO = "physio", "kinésithérapeute"
        PHARMACIST = "pharmacist", "pharmacien ou pharmacienne"
        OTHER_CARE = "other_care", "autre soignant"
        HOME_HELP = "home_help", "aide à domicile"
        SOCIAL = "social", "accompagnement social"
        HOSPITAL = "hospital", "hôpital"
        ORIENTATION = "orientation", "service d’orientation"
        COORDINATION = "coordination", "coordination de parcours"
        RELATIVE = "relative", "proche"
        OTHER = "other", "autre"

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="circle", verbose_name="personne accompagnée"
    )
    practitioner = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="circles",
        verbose_name="professionnel",
    )
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="circles",
        verbose_name="structure",
    )
    relative = models.ForeignKey(
        Relative,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="circles",
        verbose_name="proche",
    )
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="compte"
    )
    role = models.CharField("rôle", max_length=12, choices=Role)
    ground = models.CharField(
        "appartenance à l’équipe de soins", max_length=10, choices=Ground.choices(), blank=True
    )
    is_usual_nurse = models.BooleanField("infirmière habituelle", default=False)
    is_reference = models.BooleanField("coordination de référence", default=False)
    since = models.DateTimeField("depuis")
    until = models.DateTimeField("jusqu’à", null=True, blank=True)

    objects: ClassVar = CircleQuerySet.as_manager()
    privacy = Privacy(
        identifying="person practitioner organization relative account",
        plain="role ground is_usual_nurse is_reference since until",
    )

    class Meta:
        verbose_name = "membre du cercle"
        verbose_name_plural = "membres du cercle"
        constraints = [
            models.CheckConstraint(
                name="people_circle_member_is_exactly_one_kind",
                condition=(
                    Q(practitioner__isnull=False, organization=None, relative=None, account=None)
                    | Q(practitioner=None, organization__isnull=False, relative=None, account=None)
                    | Q(practitioner=None, organization=None, relative__isnull=False, account=None)
                    | Q(practitioner=None, organization=None, relative=None, account__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="people_circle_member_leaves_after_joining",
                condition=Q(until=None) | Q(until__gte=F("since")),
            ),
            models.CheckConstraint(
                name="people_circle_usual_nurse_is_a_professional",
                condition=Q(is_usual_nurse=False) | Q(practitioner__isnull=False),
            ),
            *[
                models.UniqueConstraint(
                    name=f"people_circle_has_each_{kind}_once",
                    fields=["person", kind],
                    condition=Q(until=None, **{f"{kind}__isnull": False}),
                )
                for kind in ("practitioner", "organization", "relative", "account")
            ],
            models.UniqueConstraint(
                name="people_circle_has_one_usual_nurse",
                fields=["person"],
                condition=Q(until=None, is_usual_nurse=True),
            ),
            models.UniqueConstraint(
                name="people_circle_has_one_gp",
                fields=["person"],
                condition=Q(until=None, role="gp"),
            ),
            models.UniqueConstraint(
                name="people_circle_has_one_coordination_of_reference",
                fields=["person"],
                condition=Q(until=None, is_reference=True),
            ),
        ]
        indexes = [
            models.Index(
                name="people_circle_of_professional",
                fields=["practitioner", "person"],
                condition=Q(until=None),
            ),
            models.Index(
                name="people_circle_of_organization",
                fields=["organization", "person"],
                condition=Q(until=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.person_id}"


class PersonAccount(Record):
    """An account that opens the own space of a person: theirs, or a relative’s."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="own_spaces", verbose_name="compte"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="accounts", verbose_name="personne accompagnée"
    )
    relative = models.ForeignKey(
        Relative, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="proche"
    )
    proved_how = models.CharField("identité vérifiée comment", max_length=120)
    since = models.DateTimeField("depuis")
    until = models.DateTimeField("jusqu’à", null=True, blank=True)

    privacy = Privacy(identifying="account person relative", plain="proved_how since until")

    class Meta:
        verbose_name = "accès à son propre espace"
        verbose_name_plural = "accès à leur propre espace"
        constraints = [
            models.UniqueConstraint(
                name="people_own_space_is_opened_once_per_account",
                fields=["account", "person"],
                condition=Q(until=None),
            ),
            models.UniqueConstraint(
                name="people_own_space_of_a_person_has_one_account",
                fields=["person"],
                condition=Q(until=None, relative=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.person_id}"
