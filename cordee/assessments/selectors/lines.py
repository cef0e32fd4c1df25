"""One line of a questionnaire on the screen: a question and its control, or a text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cordee.assessments.rules import together
from cordee.assessments.rules.filling import Row
from cordee.assessments.rules.limits import said as said_value
from cordee.assessments.rules.results import Answer
from cordee.directory.rules import PARIS

FEW = 12  # options that are seen at once; more are unfolded
INPUTS = {
    "integer": ("text", "numeric"),
    "decimal": ("text", "decimal"),
    "quantity": ("text", "decimal"),
    "date": ("date", ""),
    "dateTime": ("datetime-local", ""),
    "time": ("time", ""),
    "text": ("textarea", ""),
    "url": ("url", ""),
}
MOMENTS = ("date", "datetime-local")
YES_NO = (("true", "Oui"), ("false", "Non"))


@dataclass(frozen=True)
class Known:
    """What is known already: the answer, where it comes from, and what other sources say."""

    value: Answer
    said: str
    others: tuple[tuple[Answer, str], ...] = ()


@dataclass(frozen=True)
class Choice:
    """One answer that is offered; `hint`: who answered so, when it is known."""

    code: str
    text: str
    chosen: bool
    hint: str = ""


@dataclass(frozen=True)
class Line:
    """`kind`: radio, checks, select, one, many, shown (counted by the server), said (a text)."""

    id: str
    name: str
    kind: str
    text: str
    prefix: str = ""
    help: str = ""
    required: bool = False
    options: tuple[Choice, ...] = ()
    values: tuple[str, ...] = ()
    input: str = "text"
    inputmode: str = ""
    longest: int | None = None
    unit: str = ""
    units: tuple[Choice, ...] = ()
    other: str | None = None
    """What was answered beside the options, where one may; None where one may not."""
    error: str = ""
    known: str = ""
    """What is known already, where there is no option to choose, and the words of its source."""
    known_from: str = ""
    known_said: str = ""
    """What is known, as people write it: « 07/03/1941 » where its field takes « 1941-03-07 »."""
    where: str = ""
    """Under which group it stands, in short: « Le bas » says little by itself."""

    @property
    def takes_an_answer(self) -> bool:
        """Whether somebody answers it."""
        return self.kind not in ("shown", "said")

    @property
    def said(self) -> str:
        """The answer in words."""
        words = [one.text for one in self.options if one.chosen]
        values = map(said_value, self.values) if self.input in MOMENTS else self.values
        said = ", ".join(words or values)
        return f"{said}\u00a0{self.unit}" if self.unit and said else said

    @property
    def is_short(self) -> bool:
        """Whether its options stand beside each other."""
        return sum(len(one.text) for one in self.options) <= 60


@dataclass
class Section:
    """A group of the questionnaire, and the lines under it."""

    id: str
    title: str
    level: int
    lines: list[Line] = field(default_factory=list)
    help: str = ""
    instance: str = ""
    """The path of one of several of the same group: posted, so that it stays while it is empty."""
    again: str = ""
    """The path of the one that may be added after this one."""
    top: str = ""
    """The linkId of the large section that it is, or is in."""


def section_of(row: Row) -> Section:
    """Make the section of a group."""
    item = row.item
    again = row.again if item.repeats else ""
    return Section(
        _identifier(row.path),
        f"{item.prefix} {item.text}".strip(),
        row.level,
        help=item.help,
        instance=row.path if item.repeats else "",
        again=again,
        top=together.section_of(row.path),
    )


def _identifier(path: str) -> str:
    return f"q-{path}".replace("/", "-").replace(":", "-").replace(".", "-")


def line_of(
    row: Row, error: str, typed: Sequence[str] | None = None, known: Known | None = None
) -> Line:
    """Make the line of a row. `typed`: what stands in its field when it could not be read."""
    item = row.item
    given = tuple(one for one in typed or () if one) if error and typed else _posted(row)
    options = _options(row, given, known)
    told = known if known and not options and not given else None
    kind = _kind(row, options)
    control, mode = INPUTS.get(item.type, ("text", ""))
    return Line(
        id=_identifier(row.path),
        name=row.path,
        kind=kind,
        text=item.text,
        prefix=item.prefix,
        help=" ".join(filter(None, (item.help, item.entry))),
        required=item.required,
        options=options,
        values=_shown(row, given) if kind == "shown" else given,
        input=control,
        inputmode=mode,
        longest=item.max_length,
        unit=_unit(row),
        units=_units(row),
        other=_other(row, options, given),
        error=error,
        known=_word(told.value) if told else "",
        known_from=told.said if told else "",
        known_said=_read(told.value, control) if told else "",
    )


def _kind(row: Row, options: tuple[Choice, ...]) -> str:
    item = row.item
    if item.type in ("display", "group"):
        return "said"
    if item.calculated or item.read_only:
        return "shown"
    if options:
        if item.repeats:
            return "checks"
        many = len(options) > FEW or item.control == "drop-down"
        return "select" if many and item.type != "open-choice" else "radio"
    return "many" if item.repeats else "one"


def _options(row: Row, given: tuple[str, ...], known: Known | None) -> tuple[Choice, ...]:
    told = ((known.value, known.said), *known.others) if known else ()
    hints = {_word(value): said for value, said in reversed(told)}
    offered = [(one.code, f"{one.prefix} {one.display or one.code}".strip()) for one in row.options]
    if row.item.type == "boolean":
        offered = list(YES_NO)
    return tuple(Choice(code, text, code in given, hints.get(code, "")) for code, text in offered)


def _other(row: Row, options: tuple[Choice, ...], given: tuple[str, ...]) -> str | None:
    if row.item.type != "open-choice" or not options:
        return None
    return ", ".join(set(given) - {one.code for one in options})


def _said(values: Sequence[Answer]) -> tuple[str, ...]:
    """Write answers as a form posts them."""
    return tuple(_word(one) for one in values)


def _posted(row: Row) -> tuple[str, ...]:
    """Write the answers for their control: a browser wants a moment without its zone."""
    said = _said(row.values)
    if row.item.type != "dateTime":
        return said
    moments = (datetime.fromisoformat(one) for one in said)
    here = (one.astimezone(PARIS) if one.tzinfo else one for one in moments)
    return tuple(f"{one:%Y-%m-%dT%H:%M}" for one in here)


def _word(value: Answer) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value.normalize():f}".replace(".", ",") if isinstance(value, Decimal) else value


def _read(value: Answer, control: str) -> str:
    """Write an answer for a human."""
    word = _word(value)
    return said_value(word) if control in MOMENTS else word


def _shown(row: Row, given: tuple[str, ...]) -> tuple[str, ...]:
    """Write what the server counted for a human: the words of an option, not its code."""
    words = {one.code: one.display or one.code for one in row.options} | dict(YES_NO)
    return tuple(words.get(one, one) for one in given)


def _unit(row: Row) -> str:
    units = {one.code: one.display or one.code for one in row.item.all_units}
    if row.unit:
        return units.get(row.unit, row.unit)
    return next(iter(units.values()), "") if len(units) == 1 else ""


def _units(row: Row) -> tuple[Choice, ...]:
    """The units to choose from, where there are several."""
    units = row.item.all_units
    if len(units) < 2:
        return ()
    return tuple(Choice(one.code, one.display or one.code, one.code == row.unit) for one in units)
