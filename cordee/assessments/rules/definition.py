"""What a questionnaire is, once read: FHIR R4 Questionnaire and the expressions of SDC.

Sources: https://hl7.org/fhir/R4/questionnaire.html and
https://hl7.org/fhir/uv/sdc/STU3/ (variable, calculatedExpression, enableWhenExpression,
answerExpression, questionnaire-constraint). Read by `reading`, written back by `writing`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

QUESTIONS = (
    *("boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url"),
    *("choice", "open-choice", "quantity"),
)
TYPES = ("group", "display", *QUESTIONS)
ORDERED = ("decimal", "integer", "date", "dateTime", "time", "quantity")
"""Types of which one answer may be more than another."""

KIND_OF = {
    "boolean": "valueBoolean",
    "decimal": "valueDecimal",
    "integer": "valueInteger",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "string": "valueString",
    "text": "valueString",
    "url": "valueUri",
    "choice": "valueCoding",
    "open-choice": "valueCoding",
    "quantity": "valueQuantity",
}
"""In which element an answer stands; that to a choice may also be of what its options are."""


@dataclass(frozen=True)
class Coding:
    """A code and what it is called."""

    code: str
    system: str = ""
    display: str = ""


@dataclass(frozen=True)
class Quantity:
    """A number with its unit; `Coding.display` is the unit as people write it."""

    value: Decimal
    unit: Coding = Coding("")


Value = str | bool | Decimal | Coding | Quantity
"""What stands in a `value[x]`; dates and times are text in ISO form."""


@dataclass(frozen=True)
class Constant:
    """A value and the element it stands in, as in `valueInteger`."""

    kind: str
    value: Value


@dataclass(frozen=True)
class Expression:
    """A FHIRPath expression; `name` where it has one."""

    text: str
    name: str = ""
    description: str = ""


@dataclass(frozen=True)
class Condition:
    """One line of enableWhen: the answer to `question`, an operator, what it is compared with."""

    question: str
    operator: str
    answer: Constant


@dataclass(frozen=True)
class Constraint:
    """What an answer must satisfy, and what to say to a human when it does not."""

    key: str
    human: str
    expression: Expression
    severity: str = "error"
    requirements: str = ""
    target: bool = False
    """Written as `targetConstraint` rather than `questionnaire-constraint`."""


@dataclass(frozen=True)
class Option:
    """One answer that is offered. `weight`: from `ordinalValue` or `itemWeight`."""

    kind: str
    code: str
    """What a form posts: the code, or the value itself as text."""
    display: str
    system: str = ""
    weight: Decimal | None = None
    weight_url: str = ""
    weight_inside: bool = False
    """The weight hangs on the coding rather than on the option."""
    prefix: str = ""
    exclusive: bool = False
    initial: bool = False

    @property
    def label(self) -> str:
        """Return what people read: the display, or the value itself."""
        return self.display or self.code

    @property
    def value(self) -> Value:
        """Return the answer this option gives."""
        if self.kind == "valueCoding":
            return Coding(self.code, self.system, self.display)
        return Decimal(self.code) if self.kind == "valueInteger" else self.code


@dataclass(frozen=True)
class Range:
    """Where an answer must lie; a bound that is not said is None. Both ends included."""

    minimum: Constant | None = None
    maximum: Constant | None = None


@dataclass(frozen=True)
class Item:
    """One line of a questionnaire: a group, a text, or a question and those under it."""

    link_id: str
    type: str
    text: str = ""
    prefix: str = ""
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    items: tuple["Item", ...] = ()
    options: tuple[Option, ...] = ()
    enable_when: tuple[Condition, ...] = ()
    enable_behavior: str = ""
    enabled_by: Expression | None = None
    initial: tuple[Constant, ...] = ()
    max_length: int | None = None
    min_length: int | None = None
    decimals: int | None = None
    range: Range = Range()
    occurs: tuple[int | None, int | None] = (None, None)
    unit: Coding | None = None
    units: tuple[Coding, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    variables: tuple[Expression, ...] = ()
    calculated: Expression | None = None
    answers_from: Expression | None = None
    control: str = ""
    """How it likes to be shown: `check-box`, `drop-down`, `help`…; a hint, never a rule."""
    hints: str = "[]"
    """The extensions that speak of the look, as JSON: `control` is read from there."""
    entry: str = ""
    """What to type, said beside the field (`entryFormat`)."""
    facts: str = "{}"
    """What is kept to be written back and never read: JSON of `code`, `definition`…"""

    @property
    def minimum(self) -> Value | None:
        """Return the least answer."""
        return self.range.minimum.value if self.range.minimum else None

    @property
    def maximum(self) -> Value | None:
        """Return the greatest answer."""
        return self.range.maximum.value if self.range.maximum else None

    @property
    def is_question(self) -> bool:
        """Say whether it takes an answer."""
        return self.type in QUESTIONS

    @property
    def help(self) -> str:
        """Return what helps to answer: the texts under it that say they are help."""
        return "\n".join(one.text for one in self.items if one.is_help)

    @property
    def is_help(self) -> bool:
        """Say whether it is the help of the line above rather than a line of the screen."""
        return self.type == "display" and self.control == "help"

    @property
    def all_units(self) -> tuple[Coding, ...]:
        """Return the units an answer may have."""
        return self.units or ((self.unit,) if self.unit else ())


@dataclass(frozen=True, eq=False)
class Definition:
    """A questionnaire as published. Compared by identity: what is published never changes."""

    url: str
    version: str
    title: str
    items: tuple[Item, ...]
    variables: tuple[Expression, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    scoring: str | None = None
    """The score that is counted by our own code, from `urn:cordee:scoring`."""
    category: str = ""
    """Which information it holds, from `urn:cordee:category`; care, when it does not say."""
    name: str = ""
    status: str = "draft"
    publisher: str = ""
    copyright: str = ""
    description: str = ""
    purpose: str = ""
    date: str = ""
    facts: str = "{}"
    """What is kept to be written back and never read: JSON of `contact`, `code`, `useContext`…"""

    def walk(self) -> Iterator[tuple[Item, int]]:
        """Yield every line with its depth, in the order of the screen."""
        stack = [(item, 0) for item in reversed(self.items)]
        while stack:
            item, level = stack.pop()
            yield item, level
            stack.extend((child, level + 1) for child in reversed(item.items))

    def item(self, link_id: str) -> Item:
        """Return one line; LookupError when there is none."""
        for item, _level in self.walk():
            if item.link_id == link_id:
                return item
        raise LookupError(link_id)
