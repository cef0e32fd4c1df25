"""Two months of searches already answered, so that ranking and fairness have something to say.

Played with the real rules over the made-up professionals; the same seed gives the same past.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.broker import rules
from cordee.broker.models import Invitation, Solicitation
from cordee.broker.rules.waves import answered_within
from cordee.broker.selectors.pools import availability
from cordee.directory.kinds import NURSING, OrganizationKind, Profession
from cordee.directory.models import Organization, Practice, TerritoryCommune
from cordee.people.models import Person

SEED, DAYS, A_DAY = 2026, 60, 1.5
Answer = Invitation.Answer


@dataclass
class Nurse:
    """Someone of the demonstration, with a willingness that the ranking has to discover."""

    practice: Practice
    hours: float
    says_yes: float
    asked: list[datetime] = field(default_factory=list)
    answers: Counter = field(default_factory=Counter)
    codes: set = field(default_factory=set)

    def candidate(self, at: datetime) -> rules.Candidate:
        """What the ranking knew of her then."""
        recent = sum(1 for moment in self.asked if at - moment < timedelta(days=30))
        past = rules.History(self.answers["yes"], self.answers["no"], self.answers["silent"])
        return rules.Candidate(
            self.practice.practitioner_id,
            history=past,
            solicited=recent,
            available_hours=self.hours,
        )


def load(now: datetime) -> None:
    """Write the past of both territories, once."""
    if Solicitation.objects.exists():
        return
    with gesture(actor=SYSTEM, verb="broker.demo", now=now):
        desks = Organization.objects.filter(kind=OrganizationKind.SIO, territory__isnull=False)
        for rank, desk in enumerate(desks.order_by("name", "pk")):
            _past_of(desk, Random(SEED + rank), now)  # noqa: S311 (made-up data)


def _past_of(desk: Organization, draw: Random, now: datetime) -> None:
    communes = list(
        TerritoryCommune.objects.filter(territory=desk.territory)
        .select_related("commune")
        .order_by("commune", "pk")
    )
    persons = list(
        Person.objects.filter(territory=desk.territory, is_demonstration=True).order_by("pk")[:80]
    )
    nurses = _nurses([place.commune_id for place in communes], draw, now)
    if not persons or not nurses or not communes:
        return
    weights = [place.commune.population for place in communes]
    solicitations, invitations = [], []
    for number in range(int(DAYS * A_DAY)):
        at = now - timedelta(days=DAYS - number / A_DAY, minutes=draw.randrange(600))
        (place,) = draw.choices(communes, weights)
        search = _search(desk, draw.choice(persons), place.commune_id, at, draw)
        search.origin = f"demo/{place.commune_id}/{number}"
        asked = _play(search, nurses, draw)
        solicitations.append(search)
        invitations += asked
    Solicitation.objects.bulk_create(solicitations)
    Invitation.objects.bulk_create(invitations, batch_size=500)


def _nurses(codes: list[str], draw: Random, now: datetime) -> list[Nurse]:
    practices = (
        Practice.objects.filter(
            communes__overlap=codes,
            practitioner__profession=Profession.NURSE,
            mobile_proved_at__isnull=False,
            tie_confirmed_at__isnull=False,
            stopped_at=None,
        )
        .select_related("practitioner")
        .prefetch_related("hours", "absences")
        .order_by("practitioner__rpps", "pk")
    )
    return [Nurse(one, availability(one, now), draw.betavariate(2, 4)) for one in practices]


def _search(
    desk: Organization, person: Person, commune: str, at: datetime, draw: Random
) -> Solicitation:
    urgency = draw.choice([rules.Urgency.TONIGHT, rules.Urgency.DAY, rules.Urgency.DAY])
    return Solicitation(
        organization=desk,
        person=person,
        kinds=[draw.choice(NURSING).value],
        profession=Profession.NURSE,
        commune_id=commune,
        urgency=urgency.value,
        begins_at=at + timedelta(hours=12),
        launched_at=at,
        deadline_at=at + timedelta(minutes=rules.DEFAULTS[urgency].deadline),
    )


def _play(search: Solicitation, nurses: list[Nurse], draw: Random) -> list[Invitation]:
    """Ask in waves, as the rules would have, until a yes or nobody."""
    able = {
        nurse.practice.practitioner_id: nurse
        for nurse in nurses
        if search.commune_id in nurse.practice.communes
        and set(search.kinds) <= set(nurse.practice.kinds)
    }
    settings = rules.DEFAULTS[rules.Urgency(search.urgency)]
    candidates = (one.candidate(search.launched_at) for one in able.values())
    left = list(rules.ranked(candidates, seed=search.origin))
    asked: list[Invitation] = []
    at, winner = search.launched_at, None
    for wave in range(1, 5):
        quick = [one.chance * answered_within(settings.wave_length) for one in left]
        size = rules.wave_size(quick, wanted=settings.wanted_chance, waves=5 - wave)
        for one in left[:size]:
            invitation = _ask(search, able[one.candidate.practitioner_id], one, wave, at)
            winner = _hear(invitation, able[one.candidate.practitioner_id], winner, draw)
            asked.append(invitation)
        left, at = left[size:], at + timedelta(minutes=settings.wave_length)
        if winner or not left:
            break
    _end(search, winner, at)
    return asked


def _ask(
    search: Solicitation, nurse: Nurse, one: rules.Ranked, wave: int, at: datetime
) -> Invitation:
    code = rules.draw_code(nurse.codes) or "1000"
    nurse.codes.add(code)
    nurse.asked.append(at)
    search.wave = wave
    return Invitation(
        solicitation=search,
        practitioner_id=nurse.practice.practitioner_id,
        wave=wave,
        phone=nurse.practice.mobile,
        code=code,
        code_until=at + timedelta(days=30),
        link_hash=rules.hash_of(rules.draw_secret()),
        chance=round(one.chance, 3),
        score=round(one.score, 2),
        asked_at=at,
    )


def _hear(
    invitation: Invitation, nurse: Nurse, winner: Invitation | None, draw: Random
) -> Invitation | None:
    if draw.random() > 0.75:
        nurse.answers["silent"] += 1
        return winner
    invitation.answered_at = invitation.asked_at + timedelta(minutes=1 + draw.expovariate(0.1))
    if draw.random() > nurse.says_yes:
        nurse.answers["no"] += 1
        invitation.answer = Answer.DECLINED
        invitation.refusal = draw.choice(list(rules.Refusal)).value
        return winner
    nurse.answers["yes"] += 1
    invitation.answer = Answer.TOO_LATE if winner else Answer.ACCEPTED
    return winner or invitation


def _end(search: Solicitation, winner: Invitation | None, at: datetime) -> None:
    if winner:
        search.state = Solicitation.State.CONFIRMED
        search.first_visit_at = search.begins_at
        return
    search.state = Solicitation.State.CANCELLED
    search.ended_at, search.end_reason = at, "found_elsewhere"
