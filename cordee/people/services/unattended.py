"""Merging by itself: what was measured is kept, the site switches it on, a job does it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import publish
from cordee.people.facts import EvaluationKept, UnattendedMergingSet
from cordee.people.models import Candidate, Evaluation, Merge, UnattendedMerging
from cordee.people.rules import matching, merging, unattended
from cordee.people.rules.matching import Measure
from cordee.people.selectors.unattended import standing_of
from cordee.people.services.merging import Pair, bring_together, lock_pair


@dataclass(frozen=True)
class Measured:
    """A labelled file, and what the weights were worth on it."""

    digest: str
    pairs: int
    made_up: bool
    measures: Iterable[Measure]


@action("people.keep_evaluation", on=None)
def keep_evaluation(*, actor: Actor, measured: Measured, now: datetime) -> int:
    """Keep what was measured, once for a file and its weights. Returns how many lines are new."""
    weights = matching.weights()
    kept = 0
    for one in measured.measures:
        _, is_new = Evaluation.objects.get_or_create(
            digest=measured.digest,
            weights=weights,
            threshold=one.threshold,
            defaults={
                "made_up": measured.made_up,
                "pairs": measured.pairs,
                "found": one.found,
                "wrong": one.wrong,
                "missed": one.missed,
                "measured_at": now,
            },
        )
        kept += is_new
    if kept:
        publish(EvaluationKept(digest=measured.digest, weights=weights))
    return kept


@action("people.set_unattended", on=None)
def switch_on(*, actor: Actor, evaluation: Evaluation, now: datetime) -> UnattendedMerging:
    """Let records be merged by themselves from the threshold of a measure on.

    The setting that was on ends; the same one again changes nothing. Raises DomainError
    (people.not_proved, people.unattended).
    """
    why_not = unattended.why_not(
        evaluation.measure,
        made_up=evaluation.made_up,
        same_weights=evaluation.weights == matching.weights(),
    )
    if why_not:
        raise DomainError("people.not_proved", f"{why_not} Rien n’a été modifié.")
    held = _held()
    if held is not None and held.evaluation_id == evaluation.pk and not standing_of(held).why_not:
        return held
    _end(held, actor, now)
    setting = UnattendedMerging(evaluation=evaluation, set_by_id=actor.account_id, since=now)
    try:
        with transaction.atomic():
            setting.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            "people.unattended",
            "Quelqu’un vient de changer ce réglage. Rien n’a été modifié\u00a0; relisez-le.",
        ) from error
    _tell(setting, is_on=True)
    return setting


@action("people.set_unattended", on=None)
def switch_off(*, actor: Actor, now: datetime) -> UnattendedMerging | None:
    """Leave every decision to humans again. What was merged stays, and may be undone."""
    held = _held()
    _end(held, actor, now)
    return held


@action("people.merge_unattended", on="candidate", lock=())
def merge_unattended(*, actor: Actor, candidate: Candidate, now: datetime) -> Merge | None:
    """Make one record of two that nobody compared, when the setting allows it as things stand now.

    They are weighed again under their lock; what only one record tells is kept. None when a human
    must look. Raises DomainError as `merge_persons`.
    """
    setting = _held()
    pair = lock_pair(candidate)
    if setting is None or standing_of(setting).why_not or not _is_sure(pair, setting):
        return None
    kept, absorbed = (merging.columns_of(side) for side in (pair.kept, pair.absorbed))
    merge = Merge(unattended=setting, merged_at=now)
    missing = merging.told_by_the_other_alone(kept, absorbed)
    return bring_together(actor, pair, merge, missing, now)


def _is_sure(pair: Pair, setting: UnattendedMerging) -> bool:
    """Nobody judged it, ever; neither looks like a third; no two numbers that were proved differ,
    of whatever kinds; no mark on an identity, no two places; and it still weighs enough."""
    both = (pair.kept.pk, pair.absorbed.pk)
    sides = [merging.columns_of(side) for side in (pair.kept, pair.absorbed)]
    likeness = matching.judged(*(matching.known(one.traits) for one in (pair.kept, pair.absorbed)))
    return (
        pair.candidate.state == Candidate.State.TO_JUDGE
        and pair.candidate.judged_at is None
        and not merging.numbers_differ(*sides)
        and not merging.is_marked(*sides)
        and merging.place_is_sure(*sides)
        and likeness.probability >= setting.evaluation.threshold
        and not Merge.objects.filter(candidate=pair.candidate).exists()
        and not Candidate.objects.to_judge().of(*both).exclude(pk=pair.candidate.pk).exists()
    )


def _held() -> UnattendedMerging | None:
    rows = UnattendedMerging.objects.current().select_related("evaluation")
    found: UnattendedMerging | None = rows.select_for_update(of=("self",)).first()
    return found


def _end(setting: UnattendedMerging | None, actor: Actor, now: datetime) -> None:
    if setting is not None:
        setting.until, setting.ended_by_id = max(now, setting.since), actor.account_id
        setting.save(update_fields=["until", "ended_by", "updated_at"])
        _tell(setting, is_on=False)


def _tell(setting: UnattendedMerging, *, is_on: bool) -> None:
    publish(
        UnattendedMergingSet(
            unattended_id=setting.pk, evaluation_id=setting.evaluation_id, is_on=is_on
        )
    )
