"""The one way the house says that it cannot start: a sentence for whoever typed the command."""

import errno


class CannotStart(Exception):  # noqa: N818 (a sentence for people, not a bug)
    """The house cannot start; the message is one French sentence that says what to do."""


class CannotRestore(CannotStart):
    """A backup cannot be made or given back; nothing half-done is left."""


DISK_FULL = (
    "Le disque est plein : libérez de la place (ou choisissez un autre dossier avec CORDEE_DATA), "
    "puis recommencez. Rien n’est perdu."
)


def speaks_of_a_full_disk(output: str) -> bool:
    """Recognise a full disk in what a program printed."""
    return "No space left on device" in output or "ENOSPC" in output


def is_full_disk(error: OSError) -> bool:
    """Recognise a full disk (or a spent quota) in an error of the system."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
