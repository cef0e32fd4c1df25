"""What may come along with a page: by which references an include goes, and which go nowhere."""

from collections.abc import Iterator

from cordee.fhir.contract import Mapping
from cordee.fhir.outcome import Issue
from cordee.fhir.registry import mappings
from cordee.fhir.search.compiler import parameters_of, unknown
from cordee.fhir.search.parameters import Reference
from cordee.fhir.search.words import Asked, Include, Wanted


def led_to(source: Mapping, include: Include) -> Iterator[tuple[str, str]]:
    """The types held here that an include leads to from a table, by one parameter or by all of
    them (`*`), each with its path."""
    for name, parameter in parameters_of(source).items():
        if include.parameter not in ("*", name) or not isinstance(parameter, Reference):
            continue
        for type_name, path in parameter.paths.items():
            if type_name in mappings() and include.target in ("", type_name):
                yield type_name, path


def referring_by(source: Mapping, include: Include) -> dict[str, str]:
    """The types held here whose rows those of a table refer to, by one parameter, with its path."""
    return {} if include.parameter == "*" else dict(led_to(source, include))


def leading_nowhere(mapping: Mapping, wanted: Wanted) -> list[Issue]:
    """The warnings that what is asked to come along with rows of a type never does. No query."""
    asked = [("_include", one) for one in wanted.includes if not _is_met(mapping.type, one)]
    asked += [("_revinclude", one) for one in wanted.revincludes if not _refers(mapping.type, one)]
    return [unknown(Asked(f"{name}={_said(one)}", "", "", ())) for name, one in asked]


def _is_met(type_name: str, include: Include) -> bool:
    kind = mappings().get(include.source)
    begins = include.goes_on or include.source == type_name
    return begins and kind is not None and any(any(led_to(one, include)) for one in kind.tables)


def _refers(type_name: str, include: Include) -> bool:
    kind = mappings().get(include.source)
    led = {name for one in kind.tables for name in referring_by(one, include)} if kind else set()
    return bool(led) if include.goes_on else type_name in led


def _said(include: Include) -> str:
    return ":".join(filter(None, (include.source, include.parameter, include.target)))
