"""Labelled pairs of identities: read from a file, or made up with the errors that people make.

Layout: CSV, UTF-8, a header; `same` (1 or 0), then the columns of `TRAITS` twice, prefixed `a_` and
`b_`; dates as 1941-03-07, phones as +33…, `ins_qualified` 1 or nothing. What is unknown is empty.
`made_up` is 1 where nobody real is meant: such pairs prove nothing of a site's own records.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from cordee.directory.sample import NAMES
from cordee.kernel.errors import DomainError
from cordee.people.demo import MEN, WOMEN
from cordee.people.rules.identity import key_of
from cordee.people.rules.traits import Traits, folded

TRAITS = (
    *("birth_name", "used_name", "first_names", "used_first_name", "birth_date", "sex"),
    *("ins", "ins_qualified", "phone", "commune_code"),
)
COLUMNS = ("same", *(f"{side}_{name}" for side in "ab" for name in TRAITS))
MADE_UP = "made_up"
SAME = 0.5


@dataclass(frozen=True)
class Pair:
    """Two identities, and whether they are one person; or made up."""

    one: Traits
    other: Traits
    same: bool
    made_up: bool = False


def read(path: Path) -> Iterator[Pair]:
    """Read labelled pairs. Raises DomainError (people.labelled_file) on a line that is none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.DictReader(file)
        missing = sorted(set(COLUMNS) - set(lines.fieldnames or ()))
        if missing:
            raise DomainError(
                "people.labelled_file",
                f"Il manque des colonnes\u00a0: {', '.join(missing)}. Rien n’a été mesuré.",
            )
        for number, line in enumerate(lines, start=2):
            try:
                same = {"1": True, "0": False}[line["same"]]
                made_up = line.get(MADE_UP) not in (None, "", "0")
                yield Pair(_traits(line, "a"), _traits(line, "b"), same, made_up)
            except (KeyError, ValueError, TypeError) as error:
                raise DomainError(
                    "people.labelled_file",
                    f"La ligne {number} ne se lit pas\u00a0: corrigez-la, puis recommencez.",
                ) from error


def _traits(line: dict[str, str], side: str) -> Traits:
    told = {name: line[f"{side}_{name}"].strip() for name in TRAITS}
    phone, born = told.pop("phone"), told.pop("birth_date")
    qualified = told.pop("ins_qualified") == "1"
    return Traits(
        **told,  # type: ignore[arg-type]
        phones=frozenset({phone} - {""}),
        birth_date=date.fromisoformat(born) if born else None,
        ins_qualified=qualified,
    )


def write(path: Path, pairs: Iterable[Pair]) -> int:
    """Write labelled pairs in a file that nobody else reads; return how many."""
    rows = [
        [int(pair.same), *_cells(pair.one), *_cells(pair.other), int(pair.made_up)]
        for pair in pairs
    ]
    path.touch(mode=0o600)
    path.chmod(0o600)  # it was there before, and opened to others
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(*COLUMNS, MADE_UP), *rows])
    return len(rows)


def _cells(one: Traits) -> list[str]:
    cells = {
        "phone": next(iter(sorted(one.phones)), ""),
        "birth_date": one.birth_date.isoformat() if one.birth_date else "",
        "ins_qualified": "1" if one.ins_qualified else "",
    }
    return [cells[name] if name in cells else str(getattr(one, name)) for name in TRAITS]


def made_up(count: int, seed: int = 2026) -> Iterator[Pair]:
    """Make up pairs: half one person written twice with errors, half persons who look alike."""
    drawn = Random(seed)  # noqa: S311 — nothing secret
    for _ in range(count):
        one = _somebody(drawn)
        if drawn.random() < SAME:
            other = one
            for spoil in drawn.choices(ERRORS, k=drawn.choice((0, 1, 1, 2, 2, 3))):
                other = spoil(other, drawn)
            yield Pair(one, _forgetful(other, drawn), same=True, made_up=True)
        else:
            other = drawn.choice(OTHERS)(one, drawn)
            yield Pair(one, _forgetful(other, drawn), same=False, made_up=True)


def _somebody(drawn: Random) -> Traits:
    sex = drawn.choice("FFFMM")
    born = date(1926, 1, 1) + timedelta(days=int(drawn.random() ** 1.6 * 27000))
    commune = f"{drawn.choice(('05', '34', '38', '69'))}{drawn.randrange(1, 60):03d}"
    body = f"{'12'[sex == 'F']}{born:%y%m}{commune}{drawn.randrange(1, 999):03d}"
    given = " ".join((WOMEN if sex == "F" else MEN).values()).split()
    known = drawn.random() < 0.6
    return Traits(
        birth_name=_surname(drawn),
        used_name=_surname(drawn) if sex == "F" and drawn.random() < 0.5 else "",
        first_names=" ".join(drawn.sample(given, k=drawn.choice((1, 2, 3)))),
        birth_date=born,
        sex=sex,
        ins=body + key_of(body) if known else "",
        ins_qualified=known,
        phones=frozenset({_phone(drawn)}),
        commune_code=commune,
    )


