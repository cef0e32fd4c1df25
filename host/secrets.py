"""Secrets nobody typed: made once, kept in one file that only its owner reads."""

import fcntl
import json
import os
import secrets
from pathlib import Path


class Unkept(Exception):
    """Secrets cannot be kept or read again; the message is a sentence."""


class Secrets:
    """The file `secrets.json` of the data folder; two processes may ask at the same time."""

    def __init__(self, data: Path) -> None:
        self.path = data / "secrets.json"

    def get(self, name: str) -> str:
        """Return the secret of that name, made at the first call (64 hexadecimal digits).

        Raises Unkept where the folder takes no file, or the file is spoilt.
        """
        try:
            kept = self._kept()
            return kept[name] if name in kept else self._make(name)
        except OSError as error:
            raise Unkept(
                f"Le dossier {self.path.parent} ne peut pas garder les données ({error.strerror}). "
                "Rien n’a été écrit. Donnez un autre dossier par CORDEE_DATA."
            ) from error
        except ValueError as error:
            raise Unkept(
                f"Le fichier {self.path} est abîmé. Rien n’a été modifié. Remettez-le depuis une "
                "copie\u00a0; sans lui, ce qui a été scellé ici ne se relit plus."
            ) from error

    def _kept(self) -> dict[str, str]:
        kept = json.loads(self.path.read_text()) if self.path.exists() else {}
        if not isinstance(kept, dict):
            raise ValueError("not a list of secrets by name")
        return kept

    def _make(self, name: str) -> str:
        self.path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        lock = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self._kept()
            kept.setdefault(name, secrets.token_hex(32))
            draft = self.path.with_suffix(".new")
            with open(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
                json.dump(kept, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
            return kept[name]
        finally:
            os.close(lock)
