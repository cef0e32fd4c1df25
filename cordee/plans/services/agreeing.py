"""The plan is shown, talked over, agreed to or refused; then, and only then, it begins."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cordee.access.action import action
from cordee.access.actor import Actor, Role
from cordee.kernel.errors import DomainError
from cordee.kernel.facts import Fact, publish
from cordee.people.models import Person, Relative
from cordee.people.rules.notices import How
from cordee.people.rules.processing import Purpose
from cordee.people.rules.sharing import SPOKEN_BY, Speaker
from cordee.people.selectors import (
    is_deceased,
    legal_state_told,
    may_process,
    own_spaces_of_account,
)
from cordee.plans.facts import (
    ActionPlanned,
    PlanActivated,
    PlanAgreed,
    PlanDiscussed,
    PlanProposed,
    PlanRefused,
    PlanToFollow,
)
from cordee.plans.models import Activity, Agreement, CarePlan, PlanVersion, VersionPart
from cordee.plans.rules import agreement, readiness, versions
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.lines import Phase
from cordee.plans.rules.rhythms import civil_day
from cordee.plans.rules.states import OFFERED, Event, State
from cordee.plans.selectors import (
    Part,
    current_parts,
    day_kept,
    every_part,
    frozen_parts,
    numbers_on_the_thread,
    written_of,
)
from cordee.plans.services.moves import moved, stop_actions, tell_step

CHANGED = (
    "Le plan a changé depuis la version que vous avez sous les yeux. Rien n’a été enregistré : "
    "proposez-le de nouveau, montrez la nouvelle version, puis recueillez la réponse."
)


@dataclass(frozen=True)
class Word:
    """What was said of a version: the one that was shown, by its number and its sum."""

    decision: Decision
    number: int
    shown: str
    speaker: Speaker = Speaker.PERSON
    relative: Relative | None = None
    how: How = How.ORAL
    words: str = ""


@action("plans.propose", on="plan")
def propose(*, actor: Actor, plan: CarePlan, now: datetime) -> PlanVersion:
    """Freeze the plan as it stands, to be shown to the person.

    What already waits for her word, has it, or is under way, is not proposed again as it is:
    her word would be lost. What she refused may be.
    Raises DomainError (plans.not_ready, plans.state, plans.unchanged).
    """
    if lacks := readiness.missing(written_of(actor, plan)):
        raise DomainError(
            "plans.not_ready",
            f"Avant de proposer le plan, il reste à écrire : {' ; '.join(lacks)}. Rien n’est "
            "perdu.",
        )
    state = moved(plan, Event.PROPOSE)
    parts, latest = every_part(plan), _latest(plan)
    _require_news(plan, parts, latest)
    version = PlanVersion(
        plan=plan,
        number=latest.number + 1 if latest else 1,
        frozen_at=now,
        frozen_by_id=actor.signatory,
    )
    version.save(force_insert=True)
    VersionPart.objects.bulk_create(
        VersionPart(
            frozen=version,
            category=part.category,
            author_id=part.author_id,
            content=part.content,
            digest=part.digest,
        )
        for part in parts
    )
    proposed = PlanProposed(person_id=plan.person_id, plan_id=plan.pk, version=version.number)
    _keep(plan, {"state": state.value}, proposed, told=_is_offered_anew(plan, version, latest))
    return version


def _is_offered_anew(plan: CarePlan, version: PlanVersion, latest: PlanVersion | None) -> bool:
    """Whether a version is proposed, for who reads coordination alone: it says something else to
    them than the latest, or that one was refused."""
    if latest is None:
        return True
    told = numbers_on_the_thread(plan)
    stands = plan.state in (*OFFERED, State.AGREED) or not _is_news(plan, latest)
    return not (stands and told[version.number] == told[latest.number])


def _is_news(plan: CarePlan, version: PlanVersion) -> bool:
    """Whether a version is another than the one under way, for who reads coordination alone."""
    told = numbers_on_the_thread(plan)
    return plan.in_force is None or told[version.number] != told[plan.in_force]


def _keep(plan: CarePlan, moved_to: dict[str, Any], fact: Fact, *, told: bool) -> None:
    """Keep where a plan stands, and say so on her thread: or, of what few read, that it moved, of
    nobody. Its date is of what is told: it would tell everybody of the rest."""
    for name, value in moved_to.items():
        setattr(plan, name, value)
    plan.save(update_fields=[*moved_to, *(["updated_at"] if told else [])])
    publish(fact if told else PlanToFollow(plan_id=plan.pk))


def _require_news(plan: CarePlan, parts: list[Part], latest: PlanVersion | None) -> None:
    if latest is None:
        return
    stands = plan.state in (*OFFERED, State.AGREED) or plan.in_force == latest.number
    said = {(part.category, part.author_id, part.digest) for part in parts}
    if stands and said == set(latest.parts.values_list("category", "author_id", "digest")):
        raise DomainError(
            "plans.unchanged",
            "Le plan est déjà proposé tel quel. Rien n’a été modifié, et ce que la personne en a "
            "dit reste noté.",
        )


@action("plans.say", on="plan")
def say(*, actor: Actor, plan: CarePlan, word: Word, now: datetime) -> Agreement:
    """Write down what was said of a version, and what follows from it, at once.

    Raises DomainError (plans.state, plans.changed_since, plans.speaker,
    plans.coordination_refused).
    """
    _require_speaker(actor, plan.person, word, now)
    version = _version_meant(plan, word)
    state = moved(plan, agreement.EVENT_OF[word.decision])
    shown = {part.digest for part in frozen_parts(actor, version)}
    if word.decision == Decision.AGREED:
        _require_as_shown(actor, plan, word, shown)
        _require_coordination(plan)
    said = Agreement(
        frozen=version,
        decision=word.decision.value,
        speaker=word.speaker.value,
        relative=word.relative,
        how=word.how.value,
        words=word.words.strip()[:1000],
        covers=sorted(shown),
        said_at=now,
        recorded_by_id=actor.signatory,
    )
    said.save(force_insert=True)
    told = bool(said.words) or version.number == plan.in_force or _is_news(plan, version)
    moved_to: dict[str, Any] = {"state": state.value}
    if word.decision == Decision.WITHDRAWN:
        stop_actions(plan, "accord retiré par la personne", now)
        moved_to |= {"in_force": None, "review_on": None}
    _keep(plan, moved_to, _fact(plan, version, word), told=told)
    return said


@action("plans.activate", on="plan")
def activate(*, actor: Actor, plan: CarePlan, review_on: date, now: datetime) -> CarePlan:
    """Begin what was agreed to, and nothing else: the actions shown to who agreed.
    What few read moves no review of the plan: its day is read by all.

    Raises DomainError (plans.state, plans.review_day, plans.deceased).
    """
    if is_deceased(plan.person_id):
        raise DomainError(
            "plans.deceased", "Cette personne est décédée : son plan n’est pas mis en œuvre."
        )
    state, version, kept = moved(plan, Event.ACTIVATE), _latest(plan), day_kept(plan)
    if kept is None and review_on <= civil_day(now):
        raise DomainError(
            "plans.review_day", "La révision vient après aujourd’hui : choisissez un jour à venir."
        )
    if version is None:
        raise DomainError("plans.changed_since", CHANGED)
    activated = PlanActivated(
        person_id=plan.person_id,
        plan_id=plan.pk,
        organization_id=plan.organization_id,
        referent_id=plan.referent_id,
        version=version.number,
        review_on=review_on,
    )
    moved_to = {"state": state.value, "in_force": version.number, "review_on": kept or review_on}
    _keep(plan, moved_to, activated, told=_is_news(plan, version))
    _begin(plan, version)
    return plan


def _begin(plan: CarePlan, version: PlanVersion) -> None:
    covered = _covered(plan, version)
    agreed = {
        line["id"]
        for part in version.parts.filter(digest__in=covered)
        for line in part.content.get("activities", ())
    }
    ready = Activity.objects.filter(plan=plan, phase=Phase.PROPOSED.value, removed_at=None)
    ready = ready.exclude(choice="").filter(pk__in=agreed).order_by("pk")
    for activity in ready.select_for_update(of=("self",)):
        activity.phase, activity.next_on = Phase.ACTIVE.value, activity.first_on
        activity.save(update_fields=["phase", "next_on", "updated_at"])
        activity.plan = plan
        tell_step(ActionPlanned, activity, due_on=activity.next_on)


def _covered(plan: CarePlan, version: PlanVersion) -> frozenset[str]:
    """What was shown to who agreed, and is written no otherwise since."""
    said = version.agreements.filter(decision=Decision.AGREED.value).values_list(
        "covers", flat=True
    )
    covered = agreement.covered([frozenset(one) for one in said])
    if covered - {part.digest for part in every_part(plan)}:
        raise DomainError("plans.changed_since", CHANGED)
    return covered


def _latest(plan: CarePlan) -> PlanVersion | None:
    return PlanVersion.objects.filter(plan=plan).order_by("-number", "pk").first()


def _version_meant(plan: CarePlan, word: Word) -> PlanVersion:
    """The version that was shown: the latest; or, taking an agreement back, what is under way."""
    latest = _latest(plan)
    if word.decision == Decision.WITHDRAWN and plan.in_force is not None:
        return PlanVersion.objects.get(plan=plan, number=plan.in_force)
    if latest is None or latest.number != word.number:
        raise DomainError("plans.changed_since", CHANGED)
    return latest


def _require_as_shown(actor: Actor, plan: CarePlan, word: Word, shown: set[str]) -> None:
    now = {part.digest for part in current_parts(actor, plan)}
    if now != shown or word.shown != versions.digest_of_all(shown):
        raise DomainError("plans.changed_since", CHANGED)


def _require_coordination(plan: CarePlan) -> None:
    if not may_process(plan.person_id, Purpose.COORDINATION):
        raise DomainError(
            "plans.coordination_refused",
            "La personne refuse que son accompagnement soit coordonné : aucun plan ne peut être "
            "mis en œuvre. Rien n’a été enregistré ; ce choix se change dans « Ses choix ».",
        )


def _require_own_voice(actor: Actor, word: Word) -> None:
    """In their own space, the person speaks for herself, and a relative as who they are."""
    if actor.role is Role.PERSON and word.speaker != Speaker.PERSON:
        raise DomainError("plans.speaker", NOT_THIS_WAY)
    if actor.role is Role.RELATIVE and word.relative is not None:
        mine = own_spaces_of_account(actor.signatory).filter(relative=word.relative.pk)
        if mine.exists():
            return
    if actor.role is Role.RELATIVE:
        raise DomainError("plans.speaker", NOT_THIS_WAY)


def _require_speaker(actor: Actor, person: Person, word: Word, now: datetime) -> None:
    _require_own_voice(actor, word)
    today = civil_day(now)
    legal, represented = person.legal_state_on(today), person.represented
    if not agreement.may_say(legal, represented, word.speaker, word.decision):
        able = agreement.who_may_agree(legal, represented)
        known = legal_state_told(actor, person, today) == legal
        raise DomainError("plans.speaker", _who_may(able) if known else NOT_THIS_WAY)
    quality = SPOKEN_BY.get(word.speaker)
    relative = word.relative
    of_hers = relative is not None and relative.person_id == person.pk and not relative.ended_at
    if quality and not (of_hers and getattr(relative, quality)):
        raise DomainError(
            "plans.speaker",
            f"Indiquez qui a parlé : {word.speaker.label}, parmi les proches de la personne. Rien "
            "n’a été enregistré.",
        )


NOT_THIS_WAY = (
    "Cette réponse ne peut pas être recueillie ainsi. Rien n’a été enregistré : voyez avec la "
    "coordination de référence de la personne."
)


def _who_may(able: list[Speaker]) -> str:
    if not able:
        return (
            "Personne ne peut donner cet accord à la place de la personne. Rien n’a été "
            "enregistré ; la discussion et le refus peuvent l’être."
        )
    names = ", ".join(speaker.label for speaker in able)
    return (
        f"L’accord ne peut venir que de : {names}. Rien n’a été enregistré ; les autres sont "
        "consultés, et leur parole se note « en discussion »."
    )


def _fact(plan: CarePlan, version: PlanVersion, word: Word) -> Fact:
    named: dict[str, Any] = {
        "person_id": plan.person_id,
        "plan_id": plan.pk,
        "version": version.number,
        "speaker": word.speaker.value,
    }
    if word.decision == Decision.AGREED:
        return PlanAgreed(**named)
    if word.decision == Decision.DISCUSSED:
        return PlanDiscussed(**named)
    return PlanRefused(**named, withdrawn=word.decision == Decision.WITHDRAWN)
