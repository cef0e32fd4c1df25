"""The grids, and what was answered with them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cordee.access.records import Privacy, Record
from cordee.intake.models.requests import DELAYS, CareRequest


class TriageVersion(Record):
    """A grid for a service: a text, its digest, and the clinician who signed exactly that."""

    privacy = Privacy(
        plain="organization code title content digest signed_by signed_name signed_at retired_at"
    )
    person_path = "no_person"

    organization = models.ForeignKey(
        "directory.Organization", models.PROTECT, related_name="+", verbose_name="service"
    )
    code = models.CharField("version", max_length=40)
    title = models.CharField("titre", max_length=200)
    content = models.JSONField("contenu")
    digest = models.CharField("empreinte", max_length=64)
    signed_by = models.ForeignKey(
        "access.Account", models.PROTECT, null=True, related_name="+", verbose_name="signée par"
    )
    signed_name = models.CharField("nom du signataire", max_length=150, blank=True)
    signed_at = models.DateTimeField("signée le", null=True, blank=True)
    retired_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "grille de tri"
        constraints = [
            models.UniqueConstraint(
                name="intake_triage_same_text_once_per_service", fields=["organization", "digest"]
            ),
            models.UniqueConstraint(
                name="intake_triage_one_version_in_use_per_service",
                fields=["organization"],
                condition=Q(signed_at__isnull=False, retired_at=None),
            ),
            models.CheckConstraint(
                name="intake_triage_signature_names_somebody",
                condition=Q(signed_at=None, signed_by=None, signed_name="")
                | (Q(signed_at__isnull=False, signed_by__isnull=False) & ~Q(signed_name="")),
            ),
        ]


class TriageAnswer(Record):
    """What was answered, with which version, and the delay it gave."""

    privacy = Privacy(
        identifying="request", clinical="answers signs", plain="triage_version delay answered_by"
    )
    person_path = "request.person_id"

    request = models.ForeignKey(
        CareRequest, models.PROTECT, related_name="triages", verbose_name="demande"
    )
    triage_version = models.ForeignKey(
        TriageVersion, models.PROTECT, related_name="+", verbose_name="grille"
    )
    answers = models.JSONField("réponses")
    signs = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name="signes"
    )
    delay = models.CharField("délai donné", max_length=8, choices=DELAYS, blank=True)
    answered_by = models.ForeignKey(
        "access.Account", models.PROTECT, null=True, related_name="+", verbose_name="posé par"
    )

    class Meta:
        verbose_name = "tri"
        constraints = [
            models.CheckConstraint(
                name="intake_triage_answer_gives_a_sign_or_a_delay",
                condition=Q(delay="") | Q(signs=[]),
            )
        ]
