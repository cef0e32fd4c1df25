"""What a public status page may say: a fixed list of sentences, none of them about health.

Source : L.1110-4 du code de la santé publique (secret). La page s’ouvre avec un lien secret
qui peut être transmis : elle ne dit ni qui, ni quel soin, ni où, ni qui viendra.
"""

import hashlib
from dataclasses import dataclass

from cordee.intake.rules.states import State


@dataclass(frozen=True)
class PublicLine:
    """One sentence of the public page, the step it stands for, and what comes next."""

    code: str
    sentence: str
    next_step: str
    step: int


STEPS = ("reçue", "en recherche", "trouvé")

_RECEIVED = PublicLine(
    "received",
    "Votre demande est bien reçue.",
    "Une infirmière orienteuse ou un infirmier orienteur la lit et vous recontacte si besoin.",
    1,
)
_SEARCHING = PublicLine(
    "searching",
    "Votre demande est prise en charge : nous cherchons un professionnel disponible.",
    "Nous vous prévenons dès qu’une réponse arrive, ou s’il faut chercher autrement.",
    2,
)
_SEARCHING_OTHERWISE = PublicLine(
    "searching",
    "Votre demande est prise en charge : la recherche n’a pas encore abouti, "
    "nous cherchons une autre solution.",
    "Nous vous prévenons dès qu’il y a du nouveau. Vous pouvez aussi nous appeler.",
    2,
)
_FOUND = PublicLine(
    "found",
    "Un professionnel est trouvé.",
    "Il ou elle prend contact directement. En cas de difficulté, appelez-nous.",
    3,
)
_CANCELLED = PublicLine(
    "cancelled",
    "Cette demande est annulée.",
    "Si ce n’est pas ce que vous attendiez, appelez-nous.",
    0,
)
_HANDED_ON = PublicLine(
    "handed_on",
    "Votre demande est transmise à un autre service, qui prend la suite.",
    "Ce service vous recontacte ; appelez-nous si vous restez sans nouvelles.",
    0,
)

_BY_STATE = {
    State.RECEIVED: _RECEIVED,
    State.QUALIFIED: _RECEIVED,
    State.SEARCHING: _SEARCHING,
    State.FOUND: _FOUND,
    State.CONFIRMED: _FOUND,
    State.CLOSED: _FOUND,
    State.CANCELLED: _CANCELLED,
    State.HANDED_ON: _HANDED_ON,
}

ANSWERED = PublicLine("answered", "Nous avons répondu à votre demande.", "", 0)

REFUSALS = {
    "no_professional": "aucun professionnel n’a pu être trouvé dans le délai demandé",
    "outside_territory": "le lieu n’est pas dans le territoire de notre service",
    "outside_mission": "la demande ne relève pas de notre service",
    "incomplete": "il nous manque une information et nous n’avons pas pu vous joindre",
    "declined": "la recherche n’est pas souhaitée",
    "duplicate": "une demande identique est déjà en cours",
}
UNSAID = "nous ne pouvons pas y donner suite"

# Coded reason kept at the desk → the only thing the public page may say of it.
PUBLIC_REASON = {
    "no_professional": "no_professional",
    "outside_territory": "outside_territory",
    "outside_mission": "outside_mission",
    "no_prescription": "incomplete",
    "unreachable": "incomplete",
    "no_agreement": "incomplete",
    "person_declined": "declined",
    "duplicate": "duplicate",
}


def secret_hash(secret: str) -> bytes:
    """Return what is kept of the secret of a link: it cannot be turned back into the link."""
    return hashlib.sha256(secret.encode()).digest()


def public_line(
    state: State, reason: str = "", *, light: bool = False, searched: bool = False
) -> PublicLine:
    """Return what the public page says; an unknown reason is said in the most neutral words.

    `searched`: a search was made already, so that its failure does not read as a beginning."""
    if state is State.REFUSED:
        why = REFUSALS.get(PUBLIC_REASON.get(reason, ""), UNSAID)
        return PublicLine(
            "refused",
            f"Votre demande n’a pas abouti : {why}.",
            "Appelez-nous : nous cherchons avec vous une autre solution.",
            0,
        )
    if light and state is State.CLOSED:
        return ANSWERED
    if searched and state is State.QUALIFIED:
        return _SEARCHING_OTHERWISE
    return _BY_STATE[state]
