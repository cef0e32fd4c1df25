"""Import the national extraction of organisations (FINESS)."""

from cordee.directory.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Compare l’extraction FINESS (etalab-cs1100502) à l’annuaire ; --apply l’applique."
    source = "finess"
