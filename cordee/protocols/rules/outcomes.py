"""How a person leaves a pathway, and what becomes of a rupture: coded, so that they are counted.

Sources : listes de l’équipe de Cordée (règles d’organisation), à valider localement, novembre 2026.
Aucune nomenclature nationale des causes de rupture de parcours n’a été trouvée. Une cause parle du
parcours, jamais de la santé de la personne.
"""

from cordee.people.rules.labels import Coded


class Leaving(Coded):
    """Why a person is on a pathway no more."""

    DONE = "done", "le parcours est allé à son terme"
    ASKED = "asked", "à la demande de la personne"
    OTHER_PATHWAY = "other", "un autre parcours convient mieux"
    MISTAKE = "mistake", "entrée par erreur"
    EXIT = "exit", "une sortie prévue par le protocole est arrivée"
    DECEASED = "deceased", "décès de la personne"
    SHUT_OUT = "shut_out", "la structure n’accompagne plus la personne"


BY_HAND = (Leaving.DONE, Leaving.ASKED, Leaving.OTHER_PATHWAY, Leaving.MISTAKE)
TOLD_BY_FACTS = (Leaving.EXIT, Leaving.DECEASED)
"""What a later fact may deny: the pathway then goes on."""


class Standing(Coded):
    """Where a rupture stands."""

    AT_RISK = "at_risk", "à risque"
    LATE = "late", "rompu"
    REPAIRED = "repaired", "réparé"
    WAIVED = "waived", "levé"
    ACCEPTED = "accepted", "accepté"
    LIFTED = "lifted", "sans objet"


OPEN = (Standing.AT_RISK, Standing.LATE)
ENDED_BY_HAND = (Standing.REPAIRED, Standing.WAIVED, Standing.ACCEPTED)


class Cause(Coded):
    """Why the pathway broke, as whoever settles it sees it."""

    PERSON_CHOSE = "person_chose", "choix de la personne"
    UNREACHABLE = "unreachable", "personne injoignable"
    NOBODY_FREE = "nobody_free", "aucun professionnel disponible"
    NOT_PASSED_ON = "not_passed_on", "information non transmise"
    TOO_SHORT = "too_short", "délai irréaliste ici"
    OVERLOAD = "overload", "charge de l’équipe"
    NOT_WRITTEN = "not_written", "fait, mais pas enregistré"
    NOT_CONCERNED = "not_concerned", "ne concerne pas cette personne"
    OTHER = "other", "autre cause"
