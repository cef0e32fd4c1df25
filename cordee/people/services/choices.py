"""Informing the person, and writing down what they choose."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection, transaction

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.access.policy import is_allowed
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.facts import (
    BasisSet,
    EmergencyChoiceChanged,
    HintChoiceChanged,
    Informed,
    MeasureDeclared,
    ProcessingChanged,
    SharingChanged,
)
from cordee.people.models import (
    EmergencyGrant,
    EmergencyOpposition,
    HintChoice,
    Information,
    Person,
    Processing,
    ProcessingBasis,
    Relative,
    Sharing,
)
from cordee.people.rules import notices, sharing
from cordee.people.rules.processing import Agreed, Basis, Purpose, Will
from cordee.people.rules.sharing import Audience, Category, Choice, Medium, Speaker
from cordee.people.selectors import awaits_agreement, legal_state_told
from cordee.people.services.relatives import NOT_CLOSE, RelativeSaid, write_relative

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Told:
    """Who spoke, how it was collected, with which document; the notice handed in this gesture."""

    speaker: Speaker = Speaker.PERSON
    how: notices.How = notices.How.ORAL
    relative: Relative | None = None
    document: str = ""
    hands_notice: bool = False


@dataclass(frozen=True)
class Chosen:
    """One choice over cells: category × audience × medium."""

    choice: Choice
    category: Category
    audience: Audience
    media: tuple[Medium, ...] = tuple(Medium)


@action("people.inform", on="person")
def inform(*, actor: Actor, person: Person, told: Told, now: datetime) -> Information:
    """Write down that the person, or who speaks for them, received the notice in force.

    Raises DomainError (people.speaker).
    """
    return _inform(actor, person, told, now)


@action("people.share", on="person")
def choose_sharing(
    *, actor: Actor, person: Person, chosen: Chosen, told: Told, now: datetime
) -> list[Sharing]:
    """Write down an opposition, a consent, or the end of either. In force at once.

    A consent follows the notice in force: given before to who consents, or handed in this gesture.
    Raises DomainError (people.not_informed, people.speaker).
    """
    _refuse_wrong_speaker(actor, person, told, chosen.choice, now)
    _refuse_opening(actor, person, _opens(person, chosen))
    if told.hands_notice:
        _inform(actor, person, told, now)
    _refuse_uninformed(person, told, chosen.choice)
    proof = _proof(actor, person, told, now)
    written = []
    for medium in chosen.media:
        cell = {"category": chosen.category, "audience": chosen.audience, "medium": medium}
        _end(Sharing.objects.current().filter(person=person, **cell), now)
        row = Sharing(**proof, **cell, choice=chosen.choice)
        row.save(force_insert=True)
        written.append(row)
    publish(
        SharingChanged(person_id=person.pk, sharing_id=written[0].pk, choice=chosen.choice.value)
    )
    return written


@action("people.process", on="person")
def choose_processing(
    *, actor: Actor, person: Person, purpose: Purpose, will: Will, told: Told, now: datetime
) -> Processing:
    """Write down that a use of the data is accepted or refused. In force at once.

    Raises DomainError (people.speaker).
    """
    choice = Choice.CONSENTED if will == Will.ACCEPTED else Choice.OPPOSED
    _refuse_wrong_speaker(actor, person, told, choice, now)
    _refuse_opening(actor, person, will == Will.ACCEPTED)
    return _process(actor, person, purpose, will, told, now)


@action("people.agree", on="person")
def agree(*, actor: Actor, person: Person, agreed: Agreed, now: datetime) -> Processing:
    """Write down, at the desk that takes up somebody’s request, that she accepts to be accompanied.

    The desk may read and write nothing else of her until then. The notice in force was given in
    this gesture, unless it had been. Safe to repeat. Raises DomainError (people.speaker).
    """
    current = Processing.objects.current().filter(person=person, purpose=Purpose.COORDINATION)
    if given := current.filter(will=Will.ACCEPTED).first():
        return given
    told = _told(actor, person, agreed, now)
    if not notices.may_be_recorded(Choice.CONSENTED, agreed.speaker, _given(person)):
        _inform(actor, person, told, now)
    return _process(actor, person, Purpose.COORDINATION, Will.ACCEPTED, told, now)


def _told(actor: Actor, person: Person, agreed: Agreed, now: datetime) -> Told:
    """Say who agreed. A measure that they say and nobody noted is told, to be verified; it gives
    them no quality, and the person no protection: either would open what they read."""
    legal = person.legal_state_on(now.astimezone(PARIS).date())
    measure = agreed.protection in Person.REPRESENTING
    if not sharing.is_declared(legal, person.represented, agreed.speaker, measure):
        told = Told(agreed.speaker, notices.How.ORAL, _voice(person, agreed))
        _refuse_wrong_speaker(actor, person, told, Choice.CONSENTED, now)
        return told
    label = Person.Protection(agreed.protection).label
    publish(
        MeasureDeclared(
            person_id=person.pk, organization_id=actor.organization_id, measure=agreed.protection
        )
    )
    said = f"Se dit représentant légal\u00a0: {label}, à vérifier"
    return Told(agreed.speaker, notices.How.ORAL, _voice(person, agreed, noted=False), said)


def ask_agreement(actor: Actor, person: Person, agreed: Agreed | None, now: datetime) -> None:
    """Write down the agreement that coordination waits for, in the gesture under way.

    Who cares for somebody needs none. Raises DomainError (people.not_agreed, people.speaker).
    """
    if actor.role not in COORDINATING or not awaits_agreement(person.pk):
        return
    if agreed is None:
        raise DomainError("people.not_agreed", NOT_AGREED)
    agree(actor=actor, person=person, agreed=agreed, now=now)


def hold_the_basis() -> None:
    """Have who changes a legal basis wait for the gesture under way: whatever it begins is seen by
    who then ends what nobody agreed to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('people.basis'))")


