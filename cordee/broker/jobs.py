"""What happens later to a search, and what texts say. Every job looks before it acts."""

from datetime import datetime
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from cordee.access import trace
from cordee.access.actor import SYSTEM, Actor, Origin, Purpose, Role
from cordee.broker import rules, selectors, services
from cordee.broker.models import Invitation, Solicitation
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import StoredFact, listens
from cordee.kernel.queue import job
from cordee.people.facts import persons_of


@job(queue="broker", attempts=8)
def close_wave(*, solicitation_id: str) -> None:
    """A wave, a hold or a night is over: do what is due, if the search still waits for it."""
    _look(solicitation_id)


@job(queue="broker", attempts=8)
def end_search(*, solicitation_id: str) -> None:
    """The deadline came: give the need back, unless somebody said yes."""
    _look(solicitation_id)


@job(queue="broker", attempts=8)
def look_at_many(*, solicitation_ids: list[str]) -> None:
    """The moment came to look at searches that were launched together: one that fails keeps none
    of the others from being looked at, and is looked at again with them."""
    _look_at_each(solicitation_ids)


@job(queue="broker", attempts=8)
def try_again(*, solicitation_id: str) -> None:
    """Quiet hours are over: the search that they kept from asking anybody is taken up."""
    ended = _search(solicitation_id)
    if ended and not ended.is_open:
        services.try_again(actor=SYSTEM, solicitation=ended, now=timezone.now())


@job(queue="broker", attempts=3, every="*/5 * * * *")
def sweep() -> None:
    """Look at searches whose look was lost, so that none is forgotten."""
    due = selectors.due_for_a_look(SYSTEM, timezone.now())
    _look_at_each([str(one.pk) for one in due])


@job(queue="broker", attempts=8)
def check_confirmation(*, solicitation_id: str) -> None:
    """The time to state a first visit is over: tell, once, if it was not stated."""
    solicitation = _search(solicitation_id)
    if solicitation and solicitation.state == Solicitation.State.FILLED:
        services.flag_late(actor=SYSTEM, solicitation=solicitation, now=timezone.now())


@listens("messaging.text_received")
def on_text(*, fact: StoredFact) -> None:
    """A professional answered by text: each code gets its word, and only from its own phone."""
    if not fact.data.get("practitioner_id") or fact.data.get("stop"):
        return
    practitioner_id = UUID(fact.data["practitioner_id"])
    if _tries_codes(fact, practitioner_id):
        return
    if fact.data["clear"]:
        for answer in fact.data["answers"]:
            word, _, code = answer.partition(":")
            _answer(practitioner_id, word, code, fact.happened_at)
    else:
        _unclear(practitioner_id, fact.data["codes"], fact.happened_at)


@listens("messaging.delivery_failed")
def on_failure(*, fact: StoredFact) -> None:
    """A question never arrived: nobody waits for its answer. Nor did what says to whoever comes
    that the place is theirs, or is no more, or that their date suits: somebody calls."""
    room, _, pk = fact.data.get("origin", "").partition("/invitation/")
    note = UNDELIVERED.get(fact.data.get("template", "")) if room == "broker" else None
    invitation = selectors.asked_by_text(SYSTEM, pk) if note else None
    if note and invitation:
        note(actor=SYSTEM, invitation=invitation, now=timezone.now())


@listens("messaging.arrived_after_all", "messaging.sent_again")
def on_arrival(*, fact: StoredFact) -> None:
    """A question said to be lost is read, or leaves again: its answer is awaited again."""
    room, _, pk = fact.data.get("origin", "").partition("/invitation/")
    is_question = room == "broker" and fact.data.get("template") == "broker.ask"
    invitation = selectors.asked_by_text(SYSTEM, pk) if is_question else None
    if invitation:
        services.note_delivered(actor=SYSTEM, invitation=invitation, now=timezone.now())


@listens("people.merge_undone")
def on_parted(*, fact: StoredFact) -> None:
    """Records are two again: whoever comes is of the circle where she comes."""
    persons = persons_of(fact)
    for invitation in selectors.yeses_of(persons):
        services.follow_parted(
            actor=SYSTEM, invitation=invitation, persons=persons, now=timezone.now()
        )


UNDELIVERED = {
    "broker.ask": services.note_undelivered,
    "broker.place_held": services.note_untold,
    "broker.not_needed": services.note_end_untold,
    "broker.visit_accepted": services.note_visit_untold,
    selectors.WINNER_LINK: services.note_untold,
}


def _look_at_each(solicitation_ids: list[str]) -> None:
    failed = []
    for one in solicitation_ids:
        try:
            _look(one)
        except Exception as error:  # noqa: BLE001 — whatever it was, it is told after the others
            failed.append(error)
    if failed:
        raise ExceptionGroup("some searches could not be looked at", failed)


def _look(solicitation_id: str) -> None:
    solicitation = _search(solicitation_id)
    if solicitation and solicitation.is_open:
        services.advance(actor=SYSTEM, solicitation=solicitation, now=timezone.now())


def _search(solicitation_id: str) -> Solicitation | None:
    try:
        return selectors.get_search(SYSTEM, solicitation_id)
    except Http404:
        return None


def _tries_codes(fact: StoredFact, practitioner_id: UUID) -> bool:
    """Keep a wrong code in the trace; after some, texts of this phone move nothing for an hour.

    A sender can be forged: its true owner is told, once, and still answers by the link.
    """
    wrong = selectors.wrong_codes(practitioner_id, fact.happened_at)
    if wrong & set(fact.data["codes"]):
        actor = _by_text(practitioner_id)
        trace.refused(actor, "broker.reply_code", subject_id=fact.data["text_id"])
    if not rules.tries_codes(wrong):
        return False
    asked = selectors.latest_asked(practitioner_id)
    if asked:
        _try(services.point_to_the_link, asked)
    return True


def _by_text(practitioner_id: UUID) -> Actor:
    return Actor(
        role=Role.GUEST,
        practitioner_id=practitioner_id,
        purpose=Purpose.CARE,
        origin=Origin.TEXT,
    )


def _answer(practitioner_id: UUID, word: str, code: str, heard_at: datetime) -> None:
    found = selectors.invitations_for_reply(practitioner_id, [code] if code else [], heard_at)
    kept = None if found or code or word == "yes" else selectors.yes_kept(practitioner_id, heard_at)
    if len(found) == 1 and found[0].takes_by_text(word):
        _try(services.hold if word == "yes" else services.decline, found[0])
    elif len(found) == 1 or kept:
        _try(services.answer_by_link, kept or found[0], heard_at=heard_at)
    elif found:
        _try(services.ask_which, found[0], heard_at=heard_at)


def _unclear(practitioner_id: UUID, codes: list[str], heard_at: datetime) -> None:
    """« Oui, mais… » is shown to the team; it holds nothing and refuses nothing. Once nobody is
    sought, it is answered as a plain yes."""
    found = selectors.invitations_for_reply(practitioner_id, codes, heard_at) if codes else []
    for invitation in found:
        if invitation.answer == Invitation.Answer.WAITING:
            _try(services.offer_by_text, invitation)


def _try(gesture, invitation: Invitation, **more: object) -> None:  # noqa: ANN001
    try:
        gesture(
            actor=_by_text(invitation.practitioner_id),
            invitation=invitation,
            now=timezone.now(),
            **more,
        )
    except DomainError:
        return  # it came after a final answer, or may not be written: the link says why
