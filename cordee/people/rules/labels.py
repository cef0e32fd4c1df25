"""Codes that carry their French word, without Django: rules stay pure."""

from enum import StrEnum
from typing import Self


class Coded(StrEnum):
    """A code and its label on screen."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        code = str.__new__(cls, value)
        code._value_ = value
        code.label = label
        return code

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """List codes and labels as a model field wants them."""
        return [(code.value, code.label) for code in cls]
