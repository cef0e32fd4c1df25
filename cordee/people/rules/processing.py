"""What the data may be used for, on which legal basis. Separate from sharing.

Sources : Règlement (UE) 2016/679, art. 6 (bases), 7 § 3 (retrait du consentement), 9 § 2 (données
de santé), 21 (opposition : seulement
contre l’intérêt public ou l’intérêt légitime). La base légale est fixée par le responsable du
traitement ; le
consentement n’est pas la base par défaut.
"""

from dataclasses import dataclass

from cordee.people.rules.labels import Coded
from cordee.people.rules.readings import Reading
from cordee.people.rules.sharing import Speaker


class Purpose(Coded):
    """Why data are processed."""

    COORDINATION = "coordination", "coordonner l’accompagnement"
    TEXTS = "texts", "prévenir par SMS ou courriel"
    FIGURES = "figures", "mesurer l’activité"


class Basis(Coded):
    """Legal basis of a processing (art. 6)."""

    PUBLIC_TASK = "public_task", "mission d’intérêt public"
    LEGAL_DUTY = "legal_duty", "obligation légale"
    LEGITIMATE = "legitimate", "intérêt légitime"
    CONTRACT = "contract", "contrat"
    VITAL = "vital", "intérêts vitaux"
    CONSENT = "consent", "consentement"


class Will(Coded):
    """What the person said of a purpose."""

    ACCEPTED = "accepted", "accepté"
    REFUSED = "refused", "refusé"


@dataclass(frozen=True)
class Agreed:
    """Who agreed aloud to be accompanied, the notice once given: herself, or by their name a
    parent, or a representative by the measure that makes them so."""

    speaker: Speaker = Speaker.PERSON
    name: str = ""
    protection: str = ""


DEFAULT_BASIS = Basis.PUBLIC_TASK
HONOURS_REFUSAL_BEYOND_LAW = frozenset({Purpose.COORDINATION, Purpose.TEXTS})

ANSWERED_AFTER_STOP = Reading(
    said="Un professionnel qui écrit après son STOP reçoit par SMS la réponse à ce qu’il vient "
    "d’écrire, dans les 24 heures\u00a0; hors des codes qu’il demande lui-même, rien d’autre ne "
    "part, et aucune question ne lui est posée",
    source="Code des postes et des communications électroniques, L.34-5, lu comme visant la seule "
    "prospection\u00a0: la réponse au message d’une personne n’en est pas une\u00a0; la limite de "
    "24 heures est un choix de Cordée, sans source",
    verified=False,
)


def may_process(purpose: Purpose, basis: Basis, will: Will | None) -> bool:
    """Say whether data may be used for this purpose.

    Cordée honours a refusal of coordination and of text messages whatever the basis: nobody is
    coordinated against
    their will (« Rien sans la personne »).
    """
    if basis == Basis.CONSENT:
        return will == Will.ACCEPTED
    if will != Will.REFUSED:
        return True
    if purpose in HONOURS_REFUSAL_BEYOND_LAW:
        return False
    return basis not in (Basis.PUBLIC_TASK, Basis.LEGITIMATE)


def is_awaited(basis: Basis, will: Will | None) -> bool:
    """Say whether nothing may be done before the person says yes, and she has not been heard."""
    return basis == Basis.CONSENT and will is None
