"""Made-up extractions of any size, in the exact published layouts, for tests and benches.

Nobody in them exists: numbers begin with 99, which no national register gives. Layouts are those
of PS_LibreAcces_Personne_activite and etalab-cs1100502; the real files are published by the ANS
and the ministry of health under the Licence Ouverte.
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple, TextIO

from cordee.directory.communes import CommuneRow
from cordee.directory.finess import COLUMNS as FINESS_COLUMNS
from cordee.directory.kinds import FICTITIOUS
from cordee.kernel.identifiers import luhn_is_valid

PROVENANCE = (
    "Fichier fictif produit par Cordée (cordee generate_extract) dans la présentation publiée.\n"
    "Aucune personne ni structure de ce fichier n’existe ; les numéros commencent par 99.\n"
)

RPPS_HEADER = (
    "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Code civilité d'exercice|"
    "Libellé civilité d'exercice|Code civilité|Libellé civilité|Nom d'exercice|Prénom d'exercice|"
    "Code profession|Libellé profession|Code catégorie professionnelle|"
    "Libellé catégorie professionnelle|Code type savoir-faire|Libellé type savoir-faire|"
    "Code savoir-faire|Libellé savoir-faire|Code mode exercice|Libellé mode exercice|"
    "Numéro SIRET site|Numéro SIREN site|Numéro FINESS site|"
    "Numéro FINESS établissement juridique|Identifiant technique de la structure|"
    "Raison sociale site|Enseigne commerciale site|Complément destinataire (coord. structure)|"
    "Complément point géographique (coord. structure)|Numéro Voie (coord. structure)|"
    "Indice répétition voie (coord. structure)|Code type de voie (coord. structure)|"
    "Libellé type de voie (coord. structure)|Libellé Voie (coord. structure)|"
    "Mention distribution (coord. structure)|Bureau cedex (coord. structure)|"
    "Code postal (coord. structure)|Code commune (coord. structure)|"
    "Libellé commune (coord. structure)|Code pays (coord. structure)|"
    "Libellé pays (coord. structure)|Téléphone (coord. structure)|"
    "Téléphone 2 (coord. structure)|Télécopie (coord. structure)|"
    "Adresse e-mail (coord. structure)|Code Département (structure)|"
    "Libellé Département (structure)|Ancien identifiant de la structure|"
    "Autorité d'enregistrement|Code secteur d'activité|Libellé secteur d'activité|"
    "Code section tableau pharmaciens|Libellé section tableau pharmaciens|Code rôle|Libellé rôle|"
    "Code genre activité|Libellé genre activité|"
)
RPPS_COLUMNS = RPPS_HEADER.rstrip("|").split("|")

PROFESSIONS = (
    ("60", "Infirmier", "", ""),
    ("70", "Masseur-Kinésithérapeute", "", ""),
    ("10", "Médecin", "SM54", "Médecine générale"),
    ("10", "Médecin", "SM04", "Cardiologie et maladies vasculaires"),
    ("21", "Pharmacien", "", ""),
    ("40", "Chirurgien-Dentiste", "", ""),
    ("50", "Sage-Femme", "", ""),
    ("80", "Pédicure-Podologue", "", ""),
    ("91", "Orthophoniste", "", ""),
    ("94", "Ergothérapeute", "", ""),
)
SHARES = (40, 14, 16, 6, 8, 5, 3, 3, 3, 2)

WOMEN = """
    Camille Léa Chloé Manon Inès Zoé Élise Anaïs Maëlle Clémence Aurélie Sandrine Nathalie
    Françoise Hélène Agnès Solène Noémie Mathilde Lucie Océane Fatima Leïla Yasmine Amélie
    Céline
""".split()  # noqa: SIM905
MEN = """
    Hugo Louis Jules Théo Rémi Loïc Jérôme François Benoît Cédric Gaël Mickaël Karim Mehdi
    Antoine Étienne Olivier Sébastien Grégoire Noël Joël Raphaël Nicolas Thomas Adrien
    Yann
""".split()  # noqa: SIM905
NAMES = """
    Martin Bernard Dubois Moreau Laurent Lefèvre Lefebvre Dupont Dupond Gauthier Faure
    Rousseau Blanc Garnier Chevalier Roux Fournier Girard Bonnet Mercier Boyer Fabre
    Arnaud Giraud Rey Barthélemy Philippe Escallier Pascal Bertrand Gros Marchand Nicolas
    Vidal Roche Pons Molinier Cabrol Azéma Jean Sanchez Garcia Lopez Benali Diallo Nguyen
    N’Diaye Le·Goff D’Agostino Saint-Léger Pérez Bœuf Castan Rouquette Delmas Combes Viala
    Bousquet Carrière Mazel Affre
