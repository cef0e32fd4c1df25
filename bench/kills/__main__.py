"""Kill pages, worker and carriers' link during many journeys, and judge what is left.

usage: python -m bench.kills [JOURNEYS] [--seed N] [--hurry] [--report]
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.kills.desks import Desk, Partner
from bench.kills.doors import Browser, signed_in
from bench.kills.history import History, judge
from bench.kills.house import ROLES, House
from bench.kills.killer import Killer
from bench.kills.phones import Phones, piece
from bench.kills.reading import Eye, pieces_of
from bench.kills.scene import PASSWORD
from host.drill import moment
from host.failures import CannotStart
from host.screen import detail, say, step
from tests.messaging.centre import MessageCentre

ROOT = Path(__file__).resolve().parent.parent.parent
REPORT = ROOT / "docs" / "coups.md"
AT_ONCE = (10, 30)  # journeys that begin together: in a short run, in a long one
EVERY = 5  # one journey in so many comes online
SENT_BY_ONE = 10  # forms that one partner sends: the door lets twelve an hour
AT_LEAST = 3  # blows to each role before a run is over
SAY = 20.0
STILL = 600.0  # seconds in which everything comes to rest once nobody is killed any more


@dataclass
class Run:
    """One run: who plays, and what came of it."""

    journeys: int
    seed: int
    hurry: bool
    house: House
    centre: Any
    scene: dict[str, Any]
    history: History = field(default_factory=History)
    counts: Counter[str] = field(default_factory=Counter)
    settled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.killer = Killer(self.house.kill, self.seed, ROLES, hurry=self.hurry)
        self.eye = Eye(self.house.server.superuser_url("cordee"))
        self.phones = Phones(self.centre, self._browser, self.history)
        self.phones.draw(self.seed, patient=not self.hurry)
        self.centre.policy = self._taken

    async def play(self) -> None:
        """Run every journey under the blows, then wait until nothing moves."""
        listening = asyncio.create_task(self.phones.listen())
        desk = await self._desk()
        partners = await self._partners()
        self.killer.over = False
        calling = asyncio.create_task(desk.call_back())
        killing = asyncio.create_task(self.killer.strike_at_random())
        watching = asyncio.create_task(self._watch())
        following = asyncio.create_task(self._follow())
        places = asyncio.Semaphore(AT_ONCE[self.journeys >= 100])
        await asyncio.gather(
            *(self._journey(n, places, desk, partners) for n in range(self.journeys))
        )
        while (
            min(self.killer.blows[role] for role in ROLES) < AT_LEAST and not self.history.refused
        ):
            await asyncio.sleep(0.2)
        self.killer.over = True
        await self._rest()
        for task in (listening, calling, killing, watching, following):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        """Say now and then how far it is."""
        while True:
            await asyncio.sleep(SAY)
            moving, blows = await self.eye.moving(), sum(self.killer.blows.values())
            detail(
                f"{len(self.history.requests)} demandes, {blows} coups, en mouvement : "
                f"{moving}, {len(self.phones.busy)} téléphones, portes : {dict(self.counts)}"
            )

    async def _journey(
        self, number: int, places: asyncio.Semaphore, desk: Desk, partners: list[Partner]
    ) -> None:
        async with places:
            draft = ""
            if number % EVERY == 0 and partners:
                draft = await partners[number // EVERY % len(partners)].ask(number)
                if not draft:
                    return
            request = await desk.call(number, draft)
            while request not in self.settled and not self.history.refused:
                await asyncio.sleep(0.5)

    async def _follow(self) -> None:
        """Look at what is settled, and in a hurry let the doubts of texts pass."""
        while True:
            self.settled = await self.eye.settled()
            if self.hurry:
                await asyncio.to_thread(self.eye.let_doubt_pass)
            await asyncio.sleep(1)

    def _taken(self, event: Any) -> None:
        """The centre has just taken a piece, and has not answered yet."""
        if self.killer.is_tempted("sms"):
            self.killer.cut_now("sms")

    async def _rest(self) -> None:
        """Wait until every requester is told, and nothing is queued, sent or asked any more."""
        limit = time.monotonic() + STILL
        calm, moving = 0, dict[str, int]()
        while time.monotonic() < limit and calm < 3 and not self.history.refused:
            moving = await self.eye.moving()
            calm = 0 if moving or self.phones.busy else calm + 1
            await asyncio.sleep(1)
        if calm < 3 and not self.history.refused:
            self.history.refused.append(f"never at rest: {moving}, {len(self.phones.busy)} phones")

    def _browser(self) -> Browser:
        return Browser(self.house.address, self.killer, self.counts)

    async def _desk(self) -> Desk:
        browsers = [
            await signed_in(self._browser(), email, PASSWORD) for email in self.scene["desks"]
        ]
        return Desk(browsers, self.eye, self.history, random.Random(self.seed))  # noqa: S311

    async def _partners(self) -> list[Partner]:
        wanted = min(25, -(-self.journeys // EVERY // SENT_BY_ONE) or 1)
        partners = [
            Partner(self._browser(), self.phones, self.eye, self.history, f"+3363998{n:04d}")
            for n in range(1, wanted + 1)
        ]
        proved = await asyncio.gather(*(one.prove(self.scene["code"]) for one in partners))
        return [one for one, is_in in zip(partners, proved, strict=True) if is_in]


def main() -> int:
    """Run; return 1 when a promise was broken."""
    asked = argparse.ArgumentParser()
    asked.add_argument("journeys", type=int, nargs="?", default=1000)
    asked.add_argument("--seed", type=int, default=2026)
    asked.add_argument("--hurry", action="store_true", help="nobody keeps silent, doubts pass")
    asked.add_argument("--report", action="store_true", help="write docs/coups.md")
    options = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))  # what was begun is stopped and removed
    folder = Path(tempfile.gettempdir()) / f"cordee-kills-{os.getpid()}"
    folder.mkdir()
    with MessageCentre(receipts=True) as centre:
        house = House(folder, centre.port)
        try:
            return _tried(house, centre, options)
        except CannotStart as refusal:
            say(str(refusal))
            return 2
        finally:
            house.close()


def _tried(house: House, centre: Any, options: argparse.Namespace) -> int:
    with step("Tables, service, infirmières"):
        house.prepare()
        scene = house.scene(40 + options.journeys // 4)
    with step("Pages, tâches, lien avec l’opérateur"):
        house.open()
    run = Run(options.journeys, options.seed, options.hurry, house, centre, scene)
    began = time.monotonic()
    with step(f"{options.journeys} parcours sous les coups"):
        asyncio.run(run.play())
    lasted = time.monotonic() - began
    with step("Jugement"):
        stopped = datetime.fromtimestamp(time.time(), UTC)
        house.stop()
        journal = [piece(taken) for taken in centre.submitted]
        faults = judge(run.history, run.eye.held(pieces_of(centre.submitted), stopped), journal)
        proofs = [house.run(verb).splitlines()[-1] for verb in ("verify_thread", "verify_trace")]
    told = _report(run, faults, proofs, lasted)
    say("\n" + told)
    if options.report:
        REPORT.write_text(told, encoding="utf-8")
    for fault in faults:
        say(fault)
    return 1 if faults else 0


def _report(run: Run, faults: list[str], proofs: list[str], lasted: float) -> str:
    blows, cut, history = run.killer.blows, run.killer.in_the_act, run.history
    names = {"web": "pages", "worker": "tâches de fond", "sms": "lien avec l’opérateur"}
    rows = "\n".join(f"| {names[one]} | {blows[one]} | {cut[one] or '—'} |" for one in ROLES)
    taken = Counter(piece(one) for one in run.centre.submitted)
    again = sum(count - 1 for count in taken.values())
    pressed = (
        " Les minutes d’attente après un doute passent en une seconde, et personne ne reste muet."
        if run.hurry
        else ""
    )
    verdict = (
        "Chaque demande acquittée est là une fois, avec une seule recherche vivante ou son issue ; "
        "chaque place a au plus un gagnant ; aucune réponse n’est perdue ni comptée deux fois ; "
        "chaque message est arrivé entier, une fois."
        if not faults
        else f"{len(faults)} promesses rompues : " + " ; ".join(faults[:20])
    )
    return f"""# Essai des coups

