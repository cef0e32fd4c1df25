"""Parser of the open extraction PS_LibreAcces_Personne_activite (ANS, Annuaire Santé).

Pipe-separated, UTF-8, one header line, one line per person and activity. Vintages differ in the
spelling and number of columns: they are matched by name, folding case, accents, apostrophes and
parentheses, and only those needed are required: what closes places or empties numbers where it is
not said.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from cordee.directory.extract import ExtractError, Reject, bounded_lines, clean, clean_cells

REQUIRED = {
    "identifier": "Identifiant PP",
    "last_name": "Nom d'exercice",
    "first_name": "Prénom d'exercice",
    "profession": "Code profession",
    "structure": "Identifiant technique de la structure",
    "commune": "Code commune (coord. structure)",
    "phone": "Téléphone (coord. structure)",
}
OPTIONAL = {
    "title": "Libellé civilité d'exercice",
    "civility": "Libellé civilité",
    "profession_name": "Libellé profession",
    "specialty_type": "Code type savoir-faire",
    "specialty": "Code savoir-faire",
    "specialty_name": "Libellé savoir-faire",
    "finess": "Numéro FINESS site",
    "structure_name": "Raison sociale site",
    "sign": "Enseigne commerciale site",
    "number": "Numéro Voie (coord. structure)",
    "repetition": "Indice répétition voie (coord. structure)",
    "street_type": "Libellé type de voie (coord. structure)",
    "street": "Libellé Voie (coord. structure)",
    "postal_code": "Code postal (coord. structure)",
}


class Activity(NamedTuple):
    """One line of the extraction: a professional, and one place of practice if any."""

    line: int
    identifier: str
    last_name: str
    first_name: str
    civility: str
    profession: str
    profession_name: str
    specialty: str
    specialty_name: str
    specialty_rank: str
    structure: str
    site_name: str
    address: str
    postal_code: str
    commune: str
    phone: str
    finess: str


def fold(name: str) -> str:
    """Reduce a column's name to what vintages agree on.

    « Libellé civilité d'exercice » and "Libellé civilité exercice" give the same result, and so
    do "(structure)" and "(coord. Structure)".
    """
    letters = unicodedata.normalize("NFD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", " ", plain).split()
    return " ".join(word for word in words if word not in {"d", "l", "de", "la", "coord"})


Picker = Callable[[list[str]], tuple[str, ...]]


def read(file: BinaryIO) -> Iterator[Activity | Reject]:
    """Yield the activities of an extraction, and the lines that cannot be used.

    Raises ExtractError when the header itself is not that of this file.
    """
    lines = bounded_lines(file)
    columns, width = _header(next(lines, (1, "")))
    places = [columns.get(field, width) for field in (*REQUIRED, *OPTIONAL)]
    pick: Picker = itemgetter(*places)  # a column that is not there reads the empty cell we add
    for number, line in lines:
        if isinstance(line, Reject):
            yield line
        elif line.strip():
            cells = line.split("|")
            if len(cells) < width or _has_more(cells[width:]):
                yield _misshapen(number, cells, columns["identifier"], width)
            else:
                cells.append("")
                yield _activity(number, clean_cells(pick(cells)))


def _header(first: tuple[int, str | Reject]) -> tuple[dict[str, int], int]:
    _, line = first
    if isinstance(line, Reject):
        raise ExtractError(f"L’en-tête est illisible ({line.reason}).")
    names = [fold(cell) for cell in line.rstrip("|").split("|")]
    columns = {}
    for field, name in {**REQUIRED, **OPTIONAL}.items():
        if fold(name) in names:
            columns[field] = names.index(fold(name))
    missing = [name for field, name in REQUIRED.items() if field not in columns]
    if missing:
        raise ExtractError(f"Colonnes introuvables : {', '.join(missing)}.")
    return columns, len(names)


def _has_more(beyond: list[str]) -> bool:
    return any(beyond) and any(clean_cells(tuple(beyond)))


def _misshapen(number: int, cells: list[str], place: int, width: int) -> Reject:
    identifier = clean(cells[place], 11) if len(cells) > place else ""
    return Reject(number, f"{len(cells)} colonnes au lieu de {width}", identifier)


def _activity(number: int, picked: tuple[str, ...]) -> Activity | Reject:
    """Build one line, each cell cut to what its column holds."""
    (identifier, last_name, first_name, profession, structure, commune, phone, title, civility,
     profession_name, specialty_type, specialty, specialty_name, finess, structure_name, sign,
     house, repetition, street_type, street, postal_code) = picked  # fmt: skip
    if reason := _refusal(identifier, last_name, profession):
        return Reject(number, reason, identifier[:20])
    address = " ".join(filter(None, (house, repetition, street_type, street)))
    return Activity(
        number,
        identifier,
        last_name[:120],
        first_name[:120],
        (title or civility)[:40],
        profession[:4],
        profession_name[:120],
        specialty[:10],
        specialty_name[:160],
        "0" if specialty_type == "S" else "1",
        (structure or finess[:9])[:40],
        (sign or structure_name)[:160],
        address[:240],
        postal_code[:5],
        commune[:5].upper(),
        phone[:20],
        finess[:9].upper(),
    )


KNOWN_SHAPE = re.compile(r"[0-9]{11}|[0-9A-Z]{9}")


def _refusal(identifier: str, last_name: str, profession: str) -> str:
    if not KNOWN_SHAPE.fullmatch(identifier):
        return "identifiant qui n’est ni un RPPS (11 chiffres) ni un ADELI (9 caractères)"
    if not last_name:
        return "nom d’exercice vide"
    if not profession:
        return "code profession vide"
    return ""
