"""What only the human door needs to remember: invitations to an account or to an own space,
second factors to reset, saved filters."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.kinds import MembershipRole
from cordee.directory.models import Organization, Practitioner
from cordee.people.models import Person, Relative


class AccountInvitation(Record):
    """A link sent by e-mail, by which somebody opens an account and takes a role."""

    email = models.EmailField("adresse électronique")
    name = models.CharField("nom affiché", max_length=150)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    role = models.CharField("rôle", max_length=16, choices=MembershipRole, blank=True)
    practitioner = models.ForeignKey(
        Practitioner,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="professionnel",
    )
    until = models.DateField("rôle jusqu’au", null=True, blank=True)
    invited_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", null=True, verbose_name="invité par"
    )
    link_hash = models.BinaryField("empreinte du lien", max_length=32, unique=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="compte ouvert",
    )
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    revoked_at = models.DateTimeField("annulée le", null=True, blank=True)

    lets_go = ""
    privacy = Privacy(
        identifying="email name invited_by account",
        plain="organization role practitioner until link_hash expires_at accepted_at revoked_at",
    )

    class Meta:
        verbose_name = "invitation à ouvrir un compte"
        constraints = [
            models.CheckConstraint(
                name="web_account_invitation_is_for_a_role_or_a_professional",
                condition=Q(role="", practitioner__isnull=False)
                | (~Q(role="") & Q(practitioner=None)),
            ),
            models.CheckConstraint(
                name="web_account_invitation_accepted_opens_an_account",
                condition=Q(account=None, accepted_at=None)
                | Q(account__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="web_account_invitation_is_accepted_or_revoked_not_both",
                condition=Q(accepted_at=None) | Q(revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role or self.practitioner_id} {self.organization_id}"

    @property
    def offers(self) -> str:
        """What the account will be good for, in words."""
        return self.get_role_display() if self.role else "professionnel de santé libéral"


class SpaceInvitation(Record):
    """A link sent by e-mail, by which the person, or a relative, opens their own space."""

    WRONG_DAYS = 5  # after so many wrong birth dates, the link is not in the right hands

    person = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name="personne accompagnée"
    )
    relative = models.ForeignKey(
        Relative, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="proche"
    )
    email = models.EmailField("adresse électronique")
    proved_how = models.CharField("identité vérifiée comment", max_length=120)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="structure"
    )
    invited_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="invité par"
    )
    invited_as = models.CharField("en qualité de", max_length=16)
    link_hash = models.BinaryField("empreinte du lien", max_length=32, unique=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    wrong_days = models.PositiveSmallIntegerField("dates de naissance fausses", default=0)
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="compte"
    )
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    revoked_at = models.DateTimeField("annulée le", null=True, blank=True)

    lets_go = ""
    privacy = Privacy(
        identifying="person relative email invited_by account",
        plain="proved_how organization invited_as link_hash expires_at wrong_days accepted_at "
        "revoked_at",
    )

    class Meta:
        verbose_name = "invitation à ouvrir son espace"
        verbose_name_plural = "invitations à ouvrir son espace"
        constraints = [
            models.UniqueConstraint(
                name="web_space_invitation_waits_once_for_each_one",
                fields=["person", "relative"],
                condition=Q(accepted_at=None, revoked_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="web_space_invitation_accepted_opens_an_account",
                condition=Q(account=None, accepted_at=None)
                | Q(account__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="web_space_invitation_is_accepted_or_revoked_not_both",
                condition=Q(accepted_at=None) | Q(revoked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.expires_at:%Y-%m-%d}"


class SecondFactorReset(Record):
    """Somebody lost their second factor; two other people have to agree before it is taken away."""

    LASTS = timedelta(days=7)

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="compte concerné"
    )
    requested_by = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="demandé par"
    )
    reason = models.CharField("vérification faite", max_length=200)
    approved_by = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="approuvé par",
    )
    approved_at = models.DateTimeField("approuvé le", null=True, blank=True)

    lets_go = ""
    privacy = Privacy(identifying="account requested_by approved_by", plain="reason approved_at")

    class Meta:
        verbose_name = "remise à zéro d’un second facteur"
        constraints = [
            models.UniqueConstraint(
                name="web_second_factor_reset_is_asked_once_at_a_time",
                fields=["account"],
                condition=Q(approved_at=None),
            ),
            models.CheckConstraint(
                name="web_second_factor_reset_takes_two_people",
                condition=~Q(requested_by=F("account"))
                & (
                    Q(approved_by=None)
                    | (~Q(approved_by=F("requested_by")) & ~Q(approved_by=F("account")))
                ),
            ),
            models.CheckConstraint(
                name="web_second_factor_reset_approval_says_who_and_when",
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.account_id)


class SavedFilter(Record):
    """A list as somebody likes to see it: an address and its filters, opened under each reader's
    own rights."""

    name = models.CharField("nom du filtre", max_length=80)
    path = models.CharField("page", max_length=200)
    query = models.CharField("filtres", max_length=500)
    owner = models.ForeignKey(
        Account, models.PROTECT, related_name="+", verbose_name="enregistré par"
    )
    organizations = ArrayField(
        models.UUIDField(), default=list, blank=True, verbose_name="partagé avec"
    )

    lets_go = ""
    privacy = Privacy(identifying="owner query", plain="name path organizations")

    class Meta:
        verbose_name = "filtre enregistré"
        constraints = [
            models.UniqueConstraint(
                name="web_saved_filter_is_named_once_by_its_owner", fields=["owner", "name"]
            ),
            models.CheckConstraint(
                name="web_saved_filter_leads_inside_the_house",
                condition=Q(path__startswith="/") & ~Q(path__startswith="//"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
