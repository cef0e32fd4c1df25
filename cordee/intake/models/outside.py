"""What the outside sees or knocks at: the status link, the web form, and what callers were told."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from cordee.access.records import Privacy, Record
from cordee.intake import rules
from cordee.intake.models.requests import STATES, CareRequest


class Telling(Record):
    """One attempt to tell the requester where their request stands: who, when, what."""

    class How(models.TextChoices):
        CALL = "call", "par téléphone"
        TEXT = "text", "par SMS"
        EMAIL = "email", "par courriel"
        FACE = "face", "de vive voix"
        LINK = "link", "par le lien de suivi"

    class Result(models.TextChoices):
        REACHED = "reached", "informé"
        MESSAGE = "message", "message laissé"
        NO_ANSWER = "no_answer", "sans réponse"

    privacy = Privacy(
        identifying="request", clinical="words", plain="at by_account how result about"
    )
    person_path = "request.person_id"

    request = models.ForeignKey(
        CareRequest, models.PROTECT, related_name="tellings", verbose_name="demande"
    )
    at = models.DateTimeField("quand")
    by_account = models.ForeignKey(
        "access.Account", models.PROTECT, null=True, related_name="+", verbose_name="par"
    )
    how = models.CharField("comment", max_length=8, choices=How)
    result = models.CharField("résultat", max_length=10, choices=Result)
    about = models.CharField("ce qui est dit", max_length=10, choices=STATES)
    words = models.CharField("précisions", max_length=500, blank=True)

    class Meta:
        verbose_name = "rappel du demandeur"
        constraints = [
            models.CheckConstraint(
                name="intake_telling_by_voice_has_a_voice",
                condition=~Q(how__in=["call", "face"]) | Q(by_account__isnull=False),
            )
        ]

    @property
    def judged(self) -> rules.Telling:
        """What the rules read: writing reached nobody for sure, whatever was noted of it, until the
        requester says that they read it."""
        heard = self.how in (self.How.CALL, self.How.FACE, self.How.LINK)
        return rules.Telling(self.at, reached=heard and self.result == self.Result.REACHED)


class StatusLink(Record):
    """The secret link of one request; only its hash is kept."""

    privacy = Privacy(identifying="request", plain="secret_hash expires_at revoked_at")
    person_path = "request.person_id"

    request = models.ForeignKey(
        CareRequest, models.PROTECT, related_name="links", verbose_name="demande"
    )
    secret_hash = models.BinaryField("empreinte du secret", max_length=32)
    expires_at = models.DateTimeField("expire le")
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    class Meta:
        verbose_name = "lien de suivi"
        constraints = [
            models.UniqueConstraint(
                name="intake_link_secret_opens_one_request", fields=["secret_hash"]
            )
        ]

    def opens(self, now: datetime) -> bool:
        """Say whether it still opens something."""
        return self.revoked_at is None and now < self.expires_at


class Knock(Record):
    """How often somebody knocked at a public door within a window; the key is a hash."""

    privacy = Privacy(plain="key_hash window_at count")
    person_path = "no_person"

    key_hash = models.BinaryField("empreinte", max_length=32)
    window_at = models.DateTimeField("fenêtre")
    count = models.PositiveIntegerField("nombre")

    class Meta:
        verbose_name = "passage à la porte publique"
        constraints = [
            models.UniqueConstraint(
                name="intake_knock_one_count_per_window", fields=["key_hash", "window_at"]
            )
        ]
