"""Made-up evaluations: the shipped instruments published, and one person evaluated over a year."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random

from cordee.access.actor import SYSTEM, Actor, Role
from cordee.assessments import selectors, services
from cordee.assessments.models import Questionnaire, QuestionnaireResponse
from cordee.assessments.rules import filling
from cordee.assessments.rules.definition import Definition
from cordee.assessments.shipped import publish_file, shipped_files
from cordee.directory.kinds import MembershipRole
from cordee.directory.models import Membership
from cordee.kernel.errors import DomainError, Forbidden
from cordee.people.models import CircleMember, Person

WHO = ("Lefèvre", date(1941, 3, 7))
AGO = (timedelta(days=400), timedelta(days=190), timedelta(days=12))
SHIPPED = "urn:cordee:questionnaire:"
TIMES = {"aggir": 3, "sega-a": 2, "lace": 1, "tug": 2, "coordination-need": 1}
SEED = 7
MOST_STEPS = 60


def load(now: datetime) -> None:
    """Publish what is shipped, then evaluate Berthe, once."""
    for path in shipped_files():
        with suppress(DomainError):  # what an older demonstration published stays as it is
            publish_file(path, actor=SYSTEM, now=now)
    if QuestionnaireResponse.objects.exists():
        return
    person = Person.objects.filter(
        is_demonstration=True, birth_name=WHO[0], birth_date=WHO[1]
    ).first()
    coordinator = _coordinator_of(person) if person else None
    if person is None or coordinator is None:
        return
    instruments = {
        name: Questionnaire.objects.active().filter(url=f"{SHIPPED}{name}").first()
        for name in TIMES
    }
    for place, ago in enumerate(AGO):  # as they would have come: the thread tells them in order
        for name, instrument in instruments.items():
            rank = place - len(AGO) + TIMES[name]
            if instrument is not None and rank >= 0:
                _evaluate(coordinator, person, instrument, (rank, now - ago))


def _coordinator_of(person: Person) -> Actor | None:
    circle = CircleMember.objects.current().filter(person=person, organization__isnull=False)
    memberships = Membership.objects.filter(
        organization__in=circle.values("organization"),
        role__in=(MembershipRole.COORDINATOR, MembershipRole.ORIENTEUSE),
    ).select_related("account")
    found = memberships.order_by("role", "account__email", "pk").first()
    if found is None:
        return None
    return Actor(
        role=Role(found.role),
        account_id=found.account_id,
        name=found.account.name,
        organization_id=found.organization_id,
        organizations=frozenset({found.organization_id}),
    )


def _evaluate(
    actor: Actor, person: Person, instrument: Questionnaire, when: tuple[int, datetime]
) -> None:
    rank, now = when
    definition = selectors.definition_of(instrument)
    items = _answered(definition, Random(SEED + rank), now.date())  # noqa: S311 (made-up data)
    if items is None:
        return
    try:
        blank = selectors.blank(actor, person, instrument, now)
        draft = services.begin(actor=actor, response=blank, now=now)
        written = services.Written(items, draft.version)
        services.complete(actor=actor, response=draft, written=written, now=now)
    except (DomainError, Forbidden):  # she is not to be evaluated by them: nothing is made up
        return


def _answered(definition: Definition, draw: Random, today: date) -> list[dict[str, object]] | None:
    """Answer what is asked, as it comes, until nothing is missing; None when that cannot be."""
    fields: dict[str, Sequence[str]] = {}
    for _ in range(MOST_STEPS):
        typed = filling.typed(definition, fields)
        filled = filling.filled(definition, typed.items, today=today)
        if not filled.missing:
            return None if filled.errors else filled.items
        before = dict(fields)
        for row in filled.rows:
            if row.path in filled.missing and (said := _made_up(row, draw)):
                fields[row.path] = [said]
        if fields == before:
            return None
    return None


def _made_up(row: filling.Row, draw: Random) -> str:
    if row.options:
        return row.options[min(draw.choice((0, 0, 1, 1, 1, 2)), len(row.options) - 1)].code
    if row.item.type == "boolean":
        return draw.choice(("true", "false", "false"))
    if row.item.type in ("integer", "decimal", "quantity"):
        return str(draw.randint(11, 17))
    return ""
