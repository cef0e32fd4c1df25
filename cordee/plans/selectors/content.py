"""What a plan says now, and what a version said: by part, one per category of information."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cordee.access.actor import Actor
from cordee.people.models import CircleMember
from cordee.people.rules.sharing import Category
from cordee.plans.models import (
    Activity,
    AlertStep,
    CarePlan,
    Goal,
    Need,
    PlanVersion,
    VersionPart,
)
from cordee.plans.rules import versions
from cordee.plans.rules.lines import Who

WORDS = ("wishes", "strengths", "resources", "difficulties")
Key = tuple[str, UUID | None]


@dataclass(frozen=True)
class Part:
    """What is said under one category, by one author where it is protected."""

    category: str
    author_id: UUID | None
    content: dict[str, Any]
    digest: str


def current_parts(actor: Actor, plan: CarePlan) -> list[Part]:
    """Say the plan as it stands, the parts that the actor may read. Four queries."""
    return _parts(plan, lambda model: model.objects.visible_to(actor))


def every_part(plan: CarePlan) -> list[Part]:
    """Say the whole plan as it stands, for the gesture that freezes it. Four queries."""
    return _parts(plan, lambda model: model.objects.all())


def _parts(plan: CarePlan, rows: Callable[[Any], Any]) -> list[Part]:
    held: dict[Key, dict[str, Any]] = defaultdict(dict)
    coordination: Key = (Category.COORDINATION.value, None)
    held[coordination]["plan"] = {
        **{name: getattr(plan, name) for name in WORDS},
        "referent": plan.referent.name if plan.referent else "",
    }
    for name, lines, said in (
        ("needs", _of(rows(Need), plan), _need),
        ("goals", _of(rows(Goal), plan), _goal),
        ("activities", _of(rows(Activity), plan, *MEMBER), _activity),
    ):
        for line in lines:
            key = _key(line)
            held[key].setdefault(name, []).append(said(line))
    alerts = rows(AlertStep).filter(plan=plan, removed_at=None)
    held[coordination]["alerts"] = [_alert(step) for step in alerts.order_by("place", "pk")]
    return [
        Part(category, author, content, versions.digest(content))
        for (category, author), content in held.items()
    ]


def frozen_parts(actor: Actor, version: PlanVersion) -> list[Part]:
    """Read what a version said, the parts that the actor may read. One query."""
    rows = VersionPart.objects.visible_to(actor).filter(frozen=version)
    return [
        Part(row.category, row.author_id, row.content, row.digest)
        for row in rows.order_by("category", "pk")
    ]


MEMBER = ("member__practitioner", "member__organization", "member__relative", "member__account")


def _of(rows: Any, plan: CarePlan, *with_: str) -> Iterable[Any]:
    standing = rows.filter(plan=plan, removed_at=None)
    return (standing.select_related(*with_) if with_ else standing).order_by("pk")


def _key(line: Any) -> Key:
    if line.category == Category.COORDINATION:
        return line.category, None
    return line.category, line.author_id


def _need(need: Need) -> dict[str, Any]:
    return {
        "id": str(need.pk),
        "title": need.words,
        "told": {
            "Domaine": need.get_domain_display(),
            "Priorité": need.priority.label,
        },
    }


def _goal(goal: Goal) -> dict[str, Any]:
    return {
        "id": str(goal.pk),
        "title": goal.words,
        "told": {
            "Formulé par": goal.get_voice_display(),
            "Pourquoi c’est important": goal.why,
            "À quoi on verra que c’est atteint": goal.target,
            "À revoir le": _said(goal.review_on),
        },
    }


def _activity(activity: Activity) -> dict[str, Any]:
    # Said only once it is written: what was shown before it could be asked keeps its sum.
    process = {"À quoi on verra que cela se fait": activity.process} if activity.process else {}
    return {
        "id": str(activity.pk),
        "goal": str(activity.goal_id),
        "title": activity.words,
        "told": {
            "Choix": activity.get_choice_display(),
            "Faite par": who_acts(activity),
            "Quand": _when(activity),
            **process,
            "Financement": activity.get_funding_display(),
        },
    }


def _alert(step: AlertStep) -> dict[str, Any]:
    return {
        "id": str(step.pk),
        "title": step.words,
        "told": {"Appeler": step.who, "Téléphone": step.phone, "Ordre": str(step.place)},
    }


HERSELF = "la personne elle-même"


def who_acts(activity: Activity) -> str:
    """Name who does an action, as the plan says it; whom the reader may not see is not named."""
    if activity.who == Who.PERSON:
        return HERSELF
    named = name_of(activity.member) if activity.member else ""
    return named or "un membre de son cercle"


def name_of(member: CircleMember) -> str:
    """Name a member of the circle."""
    if member.practitioner:
        return f"{member.practitioner.first_name} {member.practitioner.last_name}".strip()
    if member.organization:
        return member.organization.name
    if member.relative:
        return member.relative.name
    return member.account.name if member.account else ""


def _when(activity: Activity) -> str:
    day = _said(activity.first_on)
    if activity.rhythm == "once":
        return f"le {day}" if day else ""
    return f"{activity.get_rhythm_display()}, à partir du {day}"


def _said(day: Any) -> str:
    return day.strftime("%d/%m/%Y") if day else ""
