"""Taking one's turn to launch searches."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from cordee.broker import selectors
from cordee.broker.models import Solicitation
from cordee.people import services as people

Formers = Mapping[str, Solicitation]


class Turn(NamedTuple):
    """The last search of each origin, and those of them that are held."""

    formers: Formers
    held: set[UUID]

    def is_free(self, origin: str) -> bool:
        """Whether a search may be written for an origin: what it follows, if anything, is held."""
        former = self.formers.get(origin)
        return former is None or former.pk in self.held


def take_turns(persons: Iterable[UUID], read_formers: Callable[[], Formers]) -> Turn:
    """Hold the searches that new ones follow, then their persons, then the threads of these.

    Who writes a search holds the one it follows, by its foreign key, and every gesture on that one
    holds it before it waits for her thread: so it comes first here too. What takes up a search that
    its own gesture holds has nothing more to hold, and waits for `people.take_turns` alone.

    Another may have launched meanwhile: that search is held if nobody writes on it. If somebody
    does, they may wait for what is held here, and nothing waits for them.
    """
    held = selectors.hold(one.pk for one in read_formers().values())
    people.take_turns(persons)
    formers = read_formers()
    if since := [one.pk for one in formers.values() if one.pk not in held]:
        held |= selectors.hold(since, waits=False)
        formers = read_formers()
    return Turn(formers, held)
