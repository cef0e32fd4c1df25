"""What a comparison says, as tables of the documentation, and its picture."""

from collections.abc import Iterable

from cordee.broker.management.picture import Panel, drawn
from cordee.broker.rules import needs
from cordee.broker.rules.comparison import Compared, compared, doubts, trade_off
from cordee.broker.rules.curves import ASSUMED
from cordee.broker.rules.order import Urgency
from cordee.broker.rules.simulation import Figures, broadcast, one_by_one, play

WAYS = ("nos vagues", "à tous", "un par un")


def tables(count: int) -> str:
    """Compare the ways, the wanted chances, and what other curves would change."""
    return "\n\n".join([_ways(count), _wanted(count), _doubts(count)])


def picture(count: int) -> str:
    """Draw what a phone spared costs in minutes, for needs whose delay matters."""
    panels = []
    for urgency in needs.UNSCHEDULED:
        cases = needs.drawn(count, urgency, ASSUMED)
        panels.append(
            Panel(
                urgency.label.capitalize(),
                trade_off(urgency, cases, ASSUMED),
                play(cases, broadcast, ASSUMED),
                play(cases, one_by_one, ASSUMED),
            )
        )
    note = f"{count} besoins fictifs par délai, {ASSUMED.name} du {ASSUMED.dated_on:%d/%m/%Y}."
    return drawn("Ce que coûte un téléphone épargné", note, panels)


def _ways(count: int) -> str:
    rows = []
    for label, urgencies in (
        *((one.label, [one]) for one in Urgency),
        ("ce soir et sous 24 h", needs.UNSCHEDULED),
    ):
        found = compared(urgencies, count)
        ways = (found.waves, found.broadcast, found.calls)
        rows += [[label, way, *_said(one)] for way, one in zip(WAYS, ways, strict=True)]
    heads = ["délai", "façon", "trouvés", "SMS", "appels", "délai médian"]
    return _table(heads, rows)


def _wanted(count: int) -> str:
    rows = []
    for urgency in needs.UNSCHEDULED:
        for one in trade_off(urgency, needs.drawn(count, urgency, ASSUMED), ASSUMED):
            chance = f"{_share(one.wanted_chance)}{' (livré)' if one.is_shipped else ''}"
            rows.append([urgency.label, chance, *_said(one.figures)])
    return _table(["délai", "chance voulue", "trouvés", "SMS", "appels", "délai médian"], rows)


def _doubts(count: int) -> str:
    rows = []
    for name, curves in doubts():
        found = compared(needs.UNSCHEDULED, count, curves)
        rows.append([name, *_judged(found)])
    heads = ["si…", "couverture / à tous", "SMS / à tous", "délai / un par un"]
    return _table(heads, rows)


def _judged(found: Compared) -> list[str]:
    return [
        _share(found.coverage_share) + _mark(found.coverage_share >= 0.98),
        _share(found.texts_share) + _mark(found.texts_share <= 0.4),
        _share(found.delay_share) + _mark(found.delay_share <= 1 / 3),
    ]


def _mark(is_reached: bool) -> str:
    return "" if is_reached else " **non atteint**"


def _said(one: Figures) -> list[str]:
    counts = [f"{value:.1f}".replace(".", ",") for value in (one.texts, one.calls)]
    return [_share(one.found), *counts, f"{one.median_minutes:.0f}\u00a0min"]


def _share(value: float) -> str:
    return f"{100 * value:.1f}\u00a0%".replace(".", ",")


def _table(heads: list[str], rows: Iterable[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
