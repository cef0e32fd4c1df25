"""A result as it is kept with its answers: what was said then is what will be read later."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from cordee.assessments.rules.results import Band, Point, Result


def written(results: Iterable[Result]) -> list[dict[str, Any]]:
    """Write results in JSON; a number is text, so that none loses a digit."""
    return [
        {
            "code": one.code,
            "label": one.label,
            "value": str(one.value),
            "out_of": _said(one.out_of),
            "unit": one.unit,
            "band": _band(one.band),
            "points": [
                {"link_id": point.link_id, "said": point.said, "points": _said(point.points)}
                for point in one.points
            ],
            "source": one.source,
            "caution": one.caution,
        }
        for one in results
    ]


def read_back(kept: Iterable[Mapping[str, Any]]) -> tuple[Result, ...]:
    """Read results again as they were written. Raises KeyError on what is none."""
    return tuple(
        Result(
            code=one["code"],
            label=one["label"],
            value=Decimal(one["value"]),
            out_of=_number(one["out_of"]),
            unit=one["unit"],
            band=Band(**one["band"]) if one["band"] else None,
            points=tuple(
                Point(point["link_id"], point["said"], _number(point["points"]))
                for point in one["points"]
            ),
            source=one["source"],
            caution=one["caution"],
        )
        for one in kept
    )


def _band(band: Band | None) -> dict[str, Any] | None:
    if band is None:
        return None
    return {"code": band.code, "label": band.label, "severity": band.severity}


def _said(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _number(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)
