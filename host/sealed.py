"""A stream of octets, compressed and encrypted by pieces: never whole in memory, never in clear.

AES-256-GCM under a key derived for each file. The nonce counts the pieces and marks the last one,
so that none can be altered, moved, repeated or cut off without being seen.
"""

import hmac
import os
import zlib
from io import RawIOBase
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from host.failures import CannotRestore

MAGIC = b"CORDEE-SAUVEGARDE-1\n"
SALT, PROOF, TAG = 16, 16, 16  # octets
PIECE = 1 << 20
NONCE = 12
WRONG_KEY = (
    "La clé CORDEE_BACKUP_KEY n’est pas celle de cette sauvegarde. Rien n’a été touché : donnez la "
    "clé qui était en service le jour de la sauvegarde."
)
DAMAGED = (
    "La sauvegarde est tronquée ou altérée : elle ne peut pas être rendue. Rien n’a été touché : "
    "prenez-en une autre."
)
NOT_OURS = "Ce fichier n’est pas une sauvegarde de Cordée. Rien n’a été touché."


class WrongKey(CannotRestore):
    """Another key sealed it: whole, it opens with that one."""


class Damaged(CannotRestore):
    """No key opens it any more."""


def _keys(key: str, salt: bytes) -> tuple[AESGCM, bytes]:
    derived = HKDF(SHA256(), 32 + PROOF, salt, MAGIC).derive(bytes.fromhex(key))
    return AESGCM(derived[:32]), derived[32:]


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(NONCE - 1, "big") + bytes([last])


class Sealing(RawIOBase):
    """What is written here goes into `file` compressed and encrypted; `finish` marks the end."""

    def __init__(self, file: IO[bytes], key: str) -> None:
        super().__init__()
        salt = os.urandom(SALT)
        self._cipher, proof = _keys(key, salt)
        self._file, self._number, self._waiting = file, 0, bytearray()
        self._squeeze = zlib.compressobj(1)
        self._header = MAGIC + salt + proof
        file.write(self._header)

    def writable(self) -> bool:
        """Say that this stream is written to."""
        return True

    def write(self, octets: bytes) -> int:  # type: ignore[override]
        """Take some octets."""
        self._waiting += self._squeeze.compress(octets)
        while len(self._waiting) > PIECE:
            self._emit(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(octets)

    def finish(self) -> None:
        """Write the last piece: without it the stream cannot be read."""
        self._waiting += self._squeeze.flush()
        while len(self._waiting) > PIECE:
            self._emit(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        self._emit(bytes(self._waiting), last=True)

    def _emit(self, piece: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), piece, self._header)
        self._file.write(sealed)
        self._number += 1


class Opening(RawIOBase):
    """Read back what `Sealing` wrote. Raises CannotRestore at the first octet that is not right."""

    def __init__(self, file: IO[bytes], key: str) -> None:
        super().__init__()
        header = file.read(len(MAGIC) + SALT + PROOF)
        if len(header) < len(MAGIC) + SALT + PROOF or not header.startswith(MAGIC):
            raise Damaged(NOT_OURS)
        salt, told = header[len(MAGIC) : -PROOF], header[-PROOF:]
        self._cipher, proof = _keys(key, salt)
        if not hmac.compare_digest(told, proof):
            raise WrongKey(WRONG_KEY)
        self._file, self._number, self._header = file, 0, header
        self._ahead = file.read(PIECE + TAG)
        self._expand = zlib.decompressobj()
        self._over = False

    def readable(self) -> bool:
        """Say that this stream is read from."""
        return True

    def readinto(self, target: bytearray) -> int:  # type: ignore[override]
        """Fill the target with what comes next; nothing at the end."""
        clear = self._some(len(target))
        target[: len(clear)] = clear
        return len(clear)

    def _some(self, most: int) -> bytes:
        while True:
            squeezed = self._expand.unconsumed_tail or self._next()
            try:
                clear = self._expand.decompress(squeezed, most)
            except zlib.error as error:
                raise Damaged(DAMAGED) from error
            if clear or not squeezed:
                return clear

    def _next(self) -> bytes:
        if self._over:
            return b""
        piece, self._ahead = self._ahead, self._file.read(PIECE + TAG)
        self._over = not self._ahead
        try:
            nonce = _nonce(self._number, last=self._over)
            clear = self._cipher.decrypt(nonce, piece, self._header)
        except (InvalidTag, ValueError) as error:
            raise Damaged(DAMAGED) from error
        self._number += 1
        return clear
