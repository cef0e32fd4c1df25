"""Speaking to the door as a machine does, in the name of an actor."""

import json
from typing import Any

from tests.support import Browser

JSON = "application/fhir+json"


class Machine:
    """A partner system: JSON in, JSON out; `speaking_as(actor)` says in whose name."""

    def __init__(self, actor: Any = None, client: Any = None) -> None:
        staged = {"cordee.client": client} if client else {}
        self.browser = Browser(raise_request_exception=False, **staged)
        if actor is not None:
            self.browser.as_(actor)

    def get(self, address: str, **headers: str) -> Any:
        """Read an address under `/fhir/`."""
        return self.browser.get(f"/fhir/{address}", headers=_named(headers))

    def send(self, method: str, address: str, body: Any = None, **headers: str) -> Any:
        """Send a resource, or bytes as they are."""
        kind = headers.pop("content_type", JSON)
        raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return self.browser.generic(
            method, f"/fhir/{address}", raw, content_type=kind, headers=_named(headers)
        )

    def post(self, address: str, body: Any = None, **headers: str) -> Any:
        """Create, or whatever POST means there."""
        return self.send("POST", address, body, **headers)

    def put(self, address: str, body: Any, **headers: str) -> Any:
        """Replace."""
        return self.send("PUT", address, body, **headers)

    def search(self, type_name: str, **words: Any) -> Any:
        """Search by POST: names stand in no address. Two underscores stand for a colon."""
        pairs = {name.replace("__", ":").replace("dot_", "."): one for name, one in words.items()}
        return self.browser.post(f"/fhir/{type_name}/_search", urlencoded(pairs), FORM)

    def found(self, type_name: str, **words: Any) -> list[str]:
        """The identifiers of what a search matches."""
        answer = self.search(type_name, **words)
        assert answer.status_code == 200, answer.content
        return matches(answer.json())


FORM = "application/x-www-form-urlencoded"


def urlencoded(pairs: dict[str, Any]) -> str:
    """Words of a search as a form."""
    from urllib.parse import urlencode

    return urlencode(pairs, doseq=True)


def matches(bundle: dict[str, Any]) -> list[str]:
    """The identifiers of what a bundle matched, in its order."""
    entries = bundle.get("entry", [])
    return [one["resource"]["id"] for one in entries if one["search"]["mode"] == "match"]


def codes(answer: Any) -> list[str]:
    """Our codes in an OperationOutcome."""
    said = answer.json()
    assert said["resourceType"] == "OperationOutcome", said
    return [one["details"]["coding"][0]["code"] for one in said["issue"]]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
