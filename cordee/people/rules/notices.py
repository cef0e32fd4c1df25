"""The notice shown to the person before any choice, by version: what was shown is kept for ever.

Source : D.1110-3-1 du CSP (catégories d’informations, catégories de professionnels, support et
mesures de sécurité, droits) ; Règlement (UE) 2016/679, art. 13.
"""

from cordee.people.rules.labels import Coded


class How(Coded):
    """By what means a choice was collected: any means will do (D.1110-3-3)."""

    ORAL = "oral", "de vive voix"
    PHONE = "phone", "au téléphone"
    PAPER = "paper", "par écrit"
    ONLINE = "online", "en ligne"


CURRENT = "2026-11"
NOTICES = {
    "2026-11": (
        "Pour vous accompagner, les professionnels de votre équipe de soins partagent dans Cordée "
        "ce qui est nécessaire\u00a0: votre identité et vos coordonnées, l’organisation de votre "
        "accompagnement et vos soins. Les notes de santé mentale et sur votre situation sociale ne "
        "sont partagées qu’avec votre accord. Hors de cette équipe, rien n’est partagé sans votre "
        "consentement. Chaque consultation est tracée\u00a0: vous pouvez savoir qui a ouvert votre "
        "dossier. Vous pouvez à tout moment vous opposer à un partage, retirer un accord, refuser "
        "la coordination ou les SMS, et refuser l’accès d’urgence. Il suffit de le dire à l’un de "
        "vos professionnels ou de le choisir dans votre espace."
    ),
}


def notice(version: str) -> str:
    """Give back the text shown under a version."""
    return NOTICES[version]