""".split()  # noqa: SIM905
STREETS = (
    "de l’Église",
    "de la Mairie",
    "du Général-de-Gaulle",
    "Victor-Hugo",
    "des Écoles",
    "de la Fontaine",
    "Jean-Jaurès",
    "du Stade",
    "des Alpes",
    "de la Gare",
)


FICTION, FICTION_MOBILE = "046571", "063998"
"""Beginnings of numbers that Arcep keeps for works of fiction: they ring nowhere."""


class Somebody(NamedTuple):
    """A made-up professional."""

    rpps: str
    civility: str
    last_name: str
    first_name: str
    profession: tuple[str, str, str, str]


def _key(digits: str) -> str:
    return next(key for key in "0123456789" if luhn_is_valid(digits + key))


def rpps_number(rank: int) -> str:
    """Make the RPPS number of a made-up professional: 99, its rank, a true key."""
    digits = f"{FICTITIOUS}{rank:08d}"
    return digits + _key(digits)


def finess_number(rank: int) -> str:
    """Make the FINESS number of a made-up establishment."""
    digits = f"{FICTITIOUS}{rank:06d}"
    return digits + _key(digits)


def somebody(random: Random, rank: int, profession: tuple[str, str, str, str]) -> Somebody:
    """Make up a professional, plausible and the same for the same random source."""
    woman = random.random() < 0.7
    name = random.choice(NAMES).replace("·", " ")
    if random.random() < 0.1:
        name = f"{name}-{random.choice(NAMES).replace('·', ' ')}"
    first_name = random.choice(WOMEN if woman else MEN)
    return Somebody(
        rpps_number(rank), "Madame" if woman else "Monsieur", name, first_name, profession
    )


def phone_number(random: Random, prefix: str) -> str:
    """Make up a phone number: prefix, then what is missing up to ten digits."""
    return prefix + "".join(random.choice("0123456789") for _ in range(10 - len(prefix)))


def rpps_lines(count: int, communes: list[CommuneRow], seed: int = 2026) -> Iterator[str]:
    """Yield a header and the lines of `count` professionals, with one or two practices each."""
    random = Random(seed)  # noqa: S311 - made-up data wants to be the same each time
    yield RPPS_HEADER
    for rank in range(count):
        who = somebody(random, rank, random.choices(PROFESSIONS, SHARES)[0])
        for place in range(2 if random.random() < 0.12 else 1):
            yield _rpps_line(random, who, f"R{rank:08d}{place}", random.choice(communes))


def _rpps_line(random: Random, who: Somebody, structure: str, commune: CommuneRow) -> str:
    code, profession, specialty, specialty_name = who.profession
    cells = dict.fromkeys(RPPS_COLUMNS, "")
    cells |= {
        "Type d'identifiant PP": "8",
        "Identifiant PP": who.rpps,
        "Identification nationale PP": f"8{who.rpps}",
        "Code civilité": "MME" if who.civility == "Madame" else "M",
        "Libellé civilité": who.civility,
        "Nom d'exercice": who.last_name.upper(),
        "Prénom d'exercice": who.first_name,
        "Code profession": code,
        "Libellé profession": profession,
        "Code catégorie professionnelle": "C",
        "Libellé catégorie professionnelle": "Civil",
        "Code type savoir-faire": "S" if specialty else "",
        "Libellé type savoir-faire": "Spécialité ordinale" if specialty else "",
        "Code savoir-faire": specialty,
        "Libellé savoir-faire": specialty_name,
        "Code mode exercice": "L",
        "Libellé mode exercice": "Libéral, indépendant, artisan, commerçant",
        "Identifiant technique de la structure": structure,
        "Raison sociale site": f"CABINET {who.last_name.upper()}",
        "Numéro Voie (coord. structure)": str(random.randint(1, 180)),
        "Libellé type de voie (coord. structure)": "Rue",
        "Libellé Voie (coord. structure)": random.choice(STREETS),
        "Code postal (coord. structure)": commune.postal_codes[:5],
        "Code commune (coord. structure)": commune.code,
        "Libellé commune (coord. structure)": commune.name,
        "Téléphone (coord. structure)": phone_number(random, FICTION),
        "Code Département (structure)": commune.departement,
        "Libellé Département (structure)": commune.departement_name,
        "Autorité d'enregistrement": "Fichier fictif",
        "Code secteur d'activité": "SA07",
        "Libellé secteur d'activité": "Cabinet individuel",
    }
    return "|".join(cells.values()) + "|"


def finess_lines(count: int, communes: list[CommuneRow], seed: int = 2026) -> Iterator[str]:
    """Yield the first line, then an establishment and its location, `count` times."""
    random = Random(seed)  # noqa: S311 - made-up data wants to be the same each time
    categories = (
        ("355", "Centre Hospitalier (C.H.)"),
        ("500", "EHPAD"),
        ("620", "Pharmacie"),
        ("603", "Maison de santé (L.6223-3)"),
        ("124", "Centre de Santé"),
        ("354", "Service de Soins Infirmiers A Domicile (S.S.I.A.D)"),
        ("460", "Service d'Aide et d'Accompagnement à Domicile"),
    )
    yield f"finess;etalab;{count};2026-11-01"
    for rank in range(count):
        yield _finess_line(random, rank, random.choice(categories), random.choice(communes))
        yield f"geolocalisation;{finess_number(rank)};870262.2;6571540.8;fictif;2026-11-01"


def _finess_line(random: Random, rank: int, category: tuple[str, str], commune: CommuneRow) -> str:
    cells = dict.fromkeys(FINESS_COLUMNS, "")
    cells |= {
        "kind": "structureet",
        "nofinesset": finess_number(rank),
        "nofinessej": finess_number(900_000 + rank % 99_999),
        "rs": f"{category[1]} {commune.name}"[:38].upper(),
        "rslongue": f"{category[1]} de {commune.name}",
        "numvoie": str(random.randint(1, 180)),
        "typvoie": "R",
        "voie": random.choice(STREETS).upper(),
        "commune": commune.code[2:],
        "departement": commune.code[:2],
        "libdepartement": commune.departement_name.upper(),
        "ligneacheminement": f"{commune.postal_codes[:5]} {commune.name.upper()}",
        "telephone": phone_number(random, FICTION),
        "categetab": category[0],
        "libcategetab": category[1],
        "dateouv": "2001-01-01",
        "dateautor": "2001-01-01",
        "datemaj": "2026-10-01",
    }
    return ";".join(cells.values())


def write(lines: Iterator[str], out: TextIO) -> int:
    """Write lines one by one; returns how many."""
    count = 0
    for line in lines:
        out.write(line + "\n")
        count += 1
    return count
