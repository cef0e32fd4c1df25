"""What an operation is given: Parameters, a resource alone, or words in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from cordee.fhir.call import Call
from cordee.fhir.incoming import local
from cordee.fhir.outcome import Json, Refusal, invalid, unprocessable
from cordee.fhir.reading import resource_of
from cordee.fhir.registry import mapping_of
from cordee.fhir.search.words import counted


@dataclass(frozen=True)
class Given:
    """The parameters of an operation, by name; `alone`: a resource that came without a name."""

    named: Mapping[str, Json] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    alone: Json | None = None
    texts: Sequence[tuple[str, str]] = ()
    """Each parameter as text, in order: of those that may come several times."""

    def text(self, name: str) -> str:
        """A parameter of one value, as text; empty when it is not given."""
        found = text_of(self.named.get(name, {}))
        return found if found is not None else self.words.get(name, "")

    def joined(self, name: str) -> str:
        """A parameter of several values, whether they come together or apart."""
        return ",".join(text for key, text in self.texts if key == name)

    def number(self, name: str, usual: int, most: int, least: int = 1) -> int:
        """A parameter that counts. Raises Refusal (400): it is no number, or too small a one."""
        try:
            return counted(self.text(name), usual, most, least)
        except ValueError:
            raise _unreadable(name) from None

    def resource(self, name: str, type_name: str) -> Json:
        """A resource of a type. Raises Refusal (400): there is none."""
        found = self.named.get(name, {}).get("resource", self.alone)
        if not isinstance(found, dict) or found.get("resourceType") != type_name:
            raise _unreadable(name)
        return found


def text_of(one: Json) -> str | None:
    """The value of a parameter, as text; of a reference, where it leads."""
    value = next((value for key, value in one.items() if key.startswith("value")), None)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value.get("reference", ""))
    return str(value) if value is not None else None


def given_of(call: Call) -> Given:
    """Read what an operation is given. Raises Refusal: unreadable."""
    query = parse_qsl(call.request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    words = dict(query)
    if call.request.method == "GET" or not int(call.request.META.get("CONTENT_LENGTH") or 0):
        return Given(words=words, texts=query)
    body = resource_of(call.request)
    if body["resourceType"] != "Parameters":
        return Given(words=words, alone=body)
    given = body.get("parameter")
    parts = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    named = {str(one.get("name")): one for one in parts}
    texts = [(str(one.get("name")), text_of(one) or "") for one in parts]
    return Given(named, words, texts=[*texts, *query])


def subject_of(call: Call, given: Given) -> Any:
    """The person that an operation is about. Raises Refusal: none named (400), or hides (422)."""
    reference = given.text("subject")
    if not reference:
        raise _unreadable("subject")
    named = local(reference if "/" in reference else f"Patient/{reference}")
    row = None
    if named is not None and named[0] == "Patient":
        row = call.rows(mapping_of("Patient")).filter(pk=named[1], merged_into=None).first()
    if row is None:
        raise unprocessable(
            "incoming.nowhere",
            "Cette référence ne mène à rien qui vous soit confié.",
            "The reference leads to nothing that this caller may see.",
            "Parameters.parameter.where(name='subject')",
        )
    return row


def _unreadable(name: str) -> Refusal:
    return invalid(
        "operation.parameter",
        f"Le paramètre « {name} » manque, ou ne se lit pas.",
        f"The parameter {name} is missing or cannot be read.",
        f"Parameters.parameter.where(name='{name}')",
    )
