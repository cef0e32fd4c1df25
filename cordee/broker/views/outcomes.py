"""What a gesture of the team became, in a word: nothing is promised that was not done."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from cordee.broker import selectors
from cordee.broker.models import Call, Invitation, Solicitation
from cordee.kernel.typography import plural, said_hour, said_moment

Answer = Invitation.Answer
TOO_LATE = "C’est noté, mais trop tard\u00a0: ce professionnel n’a pas la place."

NO_SEARCH = (
    "Aucune recherche n’est en cours\u00a0: ouvrez la demande pour voir ce qu’il reste à faire."
)
FOUND_SINCE = (
    "C’était déjà noté, et un autre professionnel a été trouvé depuis\u00a0: rien n’a changé."
)
NOBODY_LEFT = "Personne d’autre à solliciter. Rien n’est parti\u00a0: appelez."


class Outcome(NamedTuple):
    """A sentence and its tone."""

    said: str
    tone: str = "good"


def of_a_call(outcome: str, answered: Invitation | None) -> Outcome:
    """Say what was noted of a call, and what a yes became."""
    if outcome == Call.Outcome.YES and answered is not None:
        return of_a_yes(answered)
    return Outcome(f"Appel noté\u00a0: {Call.Outcome(outcome).label}.")


def of_a_yes(answered: Invitation) -> Outcome:
    """Say what a yes on the phone became: whoever gave it is still on the line."""
    if answered.answer == Answer.ACCEPTED:
        return Outcome("C’est noté. Le professionnel a la place.")
    if answered.answer in (Answer.HELD, Answer.STANDBY):
        until = answered.solicitation.held_until
        other = (
            f"Un autre a la place jusqu’à {said_hour(timezone.localtime(until))}"
            if until
            else "Un autre a la place"
        )
        return Outcome(f"C’est noté. {other}\u00a0: ce professionnel reste en réserve.", "warn")
    return Outcome(TOO_LATE, "warn")


def of_a_place_left(was_left: bool, following: Solicitation | None) -> Outcome:
    """Say what became of the search once whoever had the place does not come. `was_left`: that
    stood already, and the page that says it again may be old. `following`: what stands now."""
    noted = "C’était déjà noté" if was_left else "C’est noté"
    if following is None:
        return Outcome(f"{noted}. {NO_SEARCH}", "warn")
    if following.state in Solicitation.TAKEN:
        return Outcome(FOUND_SINCE, "warn")
    if following.state == Solicitation.State.EXHAUSTED:
        return Outcome(f"{noted}. {NOBODY_LEFT}", "warn")
    if was_left:
        return Outcome("C’était déjà noté\u00a0: la recherche a repris.")
    return Outcome("C’est noté. La recherche reprend aussitôt.")


def of_a_step(before: Solicitation, after: Solicitation, now: datetime) -> Outcome:
    """Say what asking at once gave: how many were asked, until when one waits, or nobody left."""
    is_new = after.pk != before.pk or after.wave > before.wave
    if is_new and (asked := selectors.asked_in_last_wave(after)):
        return Outcome(f"{plural(asked, 'professionnel sollicité')}.")
    if after.state == Solicitation.State.EXHAUSTED:
        return Outcome(NOBODY_LEFT, "warn")
    return Outcome(f"Rien de plus n’est parti\u00a0: {_waits(after, now)}.", "warn")


def _waits(search: Solicitation, now: datetime) -> str:
    at = search.look_at
    if at is None or at <= now:
        return "la recherche attend les réponses"
    until = said_moment(timezone.localtime(at), timezone.localtime(now))
    return f"la recherche attend les réponses, ou l’heure d’écrire\u00a0; prochain examen {until}"
