"""A made-up region of any size, by set-based SQL: the same screens must work on it.

Every row is drawn from its number, so that the same size gives the same region. Each room says in
`sql/scale.sql` what its tables hold; slices of persons are written by several connections at once.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.resources import files
from itertools import product
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import connection

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.directory import sample
from cordee.directory.kinds import NURSING
from cordee.people import demo as persons
from cordee.people.rules.identity import Registry
from cordee.people.rules.notices import CURRENT
from cordee.web import demo

REGION = "84"  # Auvergne-Rhône-Alpes: eight million residents
SLICE = 10_000
PERSONS_PER_NURSE = 100

BEGINNINGS = """
    Al Ar Au Ba Bar Beau Bel Ber Bi Blan Bo Bon Bou Bri Bru Ca Cas Cha Char Che Cla Cor Cou Da De
    Des Du Fa Fer Fon Fou Fra Ga Gar Gau Ger Gi Gra Gui Hu Jac Jo La Lam Le Lou Ma Mar Mas Mau Mi
    Mon Mor Mou Na Ni Pas Pel Per Pi Pon Por Pra Ra Re Ri Ro Rou Sa Sau Se Si Sou Ta Ter Tho Tou Va
    Ver Vi Vil
"""
MIDDLES = "ba ce de fa gi la li ma mi na pi ra ri ti"
ENDINGS = """
    ard aud ault aux bert champ chard det din doux ert et eau fort gnon geon ier lat lin llard llet
    llon mand mond net nier not pin quet rand rel rin rrier ssier tier ton vain vel
"""
PLACES = """
    CREATE TEMP TABLE IF NOT EXISTS scale_place AS
    SELECT code, kernel_made_up_id('territory', departement::int) AS territory_id,
           kernel_made_up_id('desk', departement::int) AS organization_id,
           sum(population) OVER (ORDER BY code) AS up_to
    FROM directory_commune WHERE region = %(region)s AND is_current AND population > 0;
    CREATE UNIQUE INDEX IF NOT EXISTS scale_place_up_to ON scale_place (up_to);
    CREATE UNIQUE INDEX IF NOT EXISTS scale_place_code ON scale_place (code);
    ANALYZE scale_place
"""


def load(size: int, now: datetime, *, told: Callable[[str], None], hands: int = 2) -> None:
    """Make a region of that many persons; what is already there is left as it is."""
    parameters = _parameters(now)
    load_nurses(-(-size // PERSONS_PER_NURSE), now)
    told("annuaire : fait")
    with ThreadPoolExecutor(hands) as pool:
        done = pool.map(lambda span: _apart(PERSONS, span, parameters), _spans(size))
        for number, _ in enumerate(done, start=1):
            told(f"personnes : {min(number * SLICE, size):_} sur {size:_}".replace("_", "\u202f"))


def load_nurses(count: int, now: datetime) -> None:
    """Make the region, and that many nurses in it; what is already there is left as it is."""
    parameters = _parameters(now)
    _once(REGION_ITSELF, (parameters["first_territory"],) * 2, parameters)
    for span in _spans(count):
        _once(NURSES, span, parameters)


def _spans(size: int) -> list[tuple[int, int]]:
    return [(first, min(first + SLICE - 1, size)) for first in range(1, size + 1, SLICE)]


class Layer(NamedTuple):
    """What one slice writes: its files, and the last row that tells that it is there."""

    files: tuple[str, ...]
    table: str
    family: str


REGION_ITSELF = Layer(("directory/sql/scale.sql",), "directory_territory", "territory")
NURSES = Layer(("directory/sql/scale_nurses.sql",), "directory_practitioner", "nurse")
PERSONS = Layer(
    ("people/sql/scale.sql", "intake/sql/scale.sql", "pathways/sql/scale.sql"),
    "people_person",
    "person",
)


def _once(layer: Layer, span: tuple[int, int], parameters: dict[str, Any]) -> None:
    """Write what is missing of a span of numbers with all that hangs from it, or nothing."""
    first, last = span
    with (
        gesture(actor=SYSTEM, verb="web.load_scale", now=parameters["now"]),
        connection.cursor() as cursor,
    ):
        cursor.execute(PLACES, parameters)
        cursor.execute(
            f"SELECT count(*) FROM {layer.table}, generate_series(%s, %s) AS number"  # noqa: S608
            " WHERE id = kernel_made_up_id(%s, number)",
            [first, last, layer.family],
        )
        first += cursor.fetchone()[0]
        if first <= last:
            for name in layer.files:
                cursor.execute(_sql(name), parameters | {"first": first, "last": last})


def _apart(layer: Layer, span: tuple[int, int], parameters: dict[str, Any]) -> None:
    """Do it in a thread of a pool, and leave no connection behind there."""
    try:
        _once(layer, span, parameters)
    finally:
        connection.close()


def _sql(name: str) -> str:
    return files("cordee").joinpath(name).read_text(encoding="utf-8")


def _parameters(now: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(population), min(departement) FROM directory_commune"
            " WHERE region = %s AND is_current",
            [REGION],
        )
        residents, departement = cursor.fetchone()
    return {
        "now": now,
        "region": REGION,
        "first_territory": int(departement),
        "residents": residents,
        "persons_per_nurse": PERSONS_PER_NURSE,
        "names": list(surnames()),
        "women": given(persons.WOMEN),
        "men": given(persons.MEN),
        "streets": list(sample.STREETS),
        "kinds": [kind.value for kind in NURSING],
        "registry": Registry.TEST.value,
        "notice": CURRENT,
        "password": make_password(demo.PASSWORD),
    }


def surnames() -> Iterator[str]:
    """Common French names first, then thousands that sound like one."""
    yield from sample.NAMES
    middles = ["", *MIDDLES.split()]
    yield from map("".join, product(BEGINNINGS.split(), middles, ENDINGS.split()))


def given(by_age: dict[int, str]) -> list[str]:
    """Every given name of a table by age."""
    return " ".join(by_age.values()).split()
