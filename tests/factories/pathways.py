"""Tasks, made up for tests."""

import factory

from cordee.pathways import models
from tests.factories.base import RecordFactory
from tests.factories.directory import OrganizationFactory
from tests.support import NOW


class TaskFactory(RecordFactory):
    """A request to qualify; `about=person` puts a person on it."""

    class Meta:
        model = models.Task

    kind = models.Task.Kind.QUALIFY
    box = models.Task.Box.REQUESTS
    organization = factory.SubFactory(OrganizationFactory)
    origin = factory.Sequence("test/thing/{}".format)
    since_at = NOW
    sorts_at = NOW
