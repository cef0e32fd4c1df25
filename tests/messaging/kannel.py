"""Kannel, the SMS gateway of Debian: a second client of our message centre, written by others."""

import subprocess
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from host.needs import kannel
from tests.messaging.centre import eventually, free_port
from tests.support import serve

ROLE = {"username": "cordee", "password": "secret"}
CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = secret
smsbox-port = {box}
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = centre
host = 127.0.0.1
port = {centre}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
interface-version = 34
source-addr-ton = 3
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {send}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = cordee
password = secret
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{ours}/text?from=%p&text=%a&coding=%c"
"""


class _Said(BaseHTTPRequestHandler):
    """Where Kannel tells what it heard."""

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query, True, encoding="latin-1"))
        alphabet = "utf-16-be" if query.get("coding") == "2" else "utf-8"
        query = {name: one.encode("latin-1") for name, one in query.items()}
        said = {
            name: one.decode(alphabet if name == "text" else "ascii") for name, one in query.items()
        }
        self.server.said.append((parts.path, said))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Kannel:
    """Its two programs, bound to a message centre; `said` is what it heard from it."""

    def __init__(self, centre, folder):
        self.centre, self.folder = centre, folder
        self._open = ExitStack()

    def __enter__(self):
        self._web = ThreadingHTTPServer(("127.0.0.1", 0), _Said)
        self._web.said = self.said = []
        serve(self._web)
        self._open.callback(self._web.server_close)
        self._open.callback(self._web.shutdown)
        self.send_port = free_port()
        ports = {
            "admin": free_port(),
            "box": free_port(),
            "send": self.send_port,
            "centre": self.centre.port,
            "ours": self._web.server_port,
        }
        (self.folder / "kannel.conf").write_text(CONFIGURATION.format(**ports))
        try:
            self._start("bearerbox")
            eventually(lambda: self.centre.sessions, 20)
            self._start("smsbox")
            eventually(self._listens, 20)
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_):
        self._open.close()

    def _start(self, name):
        programs = kannel()
        assert programs, "Kannel manque. Tapez : sudo apt install kannel"
        log = (self.folder / f"{name}.log").open("wb")
        process = subprocess.Popen(
            [programs / name, "-v", "1", self.folder / "kannel.conf"],
            stdout=log,
            stderr=log,
            cwd=self.folder,
        )
        self._open.callback(_stop, process, log)

    def _listens(self):
        with suppress(OSError, urllib.error.URLError):
            return self._ask("/cgi-bin/none") is not None

    def _ask(self, path, **query):
        address = f"http://127.0.0.1:{self.send_port}{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def send(self, to, text, *, coding=0, **more):
        """Send a text as its users do; its fate is told at `/fate`."""
        fate = f"http://127.0.0.1:{self._web.server_port}/fate?type=%d&id=%F"
        words = {"from": "38600", "to": to, "text": text, "charset": "UTF-8", "coding": coding}
        status = self._ask(
            "/cgi-bin/sendsms", **ROLE, **words, **{"dlr-mask": 31, "dlr-url": fate}, **more
        )
        assert status == 202, status


def _stop(process, log):
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    log.close()
