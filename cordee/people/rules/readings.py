"""How a text was read, when it can be read otherwise: kept next to its rule, with its source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """One reading of a text, and whether somebody who knows the law confirmed it."""

    said: str
    source: str
    verified: bool = False
