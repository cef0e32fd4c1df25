"""When two records may be brought together by nobody: what a measure proves, or does not.

A precision measured on n pairs is an estimate; what must hold is the lower end of its interval.
With n pairs given the threshold or more, k of which were two persons, the exact interval of Clopper
and Pearson says « at least P, with 95 % confidence » when k errors or fewer would have had a chance
of 5 % or less, were the precision P. Without any error, 0.9999 asks for 29,956 pairs: the « rule of
three », 3/n.

Sources :
- C. J. Clopper, E. S. Pearson, Biometrika 26 (1934), p. 404 (intervalle exact, d’un seul côté) ;
- J. A. Hanley, A. Lippman-Hand, JAMA 249 (1983), p. 1743 (la règle de trois) ;
- la précision de 0,9999 est une exigence du produit ; la confiance de 95 % est un choix de Cordée.
"""

from dataclasses import dataclass
from math import exp, lgamma, log, log1p

from cordee.people.rules.matching import Measure

PRECISE = 0.9999
DOUBT = 0.05  # the chance that the true precision is lower than what is said
THRESHOLDS = (0.999, 0.9999, 0.99999, 0.999999)
STEPS = 60  # halvings: far finer than what is written


@dataclass(frozen=True)
class Standing:
    """A setting as it stands: what was measured under it, and what it has done since."""

    same_weights: bool
    done: int = 0
    undone: int = 0


def at_most(errors: int, among: int, rate: float) -> float:
    """Return the chance of so many errors or fewer among so many, each having this chance."""
    if errors >= among or rate <= 0:
        return 1.0
    if rate >= 1:
        return 0.0
    ways = lgamma(among + 1)
    return min(
        1.0,
        sum(
            exp(
                ways
                - lgamma(seen + 1)
                - lgamma(among - seen + 1)
                + seen * log(rate)
                + (among - seen) * log1p(-rate)
            )
            for seen in range(errors + 1)
        ),
    )


def precision_proved(measure: Measure) -> float:
    """Return the precision that a measure proves: the lower end of its interval at 95 %."""
    among = measure.found + measure.wrong
    if not measure.found:
        return 0.0
    low, high = 0.0, 1.0  # of the rate of errors
    for _ in range(STEPS):
        rate = (low + high) / 2
        if at_most(measure.wrong, among, rate) > DOUBT:
            low = rate
        else:
            high = rate
    return 1 - high


def is_proved(measure: Measure) -> bool:
    """Say whether a measure proves the precision that is asked for."""
    among = measure.found + measure.wrong
    return measure.found > 0 and at_most(measure.wrong, among, 1 - PRECISE) <= DOUBT


def is_belied(done: int, undone: int) -> bool:
    """Say whether what humans undid is too much for the precision that was proved."""
    return undone > 0 and 1 - at_most(undone - 1, done, 1 - PRECISE) <= DOUBT


def why_not(measure: Measure, *, made_up: bool, same_weights: bool) -> str:
    """Say why a measure allows no merge by itself; "" when it does."""
    if made_up:
        return "Ces paires sont inventées : elles ne disent rien de vos fiches."
    if not same_weights:
        return "Les poids ont changé depuis cette mesure : mesurez de nouveau."
    if not is_proved(measure):
        return (
            f"Sur {measure.found + measure.wrong} paires données à ce seuil, dont {measure.wrong} "
            f"à tort, on ne peut affirmer qu’une précision de {said(precision_proved(measure))}, "
            f"à 95 % de confiance ; il faut {said(PRECISE)} (sans aucune erreur, 29 956 paires)."
        )
    return ""


def why_stopped(standing: Standing) -> str:
    """Say why a setting that is on brings nothing together; "" when it does."""
    if not standing.same_weights:
        return "Suspendu : les poids ont changé depuis la mesure. Mesurez de nouveau."
    if is_belied(standing.done, standing.undone):
        return (
            f"Suspendu : {standing.undone} réunion(s) annulée(s) sur {standing.done} démentent la "
            "précision mesurée. Relisez-les, puis mesurez de nouveau."
        )
    return ""


def said(precision: float) -> str:
    """Write a precision as one reads it, never rounded up."""
    return f"{int(precision * 1_000_000) / 1_000_000:.6f}".rstrip("0").rstrip(".").replace(".", ",")
