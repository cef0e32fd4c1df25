"""A token that several lists of codes answer, each under its own system."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Q

from cordee.fhir.search.parameters import Asking, Choice, Parameter, any_of


@dataclass(frozen=True)
class Either(Parameter):
    """`Either(Choice(…, system), Choice(…, other))`: what one of them at least asks for."""

    choices: tuple[Choice, ...]
    type: ClassVar[str] = "token"
    modifiers: ClassVar[frozenset[str]] = frozenset({"not"})

    def __init__(self, *choices: Choice) -> None:
        object.__setattr__(self, "choices", choices)

    def condition(self, value: str, modifier: str, asking: Asking) -> Q:
        found = any_of([one.condition(value, "", asking) for one in self.choices])
        return ~found if modifier == "not" else found
