"""What stands in the way of a questionnaire: all of it at once, in French, each at its place."""

from dataclasses import dataclass

from cordee.kernel.typography import typo


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong or not supported: where, and what to tell its author."""

    path: str
    said: str


class Refused(Exception):
    """A questionnaire that cannot be used as it is."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(f"{one.path} : {one.said}" for one in problems))
        self.problems = problems


class Problems:
    """Gathers them while one reads."""

    MOST = 200

    def __init__(self) -> None:
        self.found: dict[Problem, None] = {}

    def add(self, path: str, said: str) -> None:
        """Note one; the same is said once."""
        if len(self.found) < self.MOST:
            self.found.setdefault(Problem(path, typo(said)))

    def settle(self) -> None:
        """Raise Refused when there is any."""
        if len(self.found) == self.MOST:
            self.found.setdefault(Problem("Questionnaire", "… et d’autres encore"))
        if self.found:
            raise Refused(tuple(self.found))
