"""The protocols that come with the house: working texts, to be validated locally before any use."""

from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).parent / "library"


@cache
def texts() -> dict[str, str]:
    """Return the text of each, by id."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(LIBRARY.glob("*.yaml"))}
