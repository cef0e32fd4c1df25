"""An application is opened beside a person."""

from datetime import datetime
from uuid import UUID

from cordee.access.action import action
from cordee.access.actor import Actor
from cordee.partners.launching import Launch, address_of, sealed
from cordee.partners.models import Client
from cordee.partners.oauth.server import addresses
from cordee.people.hats import Hat
from cordee.people.models import Person


@action("partners.open_beside", on="person", lock=())
def open_beside(*, actor: Actor, person: Person, client: Client, hat: Hat, now: datetime) -> str:
    """Give the address at which an application opens, beside somebody: once, and soon."""
    launch = Launch(client.pk, actor.signatory, UUID(hat.key), person.pk)
    return address_of(client.launch_url, addresses()["issuer"], sealed(launch, now))
