"""Where a plan stands, and what may happen to it next.

Sources :
- HAS, « Plan personnalisé de coordination en santé », juillet 2019 : évaluer, recueillir les choix
  et préférences, convenir d’objectifs partagés, puis agir, suivre et réviser à une date fixée ;
- HAS, « Plan personnalisé de santé », 2013 : les dix points, dont les dates de révision ;
- Code de la santé publique, L.1111-4 : aucun acte sans le consentement libre et éclairé de la
  personne, qui peut le retirer à tout moment. « Rien sans la personne » : ici, le retrait arrête
  les actions aussitôt (règle de Cordée).
"""

from cordee.people.rules.labels import Coded


class State(Coded):
    """Where a plan stands."""

    DRAFT = "draft", "en préparation"
    PROPOSED = "proposed", "proposé à la personne"
    DISCUSSED = "discussed", "en discussion"
    AGREED = "agreed", "accord recueilli"
    ACTIVE = "active", "mis en œuvre"
    REVIEWED = "reviewed", "révisé"
    REFUSED = "refused", "refusé par la personne"
    CLOSED = "closed", "terminé"


class Event(Coded):
    """What happens to a plan."""

    PROPOSE = "propose", "proposer le plan"
    DISCUSS = "discuss", "en discuter"
    AGREE = "agree", "recueillir l’accord"
    REFUSE = "refuse", "noter le refus"
    WITHDRAW = "withdraw", "noter le retrait de l’accord"
    ACTIVATE = "activate", "mettre le plan en œuvre"
    REVIEW = "review", "réviser le plan"
    CLOSE = "close", "terminer le plan"


OPEN = frozenset(State) - {State.CLOSED}
IN_FORCE = frozenset({State.ACTIVE, State.REVIEWED})
"""What the person agreed to is done."""
OFFERED = frozenset({State.PROPOSED, State.DISCUSSED})
"""A version waits for the word of the person."""

_STEPS: dict[Event, dict[State, State]] = {
    Event.PROPOSE: dict.fromkeys(OPEN, State.PROPOSED),
    Event.DISCUSS: dict.fromkeys(OFFERED, State.DISCUSSED),
    Event.AGREE: dict.fromkeys((*OFFERED, State.AGREED), State.AGREED),
    Event.REFUSE: dict.fromkeys((*OFFERED, State.AGREED), State.REFUSED),
    Event.ACTIVATE: {State.AGREED: State.ACTIVE},
    Event.REVIEW: dict.fromkeys(IN_FORCE, State.REVIEWED),
    Event.CLOSE: dict.fromkeys(OPEN, State.CLOSED),
}


def after(state: State, event: Event, *, in_force: bool = False) -> State | None:
    """Say where a plan stands once something happened; None when it cannot happen there.

    `in_force`: a version that the person agreed to before is being done. Refusing the next one
    leaves her with it; taking the agreement back leaves nothing, wherever the plan stood. What is
    being done is reviewed on its day, while the next version goes on waiting for her word.
    """
    if event == Event.WITHDRAW:
        return State.REFUSED if in_force or state == State.AGREED else None
    if event == Event.REFUSE and in_force and state in _STEPS[Event.REFUSE]:
        return State.ACTIVE
    if event == Event.REVIEW and in_force and state in (*OFFERED, State.AGREED):
        return state
    return _STEPS[event].get(state)


LINE = (State.DRAFT, State.PROPOSED, State.DISCUSSED, State.AGREED, State.ACTIVE, State.REVIEWED)
"""The stations of a plan, in order: where no refusal nor end took it off the line."""


def is_behind(station: State, state: State) -> bool:
    """Say whether a plan has been at this station, or is there."""
    if state not in LINE:
        return station == State.DRAFT
    return LINE.index(station) <= LINE.index(state)


class EndReason(Coded):
    """Why a plan ends."""

    REACHED = "reached", "les objectifs sont atteints"
    ASKED = "asked", "à la demande de la personne"
    HANDED_ON = "handed_on", "une autre structure prend la suite"
    DECEASED = "deceased", "décès de la personne"
    SHUT_OUT = "shut_out", "la structure n’accompagne plus la personne"
    OTHER = "other", "autre motif"


BY_HAND = (EndReason.REACHED, EndReason.ASKED, EndReason.HANDED_ON, EndReason.OTHER)
