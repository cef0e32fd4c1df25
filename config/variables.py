"""How a variable of the surroundings is declared: see `config.environment`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Variable:
    """One variable as the documentation shows it."""

    name: str
    attribute: str
    default: str
    parse: Callable[[str], Any]
    meaning: str
    secret: bool


def variable(
    name: str, default: str, parse: Callable[[str], Any], meaning: str, *, secret: bool = False
) -> Any:
    """Declare a field of `Environment` that is read from a variable."""
    metadata = {"name": name, "default": default, "parse": parse, "meaning": meaning}
    return field(default=parse(default), repr=not secret, metadata=metadata | {"secret": secret})
