"""A part of a document under the eyes of the reader: what is asked of it, what is wrong with it."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cordee.protocols.rules.clocks import Delay, Unit
from cordee.protocols.rules.document import Path
from cordee.protocols.rules.protocol import Pattern, Patterns

MOST_OF_ID, MOST_OF_TITLE = 80, 300  # what the register of ruptures and the passages can keep
LONGEST = {Unit.DAYS: 3_660, Unit.HOURS: 87_840}  # ten years
ALONE = (
    "un fait de la vie sociale ou de la santé mentale ne peut pas être seul ici : ce qui en est "
    "montré le révélerait. Ajoutez à la liste un fait que toute l’équipe peut lire."
)
_DELAY = re.compile(r"(-?\d+) (jour|jours|heure|heures)")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass
class Troubles:
    """What was found wrong, and the facts that may be spoken of: kind → fields of its data.

    `never_alone`: those that may only be named beside another.
    """

    kinds: Mapping[str, Collection[str]]
    found: list[tuple[Path, str]] = field(default_factory=list)
    never_alone: Collection[str] = ()


@dataclass(frozen=True)
class Page:
    """A value, where it stands, and where to say what is wrong."""

    value: Any
    path: Path
    troubles: Troubles

    def refuse(self, sentence: str) -> None:
        """Note a trouble; the reading goes on, to find the others."""
        self.troubles.found.append((self.path, sentence))

    def has(self, key: str) -> bool:
        """Tell whether a key is there."""
        return isinstance(self.value, dict) and key in self.value

    def at(self, key: str) -> "Page":
        """Turn to what stands under a key; an absent one is None."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Page(value, (*self.path, key), self.troubles)

    def fields(self, wanted: Iterable[str], allowed: Iterable[str] = ()) -> bool:
        """Check that this is a mapping with these keys and no other; tell whether it is one."""
        if not isinstance(self.value, dict):
            self.refuse("On attend ici des lignes « mot : valeur ».")
            return False
        known = [*wanted, *allowed]
        for key in self.value:
            if key not in known:
                self.at(key).refuse(f"mot inconnu. Ici, on peut écrire : {', '.join(known)}.")
        for key in wanted:
            if self.value.get(key) is None:
                self.refuse(f"il manque « {key} ».")
        return True

    def items(self) -> list["Page"]:
        """Return the parts of a list; nothing written is an empty list."""
        if self.value is None or self.value == "":
            return []
        if not isinstance(self.value, list):
            self.refuse("On attend ici une liste, une ligne par tiret.")
            return []
        return [
            Page(item, (*self.path, rank), self.troubles) for rank, item in enumerate(self.value)
        ]

    def text(self) -> str:
        """Return a text that says something."""
        if isinstance(self.value, str) and self.value:
            return self.value
        is_named = bool(self.path) and isinstance(self.path[-1], str)
        if self.value is not None or not is_named:  # a word that is missing was said already
            self.refuse("On attend ici un texte.")
        return ""

    def id(self) -> str:
        """Return a short name: small letters without accent, figures and dashes."""
        said = self.text()
        if said and not _ID.fullmatch(said):
            self.refuse(
                f"« {said} » n’est pas un identifiant : des minuscules sans accent, des chiffres "
                "et des tirets."
            )
        if len(said) > MOST_OF_ID:
            self.refuse(f"cet identifiant est trop long : {MOST_OF_ID} caractères au plus.")
        return said

    def title(self) -> str:
        """Return a text that the register of ruptures can keep."""
        said = self.text()
        if len(said) > MOST_OF_TITLE:
            self.refuse(f"ce titre est trop long : {MOST_OF_TITLE} caractères au plus.")
        return said

    def among(self, known: Iterable[str]) -> str:
        """Return one of the words known."""
        said = self.text()
        if said and said not in known:
            self.refuse(f"« {said} » est inconnu. On peut écrire : {', '.join(known)}.")
        return said

    def number(self) -> int | None:
        """Return a whole number from 0 up."""
        if self.value is None:
            return None
        said = self.text()
        if not re.fullmatch(r"\d{1,4}", said):
            self.refuse(f"« {said} » n’est pas un nombre entier.")
            return None
        return int(said)

    def delay(self) -> Delay | None:
        """Return a delay: « 3 jours », « 48 heures »."""
        if self.value is None:
            return None
        said = _DELAY.fullmatch(self.text())
        if said is None:
            self.refuse(
                f"« {self.value} » n’est pas un délai : écrivez par exemple « 3 jours » ou "
                "« 48 heures »."
            )
            return None
        unit = Unit.DAYS if said[2].startswith("jour") else Unit.HOURS
        amount = int(said[1])
        if amount <= 0:
            self.refuse(f"« {said[0]} » : un délai est d’au moins une heure ou un jour.")
            return None
        if amount > LONGEST[unit]:
            self.refuse(f"« {said[0]} » : un délai est de dix ans au plus.")
            return None
        return Delay(amount, unit)

    def patterns(self) -> Patterns:
        """Return the facts that are spoken of: one, or any of a list."""
        if self.value is None:
            return ()
        if isinstance(self.value, list):
            if not self.value:
                self.refuse("Cette liste de faits est vide.")
            found = [item.pattern() for item in self.items()]
        else:
            found = [self.pattern()]
        named = tuple(one for one in found if one is not None)
        if named and all(one.kind in self.troubles.never_alone for one in named):
            self.refuse(ALONE)
        return named

    def pattern(self) -> Pattern | None:
        """Return a kind of fact, with the codes it must hold if they are said."""
        if isinstance(self.value, str):
            return self._known(self)
        if not self.fields(["fait"], ["quand"]):
            return None
        kind = self.at("fait")._known(self.at("fait"))
        where = self.at("quand")
        if where.value is None or kind is None:
            return kind
        if not isinstance(where.value, dict):
            where.refuse("On attend ici des lignes « champ : code ».")
            return kind
        codes = tuple(where.at(name)._codes(name, kind.kind) for name in where.value)
        return Pattern(kind.kind, codes)

    def each(self, key: str, read: Callable[["Page"], Any]) -> tuple[Any, ...]:
        """Read each part of the list under a key; None is left out."""
        found = (read(item) for item in self.at(key).items())
        return tuple(one for one in found if one is not None)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of the list under a key."""
        return tuple(said for said in self.each(key, Page.text) if said)

    def _codes(self, name: str, kind: str) -> tuple[str, tuple[str, ...]]:
        known = self.troubles.kinds.get(kind)
        if known is not None and name not in known:
            self.refuse(f"un fait « {kind} » n’a pas de champ « {name} ».")
        if isinstance(self.value, list) and self.value:
            return name, tuple(item.text() for item in self.items())
        if self.value is None:
            self.refuse("On attend ici un code, ou plusieurs entre crochets.")
        return name, (self.text(),)

    @staticmethod
    def _known(page: "Page") -> Pattern | None:
        kind = page.text()
        if not kind:
            return None
        if kind not in page.troubles.kinds:
            page.refuse(f"« {kind} » n’est pas un fait que Cordée connaît.")
        return Pattern(kind)