def _process(
    actor: Actor, person: Person, purpose: Purpose, will: Will, told: Told, now: datetime
) -> Processing:
    _end(Processing.objects.current().filter(person=person, purpose=purpose), now)
    row = Processing(**_proof(actor, person, told, now), purpose=purpose, will=will)
    row.save(force_insert=True)
    publish(
        ProcessingChanged(
            person_id=person.pk, processing_id=row.pk, purpose=purpose.value, will=will.value
        )
    )
    return row


@action("people.oppose_emergency", on="person")
def choose_emergency(
    *, actor: Actor, person: Person, opposed: bool, told: Told, now: datetime
) -> None:
    """Write down that emergency access is refused, or no longer. Open accesses end at once.

    Raises DomainError (people.speaker).
    """
    choice = Choice.OPPOSED if opposed else Choice.NEUTRAL
    _refuse_wrong_speaker(actor, person, told, choice, now)
    _refuse_opening(actor, person, not opposed)
    current = EmergencyOpposition.objects.current().filter(person=person)
    if current.exists() == opposed:
        return
    if opposed:
        EmergencyOpposition(**_proof(actor, person, told, now)).save(force_insert=True)
        for grant in EmergencyGrant.objects.filter(person=person, ended_at=None).order_by("pk"):
            grant.ended_at = now
            grant.save(update_fields=["ended_at", "updated_at"])
    else:
        _end(current, now)
        back = _proof(actor, person, told, now) | {"opposed": False, "until": now}
        EmergencyOpposition(**back).save(force_insert=True)
    publish(EmergencyChoiceChanged(person_id=person.pk, opposed=opposed))


@action("people.allow_hint", on="person")
def choose_hint(
    *, actor: Actor, person: Person, allowed: bool, told: Told, now: datetime
) -> HintChoice:
    """Write down whether one may be told that what is shown may be partial. In force at once.

    Raises DomainError (people.speaker).
    """
    choice = Choice.CONSENTED if allowed else Choice.OPPOSED
    _refuse_wrong_speaker(actor, person, told, choice, now)
    _refuse_opening(actor, person, allowed)
    _end(HintChoice.objects.current().filter(person=person), now)
    row = HintChoice(**_proof(actor, person, told, now), allowed=allowed)
    row.save(force_insert=True)
    publish(HintChoiceChanged(person_id=person.pk, choice_id=row.pk, allowed=allowed))
    return row


