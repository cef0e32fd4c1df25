"""What may be asked of a type beside reading and writing: `$everything`, `$match`, `$populate`…

Each file of this package ends with `OPERATIONS`; the router and the CapabilityStatement walk them.
An operation looks and writes nothing: it gives a resource, which its caller keeps or sends back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from cordee.fhir.call import Call
from cordee.fhir.operations.given import Given, given_of
from cordee.fhir.outcome import Issue, Json, Refusal


@dataclass(frozen=True)
class Part:
    """A parameter of an operation, in or out: its name, its type, and whether it must be."""

    name: str
    type: str
    least: int = 0


@dataclass(frozen=True)
class Operation:
    """An operation of a type: at one resource, at the type, or at both.

    `definition`: the one of HL7 that it follows. `takes`, `gives`: what its own definition says.
    """

    name: str
    type: str
    definition: str
    run: Callable[[Call, str, Given], Json]
    at_instance: bool = True
    at_type: bool = False
    takes: tuple[Part, ...] = ()
    gives: tuple[Part, ...] = (Part("return", "Bundle", 1),)


@cache
def operations() -> dict[tuple[str, str], Operation]:
    """Every operation, by type and name."""
    found = {}
    for module in iter_modules(__path__):
        named = import_module(f"{__name__}.{module.name}")
        for one in getattr(named, "OPERATIONS", ()):
            found[one.type, one.name] = one
    return dict(sorted(found.items()))


def done(call: Call, type_name: str, name: str, pk: str) -> Json:
    """Do an operation. Raises Refusal (404): there is none such, there."""
    found = operations().get((type_name, name))
    if found is None or not (found.at_instance if pk else found.at_type):
        raise Refusal(404, [NO_OPERATION])
    return found.run(call, pk, given_of(call))


NO_OPERATION = Issue(
    "not-supported",
    "operation.unknown",
    "Cette opération n’existe pas ici : « /fhir/metadata » dit lesquelles existent.",
    "There is no such operation here: see /fhir/metadata.",
)
