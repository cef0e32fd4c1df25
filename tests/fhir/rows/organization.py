"""A health house with its functional mailboxes."""

from cordee.directory.models import Organization
from tests.factories.directory import ContactFactory, OrganizationFactory


def make(stage):
    """One row of the type."""
    house = OrganizationFactory(
        name="Maison de santé du Drac",
        kind="msp",
        finess=f"05000{Organization.objects.count():04d}",
        category_name="Maison de santé (L.6223-3)",
        address="2 place de l’Église",
        postal_code="05500",
        phone="+33492500001",
        email="accueil@exemple.fr",
    )
    ContactFactory(organization=house, value="secretariat@exemple.fr")
    ContactFactory(
        organization=house, kind="mssante", label="Coordination", value="msp@exemple.mssante.fr"
    )
    return house