@action("people.set_basis", on=None)
def set_basis(*, actor: Actor, purpose: Purpose, basis: Basis, now: datetime) -> ProcessingBasis:
    """Set the legal basis of a purpose, in the name of the data controller.

    Setting the one in force changes nothing. Raises DomainError (people.basis).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('people.basis'))")
    current = ProcessingBasis.objects.current().filter(purpose=purpose)
    held = current.select_for_update(of=("self",)).first()
    if held is not None and held.basis == basis:
        return held
    _end(current, now)
    row = ProcessingBasis(purpose=purpose, basis=basis, set_by_id=actor.account_id, since=now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "people.basis",
            "Quelqu’un vient de fixer cette base légale. Rien n’a été modifié\u00a0; relisez-la.",
        ) from error
    publish(BasisSet(basis_id=row.pk, purpose=purpose.value, basis=basis.value))
    return row


def _end(rows: Any, now: datetime) -> None:
    rows.update(until=now, updated_at=now)


def _inform(actor: Actor, person: Person, told: Told, now: datetime) -> Information:
    information = Information(**_proof(actor, person, told, now) | {"notice": notices.CURRENT})
    information.save(force_insert=True)
    publish(Informed(person_id=person.pk, information_id=information.pk, notice=information.notice))
    return information


def _given(person: Person) -> list[tuple[str, str]]:
    """The notices given about somebody, the latest first: version, to whom."""
    rows = Information.objects.filter(person=person).order_by("-since", "-pk")
    return list(rows.values_list("notice", "speaker"))


def _notice_seen(person: Person, told: Told) -> str:
    """The version that who speaks had read; none, when nothing was given to them."""
    return next((version for version, whom in _given(person) if whom == told.speaker), "")


def _refuse_uninformed(person: Person, told: Told, choice: Choice) -> None:
    if not notices.may_be_recorded(choice, told.speaker, _given(person)):
        raise DomainError("people.not_informed", notices.TO_GIVE_FIRST)


def _proof(actor: Actor, person: Person, told: Told, now: datetime) -> dict[str, Any]:
    if told.relative is not None and not told.relative.is_close_to(person.pk):
        raise DomainError("people.speaker", NOT_CLOSE)
    return {
        "person": person,
        "speaker": told.speaker,
        "relative": told.relative,
        "collected_by_id": actor.account_id,
        "notice": _notice_seen(person, told),
        "how": told.how,
        "document": told.document.strip()[:120],
        "since": now,
    }


def _refuse_wrong_speaker(
    actor: Actor, person: Person, told: Told, choice: Choice, now: datetime
) -> None:
    today = now.astimezone(PARIS).date()
    legal = person.legal_state_on(today)
    if not sharing.may_speak(legal, person.represented, told.speaker, choice):
        told_all = legal_state_told(actor, person, today) == legal
        sentence = _who_may(legal, person, choice) if told_all else NOT_THIS_WAY
        raise DomainError("people.speaker", sentence)
    quality = sharing.SPOKEN_BY.get(told.speaker)
    if quality and not (told.relative and getattr(told.relative, quality)):
        raise DomainError(
            "people.speaker",
            f"Indiquez qui a parlé\u00a0: {told.speaker.label}, parmi les proches de la personne.",
        )


def _voice(person: Person, agreed: Agreed, *, noted: bool = True) -> Relative | None:
    """Find who spoke for the person by their name and quality, or write them down, with that
    quality where it is `noted`.

    Somebody known without that quality is never given it here: it would open what they read.
    """
    quality = sharing.SPOKEN_BY.get(agreed.speaker)
    if quality is None:
        return None
    name = agreed.name.strip()
    if not name:
        raise DomainError("people.speaker", WHO_SPOKE)
    known = Relative.objects.filter(person=person, ended_at=None, name__iexact=name)
    found = known.filter(**{quality: True}).order_by("pk").first()
    said = RelativeSaid(
        name=name,
        has_parental_authority=noted and agreed.speaker == Speaker.PARENT,
        is_representative=noted and agreed.speaker == Speaker.REPRESENTATIVE,
    )
    return found or write_relative(person, said)


def _refuse_opening(actor: Actor, person: Person, opens: bool) -> None:
    """A refusal is written down by anybody of the circle; what opens, by who steers the pathway."""
    if opens and not is_allowed(actor, "people.open", person):
        raise DomainError("people.opening", NOT_THIS_WAY)


def _opens(person: Person, chosen: Chosen) -> bool:
    if chosen.choice != Choice.NEUTRAL:
        return chosen.choice == Choice.CONSENTED
    said = Sharing.objects.current().filter(person=person, choice=Choice.OPPOSED)
    cells = {"category": chosen.category, "audience": chosen.audience, "medium__in": chosen.media}
    return said.filter(**cells).exists()


COORDINATING = frozenset({Role.ORIENTEUSE, Role.COORDINATOR})
NOT_AGREED = (
    "La coordination demande ici l’accord de la personne, et il n’est pas noté. Rien n’a été créé "
    "ni perdu\u00a0: recueillez-le, remettez-lui ou lisez-lui la note d’information, cochez "
    "«\u00a0Accord recueilli à l’oral\u00a0», puis enregistrez de nouveau. Sans son accord, il "
    "reste le conseil sans nom."
)
WHO_SPOKE = (
    "Écrivez le nom de qui a donné cet accord pour la personne. Rien n’a été enregistré\u00a0; ce "
    "que vous avez saisi est gardé."
)
NOT_THIS_WAY = (
    "Ce choix ne peut pas être recueilli ainsi. Rien n’a été enregistré\u00a0: voyez avec la "
    "coordination de référence de la personne."
)


def _who_may(legal: sharing.LegalState, person: Person, choice: Choice) -> str:
    able = [
        speaker.label
        for speaker in Speaker
        if sharing.may_speak(legal, person.represented, speaker, choice)
    ]
    if not able:
        return (
            "Personne ne peut donner cet accord à la place de la personne. "
            "Rien n’a été enregistré\u00a0; une opposition peut l’être."
        )
    return f"Ce choix ne peut venir que de\u00a0: {_listed(able)}. Rien n’a été enregistré."


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
