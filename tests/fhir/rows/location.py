"""A practice with its address."""

from tests.factories.directory import OrganizationFactory, PracticeSiteFactory


def make(stage):
    """One row of the type."""
    house = OrganizationFactory(name="Maison de santé du Drac", kind="msp")
    return PracticeSiteFactory(
        organization=house,
        name="Cabinet du Drac",
        address="2 place de l’Église",
        postal_code="05500",
    )
