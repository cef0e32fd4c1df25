"""A small server on loopback: the page of the components, its assets, answers we choose."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from django.template import engines
from django.test import RequestFactory
from markupsafe import Markup

from cordee.kernel import templating
from cordee.web.context import Item
from cordee.web.gallery import Sample, moments_around
from tests.support import serve

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "frontend" / "dist"
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'"  # noqa: E501
NAV = (
    Item("Travail", "#tasks", "tasks", current=True),
    Item("Appels", "#call", "call"),
    Item("Recherches", "#wave", "wave"),
    Item("Personnes", "#person", "person"),
)


class Desk(ThreadingHTTPServer):
    """What the browser talks to; `moves` sends a line on the stream, `is_down` drops requests,
    what Ctrl-K shows waits for `is_told`."""

    daemon_threads = True

    def __init__(self, now) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.now, self.is_down = now, False
        self.is_told = threading.Event()
        self.is_told.set()
        self.lines, self.drafts, self.streams = ["Premier", "Deuxième"], [], []
        self.asked: list[dict[str, list[str]]] = []  # what each stream was opened with
        serve(self)

    def moves(self, room: str) -> None:
        """Tell every open page that a room moved."""
        for stream in self.streams:
            stream.put(f"event: thread:{room}\ndata: {{}}\n\n")

    def page(self) -> str:
        """The components, and the pieces that listen."""
        request = RequestFactory().get("/")
        form = Sample({"care": "dressing", "delay": "day"})
        form.is_valid()
        context = {
            "form": form,
            "moments": moments_around(self.now),
            "now": self.now,
            "nav": NAV,
            "actor_name": "Nadia Ferrand",
            "live_url": "/direct",
            "live_rooms": "broker intake people",
            "live_reached": "ici",
            "palette_url": "/palette",
        }
        html = engines["jinja"].get_template("gallery.jinja").render(context, request)
        return html.replace("</h1>", f"</h1>{DRAFT}{self.rows()}", 1)

    def rows(self) -> str:
        """A list that the stream refreshes."""
        items = "".join(
            f'<li class="row" id="l-{line}"><a class="row__link" href="#{line}">'
            f'<span class="row__ask">{line}</span></a></li>'
            for line in self.lines
        )
        return (
            '<ul class="rows" id="vivante" data-list aria-label="Liste vivante" hx-get="/lignes" '
            f'hx-trigger="thread:intake from:body" hx-swap="outerHTML">{items}</ul>'
        )

    def palette(self) -> str:
        """What Ctrl-K shows."""
        choices = [
            {"text": "Prendre un appel", "href": "#appel", "icon": "call", "words": "téléphone"},
            {"text": "Voir les recherches", "href": "#recherches", "icon": "wave"},
        ]
        template = engines["jinja"].get_template("_palette.jinja")
        return template.render({"choices": choices, "find_url": "/personnes/recherche"})


DRAFT = (
    '<form class="form" method="post" action="/demande" data-autosave="/brouillon">'
    '<label for="note">Note</label><input id="note" name="note">'
    '<span class="saved" data-autosave-state></span></form>'
)


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: Desk

    def log_message(self, *words) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Pages, assets, rows, the stream."""
        path, _, query = self.path.partition("?")
        if path == "/direct":
            self.server.asked.append(parse_qs(query))
            self._stream()
        elif path.startswith("/static/"):
            self._static(path.removeprefix("/static/"))
        else:
            self._say({"/": self.server.page, "/lignes": self.server.rows}[path]())

    def do_POST(self) -> None:
        """The palette and the draft."""
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        if self.server.is_down:
            self.close_connection = True
            return
        if self.path == "/brouillon":
            self.server.drafts.append(body)
            self._say("", status=204)
        else:
            self.server.is_told.wait()
            self._say(self.server.palette())

    def _say(self, text: str, status: int = 200) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _static(self, name: str) -> None:
        path = next(
            (
                base / name
                for base in (DIST, ROOT / "cordee/kernel/static")
                if (base / name).exists()
            ),
            None,
        )
        content = path.read_bytes() if path else b""
        self.send_response(200 if path else 404)
        self.send_header("Content-Type", KINDS.get(Path(name).suffix, "text/plain"))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        mine: queue.Queue[str] = queue.Queue()
        self.server.streams.append(mine)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b": bonjour\n\n")
        self.wfile.flush()
        while True:
            self.wfile.write(mine.get().encode())
            self.wfile.flush()


def built_assets() -> Markup:
    """The tags of the real build, whatever the settings of the tests say."""
    manifest = DIST / "manifest.json"
    assert manifest.exists(), "Tapez : .venv/bin/python -m host.frontend"
    entry = json.loads(manifest.read_text())[templating.ENTRY]
    sheets = "".join(f'<link rel="stylesheet" href="/static/{sheet}">' for sheet in entry["css"])
    return Markup(f'{sheets}<script type="module" src="/static/{entry["file"]}"></script>')  # noqa: S704
