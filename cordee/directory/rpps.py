"""Parser of the open extraction PS_LibreAcces_Personne_activite (ANS, Annuaire Santé).

Pipe-separated, UTF-8, one header line, one line per person and activity. Vintages differ in the
spelling and number of columns: they are matched by name, folding case, accents, apostrophes and
parentheses, and only those needed are required.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cordee.directory.extract import ExtractError, Reject, bounded_lines, clean

REQUIRED = {
    "identifier": "Identifiant PP",
    "last_name": "Nom d'exercice",
    "first_name": "Prénom d'exercice",
    "profession": "Code profession",
}
OPTIONAL = {
    "identifier_type": "Type d'identifiant PP",
    "title": "Libellé civilité d'exercice",
    "civility": "Libellé civilité",
    "profession_name": "Libellé profession",
    "specialty_type": "Code type savoir-faire",
    "specialty": "Code savoir-faire",
    "specialty_name": "Libellé savoir-faire",
    "mode": "Code mode exercice",
    "structure": "Identifiant technique de la structure",
    "finess": "Numéro FINESS site",
    "structure_name": "Raison sociale site",
    "sign": "Enseigne commerciale site",
    "number": "Numéro Voie (coord. structure)",
    "repetition": "Indice répétition voie (coord. structure)",
    "street_type": "Libellé type de voie (coord. structure)",
    "street": "Libellé Voie (coord. structure)",
    "postal_code": "Code postal (coord. structure)",
    "commune": "Code commune (coord. structure)",
    "phone": "Téléphone (coord. structure)",
    "email": "Adresse e-mail (coord. structure)",
}


@dataclass(frozen=True, slots=True)
class Activity:
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
    specialty_rank: int
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


def read(file: BinaryIO) -> Iterator[Activity | Reject]:
    """Yield the activities of an extraction, and the lines that cannot be used.

    Raises ExtractError when the header itself is not that of this file.
    """
    lines = bounded_lines(file)
    columns, width = _header(next(lines, (1, "")))
    for number, line in lines:
        if isinstance(line, Reject):
            yield line
        elif line.strip():
            yield _activity(number, line.split("|"), columns, width)


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


def _activity(
    number: int, cells: list[str], columns: dict[str, int], width: int
) -> Activity | Reject:
    def cell(field: str, longest: int = 200) -> str:
        return clean(cells[columns[field]], longest) if field in columns else ""

    if len(cells) < width or any(cells[width:]):
        identifier = cells[columns["identifier"]] if len(cells) > columns["identifier"] else ""
        return Reject(number, f"{len(cells)} colonnes au lieu de {width}", identifier.strip()[:11])
    identifier = cell("identifier", 20)
    if reason := _refusal(identifier, cell("last_name"), cell("profession")):
        return Reject(number, reason, identifier)
    structure = cell("structure", 40) or cell("finess", 9)
    return Activity(
        line=number,
        identifier=identifier,
        last_name=cell("last_name", 120),
        first_name=cell("first_name", 120),
        civility=cell("title", 40) or cell("civility", 40),
        profession=cell("profession", 4),
        profession_name=cell("profession_name", 120),
        specialty=cell("specialty", 10),
        specialty_name=cell("specialty_name", 160),
        specialty_rank=0 if cell("specialty_type") == "S" else 1,
        structure=structure,
        site_name=cell("sign", 160) or cell("structure_name", 160),
        address=_address(cell),
        postal_code=cell("postal_code", 5),
        commune=cell("commune", 5).upper(),
        phone=cell("phone", 20),
        finess=cell("finess", 9).upper(),
    )


def _refusal(identifier: str, last_name: str, profession: str) -> str:
    if not re.fullmatch(r"[0-9]{11}|[0-9A-Z]{9}", identifier):
        return "identifiant qui n’est ni un RPPS (11 chiffres) ni un ADELI (9 caractères)"
    if not last_name:
        return "nom d’exercice vide"
    if not profession:
        return "code profession vide"
    return ""


def _address(cell: Callable[[str], str]) -> str:
    parts = (cell("number"), cell("repetition"), cell("street_type"), cell("street"))
    return clean(" ".join(part for part in parts if part), 240)
