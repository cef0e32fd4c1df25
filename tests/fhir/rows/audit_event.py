"""A professional opens the record of somebody, who reads who looked."""

from cordee.access import trace
from cordee.access.actor import Role
from cordee.access.models import Trace
from cordee.access.sight import by_the_house
from tests.factories.directory import PractitionerFactory
from tests.support import actor, speaking_as


def make(stage):
    """One row of the type."""
    nurse = PractitionerFactory(last_name="Faure")
    looking = speaking_as(nurse, organization_id=stage.desk.pk)
    trace.read(looking, stage.person)
    stage.actor = actor(
        Role.PERSON, account_id=stage.account.pk, person_ids=frozenset({stage.person.pk})
    )
    return latest()


@by_the_house
def latest():
    """The last line written."""
    return Trace.objects.latest("pk")
