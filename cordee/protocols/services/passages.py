"""Passages, kept as the thread tells them: one more with a fact, or all of them read again."""

from collections.abc import Iterable, Iterator

from cordee.protocols.models import Passage, Pathway
from cordee.protocols.rules.conformance import Happening
from cordee.protocols.rules.protocol import Protocol
from cordee.protocols.rules.ways import stations_of


def pass_by(pathway: Pathway, protocol: Protocol, happening: Happening) -> None:
    """Keep what a fact passes. Safe to repeat."""
    Passage.objects.bulk_create(_told(pathway, protocol, [happening]), ignore_conflicts=True)


def pass_again(pathway: Pathway, protocol: Protocol, thread: Iterable[Happening]) -> None:
    """Forget what was passed, and read it again from the thread."""
    Passage.objects.filter(pathway=pathway).delete()
    Passage.objects.bulk_create(_told(pathway, protocol, thread), ignore_conflicts=True)


def _told(pathway: Pathway, protocol: Protocol, thread: Iterable[Happening]) -> Iterator[Passage]:
    for fact in thread:
        if fact.happened_at < pathway.entered_at:
            continue
        for station in stations_of(protocol, fact.kind, fact.data):
            yield Passage(pathway=pathway, station=station, at=fact.happened_at, fact=fact.id)
