"""Which of two records is kept, which traits it carries, and when two may not be one.

Sources :
- référentiel national d’identitovigilance (RNIV), de mémoire, non relu dans le texte : deux
  matricules INS qualifiés différents sont deux personnes, s’ils sont de même sorte (un NIA devient
  NIR) ; les traits stricts d’une identité
  qualifiée ou validée se gardent d’un bloc ; des traits pris de part et d’autre font une identité
  provisoire ; ce qui a été vérifié sur les traits d’une autre personne ne prouve rien de celle à
  qui l’on rend les siens ;
- un choix ne s’élargit pas par une réunion : entre deux paroles de la personne, la plus
  restrictive l’emporte (Code de la santé publique, L.1110-4, IV ; D.1110-3-3). Ni par son
  annulation : ce qu’une personne avait refusé, et qui a pris fin pendant que les fiches n’en
  faisaient qu’une, vaut de nouveau pour elle ; nul ne sait laquelle des deux a parlé entre-temps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from cordee.people.rules.identity import Attribute, Registry, Status, same_kind, trusted
from cordee.people.rules.processing import Will
from cordee.people.rules.sharing import Choice
from cordee.people.rules.writing import STRICT

TRUST = (Status.PROVISIONAL, Status.RETRIEVED, Status.VALIDATED, Status.QUALIFIED)
STRICTNESS = {
    Choice.CONSENTED.value: 0,
    Choice.NEUTRAL.value: 1,
    Choice.OPPOSED.value: 2,
    Will.ACCEPTED.value: 0,
    Will.REFUSED.value: 2,
}
REFUSALS = tuple(word for word, strictness in STRICTNESS.items() if strictness == 2)
# What is chosen together on screen: a group is one choice.
GROUPS: dict[str, tuple[str, ...]] = {
    "birth_name": ("birth_name",),
    "first_names": ("first_names", "first_name"),
    "birth_date": ("birth_date",),
    "sex": ("sex",),
    "birth_place_code": ("birth_place_code",),
    "ins": ("ins", "ins_oid"),
    "used_name": ("used_name",),
    "used_first_name": ("used_first_name",),
    "phone": ("phone",),
    "other_phone": ("other_phone",),
    "email": ("email",),
    "address": ("address",),
    "commune_id": ("commune_id", "territory_id"),
    "home_access": ("home_access",),
    "gp_id": ("gp_id",),
    "protection": ("protection",),
    "unable_since": ("unable_since",),
    "deceased_on": ("deceased_on",),
}
# What either record says is said of both.
MARKS = ("is_homonym", "is_doubtful", "is_fictitious")  # on an identity
FLAGS = ("ald", *MARKS)
READ = (
    *("id", "created_at", "ins_status", *FLAGS),
    *(column for group in GROUPS.values() for column in group),
)
PLACE = ("address", "commune_id")
# What is put back together: half of a place and half of another would be nowhere.
TOGETHER = (
    tuple(column for name in PLACE for column in GROUPS[name]),
    *(columns for name, columns in GROUPS.items() if name not in PLACE),
    *((flag,) for flag in FLAGS),
)
# A territory goes with its commune: it may be closed meanwhile, and nobody corrected anything.
FOLLOWS = ("territory_id",)
EMPTY = (None, "", "none")


@dataclass(frozen=True)
class Plan:
    """What the kept record will carry: column → value."""

    columns: Mapping[str, Any]


def two_numbers(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two qualified identities have different INS of one kind: never one person."""
    return numbers_differ(one, other) and same_kind(one["ins_oid"], other["ins_oid"])


