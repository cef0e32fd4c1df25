"""A doctor of the national directory."""

from cordee.directory.models import Practitioner
from tests.factories.directory import PractitionerFactory


def make(stage):
    """One row of the type."""
    return PractitionerFactory(
        rpps=f"1000002{Practitioner.objects.count():04d}",
        civility="Docteur",
        last_name="Roux-Vial",
        first_name="Élise",
        profession="10",
        profession_name="Médecin",
        specialty="SM26",
        specialty_name="Qualifié en médecine générale",
    )
