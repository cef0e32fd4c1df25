"""Desks, persons, nurses and orders drawn at random, always the same for the same seed."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from cordee.broker import rules
from cordee.directory.kinds import CareKind
from cordee.directory.models import Commune, Outline
from cordee.kernel.latches import latch
from cordee.people.models import Person
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse, order_for
from tests.factories.directory import (
    AbsenceFactory,
    CommuneFactory,
    OrganizationFactory,
    PracticeSiteFactory,
    WeeklyHoursFactory,
)
from tests.factories.people import PersonFactory, ProcessingFactory
from tests.support import NOW, arranging

CODES = ("05132", "05039", "05061")
EPCIS = ("200068096", "200068096", "200067825")
KINDS = [CareKind.INJECTION.value, CareKind.DRESSING.value, CareKind.TOILETTE.value]
ANSWERS = ("waiting", "declined", "too_late", "accepted")


@dataclass
class Scene:
    """What was drawn: the orders to launch, and the moment."""

    orders: list[rules.SearchOrder]
    now: object


def drawn(seed: int) -> Scene:
    """Draw a scene in which every filter, tier and urgency may be met."""
    draw = Random(seed)
    for code, epci in zip(CODES, EPCIS, strict=True):
        CommuneFactory(code=code, name=f"Commune {code}", epci_code=epci)
    if draw.random() < 0.5:
        _outlines(draw)
    desk = OrganizationFactory()
    nurses = [_nurse(draw) for _ in range(draw.choice((1, 2, 4, 9, 14)))]
    for one in nurses:
        _history(one, draw)
    now = NOW + timedelta(hours=draw.choice((0, 3, 14)))  # the evening, the night, the next day
    orders = [_order(desk, nurses, now, draw) for _ in range(draw.randint(1, 9))]
    if draw.random() < 0.3:  # two needs of one person
        orders.append(rules.SearchOrder(**vars(orders[0]) | {"origin": "intake/request/twin"}))
    for order in orders:
        _before(order, desk, nurses, draw)
    return Scene(orders, now)


def _outlines(draw: Random) -> None:
    for code in CODES:
        place = {"longitude": 6 + draw.random(), "latitude": 44 + draw.random()}
        drawn_from = {"source": "essai", "licence": "essai", "dated_on": NOW.date()}
        Outline.objects.get_or_create(
            commune=Commune.objects.get(pk=code), defaults={"polygons": [], **place, **drawn_from}
        )


def _nurse(draw: Random):
    more = {}
    if draw.random() < 0.1:
        more["stopped_at"] = NOW
    if draw.random() < 0.1:
        more["tie_confirmed_at"], more["tie_confirmed_by"], more["tie_how"] = None, None, ""
    if draw.random() < 0.4:
        more["week"] = None
    found = nurse(
        communes=draw.sample(CODES, draw.randint(1, 3)),
        kinds=draw.sample(KINDS, draw.randint(1, 3)),
        weekly_cap=draw.choice((None, None, 1, 2)),
        ranking_objection=draw.random() < 0.2,
        urgent_at_night=draw.random() < 0.4,
        **more,
    )
    practice = found.practice
    if "week" in more:
        for weekday in draw.sample(range(7), draw.choice((0, 5, 5, 5))):
            starts, ends = draw.choice((("07:00", "13:00"), ("16:00", "00:00")))
            WeeklyHoursFactory(practice=practice, weekday=weekday, starts=starts, ends=ends)
    if draw.random() < 0.2:
        begins_at = NOW + timedelta(days=draw.randint(-20, 2))
        AbsenceFactory(
            practice=practice,
            begins_at=begins_at,
            ends_at=draw.choice((None, begins_at + timedelta(days=3))),
        )
    for structure in draw.sample(("R1", "R2", "R3"), draw.randint(0, 2)):
        commune = Commune.objects.get(pk=draw.choice(CODES))
        PracticeSiteFactory(practitioner=found, structure=structure, commune=commune)
    return found


def _history(one, draw: Random) -> None:
    for _ in range(draw.choice((0, 0, 1, 4))):
        answer = draw.choice(ANSWERS)
        asked_at = NOW - timedelta(days=draw.choice((1, 20, 40, 200)))
        InvitationFactory(
            practitioner=one,
            asked_at=asked_at,
            code_until=asked_at + timedelta(days=30),
            answer=answer,
            answered_at=None if answer == "waiting" else NOW - timedelta(hours=1),
            phone=one.practice.mobile,
        )


def _before(order: rules.SearchOrder, desk, nurses, draw: Random) -> None:
    """An earlier search for the same need, a need that is over, or somebody who has died."""
    if draw.random() < 0.1:
        latch(order.origin)
    if draw.random() < 0.1:
        with arranging():
            Person.objects.filter(pk=order.person_id).update(deceased_on=NOW.date())
    for days in range(1, 1 + draw.choice((0, 0, 0, 1, 2))):
        ended = SolicitationFactory(
            origin=order.origin,
            organization=desk,
            person=Person.objects.get(pk=order.person_id),
            state="exhausted",
            ended_at=NOW,
            end_reason="nobody",
            is_wide=draw.random() < 0.5,
            launched_at=NOW - timedelta(days=days),
        )
        for one in draw.sample(nurses, min(2, len(nurses))):
            answer = draw.choice(("declined", "too_late", "waiting"))
            told = None if answer == "waiting" else NOW
            InvitationFactory(solicitation=ended, practitioner=one, answer=answer, answered_at=told)


def _order(desk, nurses, now, draw: Random) -> rules.SearchOrder:
    person: Person = PersonFactory(territory=desk.territory)
    if draw.random() < 0.15:
        ProcessingFactory(person=person, purpose="texts", will="refused")
    return order_for(
        person,
        desk,
        kinds=tuple(draw.sample(KINDS, draw.choice((1, 1, 2)))),
        commune_code=draw.choice(CODES),
        urgency=draw.choice(list(rules.Urgency)),
        moments=tuple(draw.choice(((), (), ("evening",), ("morning", "noon")))),
        begins_at=now + timedelta(hours=draw.choice((0, 0, 14, 40))),
        deadline_at=draw.choice((None, None, now + timedelta(hours=5))),
        usual_practitioner_id=draw.choice([None, None, draw.choice(nurses).pk]),
        preferred=draw.choice(((), (), (draw.choice(nurses).pk,))),
        excluded=draw.choice(((), (), (draw.choice(nurses).pk,))),
        visit_notes="Sonner fort",
    )
