"""Who kills: at random times, and at random in the middle of a deed."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable

REST = 4.0  # seconds in which a role is left to come up again, at least
CALM = 12.0  # mean seconds beyond: what is in doubt is settled by who has lived for a while
PAUSE = 5.0  # mean seconds between two blows at a random time
IN_THE_ACT = {"web": 0.15, "sms": 0.15}  # the odds of a blow when a deed has just begun


class Killer:
    """Blows drawn from a seed; `over` ends them."""

    def __init__(
        self, kill: Callable[[str], bool], seed: int, roles: tuple[str, ...], *, hurry: bool
    ) -> None:
        self.kill, self.roles, self.chance = kill, roles, random.Random(seed)  # noqa: S311
        self.calm = 0.0 if hurry else CALM
        self.blows: Counter[str] = Counter()
        self.in_the_act: Counter[str] = Counter()
        self.over = True  # until the players are in place
        self._spared: dict[str, float] = {}  # until when, by role

    async def strike_at_random(self) -> None:
        """Kill somebody every few seconds."""
        while not self.over:
            await asyncio.sleep(self.chance.expovariate(1 / PAUSE))
            self.strike(self.chance.choice(self.roles))

    def strike(self, role: str) -> bool:
        """Kill one process of a role now, unless it was struck a moment ago."""
        now = time.monotonic()
        if self.over or now < self._spared.get(role, 0.0) or not self.kill(role):
            return False
        self._spared[role] = now + REST + self.calm * self.chance.expovariate(1.0)
        self.blows[role] += 1
        return True

    def is_tempted(self, role: str) -> bool:
        """Draw whether a deed of this role that has just begun is cut."""
        return not self.over and self.chance.random() < IN_THE_ACT[role]

    async def cut(self, role: str) -> None:
        """Kill a role a moment after a deed began."""
        await asyncio.sleep(self.chance.uniform(0, 0.08))
        self.cut_now(role)

    def cut_now(self, role: str) -> None:
        """Kill a role in the middle of a deed."""
        self.in_the_act[role] += self.strike(role)
