"""A coordinator writes a relative down in the record of somebody."""

from cordee.access.sight import by_the_house
from cordee.kernel.models import FactHeader
from cordee.people import services
from cordee.people.services import RelativeSaid
from tests.support import NOW


def make(stage):
    """One row of the type."""
    stage.account.name = "Sophie Arnaud"
    stage.account.save()
    services.note_relative(
        actor=stage.actor, person=stage.person, said=RelativeSaid(name="Jeanne Martin"), now=NOW
    )
    return latest(stage.person)


@by_the_house
def latest(person):
    """The last line of somebody’s thread."""
    return FactHeader.objects.filter(thread_id=person.pk).latest("pk")
