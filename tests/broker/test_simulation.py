"""A season of searches, played against a broadcast to the whole zone."""

import random
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from cordee.broker.rules import Candidate, History, chance_of_yes, fairness_share, ranked, wave_size
from cordee.broker.rules.waves import answered_within

NURSES = 40
SEARCHES = 300
WANTED, WAVES, WAVE_LENGTH = 0.9, 4, 20


@dataclass
class Nurse:
    pk: UUID
    says_yes: float
    hours: float
    sent: list[int] = field(default_factory=list)
    history: Counter = field(default_factory=Counter)

    def candidate(self, day: int) -> Candidate:
        recent = sum(1 for sent in self.sent if day - sent < 30)
        known = History(self.history["yes"], self.history["no"], self.history["silent"])
        return Candidate(self.pk, history=known, solicited=recent, available_hours=self.hours)


def season(seed: int, *, broadcast: bool) -> tuple[float, float, float]:
    """Play a season; give phones per search, share of needs filled, fairness of the month."""
    draw = random.Random(seed)
    nurses = {
        UUID(int=n + 1): Nurse(
            UUID(int=n + 1), draw.uniform(0.05, 0.6), draw.choice([70, 150, 200])
        )
        for n in range(NURSES)
    }
    phones = filled = 0
    for number in range(SEARCHES):
        day = number // 5
        order = ranked((nurse.candidate(day) for nurse in nurses.values()), seed=str(number))
        left, waves, done = list(order), WAVES, False
        while left and waves and not done:
            quick = [one.chance * answered_within(WAVE_LENGTH) for one in left]
            size = len(left) if broadcast else wave_size(quick, wanted=WANTED, waves=waves)
            asked, left, waves = left[:size], left[size:], waves - 1
            phones += size
            answers = [answer(nurses[one.candidate.practitioner_id], day, draw) for one in asked]
            done = any(answers)
        filled += done
    sent = {pk: sum(1 for d in nurse.sent if day - d < 30) for pk, nurse in nurses.items()}
    hours = {pk: nurse.hours for pk, nurse in nurses.items()}
    return phones / SEARCHES, filled / SEARCHES, fairness_share(sent, hours, 0.3)


def answer(nurse: Nurse, day: int, draw: random.Random) -> bool:
    nurse.sent.append(day)
    if draw.random() > answered_within(WAVE_LENGTH):
        nurse.history["silent"] += 1
        return False
    said_yes = draw.random() < nurse.says_yes
    nurse.history["yes" if said_yes else "no"] += 1
    return said_yes


def test_waves_ask_far_fewer_phones_than_a_broadcast_and_keep_the_wanted_chance():
    waves, filled, _ = season(7, broadcast=False)
    everyone, _, _ = season(7, broadcast=True)
    assert everyone == NURSES
    assert waves < everyone / 5
    assert filled >= WANTED - 0.05


def test_waves_share_the_solicitations_by_availability_better_than_a_broadcast():
    _, _, fair = season(11, broadcast=False)
    _, _, broadcast = season(11, broadcast=True)
    assert fair >= 0.8
    assert fair > broadcast


def test_the_estimate_comes_close_to_the_truth_with_answers():
    draw = random.Random(3)
    nurse = Nurse(UUID(int=1), 0.5, 150)
    for day in range(300):
        answer(nurse, day, draw)
    learned = History(nurse.history["yes"], nurse.history["no"])
    assert abs(chance_of_yes(learned) - 0.5) < 0.08
