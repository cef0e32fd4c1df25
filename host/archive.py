"""The inside of a backup: what it holds, in which order, and how each octet of it is checked.

A sealed stream of a tar: `about.json`, the cluster as pg_basebackup gives it, with its manifest and
the journal it needs (`cluster/…`), the files of the data folder (`data/…`), then `end.json`.
"""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import IO, Any

from host.failures import CannotRestore
from host.sealed import DAMAGED, PIECE, Opening

ABOUT, END, CLUSTER, DATA = "about.json", "end.json", "cluster/", "data/"
MANIFEST = "backup_manifest"
SEGMENT = 16 * 1024 * 1024  # octets of journal per file, the default of PostgreSQL
JOURNAL_MISSING = (
    "Il manque à cette sauvegarde une partie du journal de PostgreSQL ({name}) : la base n’y "
    "serait pas cohérente. Rien n’a été touché : prenez-en une autre."
)


@dataclass
class Contents:
    """What was read of a backup: what it says of itself, and the files of the cluster."""

    about: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    followed: int = 0  # files of the journal kept since
    last: str = ""  # the name of the last of them
    reached_at: datetime | None = None  # when it was kept

    def refuse_gaps(self) -> None:
        """Raise CannotRestore when a file differs from the manifest, or the journal has a gap."""
        if not (self.about and self.end and self.manifest):
            raise CannotRestore(DAMAGED)
        for name in journal_needed(self.manifest):
            if f"pg_wal/{name}" not in self.digests:
                raise CannotRestore(JOURNAL_MISSING.format(name=name))
        for one in self.manifest["Files"]:
            if self.digests.get(one["Path"]) != one["Checksum"]:
                raise CannotRestore(DAMAGED)


def journal_needed(manifest: dict[str, Any]) -> Iterator[str]:
    """Name the files of the journal without which the copied cluster is not coherent."""
    for span in manifest["WAL-Ranges"]:
        first, last = position(span["Start-LSN"]), position(span["End-LSN"]) - 1
        for number in range(first // SEGMENT, last // SEGMENT + 1):
            yield name_of(span["Timeline"], number)


def name_of(timeline: int, number: int) -> str:
    """Name a file of the journal."""
    return f"{timeline:08X}{number // 256:08X}{number % 256:08X}"


def position(lsn: str) -> int:
    """Return a position in the journal, in octets from its very beginning."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def members(file: IO[bytes]) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Read a tar as it flows, member by member, keeping none of them."""
    with tarfile.open(fileobj=file, mode="r|", bufsize=PIECE) as tar:
        while (member := tar.next()) is not None:
            yield member, tar.extractfile(member) or BytesIO()
            tar.members.clear()  # type: ignore[attr-defined]


def add(tar: tarfile.TarFile, name: str, value: dict[str, Any]) -> None:
    """Add a small JSON file."""
    octets = json.dumps(value, ensure_ascii=False).encode()
    member = tarfile.TarInfo(name)
    member.size = len(octets)
    tar.addfile(member, BytesIO(octets))


def read(archive: Path, key: str, into: "Places | None" = None) -> Contents:
    """Read a backup to its end, checking everything; write it down when places are given.

    Raises CannotRestore.
    """
    found = Contents()
    try:
        with archive.open("rb") as file:
            stream = BufferedReader(Opening(file, key), PIECE)  # type: ignore[type-var]
            for member, body in members(stream):
                _take(found, member, body, into)
    except FileNotFoundError:
        raise CannotRestore(f"La sauvegarde {archive} n’existe pas.") from None
    except tarfile.TarError as error:
        raise CannotRestore(DAMAGED) from error
    found.refuse_gaps()
    return found


@dataclass(frozen=True)
class Places:
    """Where the two halves of a backup are written."""

    cluster: Path
    data: Path

    def of(self, name: str) -> Path:
        """Return where a member goes. Raises CannotRestore when it would go anywhere else."""
        for prefix, place in ((CLUSTER, self.cluster), (DATA, self.data)):
            if name.startswith(prefix) and ".." not in Path(name).parts:
                return place / name.removeprefix(prefix)
        raise CannotRestore(DAMAGED)


def _take(found: Contents, member: tarfile.TarInfo, body: IO[bytes], into: Places | None) -> None:
    if member.name in (ABOUT, END):
        setattr(found, member.name.removesuffix(".json"), json.load(body))
        return
    target = into.of(member.name) if into else None
    if member.isdir():
        if target:
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    if not member.isreg():
        raise CannotRestore(DAMAGED)
    if member.name == CLUSTER + MANIFEST:
        kept = body.read()
        found.manifest, body = json.loads(kept), BytesIO(kept)
    digest = _copy(body, target)
    if member.name.startswith(CLUSTER):
        found.digests[member.name.removeprefix(CLUSTER)] = digest


def _copy(body: IO[bytes], target: Path | None) -> str:
    """Write a file, if it has to be, and return the digest of what flowed."""
    digest = hashlib.sha256()
    if target is None:
        while piece := body.read(PIECE):
            digest.update(piece)
        return digest.hexdigest()
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
        while piece := body.read(PIECE):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()