def _surname(drawn: Random) -> str:
    name = NAMES[int(len(NAMES) ** drawn.random()) % len(NAMES)]
    return (
        name
        if drawn.random() < 0.4
        else name + drawn.choice(("et", "ot", "ard", "in", "eau", "ier"))
    )


def _phone(drawn: Random) -> str:
    return f"+336399{drawn.randrange(100000):05d}"


def _forgetful(one: Traits, drawn: Random) -> Traits:
    """A second entry knows less: seldom the number, not always the phone, often one given name."""
    if drawn.random() < 0.8:
        one = replace(one, ins="", ins_qualified=False)
    if drawn.random() < 0.4:
        one = replace(one, phones=frozenset())
    if drawn.random() < 0.6:
        one = replace(one, first_names=one.first_names.split()[0])
    if drawn.random() < 0.3:
        one = replace(one, commune_code="")
    return replace(one, sex="") if drawn.random() < 0.1 else one


# --- one person, written otherwise ---------------------------------------------------------------


def _typo(text: str, drawn: Random) -> str:
    place = drawn.randrange(len(text))
    around = text[:place], text[place + 1 :]
    letter = drawn.choice("abcdeilmnorstu")
    return (
        drawn.choice((letter.join(around), "".join(around), text[:place] + letter + text[place:]))
        or text
    )


def _name_typo(one: Traits, drawn: Random) -> Traits:
    return replace(one, birth_name=_typo(one.birth_name, drawn))


def _given_typo(one: Traits, drawn: Random) -> Traits:
    first, *others = one.first_names.split()
    return replace(one, first_names=" ".join([_typo(first, drawn) or first, *others]))


def _bare(one: Traits, drawn: Random) -> Traits:
    return replace(
        one, birth_name=folded(one.birth_name).upper(), first_names=folded(one.first_names).upper()
    )


def _swapped(one: Traits, drawn: Random) -> Traits:
    first, *others = one.first_names.split()
    return replace(one, birth_name=first, first_names=" ".join([one.birth_name, *others]))


def _married(one: Traits, drawn: Random) -> Traits:
    if not one.used_name:
        return replace(one, used_name=_surname(drawn)) if one.sex == "F" else one
    return replace(one, birth_name=one.used_name, used_name="")


def _second_name(one: Traits, drawn: Random) -> Traits:
    names = one.first_names.split()
    return replace(one, used_first_name=names[-1], first_names=names[-1])


def _day_and_month(one: Traits, drawn: Random) -> Traits:
    born = one.birth_date
    if born is None or born.day > 12:
        return one
    return replace(one, birth_date=born.replace(month=born.day, day=born.month))


def _wrong_digit(one: Traits, drawn: Random) -> Traits:
    if one.birth_date is None:
        return one
    days = drawn.choice((-10, -1, 1, 10, 365, 3652))
    return replace(one, birth_date=one.birth_date + timedelta(days=days))


def _no_birth(one: Traits, drawn: Random) -> Traits:
    return replace(one, birth_date=None)


def _moved(one: Traits, drawn: Random) -> Traits:
    return replace(
        one, commune_code=_somebody(drawn).commune_code, phones=frozenset({_phone(drawn)})
    )


ERRORS: tuple[Callable[[Traits, Random], Traits], ...] = (
    *(_name_typo, _name_typo, _given_typo, _bare, _bare, _swapped, _married, _second_name),
    *(_day_and_month, _wrong_digit, _no_birth, _moved),
)


# --- somebody else, who looks alike --------------------------------------------------------------


def _stranger(one: Traits, drawn: Random) -> Traits:
    return _somebody(drawn)


def _twin(one: Traits, drawn: Random) -> Traits:
    other = _somebody(drawn)
    return replace(other, birth_name=one.birth_name, birth_date=one.birth_date, phones=one.phones,
                   commune_code=one.commune_code, ins="", ins_qualified=False)  # fmt: skip


def _child(one: Traits, drawn: Random) -> Traits:
    born = (one.birth_date or date(1940, 1, 1)) + timedelta(days=drawn.randrange(7000, 14000))
    return replace(one, birth_date=born, ins="", ins_qualified=False)


def _spouse(one: Traits, drawn: Random) -> Traits:
    return replace(_somebody(drawn), used_name=one.birth_name, phones=one.phones,
                   commune_code=one.commune_code)  # fmt: skip


def _namesake(one: Traits, drawn: Random) -> Traits:
    return replace(
        _somebody(drawn), birth_name=one.birth_name, first_names=one.first_names, sex=one.sex
    )


def _born_that_day(one: Traits, drawn: Random) -> Traits:
    return replace(
        _somebody(drawn), birth_date=one.birth_date, first_names=one.first_names, sex=one.sex
    )


OTHERS: tuple[Callable[[Traits, Random], Traits], ...] = (
    _stranger, _twin, _child, _spouse, _namesake, _born_that_day,
)  # fmt: skip
