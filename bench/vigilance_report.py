"""The pictures and figures of `docs/vigilance.md`, from what the bench has just measured."""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from bench.homes import ONSET, SLOW, STEADY, made
from bench.vigilance import (
    BETWEEN,
    CHANGED,
    CHANGES,
    TESTED_ON,
    by_severity,
    flags,
    found,
    people,
    rate,
    verdicts,
)
from cordee.vigilance.rules import severity, trend
from cordee.vigilance.rules.limits import at
from cordee.vigilance.rules.trend import Signal, Trend

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "cordee", "svg.fonttype": "none", "font.size": 11})
from matplotlib import pyplot as plt  # noqa: E402 — after the drawing was chosen

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
PERSONS = 2_000
WAYS = {
    "ours": "Cordée",
    "page_hinkley": "Page-Hinkley (river)",
    "adwin": "ADWIN (river)",
    "moving": "moyenne mobile",
    "fixed": "niveau fixe d’une note",
}
LINES = dict(zip(WAYS, ("-", "--", ":", "-.", (0, (1, 3))), strict=True))
COLOURS = dict(zip(WAYS, ("#0b5560", "#7a4a00", "#5b3a8c", "#3d5a1e", "#8a1c1c"), strict=True))


def write() -> None:
    """Draw the pictures, and print the figures as JSON."""
    IMAGES.mkdir(exist_ok=True)
    figures = {way: _figures(way) for way in WAYS}
    _detected()
    budgets = _budget()
    _example()
    said = {"ways": figures, "budgets": budgets}
    sys.stdout.write(json.dumps(said, indent=1, ensure_ascii=False) + "\n")


def _figures(way: str) -> dict[str, Any]:
    there = people(PERSONS, TESTED_ON, STEADY)
    steady = flags(way, PERSONS, TESTED_ON, STEADY)
    severe, lenient = by_severity(steady, there)
    shown: dict[str, Any] = {
        "false_alerts_beside_asked": round(rate(steady) * BETWEEN, 2),
        "severe_over_lenient": round(severe / lenient, 2),
    }
    for change in CHANGES:
        one = found(flags(way, PERSONS, CHANGED, change))
        shown[change.name] = {"median": one.median, "share": round(one.share, 3)}
    return shown


def _detected() -> None:
    """Share of persons told, by visits since a slow decline began."""
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for way, name in WAYS.items():
        since = flags(way, PERSONS, CHANGED, SLOW)[:, ONSET:]
        told = np.maximum.accumulate(since, axis=1).mean(axis=0)
        axes.plot(
            np.arange(1, len(told) + 1),
            100 * told,
            label=name,
            color=COLOURS[way],
            linestyle=LINES[way],
            linewidth=2.2 if way == "ours" else 1.6,
        )
    axes.axvline(60, color="#999999", linewidth=0.8)
    axes.annotate("la baisse est complète", (61, 3), fontsize=9)
    axes.set(xlabel="visites depuis le début de la baisse", ylabel="personnes signalées (%)")
    axes.set(xlim=(1, 100), ylim=(0, 101))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.08), frameon=False)
    _save(figure, "vigilance-baisse-lente.svg")


def _budget() -> dict[str, float]:
    """Alerts of persons who do not change, beside what was asked."""
    asked = (50, 100, 125, 200, 250, 400, 500)
    ratios = {
        between: rate(flags("ours", 6_000, TESTED_ON, STEADY, between)) * between
        for between in asked
    }
    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    axes.axhspan(0.9, 1.1, color="#d7e8e8")
    axes.axhline(1, color="#555555", linewidth=0.8)
    axes.plot(list(ratios), list(ratios.values()), "o-", color=COLOURS["ours"])
    axes.set(xscale="log", ylim=(0.7, 1.3), xticks=asked, xticklabels=[str(one) for one in asked])
    axes.set(
        xlabel="visites entre deux fausses alertes demandées", ylabel="fausses alertes / demandées"
    )
    axes.minorticks_off()
    _save(figure, "vigilance-budget.svg")
    return {str(between): round(ratio, 3) for between, ratio in ratios.items()}


def _example() -> None:
    """One person who declines: her marks, and the sum that ends by telling it."""
    there = made(200, 7, SLOW)
    limits = at(BETWEEN)
    person = int(np.flatnonzero(_told_in(verdicts(there, limits).declines))[0])
    known = there.severities()
    state, sums, told = Trend(), [], []
    for place, marks in enumerate(there.visits.marks[person].tolist()):
        state, raised = trend.after(
            state,
            [mark or None for mark in marks],
            days=float(there.visits.days[person, place]),
            severity=severity.of(known, int(there.visits.helpers[person, place])),
            limits=limits,
        )
        over = [one.strength for one in raised if one.signal == Signal.DECLINE]
        told += [place] if over else []
        sums.append(over[0] * limits.decline if over else max(state.declines))
    figure, (above, under) = plt.subplots(2, 1, figsize=(8, 5), sharex=True, layout="constrained")
    marks = there.marks[person]
    above.plot(np.nanmean(marks, axis=1), ".", color="#555555", markersize=4)
    above.set(ylabel="moyenne des quatre notes", ylim=(0.8, 5.2))
    under.plot(sums, color=COLOURS["ours"])
    under.axhline(limits.of(Signal.DECLINE), color=COLOURS["fixed"], linestyle="--")
    under.plot(told, [sums[one] for one in told], "^", color=COLOURS["fixed"], markersize=8)
    under.annotate("seuil", (2, limits.decline + 0.2), fontsize=9)
    under.annotate(
        "▲ alerte levée, le cumul repart de zéro", (20, limits.decline + 0.2), fontsize=9
    )
    under.set(xlabel="visite", ylabel="écarts cumulés", ylim=(0, limits.decline + 2.5))
    for axes in (above, under):
        axes.axvline(ONSET, color="#999999", linewidth=0.8)
    above.annotate("la baisse commence", (ONSET + 1, 1), fontsize=9)
    _save(figure, "vigilance-une-personne.svg")


def _told_in(declines: Any) -> Any:
    """Persons told of nothing before the change, and told within forty visits of it."""
    return ~declines[:, :ONSET].any(axis=1) & declines[:, ONSET : ONSET + 40].any(axis=1)


def _save(figure: Any, name: str) -> None:
    figure.savefig(IMAGES / name, metadata={"Date": None})
    plt.close(figure)
