"""A partner's own server, on this machine: it keeps what comes, and answers what the test wants."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from tests.support import serve


@dataclass
class Received:
    """One POST, as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def number(self) -> int:
        """The number of the event."""
        return int(self.headers["x-cordee-event"])

    @property
    def focus(self) -> str:
        """What it tells of: « RelatedPerson/… »."""
        told = json.loads(self.body)["entry"][0]["resource"]["parameter"]
        (event,) = [one["part"] for one in told if one["name"] == "notification-event"]
        (focus,) = [one["valueReference"] for one in event if one["name"] == "focus"]
        return focus["reference"].partition("/fhir/")[2]


@dataclass
class Receiver:
    """What came, and how the next is answered: a status, with headers; 0 hangs up."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    answers: Callable[[Received], int] = lambda one: 200
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A server that receives, until the end."""
    receiver = Receiver()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            named = {name.lower(): value for name, value in self.headers.items()}
            one = Received(named, self.rfile.read(length))
            status = receiver.answers(one)
            receiver.got.append(one)
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *said: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Takes)
    thread = serve(server)
    receiver.url = f"http://127.0.0.1:{server.server_port}/fhir-events"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def is_signed(one: Received, url: str, keys: dict[str, Any]) -> bool:
    """Check a signature as a partner does, from RFC 9421 and 9530 and the keys that are shown."""
    digest = base64.b64encode(hashlib.sha256(one.body).digest()).decode()
    if one.headers["content-digest"] != f"sha-256=:{digest}:":
        return False
    label, _, how = one.headers["signature-input"].partition("=")
    names = re.findall(r'"([^"]+)"', how.partition(")")[0])
    assert {"@method", "@target-uri", "content-digest", "x-cordee-event"} <= set(names)
    known = {"@method": "POST", "@target-uri": url, **one.headers}
    lines = [f'"{name}": {known[name]}' for name in names] + [f'"@signature-params": {how}']
    kid = re.search(r'keyid="([^"]+)"', how)
    (key,) = [each for each in keys["keys"] if kid and each["kid"] == kid[1]]
    told = one.headers["signature"].removeprefix(f"{label}=:").removesuffix(":")
    public: Any = RSAKey.import_key(key).public_key
    try:
        public.verify(base64.b64decode(told), "\n".join(lines).encode(), PKCS1v15(), SHA256())
    except Exception:  # noqa: BLE001 — whatever is wrong, it is not signed
        return False
    return True
