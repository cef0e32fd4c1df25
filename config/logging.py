"""Logs: what a machine did, never what it did it with. No name, no address with a query string."""

import logging
import re


class WithoutPersons(logging.Filter):
    """Take query strings, secrets of links and e-mail addresses out of what is logged."""

    patterns = (
        (re.compile(r"\?[^\s\"]*"), "?…"),
        (re.compile(r"/(r|suivi|invitation)/[^\s/\"]+"), r"/\1/…"),
        (re.compile(r"[^\s@\"]+@[^\s@\"]+"), "…@…"),
        (re.compile(r"\+?\d[\d .-]{8,}\d"), "…"),
    )

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the line; never drop it."""
        text = record.getMessage()
        for pattern, replacement in self.patterns:
            text = pattern.sub(replacement, text)
        record.msg, record.args = text, None
        return True


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_persons": {"()": "config.logging.WithoutPersons"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_persons"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.db.backends": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}
