"""A protocol in use in the structure of the desk."""

from tests.factories.directory import OrganizationFactory
from tests.factories.protocols import ProtocolVersionFactory


def make(stage):
    """One row of the type."""
    return ProtocolVersionFactory(
        name="essai", organization=OrganizationFactory(name="Pôle du Champsaur")
    )
