"""What a plan still lacks before it can be shown to the person for her agreement.

Source : HAS, PPCS 2019 : la personne choisit, pour chaque action, de la faire ou de la confier ;
les objectifs sont partagés ; rien n’est proposé qui ne parte de ses souhaits.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """What is written of a plan so far, counted."""

    wishes: str
    needs: int
    goals: int
    actions: int
    undecided: int
    """Actions for which the person did not choose yet: to do it, or to entrust it."""


def missing(plan: Written) -> list[str]:
    """Say what is still to be written, in the order of the page; nothing when it is ready."""
    found = []
    if not plan.wishes.strip():
        found.append("les souhaits de la personne, dans ses mots")
    if not plan.needs:
        found.append("un besoin au moins")
    if not plan.goals:
        found.append("un objectif partagé au moins")
    if not plan.actions:
        found.append("une action au moins")
    if plan.undecided:
        found.append("pour chaque action, si la personne la fait ou la confie")
    return found
