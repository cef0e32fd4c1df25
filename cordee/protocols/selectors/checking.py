"""Is the register of ruptures true? Everybody on a version judged at once, beside what is written.

For the house alone. What differs is only read again through the usual door.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import numpy as np

from cordee.protocols.models import Clock, Pathway, ProtocolVersion, Rupture
from cordee.protocols.rules.clocks import micros
from cordee.protocols.rules.columns import NEVER
from cordee.protocols.rules.conformance import Status
from cordee.protocols.rules.many import STATUSES, Judged
from cordee.protocols.rules.outcomes import OPEN, Standing
from cordee.protocols.rules.protocol import Protocol, Rule
from cordee.protocols.selectors.many import Many, judged_in_parts
from cordee.protocols.selectors.versions import protocol_if_readable

AT_RISK = STATUSES.index(Status.AT_RISK)
Name = tuple[UUID, str, int]  # a rupture: its pathway, its rule or step, its moment


def versions_followed() -> list[ProtocolVersion]:
    """List the versions that somebody is on, in use or not. One query."""
    followed = Pathway.objects.open().values("followed")
    return list(ProtocolVersion.objects.filter(pk__in=followed).order_by("pk"))


def doubtful(version: ProtocolVersion, now: datetime) -> list[Pathway]:
    """List the pathways of which the register does not say what their thread says.

    Those whose hour has come are left to it. None for a text that can no longer be read. Six
    queries, eight when they are many. Raises ValueError for a protocol too large for that."""
    protocol = protocol_if_readable(version)
    if protocol is None:
        return []

    def tell(many: Many, judged: Judged) -> tuple[list[tuple[Name, Standing]], list[UUID]]:
        return list(_told(protocol, judged, many)), many.pathways(judged.gone)

    parts = judged_in_parts(version, protocol, micros(now), tell)
    told = dict(one for told, _ in parts for one in told)
    wrong = {one for _, gone in parts for one in gone} | _wrong(protocol, version, told)
    asleep = Clock.objects.filter(pathway__in=wrong).exclude(wake_at__lte=now)
    return [one.pathway for one in asleep.select_related("pathway").order_by("pk")]


def _told(protocol: Protocol, judged: Judged, many: Many) -> Iterator[tuple[Name, Standing]]:
    """Say what waits for somebody, as `watching` does; silences, which a habit judges, left out."""
    silent = _silent(protocol)
    for of, said in judged.said.items():
        if of in silent:
            continue
        at = np.where(said.due_at == NEVER, said.last_breach_at, said.due_at)
        for which, standing in (
            (said.is_open, Standing.LATE),
            (said.status == AT_RISK, Standing.AT_RISK),
        ):
            some = np.flatnonzero(which & ~judged.gone)
            for pathway, moment in zip(many.pathways(some), at[some].tolist(), strict=True):
                yield (pathway, of, moment), standing


def _wrong(protocol: Protocol, version: ProtocolVersion, told: dict[Name, Standing]) -> set[UUID]:
    """Name the pathways with a rupture that is not written, or that nothing tells of."""
    rows = Rupture.objects.filter(pathway__followed=version, pathway__left_at=None)
    silent, waits = _silent(protocol), {(pathway, of) for pathway, of, _ in told}
    wrong, seen = set(), set()
    columns = ("pathway", "of", "at", "standing", "undone", "ended_by")
    for pathway, of, at, standing, undone, by in rows.values_list(*columns).iterator():
        name = (pathway, of, micros(at))
        seen.add(name)
        if standing not in OPEN:  # what somebody settled stays settled
            wrong |= {pathway} if name in told and by is None else set()
        elif name not in told:  # what was done again leaves the first one waiting
            is_known = of in silent or (undone and (pathway, of) in waits)
            wrong |= set() if is_known else {pathway}
        elif told[name] != standing:
            wrong.add(pathway)
    return wrong | {name[0] for name in told if name not in seen}


def _silent(protocol: Protocol) -> set[str]:
    return {one.id for one in protocol.constraints if one.rule is Rule.SILENCE}
