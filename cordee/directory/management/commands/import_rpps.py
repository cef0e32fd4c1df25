"""Import the national extraction of professionals (RPPS)."""

from cordee.directory.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Compare l’extraction PS_LibreAcces_Personne_activite à l’annuaire ; --apply l’applique."
    source = "rpps"
