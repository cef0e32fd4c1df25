"""The lives of a base: which kept files of its journal follow a backup, from one life to the next.

Each restoration begins a life (a timeline of PostgreSQL), whose `.history` says where each one
before it was left. They are followed as PostgreSQL would, but for one thing: where two lives go on
from one backup, it takes the youngest in silence; here somebody says which.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from host.archive import SEGMENT, name_of, position
from host.drill import moment
from host.failures import CannotRestore
from host.screen import say
from host.sealed import PIECE, Opening

SUFFIX = ".journal"
FILE, HISTORY = re.compile(r"[0-9A-F]{24}"), re.compile(r"[0-9A-F]{8}\.history")
SEALED_HISTORY = re.compile(r"[0-9A-F]{8}(\.\d+)?\.history")  # once more for each change of key
UNTOUCHED = "Rien n’a été touché. Pour restaurer la sauvegarde seule : --without-journal."
GAP = (
    "Il manque une partie du journal ({name}) entre la sauvegarde et la fin du journal gardé : ce "
    f"qui la suit ne peut pas être rendu. {UNTOUCHED}"
)
UNKNOWN = (
    "Le journal gardé contient la vie {life} de la base, dont le fichier {life:08X}.history manque "
    f"ou ne se lit pas : rien ne dit si elle suit cette sauvegarde. {UNTOUCHED}"
)
TO_THE_END_OF = " Pour rendre la vie {life} seule, jusqu’à sa fin : --timeline {life}."
SEVERAL = (
    "Plusieurs vies de la base suivent cette sauvegarde : {lives}. Dites laquelle rendre, par "
    f"--timeline et son numéro. {UNTOUCHED}"
)
UNREAD = f"Le journal gardé ne se lit pas ({{error}}) : {{folder}}. {UNTOUCHED}"
NUMBERS_UNREAD = (
    "Le journal gardé ne se lit pas ({error}) : la base rendue pourrait prendre le numéro d’une "
    "vie qui y est. Gardez la suite dans un autre dossier de sauvegardes (CORDEE_BACKUPS)."
)
NOT_KEPT = f"La vie {{life}} de la base ne suit pas cette sauvegarde dans le journal. {UNTOUCHED}"


class Lives:
    """What a folder keeps of the journal, each life apart."""

    def __init__(self, files: dict[int, dict[int, Path]], histories: dict[int, str]) -> None:
        self.files, self.histories = files, histories
        self._left = {life: departures(told) for life, told in histories.items()}

    def after(self, last: str, wanted: int | None = None) -> tuple[int, list[Path]]:
        """Return the life to go to from a file of the journal, and the files that lead there.

        Raises CannotRestore at a gap, and when that life is not known, or not the only one.
        """
        start, number = int(last[:8], 16), number_of(last)
        following = [start, *(life for life in self.files if self._follows(life, start, number))]
        life = self._only_end(start, following) if wanted is None else wanted
        if life not in following:
            raise CannotRestore(NOT_KEPT.format(life=life))
        return life, [self._file(start, *one) for one in self._way(start, number, life)]

    def _follows(self, life: int, start: int, number: int) -> bool:
        """Tell whether a life left another, itself or through others, once past a file of it."""
        left = self._left.get(life, {}).get(start)
        return left is not None and _last_read(left) >= number

    def _only_end(self, start: int, following: list[int]) -> int:
        """Return the one life that no other took over whole."""
        for life in self.files:
            if life > start and life not in self.histories:
                whole = TO_THE_END_OF.format(life=start)
                raise CannotRestore(UNKNOWN.format(life=life) + whole)
        ends = [life for life in following if not any(self._took(o, life) for o in following)]
        if len(ends) == 1:
            return ends[0]
        each = (f"{life} (jusqu’au {moment(kept_at(self._newest(life)))})" for life in sorted(ends))
        raise CannotRestore(SEVERAL.format(lives=", ".join(each)))

    def _took(self, younger: int, life: int) -> bool:
        """Tell whether a younger life goes on from the very end of what is kept of another."""
        left = self._left.get(younger, {}).get(life)
        return left is not None and max(self.files.get(life, [0])) <= _last_read(left)

    def _newest(self, life: int) -> Path:
        return self.files[life][max(self.files[life])]

    def _way(self, start: int, number: int, end: int) -> Iterator[tuple[int, int]]:
        """Name each file, by life and place, from one file to the end of a life.

        The file in which a life was left is read in the next one, which began by copying it.
        """
        place = number + 1
        for life, left in self._left.get(end, {}).items():
            if life >= start:
                yield from ((life, one) for one in range(place, left // SEGMENT))
                place = left // SEGMENT
        last = max(self.files.get(end, [0]))
        yield from ((end, one) for one in range(place, last + 1))

    def _file(self, start: int, life: int, place: int) -> Path:
        path = self.files.get(life, {}).get(place)
        if path is None:
            whole = TO_THE_END_OF.format(life=start) if life != start else ""
            raise CannotRestore(GAP.format(name=name_of(life, place)) + whole)
        return path


NOTHING = Lives({}, {})


def kept(vault: Path, key: str, *, alone: bool = False) -> Lives:
    """Look at what a folder keeps, or only at which lives there were, for a backup alone.

    Raises CannotRestore when the folder cannot be read; for a backup alone, says it and goes on.
    """
    folder = vault / "journal"
    try:
        return _kept(folder, key, alone=alone)
    except OSError as error:
        if not alone:
            raise CannotRestore(UNREAD.format(error=error, folder=folder)) from error
        say(NUMBERS_UNREAD.format(error=error))
        return NOTHING


def _kept(folder: Path, key: str, *, alone: bool) -> Lives:
    """A history that this key does not open is one that misses."""
    files: dict[int, dict[int, Path]] = {}
    histories: dict[int, str] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        life = path.stem[:8]
        if FILE.fullmatch(path.stem) and not alone:
            files.setdefault(int(life, 16), {})[number_of(path.stem)] = path
        elif SEALED_HISTORY.fullmatch(path.stem):
            with suppress(CannotRestore), path.open("rb") as file:
                histories[int(life, 16)] = _opened(file, key).read().decode()
    return Lives(files, histories)


def departures(history: str) -> dict[int, int]:
    """Read where a life left each of the others, oldest first."""
    rows = (line.split() for line in history.splitlines())
    return {int(row[0]): position(row[1]) for row in rows if row and not row[0].startswith("#")}


def give_back(files: list[Path], histories: dict[int, str], cluster: Path, key: str) -> None:
    """Write what was kept where a restored server reads it. Raises CannotRestore.

    All histories, even of lives that are not followed: their numbers are not free for a new one.
    Those that the backup brought stay as they are.
    """
    for path in files:
        with path.open("rb") as file, (cluster / "pg_wal" / path.stem).open("xb") as clear:
            shutil.copyfileobj(_opened(file, key), clear, PIECE)
    for life, told in histories.items():
        path = cluster / "pg_wal" / f"{life:08X}.history"
        if not path.exists():
            path.write_text(told)


def reaches(history: str, last: str) -> bool:
    """Tell whether a life began once a file of the journal was read to its end."""
    *_, left = departures(history).values()
    return _last_read(left) >= number_of(last)


def kept_at(path: Path) -> datetime:
    """Say when a file of the journal was kept."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def number_of(name: str) -> int:
    """Return the place of a file in the journal, whatever its life."""
    return int(name[8:16], 16) * 256 + int(name[16:24], 16)


def _last_read(left: int) -> int:
    """Return the place of the last file that was read of a life before it was left."""
    return (left - 1) // SEGMENT


def _opened(file: BufferedReader, key: str) -> BufferedReader:
    return BufferedReader(Opening(file, key), PIECE)  # type: ignore[arg-type]