Écrit par `make test-kills` le {moment(datetime.fromtimestamp(time.time(), UTC))}, sur \
{os.cpu_count()} cœurs, graine {run.seed} : {run.journeys} parcours en {lasted / 60:.0f} min, par \
les vraies portes (bureau, formulaire public, liens, textos par un vrai centre SMPP), pendant que \
les processus de la maison sont tués sans un mot (SIGKILL) à des moments tirés au hasard, dont une \
part au beau milieu d’un geste : une page qui travaille, un texto pris et pas encore \
acquitté.{pressed}

| processus | tués | dont en plein geste |
|---|---:|---:|
{rows}

- Demandes acquittées : {len(history.requests)}, rappels : {sum(history.told.values())}, oui par \
lien : {len(history.yes)}, non par lien : {len(history.no)}, désistements : \
{len(history.withdrawn)}, textos reçus : {sum(history.texts.values())}.
- Réponses de page coupées, puis redemandées mot pour mot : {run.counts["cut"]} sur \
{run.counts["answered"]}.
- Morceaux de textos remis à l’opérateur : {len(run.centre.submitted)}, dont {again} repartis \
après un doute, que le téléphone joint au premier.
- Fils : {proofs[0]}
- Trace : {proofs[1]}

**{verdict}**

Ce qui est promis, et ce qui ne peut pas l’être, est dans \
[la décision 11](adr/0011-a-message-is-a-row-and-each-step-a-commit.md). Refaire : \
`make test-kills`.
"""


if __name__ == "__main__":
    outcome = main()
    sys.stdout.flush()
    # At once: a thread that still holds the interpreter while it ends is a fatal error of Python.
    os._exit(outcome)
