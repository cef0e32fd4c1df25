"""Made-up visits: a month behind, and today’s and tomorrow’s of the helper who signs in."""

from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.models import Account
from cordee.directory.models import Membership
from cordee.kernel.identifiers import uuid7
from cordee.people.demo import BERTHE_IS
from cordee.people.models import Person
from cordee.people.policy import persons_of
from cordee.people.rules.sharing import Category
from cordee.vigilance import services
from cordee.vigilance.models import Device, PlannedVisit, Visit
from cordee.vigilance.rules.marks import MARKS
from cordee.vigilance.rules.planning import ToPlan
from cordee.vigilance.rules.sent import Sent, read

PARIS = ZoneInfo("Europe/Paris")
HELPER = "fatou@exemple.fr"
HOURS = ("08:00", "09:30", "11:00", "14:00", "16:30", "18:00")
BEHIND, AHEAD = 28, 2


def load(now: datetime) -> None:
    """Plan today and tomorrow, and mark the month behind. Safe to run again, each day."""
    post = Membership.objects.filter(account__email=HELPER, role=Role.HOME_HELP).first()
    if post is None:
        return
    helper = _speaking(post.account, post.organization_id, post.organization.territory_id)
    persons = _followed(helper)
    for ahead in range(AHEAD):
        _plan(helper, post, persons, now + timedelta(days=ahead), now)
    if persons and not Visit.objects.filter(helper=post.account).exists():
        _month_behind(helper, post, persons, now)


def _speaking(account: Account, organization_id, territory_id) -> Actor:  # type: ignore[no-untyped-def]
    return Actor(
        role=Role.HOME_HELP,
        account_id=account.pk,
        name=account.name,
        organization_id=organization_id,
        organizations=frozenset({organization_id}),
        territories=frozenset(filter(None, [territory_id])),
        purpose=Purpose.CARE,
    )


def _followed(helper: Actor) -> list[Person]:
    """Berthe first, then those whom the service follows, as many as a day holds."""
    known = persons_of(helper, Category.COORDINATION).filter(merged_into=None, deceased_on=None)
    found = list(known.order_by("name_key", "pk")[:200])
    return sorted(found, key=lambda one: (one.birth_name, one.birth_date) != BERTHE_IS)[
        : len(HOURS)
    ]


def _plan(
    helper: Actor, post: Membership, persons: list[Person], day: datetime, now: datetime
) -> None:
    date = day.astimezone(PARIS).date()
    visits = []
    for person, hour in zip(persons, HOURS, strict=False):
        starts = datetime.combine(date, time.fromisoformat(hour), tzinfo=PARIS)
        reference = f"demo-{date:%Y%m%d}-{hour}"
        ends = starts + timedelta(minutes=45)
        visits.append(ToPlan(reference, person.pk, post.account_id, starts, ends))
    source = PlannedVisit.Source.HAND.value
    services.plan(
        actor=helper, organization=post.organization, visits=visits, source=source, now=now
    )


def _month_behind(helper: Actor, post: Membership, persons: list[Person], now: datetime) -> None:
    """A visit each day; she who is first declines slowly, the others come and go around theirs."""
    draw = Random(20261127)  # noqa: S311 — made-up marks
    device = services.enrol(actor=helper, now=now - timedelta(days=BEHIND)).device
    for days in range(BEHIND, 0, -1):
        at = (now - timedelta(days=days)).astimezone(PARIS).replace(hour=18, minute=40)
        batch = [_marked(one, at, days, draw, first=one is persons[0]) for one in persons]
        _send(helper, device, batch, at)


def _send(helper: Actor, device: Device, batch: list[Sent], at: datetime) -> None:
    services.record_visits(actor=helper, device=device, batch=batch, sent_at=at, now=at)


def _marked(person: Person, at: datetime, days: int, draw: Random, *, first: bool) -> Sent:
    usual = 4 - (1 if first and days <= BEHIND // 2 else 0) - (1 if first and days <= 4 else 0)  # noqa: PLR2004
    level = lambda: max(1, min(5, usual + draw.choice((-1, 0, 0, 0, 0, 1))))  # noqa: E731
    said = {
        "id": str(uuid7()),
        "person": str(person.pk),
        "at": (at - timedelta(minutes=draw.randint(20, 600))).isoformat(),
        "marks": {name: level() for name in MARKS},
        "signs": ["eats_little"] if first and days in (2, 5) else [],
        "seconds": draw.randint(11, 26),
        "sequence": BEHIND - days + 1,
    }
    found = read(said)
    if not isinstance(found, Sent):
        raise TypeError("a made-up visit is not one that a phone would send")
    return found
