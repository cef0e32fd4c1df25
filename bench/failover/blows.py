"""The blows: what is done to the cluster under load, what must go on, and how it is mended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from bench.failover.cluster import Cluster, Node, until
from bench.failover.stubborn import Stubborn
from host.database import NAME
from host.failures import CannotStart
from host.postgres import APP
from host.screen import step

if TYPE_CHECKING:  # the load is of the product, and needs its settings first
    from bench.failover.load import Load

CALM = 8.0  # seconds of load before each blow, and once writes go on
LONGER_THAN_TTL = 22.0  # seconds after which what a lost member held has expired
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

    def silence(self, load: "Load") -> float:
        """Return the longest time without an acknowledged write, from the blow to the end."""
        moments = [one.at for one in list(load.told) if self.at < one.at < self.whole_at]
        return max(
            b - a for a, b in zip([self.at, *moments], [*moments, self.whole_at], strict=True)
        )


@dataclass
class Field:
    """The cluster under its load, and the blows it received."""

    cluster: Cluster
    load: "Load"
    blows: list[Blow] = field(default_factory=list)
    stubborn: Stubborn | None = None

    def strike_all(self) -> None:
        """Give every blow, one after the other, each on a whole cluster."""
        self.primary_killed()
        self.primary_isolated()
        self.vote_lost()
        self.standby_isolated()

    def primary_killed(self) -> None:
        """The machine of the primary disappears: PostgreSQL, Patroni and its member of etcd."""
        old = self._primary()
        kill, revive = partial(self.cluster.kill, old), partial(self.cluster.revive, old)
        with self._blow("primaire tué", old, kill, revive) as blow:
            self._until_more_is_said()
            blow.after = f"{self._primary().name} primaire"

    def primary_isolated(self) -> None:
        """The primary loses the other machines; its clients do not, and some keep to it."""
        old = self._primary()
        isolate, join = old.machine.isolate, old.machine.join
        self.stubborn = Stubborn(self.cluster.url(APP, NAME, old.machine.outer))
        heard = self.stubborn.told
        try:
            until(lambda: len(heard) > ENOUGH, "Les clients obstinés n’écrivent pas.")
            with self._blow("primaire isolé", old, isolate, join) as blow:
                until(lambda: not old.reigns(), "Le primaire isolé se croit toujours primaire.")
                alone = time.monotonic() - blow.at
                until(lambda: self.cluster.primary(but=old) is not None, "Pas d’autre primaire.")
                self._until_more_is_said()
                blow.after = f"{self._primary().name} primaire"
                blow.after += f", l’ancien retiré en {alone:.0f} s"
        finally:
            self.stubborn.stop()

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
            new = self._primary()
            blow.after = f"{new.name} {'reste' if new is old else 'devient'} primaire"

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
        self, name: str, node: Node, strike: Callable[[], None], mend: Callable[[], None]
    ) -> Iterator[Blow]:
        """Strike, let the body wait for what must go on, mend, and wait for a whole cluster."""
        with step(f"{name} : {node.name}"):
            self._until_more_is_said()
            time.sleep(CALM)
            strike()
            blow = Blow(name, node.name, time.monotonic())
            yield blow
            time.sleep(CALM)
            blow.mended_at = time.monotonic()
            mend()
            self.cluster.until_whole()
            blow.whole_at = time.monotonic()
            self.blows.append(blow)

    def _primary(self) -> Node:
        primary = self.cluster.primary()
        if primary is None:
            raise CannotStart("La grappe n’a pas de primaire.")
        return primary

    def _until_more_is_said(self) -> None:
        said = len(self.load.told)
        until(lambda: len(self.load.told) >= said + ENOUGH, "Les écritures n’avancent pas.")
