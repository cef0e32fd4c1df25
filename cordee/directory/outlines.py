"""Outlines of communes: read from a GeoJSON file piece by piece, measured, made small, drawn.

Pure: no database, no clock. Coordinates are degrees of longitude and latitude (WGS 84).
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Any, TextIO

Point = tuple[float, float]
Polygon = list[list[Point]]
"""An outer ring, then its holes."""

PIECE = 1 << 16
LARGEST = 1 << 24
"""Characters. The largest commune published so far is far under; the rest is not an outline."""
TOLERANCE = 0.0005
"""Degrees, some fifty metres: less than a pixel on the maps that are drawn."""
NAMES = ("code", "insee", "INSEE_COM", "code_insee", "codgeo", "INSEE")
BEGINNING = re.compile(r'"features"\s*:\s*\[')
EARTH_KM = 6371.0


class OutlineError(ValueError):
    """The file is not one of outlines of communes; the message is in French."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The outline of one code, small enough to be kept, with its centre and its area."""

    code: str
    polygons: list[Polygon]
    centre: Point
    area: float


def read(file: TextIO) -> Iterator[Drawn]:
    """Yield the outlines of a FeatureCollection, one in memory at a time.

    Raises OutlineError, which names the place, as soon as something is not an outline.
    """
    for number, feature in enumerate(_features(file), 1):
        try:
            yield _drawn(feature)
        except (OutlineError, KeyError, TypeError, ValueError, ArithmeticError) as error:
            why = error if isinstance(error, OutlineError) else "sa forme n’est pas celle attendue"
            raise OutlineError(f"Le contour nᵒ {number} ne se lit pas : {why}.") from error


def _features(file: TextIO) -> Iterator[Any]:
    decoder, buffer = JSONDecoder(), ""
    while not (begins := BEGINNING.search(buffer)):
        piece = file.read(PIECE)
        if not piece or len(buffer) > LARGEST:
            raise OutlineError("Le fichier n’est pas une FeatureCollection GeoJSON.")
        buffer += piece
    buffer = buffer[begins.end() :]
    while True:
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer.startswith("]"):
            return
        try:
            feature, end = decoder.raw_decode(buffer)
        except (JSONDecodeError, RecursionError) as error:
            piece = file.read(max(PIECE, len(buffer)))  # twice as much each time: linear
            if not piece or len(buffer) > LARGEST:
                raise OutlineError(
                    "Le fichier est coupé ou n’est pas du JSON : sa liste de contours ne se "
                    "termine pas."
                ) from error
            buffer += piece
            continue
        yield feature
        buffer = buffer[end:]


def _drawn(feature: dict[str, Any]) -> Drawn:
    given = feature["properties"]
    code = next((str(given[name]) for name in NAMES if given.get(name)), "")
    if not re.fullmatch(r"\d[0-9AB]\d{3}", code):
        raise OutlineError("il n’a pas de code Insee de commune")
    shape = feature["geometry"]
    if shape["type"] not in ("Polygon", "MultiPolygon"):
        raise OutlineError("sa géométrie n’est ni un Polygon ni un MultiPolygon")
    parts = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
    polygons = [[_ring(ring) for ring in polygon] for polygon in parts]
    centre, area = _centre(polygons)
    small = [[simplified(ring) for ring in polygon] for polygon in polygons]
    return Drawn(code, small, centre, area)


def _ring(points: Sequence[Sequence[float]]) -> list[Point]:
    ring = [(float(point[0]), float(point[1])) for point in points]
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise OutlineError("un de ses anneaux n’est pas fermé")
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in ring):
        raise OutlineError("ses coordonnées ne sont pas des degrés (WGS 84)")
    return ring


def _centre(polygons: list[Polygon]) -> tuple[Point, float]:
    """Give the centre of gravity and the area, holes taken away."""
    total, east, north = 0.0, 0.0, 0.0
    for polygon in polygons:
        for rank, ring in enumerate(polygon):
            area, lon, lat = _moments(ring)
            sign = math.copysign(1, area) * (1 if rank == 0 else -1)
            total, east, north = total + sign * area, east + sign * lon, north + sign * lat
    if total <= 0:
        raise OutlineError("il n’entoure rien")
    return (east / total, north / total), total


def _moments(ring: list[Point]) -> tuple[float, float, float]:
    """Give the signed area of a ring and its first moments, reckoned from its first point."""
    (x0, y0), area, east, north = ring[0], 0.0, 0.0, 0.0
    for (xa, ya), (xb, yb) in zip(ring, ring[1:], strict=False):
        cross = (xa - x0) * (yb - y0) - (xb - x0) * (ya - y0)
        area += cross / 2
        east += (xa + xb - 2 * x0) * cross / 6
        north += (ya + yb - 2 * y0) * cross / 6
    return area, east + x0 * area, north + y0 * area


def simplified(ring: list[Point], tolerance: float = TOLERANCE) -> list[Point]:
    """Drop the points that a drawing would not show (Douglas and Peucker, 1973)."""
    kept = {0, len(ring) // 2, len(ring) - 1}
    spans = [(0, len(ring) // 2), (len(ring) // 2, len(ring) - 1)]
    while spans:
        first, last = spans.pop()
        far, rank = max(
            ((_off(ring[i], ring[first], ring[last]), i) for i in range(first + 1, last)),
            default=(0.0, 0),
        )
        if far > tolerance:
            kept.add(rank)
            spans += [(first, rank), (rank, last)]
    points = [ring[rank] for rank in sorted(kept)] if len(kept) > 3 else ring
    return [(round(lon, 5), round(lat, 5)) for lon, lat in points]


def _off(point: Point, start: Point, end: Point) -> float:
    (x, y), (xa, ya), (xb, yb) = point, start, end
    length = math.hypot(xb - xa, yb - ya)
    if not length:
        return math.hypot(x - xa, y - ya)
    return abs((xb - xa) * (ya - y) - (xa - x) * (yb - ya)) / length


def joined(one: Drawn, other: Drawn) -> Drawn:
    """Join the outlines of two former communes that are one today."""
    area = one.area + other.area
    east, north = (
        (one.centre[axis] * one.area + other.centre[axis] * other.area) / area for axis in (0, 1)
    )
    return Drawn(one.code, one.polygons + other.polygons, (east, north), area)


def kilometres(one: Point, other: Point) -> float:
    """Give the distance as the crow flies between two points (haversine)."""
    lon_a, lat_a, lon_b, lat_b = map(math.radians, (*one, *other))
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def paths(shapes: Sequence[list[Polygon]], width: int = 640) -> tuple[list[str], int]:
    """Give the SVG path of each shape in one common frame, and the height of that frame."""
    points = [point for shape in shapes for polygon in shape for ring in polygon for point in ring]
    west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (width - 8) / max((east - west) * squeeze, (north - south) * 1.2, 1e-6)

    def ring_path(ring: list[Point]) -> str:
        places = (
            f"{(lon - west) * squeeze * scale + 4:.1f} {(north - lat) * scale + 4:.1f}"
            for lon, lat in ring[:-1]
        )
        return f"M{'L'.join(places)}Z"

    drawn = ["".join(ring_path(r) for polygon in shape for r in polygon) for shape in shapes]
    return drawn, math.ceil((north - south) * scale) + 8
