"""Which part of a team’s evaluation was asked of whom, and who may be asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from cordee.access.actor import Actor, Role
from cordee.access.fetched import FetchAbout
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.assessments.models import AskedPart, Questionnaire, QuestionnaireResponse
from cordee.assessments.policy import may_evaluate
from cordee.assessments.rules.together import sections_of
from cordee.assessments.selectors.questionnaires import definition_of
from cordee.directory.models import Practitioner
from cordee.directory.selectors import at_work
from cordee.people.models import CircleMember, Person
from cordee.people.rules.sharing import Category

ROLES = (Role.COORDINATOR, Role.HOSPITAL, Role.ORIENTEUSE, Role.HOME_HELP)
WITH_A_WORKLIST = frozenset({Role.COORDINATOR, Role.HOSPITAL, Role.ORIENTEUSE})


@dataclass(frozen=True)
class Guest:
    """Somebody who may be asked for their part, in the quality in which they would answer."""

    account: Account
    where: str
    reader: Actor

    @property
    def desk_id(self) -> UUID | None:
        """Where a task may wait for them."""
        has_one = self.reader.role in WITH_A_WORKLIST
        return self.reader.organization_id if has_one else None


def guests_for(actor: Actor, person: Person, category: Category, now: datetime) -> list[Guest]:
    """List who may fill in a part about somebody: colleagues, and those of her circle.

    Who could not write this category of information about her is not there. Three queries, and two
    for each quality in which one of them works.
    """
    found: dict[UUID, Guest] = {}
    known: dict[object, bool] = {}
    for one in (*_of_teams(actor, person, now), *_of_the_circle(actor, person)):
        quality = (one.reader.role, one.reader.organization_id, one.reader.practitioner_id)
        if quality not in known:
            known[quality] = may_evaluate(one.reader, person, category)
        if known[quality] and one.account.pk != actor.account_id:
            found.setdefault(one.account.pk, one)
    return sorted(found.values(), key=lambda one: (one.account.name, one.account.pk))


def _of_teams(actor: Actor, person: Person, now: datetime) -> Iterator[Guest]:
    circle = CircleMember.objects.visible_to(actor).current().filter(person=person)
    teams = Q(organization__in=actor.organizations) | Q(
        organization__in=circle.exclude(organization=None).values("organization")
    )
    members = at_work(now).filter(teams, role__in=ROLES).select_related("account", "organization")
    accounts = list(members.order_by("pk"))
    practices = _practices([one.account_id for one in accounts])
    for one in accounts:
        practice = practices.get(one.account_id)
        reader = Actor(
            role=Role(one.role),
            account_id=one.account_id,
            organization_id=one.organization_id,
            organizations=frozenset({one.organization_id}),
            practitioner_id=practice.pk if practice else None,
            profession=practice.profession if practice else "",
        )
        yield Guest(one.account, one.organization.name, reader)


def _practices(accounts: Iterable[UUID]) -> dict[UUID, Practitioner]:
    rows = Practitioner.objects.filter(account__in=list(accounts)).order_by("-pk")
    return {one.account_id: one for one in rows}


def _of_the_circle(actor: Actor, person: Person) -> Iterator[Guest]:
    circle = CircleMember.objects.visible_to(actor).current().filter(person=person)
    rows = circle.filter(practitioner__account__is_active=True).order_by("pk")
    for one in rows.select_related("practitioner__account"):
        practitioner = one.practitioner
        reader = Actor(
            role=Role.PRACTITIONER,
            account_id=practitioner.account_id,
            practitioner_id=practitioner.pk,
            profession=practitioner.profession,
        )
        yield Guest(practitioner.account, one.get_role_display(), reader)


def blank_part(
    actor: Actor, person: Person, questionnaire: Questionnaire, now: datetime
) -> AskedPart:
    """Make the request that one is about to write; nothing is written."""
    return AskedPart(
        person=person,
        questionnaire=questionnaire,
        category=questionnaire.category,
        asked_by_id=actor.signatory,
        organization_id=actor.organization_id,
        asked_at=now,
    )


def get_part(actor: Actor, pk: UUID) -> AskedPart:
    """Fetch a part that was asked for. Raises Http404, traced. Two queries."""
    related = ("questionnaire", "person__commune", "guest", "asked_by", "answer", "ended_by")
    return get_visible(actor, AskedPart.objects.select_related(*related), pk)


@dataclass(frozen=True)
class Asked:
    """A part as a page says it: of whom, which sections, and where it stands."""

    part: AskedPart
    sections: tuple[str, ...]
    state: str
    """awaited, late, answered, declined or withdrawn."""


def asked_of(
    actor: Actor, person: Person, questionnaire: Questionnaire, today: date
) -> list[Asked]:
    """List the parts asked for with an instrument, the latest first. One query."""
    rows = AskedPart.objects.visible_to(actor).filter(
        person=person, questionnaire__url=questionnaire.url
    )
    related = rows.select_related("guest", "asked_by", "answer", "ended_by", "questionnaire")
    return [part_told(one, today) for one in related.order_by("-asked_at", "-pk")]


def part_told(part: AskedPart, today: date) -> Asked:
    """Say a part in words."""
    titles = sections_of(definition_of(part.questionnaire))
    return Asked(part, tuple(titles.get(one, one) for one in part.sections), _state(part, today))


def _state(part: AskedPart, today: date) -> str:
    if part.answer_id:
        return "answered"
    if part.ended_at:
        return "declined" if part.ended_by_id == part.guest_id else "withdrawn"
    return "late" if part.wanted_on < today else "awaited"


def asked_of_me(actor: Actor, person: Person, today: date) -> list[Asked]:
    """List what is awaited from the actor about somebody, the most pressing first. Two queries."""
    if actor.account_id is None:
        return []
    awaited = _awaited(actor, person.pk)
    return [part_told(one, today) for one in awaited if one.guest_id == actor.account_id]


_awaited = FetchAbout(
    lambda: (
        AskedPart.objects.awaited()
        .select_related("questionnaire", "asked_by", "guest")
        .order_by("wanted_on", "pk")
    )
)


def part_of_draft(draft: QuestionnaireResponse) -> AskedPart | None:
    """Find which part the author of a draft was asked for, by its sections. One query."""
    rows = AskedPart.objects.awaited().exclude(sections=[]).select_related("asked_by", "guest")
    mine = rows.filter(
        person=draft.person_id, questionnaire=draft.questionnaire_id, guest=draft.author_id
    )
    found: AskedPart | None = (
        mine.select_related("questionnaire").order_by("wanted_on", "pk").first()
    )
    return found


def part_now(pk: UUID) -> AskedPart | None:
    """Fetch a part as it stands, for the house. One query."""
    found: AskedPart | None = AskedPart.objects.select_related("person").filter(pk=pk).first()
    return found


def late_parts_of(asker: UUID, desk: UUID, today: date) -> QuerySet[AskedPart]:
    """List the parts that somebody of a structure asked for, and that did not come by their day,
    for the house. One query."""
    rows = AskedPart.objects.awaited().select_related("person")
    late = rows.filter(asked_by=asker, organization=desk, wanted_on__lt=today)
    return late.order_by("pk")


def awaited_about(persons: list[UUID] | None) -> QuerySet[AskedPart]:
    """List the parts still awaited about some persons, or about all, for the house. One query."""
    rows = AskedPart.objects.awaited().select_related("person")
    if persons is not None:
        rows = rows.filter(person__in=persons)
    return rows.order_by("pk")
