"""What the call leaves: who calls, the draft, the hold for the SAMU, the prescription."""

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cordee.access.records import Privacy, Record
from cordee.intake.models.requests import CareRequest


class CallerKind(models.TextChoices):
    PERSON = "person", "la personne elle-même"
    RELATIVE = "relative", "un proche"
    GP = "gp", "médecin"
    NURSE = "nurse", "infirmier ou infirmière"
    PHARMACIST = "pharmacist", "pharmacie"
    HOSPITAL = "hospital", "hôpital, clinique"
    EHPAD = "ehpad", "EHPAD"
    HOME_HELP = "home_help", "aide à domicile"
    SOCIAL = "social", "service social, CCAS"
    DAC = "dac", "DAC, CPTS, SAS"
    SAMU = "samu", "SAMU, pompiers"
    OTHER = "other", "autre"


class Caller(Record):
    """Somebody who calls a service; remembered by their number."""

    privacy = Privacy(
        identifying="name phone email structure",
        plain="organization kind practitioner partner last_called_at",
    )
    person_path = "no_person"

    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", verbose_name="service appelé"
    )
    kind = models.CharField("qualité", max_length=12, choices=CallerKind)
    name = models.CharField("nom", max_length=150, blank=True)
    structure = models.CharField("structure", max_length=150, blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    practitioner = models.ForeignKey(
        "directory.Practitioner",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="professionnel",
    )
    partner = models.ForeignKey(
        "directory.Organization",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="structure connue",
    )
    last_called_at = models.DateTimeField("dernier appel")

    class Meta:
        verbose_name = "demandeur"
        constraints = [
            models.UniqueConstraint(
                name="intake_caller_one_per_number_and_name",
                fields=["organization", "phone", "name"],
                condition=~Q(phone=""),
            )
        ]

    @property
    def said(self) -> str:
        """Return who calls, as one says it."""
        return ", ".join(filter(None, [self.name, self.structure])) or str(
            CallerKind(self.kind).label
        )


class Draft(Record):
    """A call being taken: everything typed so far, so that a dropped line loses nothing."""

    privacy = Privacy(
        identifying="person",
        clinical="content",
        plain="organization account opened_at ended_at request",
    )

    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", verbose_name="service"
    )
    account = models.ForeignKey(
        "access.Account", models.PROTECT, null=True, related_name="+", verbose_name="saisi par"
    )
    person = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, related_name="+", verbose_name="personne"
    )
    content = models.JSONField("contenu", default=dict)
    opened_at = models.DateTimeField("ouvert le")
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    request = models.OneToOneField(
        CareRequest, models.PROTECT, null=True, related_name="draft", verbose_name="demande"
    )

    class Meta:
        verbose_name = "brouillon d’appel"
        constraints = [
            models.CheckConstraint(
                name="intake_draft_is_typed_by_somebody_or_came_online",
                condition=Q(account__isnull=False) | Q(request__isnull=False),
            )
        ]

    @property
    def is_open_online(self) -> bool:
        """Say whether it came by the public form and nobody has completed it yet."""
        return self.request_id is not None and self.ended_at is None


class Hold(Record):
    """A transfer to the 15: what was heard, when, and why the search was released later."""

    privacy = Privacy(
        identifying="request draft",
        clinical="signs release_reason",
        plain="held_at held_by released_at released_by",
    )
    person_path = "request.person_id"

    request = models.ForeignKey(
        CareRequest, models.PROTECT, null=True, related_name="holds", verbose_name="demande"
    )
    draft = models.ForeignKey(
        Draft, models.PROTECT, null=True, related_name="holds", verbose_name="brouillon"
    )
    signs = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name="signes"
    )
    held_at = models.DateTimeField("transféré au 15 le")
    held_by = models.ForeignKey(
        "access.Account", models.PROTECT, related_name="+", verbose_name="transféré par"
    )
    released_at = models.DateTimeField("retenue levée le", null=True, blank=True)
    released_by = models.ForeignKey(
        "access.Account", models.PROTECT, null=True, related_name="+", verbose_name="levée par"
    )
    release_reason = models.CharField("motif de la levée", max_length=500, blank=True)

    class Meta:
        verbose_name = "transfert au 15"
        constraints = [
            models.UniqueConstraint(
                name="intake_hold_one_open_per_request",
                fields=["request"],
                condition=Q(released_at=None, request__isnull=False),
            ),
            models.UniqueConstraint(
                name="intake_hold_one_open_per_draft",
                fields=["draft"],
                condition=Q(released_at=None, draft__isnull=False),
            ),
            models.CheckConstraint(
                name="intake_hold_release_says_why",
                condition=Q(released_at=None)
                | (Q(released_by__isnull=False) & ~Q(release_reason="")),
            ),
        ]


class Document(Record):
    """A prescription as it was given, byte for byte. It is never changed: it is added or not."""

    lets_go = ""
    privacy = Privacy(
        identifying="request draft name",
        clinical="content",
        plain="media_type pages size sha256 added_by",
    )

    request = models.ForeignKey(
        CareRequest, models.PROTECT, null=True, related_name="+", verbose_name="demande"
    )
    draft = models.ForeignKey(
        Draft, models.PROTECT, null=True, related_name="documents", verbose_name="brouillon"
    )
    name = models.CharField("nom du fichier", max_length=120)
    media_type = models.CharField("nature", max_length=40)
    pages = models.PositiveSmallIntegerField("pages")
    size = models.PositiveIntegerField("taille")
    sha256 = models.CharField("empreinte", max_length=64)
    content = models.BinaryField("contenu")
    added_by = models.ForeignKey(
        "access.Account", models.PROTECT, null=True, related_name="+", verbose_name="ajouté par"
    )

    class Meta:
        verbose_name = "ordonnance jointe"
        constraints = [
            models.CheckConstraint(
                name="intake_document_belongs_to_a_call_or_a_request",
                condition=Q(request__isnull=False) | Q(draft__isnull=False),
            ),
            models.UniqueConstraint(
                name="intake_document_same_bytes_once_per_request",
                fields=["request", "sha256"],
                condition=Q(request__isnull=False),
            ),
            models.UniqueConstraint(
                name="intake_document_same_bytes_once_per_draft",
                fields=["draft", "sha256"],
                condition=Q(draft__isnull=False),
            ),
        ]

    def concerned(self) -> UUID | None:
        """The person of the request, also when the file was given during its call."""
        made = self.request or (self.draft.request if self.draft else None)
        return made.person_id if made else None
