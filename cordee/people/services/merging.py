"""Judging two records that look alike: two persons, or one whose records are brought together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access import trace
from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.facts import (
    DeathDenied,
    FoundDifferent,
    GpChanged,
    IdentityChanged,
    PersonDied,
    PersonMoved,
    PersonsMerged,
    PersonsMergedUnattended,
    PersonsMergeUndone,
    ToJudgeAgain,
)
from cordee.people.models import Candidate, CircleMember, Merge, Person
from cordee.people.rules import matching, merging
from cordee.people.rules.traits import WhyAlive
from cordee.people.rules.writing import STRICT
from cordee.people.selectors.merging import compared, withheld_of_pair
from cordee.people.services.circle import follow_gp, gp_of
from cordee.people.services.moving import Journal, lock_all, move_everything, put_back


@action("people.compare", on="person")
def propose_pair(*, actor: Actor, person: Person, other: Person, now: datetime) -> Candidate:
    """Put two records side by side on somebody’s word, whatever the batch thought.

    Raises DomainError (people.same_record).
    """
    if person.pk == other.pk:
        raise DomainError("people.same_record", "C’est la même fiche : choisissez-en une autre.")
    judgement = matching.judged(matching.known(person.traits), matching.known(other.traits))
    one, two = sorted((person, other), key=lambda side: side.pk)
    candidate, _ = Candidate.objects.get_or_create(
        one=one,
        other=two,
        defaults={
            "weight": round(judgement.weight, 3),  # as the batch writes it
            "probability": round(judgement.probability, 6),
            "reasons": list(judgement.reasons),
        },
    )
    return candidate


@action("people.tell_apart", on="candidate")
def tell_apart(*, actor: Actor, candidate: Candidate, now: datetime) -> Candidate:
    """Say that they are two persons: nobody will be asked again.

    Raises DomainError (people.already_merged).
    """
    if candidate.state == Candidate.State.MERGED:
        raise DomainError(
            "people.already_merged",
            "Ces deux fiches ont été réunies entre-temps : annulez d’abord la réunion.",
        )
    if candidate.state != Candidate.State.NOT_SAME:
        _judge(candidate, Candidate.State.NOT_SAME, actor, now)
        for person_id in (candidate.one_id, candidate.other_id):
            publish(FoundDifferent(person_id=person_id, candidate_id=candidate.pk))
    return candidate


@action("people.judge_again", on="candidate")
def judge_again(*, actor: Actor, candidate: Candidate, now: datetime) -> Candidate:
    """Let two records that were told apart be compared again; any other pair stays as it is.

    Who told them apart, and when, stays written: such a pair is never merged by itself.
    """
    if candidate.state == Candidate.State.NOT_SAME:
        candidate.state = Candidate.State.TO_JUDGE
        candidate.save(update_fields=["state", "updated_at"])
        for person_id in (candidate.one_id, candidate.other_id):
            publish(ToJudgeAgain(person_id=person_id, candidate_id=candidate.pk))
    return candidate


@action("people.merge", on="candidate", lock=())
def merge_persons(
    *,
    actor: Actor,
    candidate: Candidate,
    from_absorbed: frozenset[str],
    seen: str | None = None,
    now: datetime,
) -> Merge:
    """Make one record of two, on somebody’s word; `from_absorbed` names the traits chosen there.

    What the actor may not see they did not choose: what one record alone tells of it is kept.
    `seen`: the edition of the comparison that was read. Raises DomainError (people.already_merged,
    people.told_apart, people.changed, people.two_ins, people.merge_in_conflict, people.identity).
    """
    pair = lock_pair(candidate)
    _refuse_old(actor, pair.candidate, seen)
    merge = Merge(merged_by_id=actor.account_id, merged_at=now)
    hidden = merging.hidden_groups(withheld_of_pair(actor, pair.kept, pair.absorbed))
    told = merging.told_by_the_other_alone(*map(merging.columns_of, (pair.kept, pair.absorbed)))
    return bring_together(actor, pair, merge, (from_absorbed - hidden) | (told & hidden), now)


@dataclass(frozen=True)
class Pair:
    """Two records held still: the one that is kept, the one that it absorbs."""

    candidate: Candidate
    kept: Person
    absorbed: Person


def lock_pair(candidate: Candidate) -> Pair:
    """Hold two records and all that hangs from them, and read them again as they are now.

    Raises DomainError (people.already_merged, people.two_ins).
    """
    lock_all(candidate.one_id, candidate.other_id)
    candidate = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    told = Person.objects.select_related("commune", "territory", "gp")
    persons = told.in_bulk([candidate.one_id, candidate.other_id])
    candidate.one, candidate.other = persons[candidate.one_id], persons[candidate.other_id]
    kept, absorbed = merging.in_order(candidate.one, candidate.other)
    _refuse(kept, absorbed)
    return Pair(candidate, kept, absorbed)


def bring_together(
    actor: Actor, pair: Pair, merge: Merge, from_absorbed: frozenset[str], now: datetime
) -> Merge:
    """Move everything to the record that is kept, under `merge`, which says who decided it.

    Raises DomainError (people.merge_in_conflict, people.identity).
    """
    kept, absorbed = pair.kept, pair.absorbed
    for person in (kept, absorbed):
        trace.did(actor, "people.merge", person)
    merge.survivor, merge.absorbed, merge.candidate = kept, absorbed, pair.candidate
    merge.save(force_insert=True)
    journal = Journal(merge, now)
    plan = merging.planned(merging.columns_of(kept), merging.columns_of(absorbed), from_absorbed)
    _leave_one_gp(journal, kept, absorbed, plan.columns["gp_id"])
    move_everything(journal, kept.pk, absorbed.pk)
    plan = merging.Plan({**plan.columns, "gp_id": gp_of(kept.pk)})
    _carry(journal, kept, plan)
    journal.change(absorbed, merged_into_id=kept.pk)
    journal.write()
    _judge(pair.candidate, Candidate.State.MERGED, actor, now)
    _tell(PersonsMergedUnattended if merge.unattended_id else PersonsMerged, merge)
    _tell_what_changed(kept, plan)
    return merge


@action("people.undo_merge", on="merge")
def undo_merge(*, actor: Actor, merge: Merge, now: datetime) -> int:
    """Part two records again: each row goes back where it was, with what it became since.

    What was written since the merge stays with the record that was kept. Returns how many changes
    could not be put back because they were changed again. Raises DomainError (people.undone,
    people.merged_since, people.identity).
    """
    if merge.undone_at is not None:
        raise DomainError("people.undone", "Cette réunion a déjà été annulée.")
    lock_all(merge.survivor_id, merge.absorbed_id)
    latest = Merge.objects.standing().filter(survivor=merge.survivor_id).order_by("-pk").first()
    absorbed_since = Merge.objects.standing().filter(absorbed=merge.survivor_id).exists()
    if latest != merge or absorbed_since:
        raise DomainError(
            "people.merged_since",
            "Une autre réunion a suivi celle-ci. Rien n’a été modifié : annulez d’abord la plus "
            "récente.",
        )
    trace.did(actor, "people.undo_merge", Person.objects.get(pk=merge.absorbed_id))
    gp_before, before = gp_of(merge.survivor_id), Person.objects.get(pk=merge.survivor_id)
    left = put_back(merge, now)
    for person in Person.objects.filter(pk__in=(merge.survivor_id, merge.absorbed_id)):
        if person.pk == merge.survivor_id:
            _tell_gp(person.pk, gp_before, person.gp_id)
            _tell_death(before, person.deceased_on, WhyAlive.OTHER_PERSON)
            _tell_move(before, person.commune_id, person.territory_id)
            _tell_status(before, merging.columns_of(person))
        follow_gp(person)  # who left the circle since is the GP of neither
    merge.undone_at, merge.undone_by_id = now, actor.account_id
    merge.save(update_fields=["undone_at", "undone_by", "updated_at"])
    _judge(merge.candidate, Candidate.State.TO_JUDGE, actor, now)
    _tell(PersonsMergeUndone, merge)
    return left


def _refuse_old(actor: Actor, candidate: Candidate, seen: str | None) -> None:
    """Refuse what was decided on a page that a colleague has made old."""
    if candidate.state == Candidate.State.NOT_SAME:
        raise DomainError(
            "people.told_apart",
            "Quelqu’un a jugé que ce sont deux personnes. Rien n’a été modifié\u00a0; pour en "
            "juger autrement, rouvrez la paire et choisissez «\u00a0Comparer de nouveau\u00a0».",
        )
    if seen is not None and seen != compared(actor, candidate).edition:
        raise DomainError(
            "people.changed",
            "Quelqu’un vient de corriger l’une de ces fiches, ou cette page est ancienne. Rien n’a "
            "été modifié\u00a0: rouvrez la paire et choisissez de nouveau.",
        )


def _refuse(kept: Person, absorbed: Person) -> None:
    if kept.merged_into_id or absorbed.merged_into_id:
        raise DomainError(
            "people.already_merged",
            "L’une de ces fiches vient d’être réunie à une autre. Rien n’a été modifié : "
            "rouvrez la fiche gardée et comparez de nouveau.",
        )
    if merging.two_numbers(merging.columns_of(kept), merging.columns_of(absorbed)):
        raise DomainError(
            "people.two_ins",
            "Ces fiches portent deux matricules INS qualifiés différents, de même sorte : ce sont "
            "deux personnes. Rien n’a été modifié ; si l’un des matricules est faux, retirez-le "
            "d’abord.",
        )


def _leave_one_gp(journal: Journal, kept: Person, absorbed: Person, gp_id: UUID | None) -> None:
    """Where the records name two, the one chosen stays; the other stays as a doctor."""
    if kept.gp_id == absorbed.gp_id:
        return
    doctors = CircleMember.objects.current().filter(
        person__in=(kept, absorbed), role=CircleMember.Role.GP
    )
    for doctor in doctors.exclude(practitioner=gp_id).order_by("pk"):
        journal.change(doctor, role=CircleMember.Role.DOCTOR)


def _carry(journal: Journal, kept: Person, plan: merging.Plan) -> None:
    try:
        with transaction.atomic():
            journal.change(kept, **plan.columns)
    except IntegrityError as error:
        raise DomainError(
            "people.identity",
            "Les traits choisis ne vont pas ensemble (un décès avant la naissance, par exemple). "
            "Rien n’a été modifié : choisissez autrement.",
        ) from error


def _judge(candidate: Candidate, state: str, actor: Actor, now: datetime) -> None:
    judged = state != Candidate.State.TO_JUDGE
    candidate.state = state
    candidate.judged_at = now if judged else None
    candidate.judged_by_id = actor.account_id if judged else None
    candidate.save(update_fields=["state", "judged_at", "judged_by", "updated_at"])


Told = type[PersonsMerged] | type[PersonsMergedUnattended] | type[PersonsMergeUndone]


def _tell(kind: Told, merge: Merge) -> None:
    for person_id in (merge.survivor_id, merge.absorbed_id):
        publish(
            kind(
                person_id=person_id,
                merge_id=merge.pk,
                survivor_id=merge.survivor_id,
                absorbed_id=merge.absorbed_id,
            )
        )


def _tell_gp(person_id: UUID, before: UUID | None, now: UUID | None) -> None:
    if now != before:
        publish(GpChanged(person_id=person_id, practitioner_id=now))


def _tell_death(before: Person, deceased_on: date | None, why: WhyAlive) -> None:
    """A death that the other record knew is news; so is one that goes, and why it does."""
    if deceased_on and before.deceased_on is None:
        publish(PersonDied(person_id=before.pk, deceased_on=deceased_on))
    elif before.deceased_on and deceased_on is None:
        publish(DeathDenied(person_id=before.pk, why=why.value))


def _tell_status(before: Person, now: Mapping[str, Any]) -> None:
    """What was proved of her traits is news, and so is what is proved of them no more."""
    status = now["ins_status"]
    if status != before.ins_status:
        changed = [name for name in STRICT if now[name] != getattr(before, name)]
        publish(IdentityChanged(person_id=before.pk, fields=changed, status=status))


def _tell_what_changed(before: Person, plan: merging.Plan) -> None:
    """A death, a move or a GP that the other record knew is news for the rooms above; so is an
    identity proved less, its traits coming from both."""
    _tell_status(before, plan.columns)
    _tell_gp(before.pk, before.gp_id, plan.columns["gp_id"])
    _tell_death(before, plan.columns["deceased_on"], WhyAlive.WRONG_NEWS)
    _tell_move(before, plan.columns["commune_id"], plan.columns["territory_id"])


def _tell_move(before: Person, commune: str | None, territory: UUID | None) -> None:
    if commune != before.commune_id:
        publish(
            PersonMoved(person_id=before.pk, commune_code=commune or "", territory_id=territory)
        )
