"""The blows: what is done to the cluster under load, what must go on, and how it is mended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from bench.failover.cluster import Cluster, Node, until
from bench.failover.history import Told
from bench.failover.network import Machine
from bench.failover.stubborn import Stubborn
from host.database import NAME
from host.failures import CannotStart
from host.postgres import APP
from host.screen import step

if TYPE_CHECKING:  # the load is of the product, and needs its settings first
    from bench.failover.load import Load

CALM = 8.0  # seconds of load before each blow, and once writes go on
LONGER_THAN_TTL = 22.0  # seconds after which what a lost member held has expired
STAMMERING = 60.0  # seconds before somebody mends a bad cable
ENOUGH = 16  # more words than the eight nurses had under way when the blow fell


@dataclass
class Blow:
    """One blow, as the report tells it."""

    name: str
    struck: str
    at: float
    after: str = ""  # what the cluster became meanwhile
    mended_at: float = 0.0
    whole_at: float = 0.0
    served_at: float = 0.0  # the house serves again on a whole cluster
    stubborn: list[Told] | None = None  # what it acknowledged to those who keep to it

    def silence(self, load: "Load") -> float:
        """Return the longest time without an acknowledged write, from the blow to the end."""
        moments = [one.at for one in list(load.told) if self.at < one.at < self.served_at]
        return max(
            b - a for a, b in zip([self.at, *moments], [*moments, self.served_at], strict=True)
        )


@dataclass
class Field:
    """The cluster under its load, and the blows it received."""

    cluster: Cluster
    load: "Load"
    blows: list[Blow] = field(default_factory=list)

    @property
    def told(self) -> list[Told]:
        """Everything that was acknowledged, to the load and to those who keep to one machine."""
        return [*self.load.told, *(word for blow in self.blows for word in blow.stubborn or ())]

    def strike_all(self) -> None:
        """Give every blow, one after the other, each on a whole cluster."""
        self.primary_killed()
        self.primary_cut_off("primaire isolé", Machine.isolate, Machine.join)
        self.primary_cut_off("primaire muet", Machine.mute, Machine.lose_nothing)
        self.primary_cut_off("primaire sourd", Machine.deafen, Machine.lose_nothing)
        self.primary_stammers()
        self.vote_lost()
        self.majority_lost()
        self.standby_isolated()

    def primary_killed(self) -> None:
        """The machine of the primary disappears: PostgreSQL, Patroni and its member of etcd."""
        old = self._primary()
        kill, revive = partial(self.cluster.kill, old), partial(self.cluster.revive, old)
        with self._blow("primaire tué", old, kill, revive) as blow:
            self._until_more_is_said()
            blow.after = f"{self._primary().name} primaire"

    def primary_cut_off(
        self, name: str, cut: Callable[[Machine], None], mend: Callable[[Machine], None]
    ) -> None:
        """The primary loses the other machines; its clients do not, and some keep to it."""
        old = self._primary()
        url = self.cluster.url(APP, NAME, old.machine.outer)
        stubborn = Stubborn(url, after=len(self.blows))
        heard = stubborn.told
        try:
            until(lambda: len(heard) > ENOUGH, "Les clients obstinés n’écrivent pas.")
            strike, mending = partial(cut, old.machine), partial(mend, old.machine)
            with self._blow(name, old, strike, mending) as blow:
                blow.stubborn = heard
                until(lambda: not old.reigns(), f"Le {name} se croit toujours primaire.")
                alone = time.monotonic() - blow.at
                until(lambda: self.cluster.primary(but=old) is not None, "Pas d’autre primaire.")
                self._until_more_is_said()
                blow.after = f"{self._primary().name} primaire"
                blow.after += f", l’ancien retiré en {alone:.0f} s"
        finally:
            stubborn.stop()

    def primary_stammers(self) -> None:
        """One packet in two between the primary and the other machines is lost.

        It may hold the lock by moments, too few to write, while the others may not replace it: as
        long as it has no standby in step, strict replication lets nobody else reign.
        """
        old = self._primary()
        strike, mend = old.machine.stammer, old.machine.lose_nothing
        with self._blow("un paquet sur deux perdu", old, strike, mend) as blow:
            said = len(self.load.told)
            time.sleep(STAMMERING)
            said = len(self.load.told) - said
            blow.after = f"{said} écritures en {STAMMERING:.0f} s, puis le câble est réparé"

    def vote_lost(self) -> None:
        """The member of etcd that leads the others is killed."""
        voting = self.cluster.voting()
        if voting is None:
            raise CannotStart("etcd n’a plus de chef avant le coup.")
        kill = partial(self.cluster.kill_etcd, voting)
        revive = partial(self.cluster.revive_etcd, voting)
        old = self._primary()
        with self._blow("chef d’etcd tué", voting, kill, revive) as blow:
            time.sleep(LONGER_THAN_TTL)
            self._until_more_is_said()
            blow.after = self._who_reigns(old)

    def majority_lost(self) -> None:
        """Two members of etcd are killed: nobody may be sure to reign, the primary must retire."""
        old = self._primary()
        lost = [node for node in self.cluster.nodes if node is not old]

        def strike() -> None:
            for node in lost:
                self.cluster.kill_etcd(node)

        def mend() -> None:
            for node in lost:
                self.cluster.revive_etcd(node)

        with self._blow("deux etcd sur trois tués", lost, strike, mend) as blow:
            until(lambda: self.cluster.primary() is None, "Un primaire règne sans majorité.")
            alone = time.monotonic() - blow.at
            time.sleep(CALM)  # it may have answered late only
            said = len(self.load.told)
            time.sleep(LONGER_THAN_TTL)
            if len(self.load.told) > said:
                raise CannotStart("Sans majorité d’etcd, une écriture a été acquittée.")
            blow.after = f"{old.name} retiré en {alone:.0f} s, plus rien n’est acquitté"

    def standby_isolated(self) -> None:
        """The standby that the primary waits for loses the other machines."""
        primary = self._primary()
        standby = self.cluster.in_step(primary)
        if standby is None:
            raise CannotStart("Aucun secours en phase avant le coup.")
        isolate, join = standby.machine.isolate, standby.machine.join
        with self._blow("secours en phase isolé", standby, isolate, join) as blow:
            until(
                lambda: self.cluster.in_step(primary) not in (None, standby),
                "L’autre secours n’est pas entré en phase.",
            )
            self._until_more_is_said()
            other = self.cluster.in_step(primary)
            blow.after = f"{other.name if other else '?'} en phase"

    @contextmanager
    def _blow(
        self,
        name: str,
        struck: Node | list[Node],
        strike: Callable[[], None],
        mend: Callable[[], None],
    ) -> Iterator[Blow]:
        """Strike, let the body wait for what must go on, mend, and wait for a whole cluster."""
        where = ", ".join(one.name for one in (struck if isinstance(struck, list) else [struck]))
        with step(f"{name} : {where}"):
            self._until_more_is_said()
            time.sleep(CALM)
            strike()
            blow = Blow(name, where, time.monotonic())
            yield blow
            time.sleep(CALM)
            blow.mended_at = time.monotonic()
            mend()
            self.cluster.until_whole()
            blow.whole_at = time.monotonic()
            self._until_more_is_said()
            blow.served_at = time.monotonic()
            self.blows.append(blow)

    def _primary(self) -> Node:
        primary = self.cluster.primary()
        if primary is None:
            raise CannotStart("La grappe n’a pas de primaire.")
        return primary

    def _who_reigns(self, old: Node) -> str:
        new = self._primary()
        return f"{new.name} {'reste' if new is old else 'devient'} primaire"

    def _until_more_is_said(self) -> None:
        said = len(self.load.told)
        until(lambda: len(self.load.told) >= said + ENOUGH, "Les écritures n’avancent pas.")
