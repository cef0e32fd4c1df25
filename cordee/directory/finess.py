"""Parser of the historic FINESS extraction (etalab-cs1100502 / cs1100507).

Semicolon-separated, no header: a first line « finess;etalab;NN;date », then « structureet »
lines of 32 fields and « geolocalisation » lines. Older vintages are in Latin-1. The second kind is
passed over: no structure carries coordinates here, and distances are those between communes.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from cordee.directory.extract import ExtractError, Reject, bounded_lines, clean

COLUMNS = """
    kind nofinesset nofinessej rs rslongue complrs compldistrib numvoie typvoie voie compvoie
    lieuditbp commune departement libdepartement ligneacheminement telephone telecopie categetab
    libcategetab categagretab libcategagretab siret codeape codemft libmft codesph libsph
    dateouv dateautor datemaj numuai
""".split()  # noqa: SIM905 - read as in the published layout
AT = {name: index for index, name in enumerate(COLUMNS)}

OVERSEAS = {"9A": "971", "9B": "972", "9C": "973", "9D": "974", "9E": "975", "9F": "976"}
"""FINESS numbers the overseas départements with a letter; the commune repeats the third digit."""

KINDS = {
    "101": "hospital",
    "106": "hospital",
    "109": "hospital",
    "122": "hospital",
    "128": "hospital",
    "129": "hospital",
    "292": "hospital",
    "355": "hospital",
    "362": "hospital",
    "365": "hospital",
    "127": "had",
    "124": "health_centre",
    "439": "health_centre",
    "156": "cmp",
    "603": "msp",
    "604": "cpts",
    "500": "ehpad",
    "354": "ssiad",
    "209": "home_help",
    "460": "home_help",
    "611": "laboratory",
    "620": "pharmacy",
}
"""TRE_R66 category → our kind; any other category is kept with its own name, as « autre ».

Only 604 (CPTS) was read in the published nomenclature; the other codes are to be read again there:
`verified=False`. A wrong one misnames a kind: the category's own name is always kept beside it.
"""


class Establishment(NamedTuple):
    """One « structureet » line."""

    line: int
    finess: str
    legal_finess: str
    name: str
    kind: str
    category: str
    category_name: str
    address: str
    postal_code: str
    commune: str
    phone: str
    siret: str


def read(file: BinaryIO) -> Iterator[Establishment | Reject]:
    """Yield establishments and unusable lines; raises ExtractError if this is not FINESS."""
    for number, line in bounded_lines(_AnyEncoding(file)):
        if number == 1:
            _check_first(line)
        elif isinstance(line, Reject):
            yield line
        elif line.startswith("structureet;"):
            yield _establishment(number, line.split(";"))
        elif line.strip() and not line.startswith("geolocalisation;"):
            yield Reject(number, "ligne ni « structureet » ni « geolocalisation »")


class _AnyEncoding:
    """A file whose Latin-1 lines are given as UTF-8: vintages differ, and mix both."""

    def __init__(self, file: BinaryIO):
        self.file = file

    def readline(self, size: int, /) -> bytes:
        piece = self.file.readline(size)
        try:
            piece.decode("utf-8")
        except UnicodeDecodeError:
            if len(piece) < size:
                return piece.decode("cp1252", errors="replace").encode("utf-8")
        return piece


def _check_first(line: str | Reject) -> None:
    if isinstance(line, Reject) or not line.startswith("finess;"):
        raise ExtractError(
            "La première ligne n’est pas celle d’une extraction FINESS (« finess;… »)."
        )


def _establishment(number: int, cells: list[str]) -> Establishment | Reject:
    if not len(COLUMNS) - 1 <= len(cells) <= len(COLUMNS) + 1:
        finess = clean(cells[1], 9) if len(cells) > 1 else ""
        return Reject(number, f"{len(cells)} champs au lieu de {len(COLUMNS)}", finess)

    def cell(name: str, longest: int = 160) -> str:
        return clean(cells[AT[name]], longest) if AT[name] < len(cells) else ""

    finess = cell("nofinesset", 20).upper()
    if not re.fullmatch(r"[0-9A-Z]{9}", finess):
        return Reject(number, "numéro FINESS qui n’a pas 9 caractères", finess[:9])
    if not re.fullmatch(r"[0-9]{0,4}", cell("categetab")):
        return Reject(number, "champs décalés : la catégorie n’est pas un nombre", finess)
    name = cell("rslongue") or cell("rs")
    if not name:
        return Reject(number, "raison sociale vide", finess)
    street = " ".join(filter(None, (cell("numvoie"), cell("typvoie"), cell("voie"))))
    delivery = cell("ligneacheminement")
    return Establishment(
        line=number,
        finess=finess,
        legal_finess=cell("nofinessej", 9),
        name=name,
        kind=KINDS.get(cell("categetab"), "other"),
        category=cell("categetab", 4),
        category_name=cell("libcategetab", 160),
        address=clean(street or cell("lieuditbp"), 240),
        postal_code=delivery[:5] if delivery[:5].isdigit() else "",
        commune=commune_code(cell("departement"), cell("commune")),
        phone=cell("telephone", 20),
        siret=cell("siret", 14),
    )


def commune_code(departement: str, commune: str) -> str:
    """Join FINESS's two codes into the Insee code: 01 + 451 → 01451, 9A + 101 → 97101."""
    if not commune:
        return ""
    if departement in OVERSEAS:
        return f"97{commune.zfill(3)}"
    return f"{departement.zfill(2)}{commune.zfill(3)}"
