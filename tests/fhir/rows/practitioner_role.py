"""A nurse in her practice, which belongs to a structure."""

from tests.factories.directory import (
    OrganizationFactory,
    PracticeFactory,
    PracticeSiteFactory,
    PractitionerFactory,
)


def make(stage):
    """One row of the type."""
    nurse = PractitionerFactory(last_name="Faure")
    PracticeFactory(practitioner=nurse)
    house = OrganizationFactory(name="Maison de santé du Drac", kind="msp")
    return PracticeSiteFactory(
        practitioner=nurse, organization=house, structure="R10000001", name="Cabinet du Drac"
    )
