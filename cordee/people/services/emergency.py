"""Emergency access: opened by an attestation, shut by the clock, read again by a human."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.access.models import Account
from cordee.directory import selectors as directory
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.kernel.queue import later
from cordee.people.facts import (
    EmergencyEnded,
    EmergencyOpened,
    EmergencyReviewed,
    EmergencyTold,
)
from cordee.people.models import CircleMember, EmergencyGrant, EmergencyOpposition, Person
from cordee.people.rules import emergency, identity, traits
from cordee.people.rules.emergency import Attestation, Motive, Outcome, Refusal
from cordee.people.selectors.emergency import attempts_of

NOBODY = UUID(int=0)
NOT_OPENED = (
    "Aucun accès n’a été ouvert avec ces éléments. Vérifiez le nom de naissance, le prénom et la "
    "date de naissance, ou le matricule\u00a0; en cas de danger, appelez le 15."
)


@dataclass(frozen=True)
class Claim:
    """Whom one believes to have before oneself, why, and what one certifies."""

    attestation: Attestation
    motive: Motive
    birth_name: str = ""
    first_name: str = ""
    birth_date: date | None = None
    ins: str = ""


@action("people.try_emergency", on=None)
def count_attempt(*, actor: Actor, now: datetime) -> None:
    """Count one more try at an emergency access, found or not: its own trace is the count.

    Committed before anything is looked for; a try beyond the limit leaves no count and opens
    nothing. Raises DomainError (people.emergency_too_many).
    """
    locked = Account.objects.select_for_update(of=("self",), no_key=True)
    locked.filter(pk=actor.signatory).first()
    if attempts_of(actor.signatory) > emergency.ATTEMPTS:
        raise DomainError("people.emergency_too_many", emergency.TOO_MANY)


@action("people.open_emergency", on=None)
def open_emergency(*, actor: Actor, claim: Claim, now: datetime) -> EmergencyGrant:
    """Open a sight of two hours on the one person who bears these traits exactly.

    Somebody unknown, several, or somebody who opposed: the same sentence, so that the answer says
    nothing of who is here. Raises DomainError (people.emergency).
    """
    person = _recognised(claim)
    opposed = _opposed(person)
    refused = emergency.refusal(actor.profession, claim.attestation, opposed=opposed)
    if refused not in (None, Refusal.OPPOSED):
        raise DomainError("people.emergency", refused.label)
    if person is None or refused == Refusal.OPPOSED:
        raise DomainError("people.emergency", NOT_OPENED)
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    _close_expired(person, actor, now)
    grant = EmergencyGrant.objects.filter(
        person=person, account_id=actor.signatory, ended_at=None
    ).first()
    return grant or _opened(actor, person, claim, now)


@action("people.end_emergency", on="grant")
def end_emergency(*, actor: Actor, grant: EmergencyGrant, now: datetime) -> EmergencyGrant:
    """Shut an access before its time, or write down that time shut it."""
    if grant.ended_at is None:
        grant.ended_at = min(now, grant.expires_at)
        grant.save(update_fields=["ended_at", "updated_at"])
        publish(EmergencyEnded(person_id=grant.person_id, grant_id=grant.pk))
    return grant


@action("people.tell_emergency", on="grant")
def tell_emergency(
    *, actor: Actor, grant: EmergencyGrant, how: str, now: datetime
) -> EmergencyGrant:
    """Write down that the person, or who represents them, was told. Raises DomainError."""
    if not how.strip():
        raise DomainError(
            "people.emergency_told", "Dites comment la personne, ou son représentant, l’a su."
        )
    if grant.told_at is None:
        grant.told_at, grant.told_how = now, how.strip()[:120]
        grant.save(update_fields=["told_at", "told_how", "updated_at"])
        publish(EmergencyTold(person_id=grant.person_id, grant_id=grant.pk))
    return grant


@action("people.review_emergency", on="grant")
def review_emergency(
    *, actor: Actor, grant: EmergencyGrant, outcome: Outcome, words: str, now: datetime
) -> EmergencyGrant:
    """Conclude the review. Raises DomainError (people.emergency_reviewed)."""
    if grant.reviewed_at is not None:
        raise DomainError("people.emergency_reviewed", "Cet accès a déjà été relu.")
    grant.reviewed_at, grant.reviewed_by_id = now, actor.account_id
    grant.outcome, grant.review_words = outcome.value, words.strip()[:2000]
    grant.save(
        update_fields=["reviewed_at", "reviewed_by", "outcome", "review_words", "updated_at"]
    )
    publish(EmergencyReviewed(person_id=grant.person_id, grant_id=grant.pk, outcome=outcome.value))
    return grant


def _recognised(claim: Claim) -> Person | None:
    """The one person with these exact traits: the INS, or both names and the birth date."""
    number = identity.normalised(claim.ins)
    if number:
        return _alone(Person.objects.filter(ins=number))
    if claim.birth_date is None:
        return None
    born = Person.objects.filter(birth_date=claim.birth_date).order_by("pk")
    return _alone(person for person in born if _bears(person, claim))


def _alone(found: Iterable[Person]) -> Person | None:
    """The one they all are: a record that another absorbed is the person of that other one."""
    persons = {survivor.pk: survivor for survivor in map(_survivor, found)}
    return next(iter(persons.values())) if len(persons) == 1 else None


def _survivor(person: Person) -> Person:
    while person.merged_into is not None:
        person = person.merged_into
    return person


def _bears(person: Person, claim: Claim) -> bool:
    family = traits.words(claim.birth_name)
    given = traits.words(claim.first_name)
    names = [traits.words(person.birth_name), traits.words(person.used_name)]
    firsts = traits.words(person.first_names, person.used_first_name)
    return bool(family and given) and family in names and set(given) <= set(firsts)


def _opposed(person: Person | None) -> bool:
    """Nobody found is asked about too, in the same words: the answer takes as long."""
    asked = person.pk if person else NOBODY
    return EmergencyOpposition.objects.current().filter(person_id=asked).exists()


def _close_expired(person: Person, actor: Actor, now: datetime) -> None:
    stale = EmergencyGrant.objects.filter(
        person=person, account_id=actor.signatory, ended_at=None, expires_at__lte=now
    )
    for grant in stale.order_by("pk"):
        grant.ended_at = grant.expires_at
        grant.save(update_fields=["ended_at", "updated_at"])
        publish(EmergencyEnded(person_id=person.pk, grant_id=grant.pk))


def _coordinator_of(person: Person, now: datetime) -> UUID | None:
    """The account of reference, else who answers for the person's commune in the structure of
    reference."""
    reference = CircleMember.objects.current().filter(person=person, is_reference=True).first()
    if reference is None or reference.account_id or not reference.organization_id:
        return reference.account_id if reference else None
    sector = directory.sector_of(reference.organization_id, person.commune_id or "")
    if sector and directory.is_member(sector.coordinator_id, sector.organization_id, now):
        return sector.coordinator_id
    return None


def _examiner_for(person: Person, now: datetime) -> UUID | None:
    """The single number of the person's territory, when the house has no DPO to tell."""
    if directory.with_role(Role.DPO, now).exists() or not person.territory_id:
        return None
    return directory.single_number_of(person.territory_id)


def _opened(actor: Actor, person: Person, claim: Claim, now: datetime) -> EmergencyGrant:
    grant = EmergencyGrant(
        person=person,
        account_id=actor.signatory,
        profession=actor.profession,
        motive=claim.motive,
        words=claim.attestation.words.replace("\x00", "").strip()[:2000],
        opened_at=now,
        expires_at=emergency.ends_at(now),
        examiner_id=_examiner_for(person, now),
    )
    grant.save(force_insert=True)
    publish(
        EmergencyOpened(
            person_id=person.pk,
            grant_id=grant.pk,
            account_id=grant.account_id,
            motive=claim.motive.value,
            expires_at=grant.expires_at,
            review_due_at=grant.review_due_at,
            coordinator_account_id=_coordinator_of(person, now),
            examiner_id=grant.examiner_id,
        )
    )
    later("cordee.people.jobs.end_emergency", at=grant.expires_at, grant_id=str(grant.pk))
    return grant
