"""What a team does with an alert: seen, acted on, closed with what it was worth.

One order of locks in the room: the person, her thread, what is remembered of her, her alerts, her
visits. Writing a visit holds its person, then her thread; a gesture on an alert, which tells it on
the thread last, holds the person first: one waits for the other, and neither is undone.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.vigilance import facts
from cordee.vigilance.models import Alert
from cordee.vigilance.rules.following import Deed, Effect, Verdict
from cordee.vigilance.services.feedback import require_told, tell_answer, tell_seen
from cordee.vigilance.services.near import require_near

IN_ORDER = ("person", "alert")
NOTED_SINCE = "vigilance.noted_since"


@dataclass(frozen=True, slots=True)
class Done:
    """What is recommended, and done: somewhere in the house, or by hand."""

    advice: str
    deed: Deed
    words: str = ""
    review_on: date | None = None
    times: int | None = None
    """How often the alert was confirmed on the page that was answered."""
    seen: int | None = None
    """The version of the alert on that page."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What an alert was worth, how it went, and what the helper is told."""

    verdict: Verdict
    effect: Effect
    feedback: str = ""
    times: int | None = None
    told_at: datetime | None = None
    """When helpers were told the last answer that the page showed."""


@action("vigilance.see_alert", on="alert", lock=IN_ORDER)
def see_alert(*, actor: Actor, alert: Alert, now: datetime, times: int | None = None) -> None:
    """Say that an alert is seen; each helper reads it on her visit. Again does nothing.

    `times`: how often it was confirmed, as it was read. Raises DomainError (vigilance.alert_moved).
    """
    _require_all_visits(alert, times)
    if not alert.is_waiting:
        return
    alert.seen_at, alert.seen_by_id = now, actor.signatory
    alert.save(update_fields=["seen_at", "seen_by", "updated_at"])
    tell_seen(alert, actor.signatory, now)
    _tell(facts.AlertSeen, alert)


@action("vigilance.act_on_alert", on="alert", lock=IN_ORDER)
def act_on_alert(*, actor: Actor, alert: Alert, done: Done, now: datetime) -> None:
    """Keep what is recommended and done; a small everyday action is reviewed on its day.

    What somebody else noted is never written over unread. Raises DomainError
    (vigilance.alert_closed, vigilance.alert_moved, vigilance.noted_since, vigilance.nothing_done,
    vigilance.review_day, vigilance.due_day).
    """
    _require_open(alert)
    _require_all_visits(alert, done.times)  # first: a visit moves the alert too, and notes nothing
    _require_read(alert, done)
    if done.deed == Deed.EVERYDAY and done.review_on is None:
        raise DomainError("vigilance.review_day", "Choisissez le jour où vous verrez si cela aide.")
    if done.review_on and done.review_on != alert.review_on:  # one that has come may stay
        require_near(done.review_on, now)
    if not done.advice.strip() and not done.words.strip():
        raise DomainError("vigilance.nothing_done", "Dites en quelques mots ce qui est fait.")
    see_alert(actor=actor, alert=alert, now=now)
    alert.refresh_from_db()
    alert.advice, alert.deed = done.advice.strip(), done.deed.value
    alert.deed_words, alert.review_on = done.words.strip(), done.review_on
    alert.acted_at = alert.acted_at or now
    written = ["advice", "deed", "deed_words", "acted_at", "review_on", "updated_at"]
    alert.save(update_fields=written)
    _tell(facts.AlertActedOn, alert)


@action("vigilance.close_alert", on="alert", lock=IN_ORDER)
def close_alert(*, actor: Actor, alert: Alert, ended: Ended, now: datetime) -> None:
    """Close an alert with what it was worth; each helper whose visit says so is told.

    Raises DomainError (vigilance.alert_closed, vigilance.alert_moved, vigilance.answered_since).
    """
    _require_open(alert)
    see_alert(actor=actor, alert=alert, now=now, times=ended.times)
    alert.refresh_from_db()
    require_told(alert, ended.feedback, ended.told_at)
    tell_answer(alert, ended.feedback, actor.signatory, now)
    alert.closed_at, alert.closed_by_id = now, actor.signatory
    alert.verdict, alert.effect = ended.verdict.value, ended.effect.value
    alert.save(update_fields=["closed_at", "closed_by", "verdict", "effect", "updated_at"])
    _tell(facts.AlertClosed, alert)


@action("vigilance.escalate", on="alert", lock=IN_ORDER)
def escalate(*, actor: Actor, alert: Alert, to: UUID | None, now: datetime) -> bool:
    """Pass an alert that nobody saw to somebody else. Once, until it is seen.

    Returns whether it passes now.
    """
    passed_at = alert.escalated_at
    if not alert.is_waiting or (passed_at and passed_at > (alert.seen_at or alert.raised_at)):
        return False
    alert.escalated_at, alert.escalated_to_id = now, to
    alert.save(update_fields=["escalated_at", "escalated_to", "updated_at"])
    _tell(facts.AlertEscalated, alert)
    return True


def _require_open(alert: Alert) -> None:
    if not alert.is_open:
        raise DomainError(
            "vigilance.alert_closed",
            "Cette alerte est déjà close. Rien n’a été modifié\u00a0: rouvrez la page.",
        )


def _require_all_visits(alert: Alert, times: int | None) -> None:
    """Nobody answers, unread, a visit that confirmed the alert since."""
    if alert.is_open and times is not None and times != alert.times:
        raise DomainError(
            "vigilance.alert_moved",
            "Une visite a confirmé cette alerte depuis que vous avez ouvert la page\u00a0:"
            " relisez-la, puis recommencez.",
        )


def _require_read(alert: Alert, done: Done) -> None:
    """What is done already was on the page that is answered; the same words again are taken."""
    standing = alert.advice, alert.deed, alert.deed_words, alert.review_on
    again = done.advice.strip(), done.deed.value, done.words.strip(), done.review_on
    if alert.deed and done.seen != alert.version and standing != again:
        raise DomainError(
            NOTED_SINCE,
            "Cette alerte a changé depuis que vous avez ouvert la page\u00a0: lisez ce qui est déjà"
            " fait, plus haut, et complétez-le. Vos mots sont gardés ci-dessous.",
        )


def _tell(fact: Any, alert: Alert) -> None:
    publish(
        fact(
            person_id=alert.person_id,
            alert_id=alert.pk,
            organization_id=alert.organization_id,
        )
    )
