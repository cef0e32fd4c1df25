"""A system that sends files: by lines, or by addresses of a server of its own, on this machine."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.fhir.door import FORM, urlencoded
from tests.fhir.systems import ASYNC, lines, place_of
from tests.support import Browser, run_jobs, serve

NDJSON, JSON = "application/fhir+ndjson", "application/fhir+json"


def ndjson(*resources: Any) -> bytes:
    """Resources, one a line; bytes as they are."""
    said = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in resources]
    return b"".join(one + b"\n" for one in said)


def patient(rank: int, **more: Any) -> dict[str, Any]:
    """A person as a partner sends her, under its own names."""
    return {
        "resourceType": "Patient",
        "id": f"p{rank}",
        "identifier": [{"system": "urn:essai:ipp", "value": str(rank)}],
        "name": [{"family": f"Blanchard{chr(65 + rank % 26)}", "given": ["Odile"]}],
        "gender": "female",
        "birthDate": f"19{30 + rank % 60}-02-11",
        **more,
    }


def relative(name: str, subject: str) -> dict[str, Any]:
    """A relative as a partner sends him, under its own name."""
    return {
        "resourceType": "RelatedPerson",
        "id": name,
        "identifier": [{"system": "urn:essai:proche", "value": name}],
        "patient": {"reference": subject},
        "relationship": [{"text": "fils"}],
        "name": [{"text": "Jean Blanchard"}],
    }


def note(rank: int, subject: str, **more: Any) -> dict[str, Any]:
    """A note as a partner sends it."""
    text = base64.b64encode(f"Passage {rank}, tout va bien.".encode()).decode()
    sent = {
        "resourceType": "DocumentReference",
        "identifier": [{"system": "urn:essai:note", "value": str(rank)}],
        "status": "current",
        "subject": {"reference": subject},
        "content": [{"attachment": {"contentType": "text/plain", "data": text}}],
        "context": {"facilityType": {"text": "Domicile"}},
    }
    return sent | more


def found(machine: Browser, kind: str, value: str) -> Any:
    """The one resource that bears an identifier."""
    words = urlencoded({"identifier": f"urn:essai:{value}"})
    page = machine.post(f"/fhir/{kind}/_search", words, FORM).json()
    (one,) = [entry["resource"] for entry in page["entry"] if entry["search"]["mode"] == "match"]
    return one


def send(machine: Browser, *resources: Any, **headers: str) -> Any:
    """Send lines. Gives the answer."""
    return send_bytes(machine, ndjson(*resources), **headers)


def send_bytes(machine: Browser, body: bytes, **headers: str) -> Any:
    """Send lines as they are. Gives the answer."""
    return machine.generic(
        "POST", "/fhir/$import", body, content_type=NDJSON, headers=ASYNC | headers
    )


def ask_for(machine: Browser, *inputs: tuple[str, str], more: tuple[Any, ...] = ()) -> Any:
    """Ask that files be fetched: a type and an address for each. Gives the answer."""
    named = [
        {
            "name": "input",
            "part": [{"name": "type", "valueCode": kind}, {"name": "url", "valueUri": url}],
        }
        for kind, url in inputs
    ]
    body = {"resourceType": "Parameters", "parameter": [*named, *more]}
    return machine.post("/fhir/$import", body, content_type=JSON, headers=ASYNC)


def done(machine: Browser, answer: Any) -> dict[str, Any]:
    """An import from its acceptance to its end: what is said of its files."""
    where = place_of(answer)
    run_jobs()
    return became(machine, where)


def became(machine: Browser, where: str) -> dict[str, Any]:
    """What is said of an import that is done."""
    answer = machine.get(where)
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    return said


def refusals(machine: Browser, said: dict[str, Any]) -> list[tuple[int, int | None, str]]:
    """What was refused: the number of the file, that of the line, our code."""
    found = []
    for one in said["error"]:
        told = lines(machine, one["url"])
        assert len(told) == one["count"]
        for each in told:
            placed = {
                ext["url"].rpartition("/")[2]: ext["valuePositiveInt"] for ext in each["extension"]
            }
            code = each["issue"][0]["details"]["coding"][0]["code"]
            found.append((placed["import-file"], placed.get("import-line"), code))
    return found


@dataclass
class Shown:
    """Files that a partner shows, by name; how each is given may be changed."""

    files: dict[str, bytes]
    url: str = ""
    asked: list[str] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    announced: int = 0
    """Bytes that are announced beyond those that come."""
    without_length: bool = False

    def at(self, name: str) -> str:
        """The address of a file."""
        return f"{self.url}/{name}"


@contextmanager
def showing(**files: bytes) -> Iterator[Shown]:
    """A server of a partner that shows files, until the end."""
    shown = Shown(files)

    class Gives(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").partition("?")[0]
            shown.asked.append(name)
            content = shown.files.get(name)
            self.send_response(404 if content is None else shown.status)
            for key, value in shown.headers.items():
                self.send_header(key, value)
            if not shown.without_length:
                self.send_header("Content-Length", str(len(content or b"") + shown.announced))
            self.end_headers()
            self.wfile.write(content or b"")
            self.close_connection = True

        def log_message(self, *said: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gives)
    thread = serve(server)
    shown.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield shown
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
