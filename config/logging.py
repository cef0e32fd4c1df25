"""Logs: what a machine did, never what it did it with. No name, no address with a query string.

An error shows its kind and where it went, not its words: those of a database repeat what was typed.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any


class WithoutPersons(logging.Filter):
    """Take query strings, secrets of links and e-mail addresses out of what is logged."""

    patterns = (
        (re.compile(r"^Not Found: .*"), "Not Found: /…"),  # an address of nobody's may hold a name
        (re.compile(r"\?[^\s\"]*"), "?…"),
        (re.compile(r"/(r|suivi|invitation)/[^\s/\"]+"), r"/\1/…"),
        # a link to choose a password again: asked for by its head, it is refused, hence logged
        (re.compile(r"/(compte/(?=[0-9a-f]{32}-)|password/reset/key/)[^\s\"]+"), r"/\1…"),
        (re.compile(r"[^\s@\"]+@[^\s@\"]+"), "…@…"),
        (re.compile(r"\+?\d[\d .-]{8,}\d"), "…"),
    )

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line; never drop it."""
        record.msg, record.args = self.cleaned(record.getMessage()), None
        return True

    @classmethod
    def cleaned(cls, text: str) -> str:
        """Return a text without what could name somebody."""
        for pattern, replacement in cls.patterns:
            text = pattern.sub(replacement, text)
        return text


class Lines(logging.Formatter):
    """One line to read; an error is its kind and the way it went."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the name is Python's)
        """Tell the way of an error without its words."""
        kind, error, way = ei
        frames = [
            f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(way)
        ]
        kinds = [kind.__name__]
        while len(kinds) < 5 and (error := error.__cause__ or error.__context__):
            kinds.append(type(error).__name__)
        return "\n".join([" ← ".join(kinds), *frames])


class Objects(Lines):
    """One JSON object per line, for a collector."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a line."""
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0]:
            told["error"] = self.formatException(record.exc_info).splitlines()
        return json.dumps(told, ensure_ascii=False)


def configured(form: str) -> dict[str, Any]:
    """Return the settings of the logs, as text or as JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"without_persons": {"()": "config.logging.WithoutPersons"}},
        "formatters": {
            "text": {
                "()": "config.logging.Lines",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            },
            "json": {"()": "config.logging.Objects"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["without_persons"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.db.backends": {"level": "WARNING"},
            "procrastinate": {"level": "WARNING"},
            "authlib": {"level": "WARNING"},  # it says the tokens that it gives, at DEBUG
            "httpx": {"level": "WARNING"},
            "opentelemetry": {"level": "ERROR"},
        },
    }
