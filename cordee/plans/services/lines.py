"""Writing a plan, line by line. Two who write at once lose no word: the second is told."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.kernel.errors import DomainError
from cordee.people.models import CircleMember
from cordee.people.rules.sharing import Category
from cordee.plans.models import Activity, AlertStep, CarePlan, Goal, Need
from cordee.plans.rules.domains import CATEGORY_OF, Domain
from cordee.plans.rules.lines import Choice, Phase, Stage, Who, may_rewrite
from cordee.plans.services.moves import require_referent, say_handed_over


@dataclass(frozen=True)
class Words:
    """What is said of the person, as she says it, and who answers for the plan."""

    wishes: str = ""
    strengths: str = ""
    resources: str = ""
    difficulties: str = ""
    referent_id: UUID | None = None


@dataclass(frozen=True)
class NeedSaid:
    """A need as it was typed."""

    words: str
    domain: Domain
    necessary: str = "2"
    possible: str = "2"
    origin: str = ""


@dataclass(frozen=True)
class GoalSaid:
    """An objective as it was typed."""

    words: str
    voice: str
    need: Need | None = None
    why: str = ""
    target: str = ""
    review_on: date | None = None


@dataclass(frozen=True)
class DeedSaid:
    """An action as it was typed."""

    words: str
    goal: Goal
    choice: str = ""
    member: CircleMember | None = None
    rhythm: str = "once"
    first_on: date | None = None
    process: str = ""
    """What will show that it is being done: the criterion of process of the PPS."""
    funding: str = ""
    key: UUID | None = None
    """The identifier that the page which began it chose; one that is taken is left alone."""


@dataclass(frozen=True)
class AlertSaid:
    """A step of the alert plan as it was typed."""

    words: str
    who: str
    phone: str = ""
    place: int = 1


@action("plans.write_words", on="plan")
def write_words(
    *, actor: Actor, plan: CarePlan, said: Words, seen: int | None = None, now: datetime
) -> CarePlan:
    """Write what the person says, and who answers for the plan: its tasks go with it.

    Raises DomainError (plans.closed, plans.changed, plans.referent).
    """
    _require_open(plan)
    require_seen(plan, seen, plan.wishes)
    former, is_other = plan.referent_id, said.referent_id != plan.referent_id
    if is_other and said.referent_id:
        require_referent(plan, said.referent_id, now)
    for name, value in asdict(said).items():
        setattr(plan, name, value)
    plan.save(update_fields=[*asdict(said), "updated_at"])
    if is_other:
        say_handed_over(plan, former)
    return plan


@action("plans.write_need", on="plan")
def write_need(
    *,
    actor: Actor,
    plan: CarePlan,
    said: NeedSaid,
    line: Need | None = None,
    seen: int | None = None,
    now: datetime,
) -> Need:
    """Write a need. It keeps the category of its domain, which says who reads it.

    Raises DomainError (plans.closed, plans.author, plans.changed, plans.category).
    """
    category = CATEGORY_OF[said.domain].value
    return _write(actor, plan, Need, line, seen, {**vars(said), "category": category})


@action("plans.write_goal", on="plan")
def write_goal(
    *,
    actor: Actor,
    plan: CarePlan,
    said: GoalSaid,
    line: Goal | None = None,
    seen: int | None = None,
    now: datetime,
) -> Goal:
    """Write an objective; it is read as the need that it answers.

    Raises DomainError (plans.closed, plans.author, plans.changed, plans.category).
    """
    _require_same_plan(plan, said.need)
    category = said.need.category if said.need else Category.COORDINATION.value
    return _write(actor, plan, Goal, line, seen, {**vars(said), "category": category})


@action("plans.write_action", on="plan")
def write_action(
    *,
    actor: Actor,
    plan: CarePlan,
    said: DeedSaid,
    line: Activity | None = None,
    seen: int | None = None,
    now: datetime,
) -> Activity:
    """Write an action; it is read as the objective that it serves. What began is not rewritten.

    Raises DomainError (plans.closed, plans.author, plans.changed, plans.under_way, plans.who,
    plans.first_day, plans.elsewhere, plans.goal).
    """
    said.goal.refresh_from_db(fields=["plan", "category", "removed_at", "stage"])
    _require_same_plan(plan, said.goal)
    _require_pursued(said.goal)
    if line is not None:
        line = Activity.objects.select_for_update(of=("self",)).get(pk=line.pk)
        _require_not_begun(line)
    if said.rhythm != "once" and said.first_on is None:
        raise DomainError("plans.first_day", "Dites à partir de quel jour cette action revient.")
    who = _who(plan, said)
    typed = {**vars(said), "who": who, "category": said.goal.category}
    if line is None and typed["key"] and not Activity.objects.filter(pk=typed["key"]).exists():
        typed["id"] = typed["key"]
    del typed["key"]
    return _write(actor, plan, Activity, line, seen, typed)


@action("plans.write_alert", on="plan")
def write_alert(
    *,
    actor: Actor,
    plan: CarePlan,
    said: AlertSaid,
    line: AlertStep | None = None,
    seen: int | None = None,
    now: datetime,
) -> AlertStep:
    """Write whom to call, when, in which order. Raises DomainError (plans.closed, plans.place)."""
    try:
        with transaction.atomic():
            return _write(actor, plan, AlertStep, line, seen, vars(said))
    except IntegrityError as error:
        raise DomainError(
            "plans.place",
            f"Une autre étape a déjà le rang {said.place}. Rien n’a été écrit : choisissez un "
            "autre rang.",
        ) from error


@action("plans.take_away", on="plan")
def take_away(*, actor: Actor, plan: CarePlan, line: Any, now: datetime) -> Any:
    """Take a line off the plan; its words stay in the versions that showed it.

    Raises DomainError (plans.closed, plans.under_way, plans.still_served).
    """
    _require_open(plan)
    line = type(line).objects.select_for_update(of=("self",)).get(pk=line.pk)
    if isinstance(line, Activity):
        _require_not_begun(line)
    if isinstance(line, Goal) and line.activities.filter(removed_at=None).exists():
        raise DomainError(
            "plans.still_served",
            "Des actions servent cet objectif. Rien n’a été retiré : retirez ou arrêtez-les "
            "d’abord, ou notez que l’objectif est laissé de côté.",
        )
    if line.removed_at is None:
        line.removed_at = now
        line.save(update_fields=["removed_at", "updated_at"])
    return line


def _write(
    actor: Actor, plan: CarePlan, model: Any, line: Any, seen: int | None, typed: dict[str, Any]
) -> Any:
    _require_open(plan)
    if line is None:
        line = model(plan=plan, author_id=actor.signatory, **typed)
        line.save(force_insert=True)
        return line
    line = model.objects.select_for_update(of=("self",)).get(pk=line.pk, plan=plan)
    _require_own(actor, line)
    require_seen(line, seen, line.words)
    _require_same_readers(line, typed)
    for name, value in typed.items():
        setattr(line, name, value)
    line.save(update_fields=[*typed, "updated_at"])
    return line


def _require_open(plan: CarePlan) -> None:
    if not plan.is_open:
        raise DomainError(
            "plans.closed",
            "Ce plan est terminé : il ne change plus. Rien n’a été modifié ; un nouveau plan peut "
            "être ouvert.",
        )


def require_seen(row: Any, seen: int | None, words: str) -> None:
    """What was read before writing is what stands, else the words of the other are said."""
    if row.removed_at is not None if hasattr(row, "removed_at") else False:
        raise DomainError(
            "plans.changed",
            "Cette ligne vient d’être retirée par quelqu’un d’autre. Vos mots sont gardés "
            "ci-dessous ; reprenez-les dans une nouvelle ligne si besoin.",
        )
    if seen is not None and seen != row.version:
        raise DomainError(
            "plans.changed",
            "Quelqu’un d’autre a écrit ici pendant ce temps. Il est maintenant écrit : "
            f"« {_short(words)} ». Vos mots sont gardés ci-dessous : relisez, puis enregistrez de "
            "nouveau pour les mettre à la place.",
        )


def _short(words: str) -> str:
    return words if len(words) <= 300 else f"{words[:299]}…"


def _require_own(actor: Actor, line: Any) -> None:
    """Their author reads protected words: nobody else puts their own in their place."""
    category = getattr(line, "category", Category.COORDINATION)
    if not may_rewrite(category, line.author_id, actor.account_id):
        raise DomainError(
            "plans.author",
            "Cette ligne est d’une autre personne, qui la lit parce qu’elle l’a écrite. Rien n’a "
            "été modifié : écrivez la vôtre à côté.",
        )


def _require_same_readers(line: Any, typed: dict[str, Any]) -> None:
    """A line never changes readers under those who rely on it: another one is written."""
    if typed.get("category", Category.COORDINATION) != getattr(
        line, "category", Category.COORDINATION
    ):
        raise DomainError(
            "plans.category",
            "Ce changement ferait lire cette ligne par d’autres. Rien n’a été modifié : retirez-la "
            "et écrivez-en une nouvelle.",
        )


def _require_same_plan(plan: CarePlan, line: Any) -> None:
    if line is not None and (line.plan_id != plan.pk or line.removed_at is not None):
        raise DomainError(
            "plans.elsewhere", "Cette ligne n’est plus dans ce plan. Rien n’a été modifié."
        )


def _require_pursued(goal: Goal) -> None:
    """An objective that was settled since the form was opened is served by nothing new."""
    if goal.stage != Stage.PURSUED:
        raise DomainError(
            "plans.goal",
            "Cet objectif vient d’être conclu. Rien n’a été écrit : choisissez un objectif en "
            "cours.",
        )


def _require_not_begun(activity: Activity) -> None:
    if activity.phase != Phase.PROPOSED:
        raise DomainError(
            "plans.under_way",
            "La personne a donné son accord sur cette action : elle ne se réécrit pas. Rien n’a "
            "été modifié ; arrêtez-la, et proposez-en une autre.",
        )


def _who(plan: CarePlan, said: DeedSaid) -> str:
    member = said.member
    if member is None:
        if said.choice == Choice.ENTRUSTED:
            raise DomainError("plans.who", "Dites à qui la personne confie cette action.")
        return Who.PERSON.value
    if said.choice == Choice.HERSELF:
        raise DomainError(
            "plans.who",
            "Si la personne fait elle-même cette action, elle n’est confiée à personne : "
            "choisissez l’un ou l’autre.",
        )
    if member.person_id != plan.person_id or member.until is not None:
        raise DomainError(
            "plans.who",
            "Qui doit agir n’est pas, ou n’est plus, dans le cercle de la personne. Rien n’a été "
            "écrit.",
        )
    if member.relative_id:
        return Who.RELATIVE.value
    return Who.PROFESSIONAL.value if member.practitioner_id else Who.ORGANIZATION.value
