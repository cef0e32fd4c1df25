"""The trade-off of the broker drawn as a picture: phones disturbed across, median delay up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from cordee.broker.rules.comparison import Point
from cordee.broker.rules.simulation import Figures

PANEL, HEIGHT, LEFT, TOP, INSIDE, TALL = 460, 470, 64, 76, 360, 300
STYLE = """
text{font:15px 'Atkinson Hyperlegible Next',system-ui,sans-serif;fill:#221e19}
.title{font-size:19px;font-weight:700}.panel{font-size:17px;font-weight:700}
.soft{fill:#4b443a;font-size:13px}.axis{stroke:#665c50}.grid{stroke:#ddd4c6}
.ours{stroke:#084d57;fill:none;stroke-width:2.5}.dot{fill:#fffdf9;stroke:#084d57;stroke-width:2}
.ship{fill:#084d57}.name{font-weight:700;fill:#084d57}.other{fill:#7f2f00;font-weight:700}
.mark{fill:none;stroke:#ad4300;stroke-width:2.5}
"""


class Way(NamedTuple):
    """A landmark: its name, its figures."""

    name: str
    figures: Figures


@dataclass(frozen=True)
class Panel:
    """One urgency: the settings played, and the two landmarks."""

    title: str
    points: Sequence[Point]
    broadcast: Figures
    calls: Figures


def drawn(title: str, note: str, panels: Sequence[Panel]) -> str:
    """Draw panels side by side, on one scale, as a whole SVG document."""
    every = [one for panel in panels for one in (panel.broadcast, panel.calls)]
    every += [point.figures for panel in panels for point in panel.points]
    right = _round_up(max(one.phones for one in every), 5)
    top = _round_up(max(one.median_minutes for one in every if one.found > 0.5), 10)
    width = PANEL * len(panels) + 20
    body = "".join(
        f'<g transform="translate({20 + PANEL * rank} {TOP})">{_panel(panel, right, top)}</g>'
        for rank, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img" '
        f'aria-labelledby="t d"><title id="t">{escape(title)}</title><desc id="d">{escape(note)}'
        f"</desc><style>{STYLE}</style>"
        f'<rect width="{width}" height="{HEIGHT}" fill="#fffdf9"/>'
        f'<text class="title" x="20" y="34">{escape(title)}</text>{body}'
        f'<text class="soft" x="20" y="{HEIGHT - 14}">{escape(note)}</text></svg>\n'
    )


def _panel(panel: Panel, right: int, top: int) -> str:
    def x(figures: Figures) -> float:
        return LEFT + figures.phones / right * (INSIDE - LEFT + 20)

    def y(figures: Figures) -> float:
        return TALL - min(figures.median_minutes, top) / top * (TALL - 24)

    path = " ".join(f"{x(one.figures):.1f},{y(one.figures):.1f}" for one in panel.points)
    ours = f'<polyline class="ours" points="{path}"/>' + "".join(
        _dot(one, x(one.figures), y(one.figures)) for one in panel.points
    )
    marks = "".join(
        f'<rect class="mark" x="{x(way.figures) - 6:.1f}" y="{y(way.figures) - 6:.1f}" width="12" '
        f'height="12"/><text class="other" x="{x(way.figures):.1f}" y="{y(way.figures) - 30:.1f}" '
        f'text-anchor="{"end" if way.figures.phones > right * 0.7 else "middle"}">{way.name}'
        f"</text>{_found(way.figures, x(way.figures), y(way.figures) - 14, right)}"
        for way in (Way("à tous", panel.broadcast), Way("un par un", panel.calls))
    )
    return _frame(panel.title, right, top) + ours + marks


def _found(figures: Figures, x: float, y: float, right: int) -> str:
    anchor = "end" if figures.phones > right * 0.7 else "middle"
    return (
        f'<text class="soft" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{figures.found:.0%} trouvés</text>".replace("%", "\u00a0%")
    )


def _dot(point: Point, x: float, y: float) -> str:
    kind = "ship" if point.is_shipped else "dot"
    dot = f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{7 if point.is_shipped else 4.5}"/>'
    if not point.is_shipped:
        return dot
    found = f"{point.figures.found:.0%}".replace("%", "\u00a0%")
    return (
        f'{dot}<text class="name" x="{x + 14:.1f}" y="{y - 22:.1f}">réglage livré</text>'
        f'<text class="soft" x="{x + 14:.1f}" y="{y - 7:.1f}">{found} trouvés</text>'
    )


def _frame(title: str, right: int, top: int) -> str:
    across = INSIDE - LEFT + 20
    lines = []
    for rank in range(0, top + 1, 10):
        y = TALL - rank / top * (TALL - 24)
        lines.append(
            f'<line class="grid" x1="{LEFT}" x2="{LEFT + across}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="soft" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{rank}</text>'
        )
    for count in range(0, right + 1, 5):
        x = LEFT + count / right * across
        lines.append(
            f'<text class="soft" x="{x:.1f}" y="{TALL + 20}" text-anchor="middle">{count}</text>'
        )
    return (
        f'<text class="panel" x="0" y="0">{escape(title)}</text>{"".join(lines)}'
        f'<line class="axis" x1="{LEFT}" x2="{LEFT + across}" y1="{TALL}" y2="{TALL}"/>'
        f'<text class="soft" x="{LEFT + across / 2:.0f}" y="{TALL + 42}" text-anchor="middle">'
        "téléphones dérangés par besoin</text>"
        f'<text class="soft" transform="translate(14 {TALL / 2 + 12:.0f}) rotate(-90)" '
        'text-anchor="middle">délai médian d’un oui (min)</text>'
    )


def _round_up(value: float, step: int) -> int:
    return step * math.ceil(value / step)