def numbers_differ(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two qualified identities have different INS: a human looks."""
    qualified = all(side["ins_status"] == Status.QUALIFIED.value for side in (one, other))
    return qualified and one["ins"] != other["ins"]


def is_marked(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether somebody marked one identity as shared, doubtful or made up: a human looks."""
    return any(side[mark] for side in (one, other) for mark in MARKS)


def keeps_first(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether the first of two is kept: the better proved identity, the one whose number is
    lasting, else the elder record."""
    trust = [
        (TRUST.index(Status(side["ins_status"])), side["ins_oid"] != Registry.NIA.value)
        for side in (one, other)
    ]
    return trust[0] > trust[1] or (
        trust[0] == trust[1]
        and (one["created_at"], one["id"]) <= (other["created_at"], other["id"])
    )


RecordT = TypeVar("RecordT")


def columns_of(record: object) -> dict[str, Any]:
    """Read the columns of a record that these rules look at."""
    return {name: getattr(record, name) for name in READ}


def in_order(one: RecordT, other: RecordT) -> tuple[RecordT, RecordT]:
    """Put the record that is kept first, then the one that it absorbs."""
    return (one, other) if keeps_first(columns_of(one), columns_of(other)) else (other, one)


def is_proved(side: Mapping[str, Any]) -> bool:
    """Say whether strict traits were proved by a paper: they are then kept as one block."""
    return side["ins_status"] in (Status.VALIDATED.value, Status.QUALIFIED.value)


def open_groups(kept: Mapping[str, Any], absorbed: Mapping[str, Any]) -> list[str]:
    """List what a human chooses: the groups that differ, but the strict traits once proved."""
    return [
        name
        for name, columns in GROUPS.items()
        if any(kept[column] != absorbed[column] for column in columns)
        and not (name in STRICT and is_proved(kept))
    ]


def proposed(kept: Mapping[str, Any], absorbed: Mapping[str, Any], name: str) -> bool:
    """Say whether the kept record’s value is proposed: yes, unless the other record is alone to
    tell the first column of the group that one alone tells; of two places, one whole."""
    if name in PLACE and _two_places(kept, absorbed):
        return _whole_place(kept) or not _whole_place(absorbed)
    for column in GROUPS[name]:
        mine, theirs = (side[column] not in EMPTY for side in (kept, absorbed))
        if mine != theirs:
            return mine
    return True


def _two_places(kept: Mapping[str, Any], absorbed: Mapping[str, Any]) -> bool:
    """Say whether they tell of two places. In one commune the street is chosen alone."""
    return kept["commune_id"] != absorbed["commune_id"] and any(
        kept[column] != absorbed[column] and not {kept[column], absorbed[column]} & {*EMPTY}
        for column in PLACE
    )


def _whole_place(side: Mapping[str, Any]) -> bool:
    return all(side[column] not in EMPTY for column in PLACE)


def place_is_sure(kept: Mapping[str, Any], absorbed: Mapping[str, Any]) -> bool:
    """Say whether nobody need look where the person lives: both tell of one place at most, and what
    would be kept of it is what one of them tells."""
    plan = planned(kept, absorbed, told_by_the_other_alone(kept, absorbed))
    sides = [[side[column] for column in PLACE] for side in (kept, absorbed)]
    return not _two_places(kept, absorbed) and [plan.columns[name] for name in PLACE] in sides


def told_by_the_other_alone(kept: Mapping[str, Any], absorbed: Mapping[str, Any]) -> frozenset[str]:
    """List the groups taken from the absorbed record where nobody chooses: what would be lost."""
    return frozenset(
        name for name in open_groups(kept, absorbed) if not proposed(kept, absorbed, name)
    )


def hidden_groups(withheld: frozenset[str]) -> frozenset[str]:
    """List the groups of which something is withheld from who compares."""
    return frozenset(name for name, group in GROUPS.items() if withheld & {*group})


def planned(
    kept: Mapping[str, Any], absorbed: Mapping[str, Any], from_absorbed: frozenset[str]
) -> Plan:
    """Compose the columns of the kept record from the groups chosen in the other one."""
    chosen = from_absorbed & set(open_groups(kept, absorbed))
    columns = {
        column: (absorbed if name in chosen else kept)[column]
        for name, group in GROUPS.items()
        for column in group
    }
    columns |= {flag: kept[flag] or absorbed[flag] for flag in FLAGS}
    return Plan(columns | {"ins_status": _status(kept, absorbed, columns).value})


def _status(
    kept: Mapping[str, Any], absorbed: Mapping[str, Any], columns: Mapping[str, Any]
) -> Status:
    if columns["is_doubtful"] or columns["is_fictitious"]:
        statuses = {Status(kept["ins_status"])} & {Status.PROVISIONAL, Status.RETRIEVED}
        return next(iter(statuses), Status.PROVISIONAL)
    for side in (kept, absorbed):
        if _same_traits(columns, side):
            return Status(side["ins_status"])
    return Status.PROVISIONAL


def parted(
    before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """Compose what the kept record carries once parted: what the merge changed goes back, and
    that alone, but a group of which anything was corrected since stays whole as it is now."""
    columns: dict[str, Any] = {}
    for group in TOGETHER:
        corrected = any(now[name] != after[name] for name in group if name not in FOLLOWS)
        columns |= {
            name: (now if corrected or before[name] == after[name] else before)[name]
            for name in group
        }
    return columns | {"ins_status": _status_once_parted(before, after, now, columns).value}


def _status_once_parted(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: Mapping[str, Any],
    columns: Mapping[str, Any],
) -> Status:
    """Her own traits have their own status again, unless it was changed since; where the merge took
    none of the other’s, what was checked since is hers; anything else was proved of nobody."""
    doubts = {Attribute.DOUBTFUL: "is_doubtful", Attribute.FICTITIOUS: "is_fictitious"}
    status = Status.PROVISIONAL
    if now["ins_status"] == after["ins_status"] and _same_traits(columns, before):
        status = Status(before["ins_status"])
    elif _same_traits(before, after):
        status = Status(now["ins_status"])
    return trusted(status, [doubt for doubt, flag in doubts.items() if columns[flag]])


def _same_traits(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in STRICT)


def is_stricter(word: str, other: str) -> bool:
    """Say whether a choice shuts more than another."""
    return STRICTNESS[word] > STRICTNESS[other]
