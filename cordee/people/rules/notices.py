"""The notice given to the person before any consent, by version: what was given is kept for ever.

Sources :
- D.1110-3-1 du CSP : avant de consentir, la personne ou son représentant légal est informé des
  catégories d’informations partagées, des catégories de professionnels, du support et des mesures
  de sécurité ;
- D.1110-3-3 : retrait et modification à tout moment, par tout moyen ;
- L.1110-4, IV : droit d’opposition ; Règlement (UE) 2016/679, art. 13.
"""

from collections.abc import Collection, Iterable

from cordee.people.rules.labels import Coded
from cordee.people.rules.published import PUBLISHED
from cordee.people.rules.sharing import (
    MISSION,
    PROTECTED,
    Audience,
    Category,
    Choice,
    LegalState,
    Medium,
    Speaker,
    may_speak,
)

Given = Collection[tuple[str, str]]  # version of a notice, and to whom it was given


class How(Coded):
    """By what means a choice was collected: any means will do (D.1110-3-3)."""

    ORAL = "oral", "de vive voix"
    PHONE = "phone", "au téléphone"
    PAPER = "paper", "par écrit"
    ONLINE = "online", "en ligne"


class Safeguard(Coded):
    """A security measure, as a person reads it. Each is a fact of the house, not a promise."""

    ACCOUNT = "account", "le compte de chaque professionnel demande un second facteur"
    MISSION = "mission", "chacun ne lit que ce que sa mission et vos choix permettent"
    TRACE = "trace", "chaque consultation est tracée, et une ligne retirée se verrait"
    ENCRYPTION = "encryption", "les échanges avec Cordée et ses sauvegardes sont chiffrés"
    TEXTS = "texts", "un SMS de recherche ne dit ni votre nom, ni vos soins, ni votre adresse"


# What the desk of a territory reads of somebody that it does not follow yet (ADR 9); a test holds
# it to the columns that the screen leaves open.
LEAST_VIEW = (
    *("noms", "prénoms", "date de naissance", "sexe"),
    *("commune", "téléphone", "fiabilité de l’identité"),
)

TO_GIVE_FIRST = (
    "La loi demande d’informer avant de recueillir un accord (D.1110-3-1 du code de la santé "
    "publique). Rien n’a été enregistré\u00a0: remettez la note en vigueur à qui donne cet accord, "
    "cochez que c’est fait, et enregistrez de nouveau."
)

CURRENT = "2026-11-26-3"
NOTICES = PUBLISHED


def notice(version: str) -> tuple[str, ...]:
    """Give back the paragraphs given under a version."""
    return NOTICES[version]


def composed() -> tuple[str, ...]:
    """Write the notice from what may be shared, with whom and how.

    The current version is this text, to the letter (a test): a category, an audience, a medium or a
    measure more is a new version.
    """
    teams = [one for one in Audience if MISSION[one] and one is not Audience.DESK]
    return (
        "Pour vous accompagner, des professionnels partagent dans Cordée ce qui est nécessaire, et "
        "rien d’autre. Cette note dit quoi, avec qui, comment, et ce que vous pouvez refuser.",
        f"Ce qui peut être partagé : {_listed(Category)}.",
        "Avec votre équipe de soins, sauf si vous vous y opposez, selon la mission de chacun : "
        + " ; ".join(f"{one.label} ({_listed(_in_order(MISSION[one]))})" for one in teams)
        + ". Les soins ne se partagent qu’une fois cette note remise, sauf ce que dit une demande "
        "de soins : le service qui la reçoit et le professionnel qui l’accepte la lisent, pour y "
        "répondre et pour rien d’autre.",
        f"Avec le service « {Audience.DESK.label} » de votre territoire, avant même qu’il vous "
        f"suive, le minimum pour vous retrouver : {', '.join(LEAST_VIEW)}. Vous pouvez vous y "
        "opposer.",
        f"Seulement avec votre accord : vos {Audience.RELATIVES.label}, quoi qu’ils lisent ; les "
        f"notes de {_listed(_in_order(PROTECTED), ' et de ')}, quel que soit le lecteur, hors leur "
        "auteur ; et tout partage avec qui n’est pas de votre équipe de soins. Le représentant "
        "légal, ou le titulaire de l’autorité parentale d’un mineur, parle pour la personne et lit "
        "ce qui la concerne, sauf ces notes.",
        f"Par quels moyens : {_listed(Medium, ' ; ')}. Vous pouvez choisir pour chaque moyen.",
        f"Ce qui vous protège : {_listed(Safeguard, ' ; ')}. Vous pouvez lire qui a ouvert votre "
        "dossier.",
        "En urgence, si vous ne pouvez plus vous exprimer et qu’un danger est immédiat, un "
        "professionnel de santé peut lire votre dossier deux heures, sauf ces notes. Il en donne "
        "le motif, vous en êtes informé, cet accès est relu, et vous pouvez le refuser d’avance.",
        "À tout moment et par tout moyen, vous pouvez vous opposer à un partage, retirer un "
        "accord, refuser la coordination ou les SMS : dites-le à l’un de vos professionnels, ou "
        "choisissez-le dans votre espace. Vos soins et votre aide à domicile continuent. Une "
        "demande en cours reste lue, jusqu’à sa fin, par le service qui l’a reçue, et sa recherche "
        "jusqu’au jour de la première visite : vous pouvez aussi lui demander de l’arrêter. Si "
        "vous le permettez, ceux qui vous suivent savent que ce qu’ils lisent peut être partiel, "
        "jamais ce qui manque.",
    )


def _in_order(categories: Collection[Category]) -> list[Category]:
    return [one for one in Category if one in categories]


def _listed(codes: Iterable[Coded], between: str = ", ") -> str:
    return between.join(one.label for one in codes)


def to_tell(legal: LegalState, represented: bool, given: Given) -> frozenset[Speaker]:
    """Say who may consent and has not been given the notice in force."""
    able = [one for one in Speaker if may_speak(legal, represented, one, Choice.CONSENTED)]
    return frozenset(one for one in able if not may_be_recorded(Choice.CONSENTED, one, given))


def may_be_recorded(choice: Choice, speaker: Speaker, given: Given) -> bool:
    """Say whether a choice holds, from the notices given before it.

    Source : D.1110-3-1 du CSP, le consentement suit l’information de celui qui consent, « la
    personne ou, le cas échéant, son représentant légal ». Une opposition ou un retrait ne demandent
    rien (L.1110-4, IV ; D.1110-3-3).
    """
    return choice != Choice.CONSENTED or (CURRENT, speaker) in given
