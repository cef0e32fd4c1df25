"""Launch a search, move it on, widen it, stop it."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.broker import rules, selectors
from cordee.broker.facts import Cancelled, SearchLaunched, SearchWidened, UrgencyChanged
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.services.circle import close_the_circle
from cordee.broker.services.ending import tell_the_end
from cordee.broker.services.steps import (
    carry_out,
    decided,
    look_again,
    named,
    outcome_of,
    proceed,
)
from cordee.broker.services.texts import may_text, withdraw_questions
from cordee.broker.services.turns import take_turns
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.latches import is_latched
from cordee.kernel.queue import later
from cordee.people import services as people
from cordee.people.models import Person

Answer = Invitation.Answer
State = Solicitation.State
SAME_CLICK = timedelta(seconds=30)
"""Two orienteuses who press the same button at once send one wave, not two."""

COPIED = (
    "origin", "person_id", "organization_id", "kinds", "profession", "commune_id", "moments",
    "arrival_notes", "visit_notes", "usual_practitioner_id", "wanted_on",
)  # fmt: skip


@action("broker.launch", on="order", lock=())
def launch(*, actor: Actor, order: rules.SearchOrder, now: datetime) -> Solicitation:
    """Look for somebody. Launching twice for one origin gives the search already under way.

    Whoever refused, gave up or was declined in an earlier search for it is not asked again.
    Raises OperationalError where another was launched for it meanwhile and somebody writes on that
    one: the job is tried again.
    """
    turn = take_turns([order.person_id], partial(_former, actor, order.origin))
    minutes = selectors.settings_of(order.urgency).deadline
    asked = asked_by(order, turn.formers.get(order.origin), minutes, now)
    solicitation, is_new = opened(now, **asked)
    if not is_new:
        return solicitation
    if not turn.is_free(order.origin):
        raise OperationalError("somebody writes on the search launched meanwhile for this origin")
    return begin(actor, solicitation, now)


def _former(actor: Actor, origin: str) -> dict[str, Solicitation]:
    former = selectors.latest_for_origin(actor, origin)
    return {origin: former} if former else {}


def asked_by(
    order: rules.SearchOrder, former: Solicitation | None, minutes: int, now: datetime
) -> dict[str, Any]:
    """Say what an order puts in the row of its search; `minutes`: the deadline of its urgency."""
    begins_at = max(order.begins_at, now)
    deadline_at = order.deadline_at or now + timedelta(minutes=minutes)
    asked_before = former.wanted_on if former else None
    return {
        "origin": order.origin,
        "person_id": order.person_id,
        "organization_id": order.organization_id,
        "kinds": list(order.kinds),
        "profession": order.profession,
        "commune_id": order.commune_code,
        "urgency": order.urgency,
        "begins_at": begins_at,
        "wanted_on": order.wanted_on or asked_before or day_wanted(begins_at, deadline_at),
        "moments": list(order.moments),
        "arrival_notes": order.arrival_notes,
        "visit_notes": order.visit_notes,
        "usual_practitioner_id": order.usual_practitioner_id,
        "preferred": list(order.preferred),
        "excluded": list(order.excluded),
        "declined": [one for one in order.declined if one not in order.excluded],
        "is_wide": former.is_wide if former else False,
        "deadline_at": deadline_at,
        "follows_id": former.pk if former else None,
    }


def day_wanted(begins_at: datetime, wanted_by: datetime) -> date:
    """Give the last day on which care is wanted, where the house lives."""
    return rules.day_wanted(timezone.localtime(begins_at), timezone.localtime(wanted_by))


def opened(now: datetime, **columns: Any) -> tuple[Solicitation, bool]:
    """Write a search for an origin, not kept yet, or give the one that stands, if any.

    Raises DomainError when the need is over or held, or the person dead.
    """
    origin = columns["origin"]
    running = selectors.standing_for_origin(origin)
    if running:
        return running, False
    require_need(origin)
    require_alive(Person.objects.get(pk=columns["person_id"]))
    return taught(Solicitation(launched_at=now, **columns), selectors.lessons_of(origin)), True


def taught(draft: Solicitation, lessons: selectors.Lessons) -> Solicitation:
    """Write in a search what the searches made before it for its need have taught.

    Nobody set aside is asked; who only said no is told apart: a later yes on the phone counts.
    """
    for_good = {*draft.excluded} - {*draft.declined} | lessons.gone
    declined = {*draft.declined} - for_good
    if lessons.refused:
        asked = selectors.asked_of(draft, draft.launched_at)
        declined |= lessons.declined(asked) - for_good
    preferred = dict.fromkeys([*draft.preferred, *sorted(lessons.willing)])
    draft.preferred = [one for one in preferred if one not in for_good | declined]
    draft.excluded, draft.declined = sorted(for_good | declined), sorted(declined)
    return draft


def require_need(origin: str) -> None:
    """Refuse to begin anything for what is over or held. Raises DomainError."""
    if is_latched(origin):
        raise DomainError(
            "broker.ended",
            "La demande est terminée, ou retenue après un transfert au 15. Rien n’est parti ni "
            "noté : ouvrez la demande pour voir où elle en est.",
        )


def require_alive(person: Person) -> None:
    """Refuse to look for somebody for the dead: their record may have learnt it by a merge, which
    says it to no search. Raises DomainError."""
    if person.deceased_on:
        raise DomainError(
            "broker.person_died",
            "Cette personne est décédée : aucune recherche n’est lancée. "
            "Si c’est une erreur, retirez le décès sur son identité.",
        )


def begin(actor: Actor, draft: Solicitation, now: datetime) -> Solicitation:
    """Keep a search with its first step, say that it begins, and make sure it ends.

    Its first version is what its first step made of it. Where another was quicker for the same
    origin, that one is given back.
    """
    pool, step = decided(draft, now)
    for name, value in outcome_of(step, now).items():
        setattr(draft, name, value)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        running = selectors.standing_for_origin(draft.origin)
        if running is None:
            raise
        return running
    publish(search_launched(draft))
    later("cordee.broker.jobs.end_search", at=draft.deadline_at, solicitation_id=str(draft.pk))
    carry_out(actor, draft, step, pool, now, looked_for=None)
    return draft


def search_launched(solicitation: Solicitation) -> SearchLaunched:
    """Say that a search begins."""
    return SearchLaunched(
        **named(solicitation),
        urgency=solicitation.urgency,
        deadline_at=solicitation.deadline_at,
    )


@action("broker.advance", on="solicitation")
def advance(*, actor: Actor, solicitation: Solicitation, now: datetime) -> Solicitation:
    """Do what is due on a search, if anything is: for jobs, safe at any moment and twice."""
    if solicitation.is_open:
        proceed(actor, solicitation, now)
    return solicitation


@action("broker.set_urgency", on="solicitation")
def set_urgency(
    *,
    actor: Actor,
    solicitation: Solicitation,
    urgency: rules.Urgency,
    deadline_at: datetime | None,
    now: datetime,
) -> Solicitation:
    """Make a search under way follow the delay of its need, sooner or later. Idempotent."""
    if not solicitation.is_open or solicitation.urgency == urgency:
        return solicitation
    own = now + timedelta(minutes=selectors.settings_of(urgency).deadline)
    deadline = deadline_at if deadline_at and deadline_at > now else own
    wanted_on = day_wanted(solicitation.begins_at, deadline_at or own)
    if solicitation.held_until:  # who holds the place has her minutes
        deadline = max(deadline, solicitation.held_until)
    solicitation.keep(urgency=urgency.value, deadline_at=deadline, wanted_on=wanted_on)
    publish(UrgencyChanged(**named(solicitation), urgency=urgency.value, deadline_at=deadline))
    later("cordee.broker.jobs.end_search", at=deadline, solicitation_id=str(solicitation.pk))
    proceed(actor, solicitation, now)
    return solicitation


@action("broker.relaunch", on="solicitation")
def launch_next_wave(*, actor: Actor, solicitation: Solicitation, now: datetime) -> Solicitation:
    """Send the next wave without waiting for the end of this one.

    A search that found nobody begins again, and those who refused are not asked twice.
    """
    return _again(actor, solicitation, now)


@action("broker.widen", on="solicitation")
def widen(*, actor: Actor, solicitation: Solicitation, now: datetime) -> Solicitation:
    """Look in the whole intercommunality, at once."""
    if solicitation.is_wide and solicitation.is_open:
        raise DomainError(
            "broker.already_wide",
            "La recherche couvre déjà toute l’intercommunalité. "
            "Vous pouvez appeler un par un, avec la liste des numéros.",
        )
    if solicitation.is_open:
        solicitation.keep(is_wide=True)
        publish(SearchWidened(**named(solicitation)))
    return _again(actor, solicitation, now, is_wide=True)


def _again(
    actor: Actor, solicitation: Solicitation, now: datetime, *, is_wide: bool = False
) -> Solicitation:
    require_alive(solicitation.person)
    if solicitation.is_held(now):
        raise DomainError(
            "broker.place_is_held",
            "Un professionnel vient de dire oui : sa place est tenue le temps de confirmer. "
            "Appelez-le, ou attendez la fin de ce délai.",
        )
    if solicitation.is_open:
        asked_at = selectors.last_asked_at(solicitation)
        if asked_at is None or now - asked_at >= SAME_CLICK:
            proceed(actor, solicitation, now, hurried=True)
        return solicitation
    if solicitation.state != State.EXHAUSTED:
        raise DomainError(
            "broker.not_open",
            f"Cette recherche n’est plus ouverte ({solicitation.get_state_display()}). "
            "Rien n’a été envoyé.",
        )
    if not is_wide and not may_text(solicitation):
        raise DomainError(
            "broker.no_texts",
            "Pour cette personne, les SMS ne sont pas permis. Rien n’est parti : "
            "appelez un par un, avec la liste.",
        )
    return follow(actor, solicitation, now, is_wide=is_wide)


@action("broker.try_again", on="solicitation")
def try_again(*, actor: Actor, solicitation: Solicitation, now: datetime) -> Solicitation:
    """Take up a search that the hour alone ended, unless its need went on since. Idempotent."""
    latest = selectors.latest_for_origin(actor, solicitation.origin)
    ended_by_night = solicitation.end_reason in (rules.QUIET, "deadline")
    by_the_hour = solicitation.state == State.EXHAUSTED and ended_by_night
    is_over = is_latched(solicitation.origin) or solicitation.person.deceased_on
    if latest != solicitation or not by_the_hour or is_over:
        return solicitation
    return follow(actor, solicitation, now)


def follow(
    actor: Actor,
    ended: Solicitation,
    now: datetime,
    *,
    is_wide: bool = False,
) -> Solicitation:
    """Open a new search where one ended; it keeps what is known of who said what."""
    solicitation, is_new = successor(ended, now, urgency=ended.urgency, is_wide=is_wide)
    return begin(actor, solicitation, now) if is_new else solicitation


def successor(
    ended: Solicitation, now: datetime, *, urgency: str, is_wide: bool = False
) -> tuple[Solicitation, bool]:
    """Write the search that takes up one that ended; it begins once that is said."""
    people.take_turns([ended.person_id])
    settings = selectors.settings_of(urgency)
    promised = max(ended.first_visit_at or ended.begins_at, ended.deadline_at)
    return opened(
        now,
        **{name: getattr(ended, name) for name in COPIED},
        begins_at=max(ended.begins_at, now),
        urgency=urgency,
        is_wide=is_wide or ended.is_wide,
        preferred=ended.preferred,
        excluded=ended.excluded,
        declined=ended.declined,
        deadline_at=rules.deadline_again(settings, promised, now),
        follows=ended,
    )


@action("broker.cancel", on="solicitation")
def cancel(
    *, actor: Actor, solicitation: Solicitation, reason: str, seen: str = "", now: datetime
) -> Solicitation:
    """Stop a search, or give up what it found; tell those who were waiting. Idempotent.

    `seen`: where it stood on the page of who stops it. Raises DomainError when somebody has said
    yes since: they would be sent away unseen.
    """
    if solicitation.state in Solicitation.ENDED:
        return solicitation
    if seen == State.OPEN and solicitation.state in Solicitation.HELD_PLACES:
        raise DomainError(
            "broker.found_meanwhile",
            "Quelqu’un vient de dire oui, pendant que vous lisiez cette page. Rien n’est "
            "arrêté\u00a0: relisez la recherche et, si personne ne doit venir, arrêtez-la.",
        )
    waiting = withdraw_questions(actor, selectors.to_tell_of_the_end(solicitation), now)
    winner = selectors.winner_of(solicitation)
    solicitation.keep(state=State.CANCELLED, held_until=None, ended_at=now, end_reason=reason[:24])
    publish(Cancelled(**named(solicitation), reason=reason[:24]))
    if winner:
        close_the_circle(actor, winner, now)
    for invitation in waiting:
        tell_the_end(actor, invitation, now)
    return solicitation


@action("broker.note_undelivered", on="invitation", lock=("solicitation", "invitation"))
def note_undelivered(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Keep that a text never arrived, so that nobody waits for its answer."""
    is_awaited = invitation.undelivered_at is None and invitation.answer == Answer.WAITING
    if is_awaited and selectors.never_arrives(invitation):
        invitation.undelivered_at = now
        invitation.save(update_fields=["undelivered_at", "updated_at"])
        if invitation.solicitation.is_open:
            look_again(invitation.solicitation, now, now)
    return invitation


@action("broker.note_delivered", on="invitation", lock=("solicitation", "invitation"))
def note_delivered(*, actor: Actor, invitation: Invitation, now: datetime) -> Invitation:
    """Keep that a text said to be lost arrived, or is on its way again: its answer is awaited.
    Idempotent."""
    if invitation.undelivered_at is not None and not selectors.never_arrives(invitation):
        invitation.undelivered_at = None
        invitation.save(update_fields=["undelivered_at", "updated_at"])
    return invitation
