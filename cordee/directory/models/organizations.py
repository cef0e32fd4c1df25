"""Organisations of every kind, how to reach them, who works there and as what."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.kinds import FICTITIOUS, MembershipRole, OrganizationKind
from cordee.directory.models.places import Commune, Territory


def same(column: str) -> Func:
    """Say « the same one » in an exclusion constraint."""
    return Func(F(column), F(column), Value("[]"), function="uuidrange")


class Organization(Record):
    """A structure that takes part in pathways; national ones come from FINESS."""

    name = models.CharField("nom", max_length=160)
    kind = models.CharField("nature", max_length=16, choices=OrganizationKind)
    finess = models.CharField("numéro FINESS", max_length=9, null=True, blank=True)
    category_name = models.CharField("catégorie FINESS", max_length=160, blank=True)
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organizations",
        verbose_name="territoire",
    )
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="commune"
    )
    address = models.CharField("adresse", max_length=240, blank=True)
    postal_code = models.CharField("code postal", max_length=5, blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    sms_sender_name = models.CharField("expéditeur des textos", max_length=11, blank=True)
    signature = models.CharField(
        "signature des messages", max_length=60, blank=True, default="", db_default=""
    )
    request_code = models.CharField(
        "code des demandes en ligne", max_length=12, null=True, blank=True
    )
    corrected = ArrayField(
        models.TextField(),
        verbose_name="corrigé ici",
        default=list,
        db_default=Value("{}"),
        blank=True,
    )
    """The columns typed here: an extraction that says otherwise is told, and changes nothing."""
    closed_on = models.DateField("fermée le", null=True, blank=True)
    search_key = models.GeneratedField(
        expression=Func(F("name"), function="directory_place_key"),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name="clé de recherche",
    )

    privacy = Privacy(
        plain="name kind finess category_name territory commune address postal_code phone email "
        "sms_sender_name signature request_code corrected closed_on search_key"
    )

    class Meta:
        verbose_name = "structure"
        constraints = [
            models.UniqueConstraint(
                name="directory_organization_has_its_own_finess", fields=["finess"]
            ),
            models.UniqueConstraint(
                name="directory_organization_has_its_own_request_code", fields=["request_code"]
            ),
        ]
        indexes = [
            models.Index(
                name="directory_organization_by_name",
                fields=["search_key"],
                opclasses=["text_pattern_ops"],
            ),
            models.Index(name="directory_organization_by_kind", fields=["kind", "commune", "id"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_synthetic(self) -> bool:
        """Made up by Cordée."""
        return (self.finess or "").startswith(FICTITIOUS)

    @property
    def corrected_here(self) -> list[str]:
        """What was typed here and stays whatever an extraction says, by the names of a screen."""
        names = {one.attname: str(one.verbose_name) for one in self._meta.fields}
        return [names[column] for column in self.corrected]


class Contact(Record):
    """A functional mailbox or phone number of an organisation: a desk, never somebody's own."""

    class Kind(models.TextChoices):
        PHONE = "phone", "téléphone"
        EMAIL = "email", "adresse électronique"
        MSSANTE = "mssante", "messagerie sécurisée de santé"
        FAX = "fax", "télécopie"

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="contacts", verbose_name="structure"
    )
    label = models.CharField("service", max_length=80)
    kind = models.CharField("nature", max_length=8, choices=Kind)
    value = models.CharField("numéro ou adresse", max_length=254)

    privacy = Privacy(plain="organization label kind value")

    class Meta:
        verbose_name = "contact de service"
        constraints = [
            models.UniqueConstraint(
                name="directory_contact_is_listed_once", fields=["organization", "kind", "value"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} : {self.value}"


class Membership(Record):
    """What an account does in an organisation, from one day to another."""

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="memberships", verbose_name="compte"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="memberships", verbose_name="structure"
    )
    role = models.CharField("rôle", max_length=16, choices=MembershipRole)
    since = models.DateField("depuis le")
    until = models.DateField("jusqu’au", null=True, blank=True)

    end_said_at = models.DateTimeField("fin dite le", null=True, blank=True)

    privacy = Privacy(identifying="account", plain="organization role since until end_said_at")

    class Meta:
        verbose_name = "appartenance"
        constraints = [
            models.CheckConstraint(
                name="directory_membership_ends_after_it_began",
                condition=Q(until=None) | Q(until__gte=F("since")),
            ),
            ExclusionConstraint(
                name="directory_membership_is_held_once_at_a_time",
                expressions=[
                    (same("account"), RangeOperators.EQUAL),
                    (same("organization"), RangeOperators.EQUAL),
                    (
                        Func(F("role"), F("role"), Value("[]"), function="textrange"),
                        RangeOperators.EQUAL,
                    ),
                    (
                        Func(F("since"), F("until"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.role} {self.organization_id}"
