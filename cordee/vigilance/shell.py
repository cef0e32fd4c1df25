"""What a phone keeps to open without a network: the page, its scripts, its style, its letters."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

ENTRY = "src/visits.js"
WORKER = "src/visits-worker.js"
LETTERS = ("latin-wght-normal",)
"""Of the letters that the style names, those that French needs."""


def _folder() -> Path:
    told: dict[str, Any] = settings.DJANGO_VITE["default"]
    return Path(told.get("manifest_path", settings.ROOT / "frontend/dist/manifest.json")).parent


def manifest() -> dict[str, Any]:
    """What the build made; nothing when the front-end is not built."""
    path = _folder() / "manifest.json"
    return _manifest(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=2)
def _manifest(path: Path, changed: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def scripts() -> list[str]:
    """The addresses of the scripts of the phone."""
    return [static(one) for one in _files() if one.endswith(".js")]


def styles() -> list[str]:
    """The addresses of its styles."""
    return [static(one) for one in _files() if one.endswith(".css")]


def _files() -> list[str]:
    entry = manifest().get(ENTRY)
    if entry is None:
        return []
    shared = [manifest()[one]["file"] for one in entry.get("imports", ())]
    return [entry["file"], *shared, *entry.get("css", ())]


def _letters() -> list[str]:
    named = manifest().get(ENTRY, {}).get("assets", ())
    return [one for one in named if any(part in one for part in LETTERS)]


def kept(page: str, page_digest: str, drawings: list[str]) -> list[dict[str, str | None]]:
    """What the service worker keeps: addresses, and what tells that they changed."""
    files = [static(one) for one in (*_files(), *_letters())]
    told = [{"url": one, "revision": None} for one in (*files, *drawings)]
    return [{"url": page, "revision": page_digest}, *told]


def worker(keeps: list[dict[str, str | None]]) -> str:
    """The script of the service worker: what it keeps, then what the build made of ours."""
    built = manifest().get(WORKER)
    body = (_folder() / built["file"]).read_text(encoding="utf-8") if built else ""
    return f"self.KEPT = {json.dumps(keeps)};\n{body}"


def digest(text: str) -> str:
    """What tells that a page changed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
