"""Who may agree to a plan for the person, and what each word does.

Sources (Code de la santé publique, CSP) :
- L.1111-4 : le consentement de la personne, libre et éclairé, retirable à tout moment ; pour un
  mineur, les titulaires de l’autorité parentale ; pour un majeur protégé avec représentation, la
  personne chargée de la mesure ;
- L.1111-6 : la personne de confiance est consultée et rend compte de la volonté de la personne ;
  elle ne consent pas à sa place ;
- lecture des qualités et des mesures : `people/rules/sharing.may_speak`, la même que pour le
  partage d’informations.
"""

from cordee.people.rules import sharing
from cordee.people.rules.labels import Coded
from cordee.people.rules.sharing import Choice, LegalState, Speaker
from cordee.plans.rules.states import Event


class Decision(Coded):
    """What was said of a version of the plan."""

    AGREED = "agreed", "d’accord"
    DISCUSSED = "discussed", "en discussion, pas encore d’accord"
    REFUSED = "refused", "refus"
    WITHDRAWN = "withdrawn", "accord retiré"


EVENT_OF = {
    Decision.AGREED: Event.AGREE,
    Decision.DISCUSSED: Event.DISCUSS,
    Decision.REFUSED: Event.REFUSE,
    Decision.WITHDRAWN: Event.WITHDRAW,
}


def may_say(legal: LegalState, represented: bool, speaker: Speaker, decision: Decision) -> bool:
    """Say whether this speaker’s word on a plan may be recorded.

    Everybody may be heard in a discussion, and a person’s own refusal always counts while she can
    express it; agreeing asks for the person, or for who holds her voice by law.
    """
    if decision == Decision.DISCUSSED:
        return speaker != Speaker.PERSON or legal != LegalState.UNABLE
    choice = Choice.CONSENTED if decision == Decision.AGREED else Choice.OPPOSED
    return sharing.may_speak(legal, represented, speaker, choice)


def who_may_agree(legal: LegalState, represented: bool) -> list[Speaker]:
    """List who may agree for the person, nearest first; nobody when the law names nobody."""
    return [one for one in Speaker if may_say(legal, represented, one, Decision.AGREED)]


def covered(agreed: list[frozenset[str]]) -> frozenset[str]:
    """Say which parts of a version are agreed to: those that were shown to who agreed.

    A part that whoever recorded the agreement could not show stays proposed.
    """
    return frozenset().union(*agreed)
