"""The applications and systems that administration registered."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cordee.access.models import Account
from cordee.access.records import Privacy, Record
from cordee.directory.models import Membership
from cordee.partners.rules.scopes import LONGEST, Scopes, read

NO_KEYS = Q(jwks={}, jwks_url="")
ONE_SET = (Q(jwks={}) & ~Q(jwks_url="")) | (~Q(jwks={}) & Q(jwks_url=""))


class Client(Record):
    """An application or a system that may come in. It has no secret of ours: it proves itself by
    its own keys, or has none and is known by its addresses."""

    class Kind(models.TextChoices):
        SYSTEM = "system", "système, sans personne devant l’écran"
        SERVER = "server", "application sur un serveur"
        DEVICE = "device", "application sur un appareil, sans clé"

    name = models.CharField("nom", max_length=120)
    publisher = models.CharField("éditeur", max_length=150)
    kind = models.CharField("nature", max_length=6, choices=Kind)
    scopes = models.TextField("portées, au plus", max_length=LONGEST)
    jwks = models.JSONField("clés publiques", default=dict, blank=True)
    jwks_url = models.URLField("adresse de ses clés", max_length=500, blank=True)
    redirect_uris = ArrayField(
        models.CharField(max_length=500),
        verbose_name="adresses de retour",
        default=list,
        blank=True,
    )
    membership = models.OneToOneField(
        Membership,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="rôle sous lequel il agit",
    )
    contact = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="contact technique",
    )
    launch_url = models.URLField(
        "adresse où elle s’ouvre", max_length=500, blank=True, default="", db_default=""
    )
    launch_roles = ArrayField(
        models.CharField(max_length=20),
        verbose_name="rôles auxquels elle est proposée",
        default=list,
        db_default=models.Value("{}"),
        blank=True,
    )
    launch_intent = models.CharField(
        "intention dite à l’ouverture", max_length=60, blank=True, default="", db_default=""
    )
    per_minute = models.PositiveIntegerField("appels par minute", default=600)
    suspended_at = models.DateTimeField("suspendu le", null=True, blank=True)
    suspended_why = models.CharField("suspendu pourquoi", max_length=200, blank=True)

    privacy = Privacy(
        identifying="contact",
        plain="name publisher kind scopes jwks jwks_url redirect_uris membership launch_url "
        "launch_roles launch_intent per_minute suspended_at suspended_why",
    )

    class Meta:
        verbose_name = "application ou système partenaire"
        verbose_name_plural = "applications et systèmes partenaires"
        constraints = [
            models.CheckConstraint(
                name="partners_client_system_alone_has_a_role_of_its_own",
                condition=Q(kind="system", membership__isnull=False, redirect_uris=[])
                | (~Q(kind="system") & Q(membership=None) & ~Q(redirect_uris=[])),
            ),
            models.CheckConstraint(
                name="partners_client_proves_itself_by_one_set_of_keys",
                condition=(Q(kind="device") & NO_KEYS) | (~Q(kind="device") & ONE_SET),
            ),
            models.CheckConstraint(
                name="partners_client_opens_beside_a_person_for_some_role",
                condition=Q(launch_url="", launch_roles=[], launch_intent="")
                | (~Q(launch_url="") & ~Q(launch_roles=[]) & ~Q(kind="system")),
            ),
            models.CheckConstraint(
                name="partners_client_calls_at_some_rate", condition=Q(per_minute__gt=0)
            ),
        ]
        indexes = [models.Index(name="partners_client_of_contact", fields=["contact", "id"])]

    def __str__(self) -> str:
        return self.name

    @property
    def most(self) -> Scopes:
        """The most that it may be given."""
        return read(self.scopes)

    @property
    def is_system(self) -> bool:
        """Whether nobody is in front of the screen."""
        return self.kind == self.Kind.SYSTEM

    # What the library of OAuth asks of a client, in its own words.

    def get_client_id(self) -> str:
        return str(self.pk)

    def get_default_redirect_uri(self) -> None:
        """None: an application says where it wants to be answered, each time."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The server narrows scopes itself, and writes them in full."""
        return scope or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("none" if self.kind == self.Kind.DEVICE else "private_key_jwt")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and not self.is_system

    def check_grant_type(self, grant_type: str) -> bool:
        if self.is_system:
            return grant_type == "client_credentials"
        return grant_type in ("authorization_code", "refresh_token")
