"""Emergency access, on the model of the national record (« bris de glace »).

Source : R.1111-46 et L.1111-17 du CSP : l’accès est possible si la personne est hors d’état
d’exprimer sa volonté et en présence d’un risque immédiat pour sa santé, sauf opposition antérieure.
The duration and the delay of the review are choices of Cordée.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cordee.people.rules.labels import Coded
from cordee.people.rules.sharing import HEALTH_PROFESSIONS

LASTS = timedelta(hours=2)
REVIEWED_WITHIN = timedelta(days=7)
ATTEMPTS, ATTEMPTS_WITHIN = 8, timedelta(hours=1)
TOO_MANY = (
    "Trop d’essais depuis une heure\u00a0: aucun accès n’est ouvert, et ces essais seront relus. "
    "Vos accès déjà ouverts le restent. En cas de danger, appelez le 15."
)


class Motive(Coded):
    """Coded reason of an emergency access; the words stay outside the thread."""

    UNCONSCIOUS = "unconscious", "personne inconsciente"
    CONFUSED = "confused", "personne confuse ou désorientée"
    DISTRESS = "distress", "détresse vitale"
    LOST = "lost", "personne retrouvée seule, sans pouvoir dire qui elle est"
    OTHER = "other", "autre situation"


class Outcome(Coded):
    """What the review found."""

    JUSTIFIED = "justified", "justifié"
    UNJUSTIFIED = "unjustified", "non justifié"


class Refusal(Coded):
    """Why the access stays shut."""

    NOT_HEALTH = "not_health", "L’accès d’urgence est réservé aux professionnels de santé."
    NOT_ATTESTED = (
        "not_attested",
        "Attestez les deux points\u00a0: la personne ne peut pas s’exprimer, "
        "et le risque est immédiat.",
    )
    NO_WORDS = "no_words", "Décrivez la situation en quelques mots."
    OPPOSED = "opposed", "La personne s’y est opposée."


@dataclass(frozen=True)
class Attestation:
    """What the professional certifies."""

    cannot_speak: bool
    immediate_risk: bool
    words: str


def refusal(profession: str, attestation: Attestation, *, opposed: bool) -> Refusal | None:
    """Say why an emergency access is refused, or nothing when it opens."""
    if profession not in HEALTH_PROFESSIONS:
        return Refusal.NOT_HEALTH
    if not (attestation.cannot_speak and attestation.immediate_risk):
        return Refusal.NOT_ATTESTED
    if not attestation.words.strip():
        return Refusal.NO_WORDS
    return Refusal.OPPOSED if opposed else None


def ends_at(opened_at: datetime) -> datetime:
    """Say when the access shuts by itself."""
    return opened_at + LASTS


def review_due_at(opened_at: datetime) -> datetime:
    """Say by when a human must have looked at it."""
    return opened_at + REVIEWED_WITHIN
