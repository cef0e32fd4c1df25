"""Tasks, made up for tests."""

import factory

from cordee.pathways import models
from tests.factories.base import RecordFactory
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.support import NOW


class TaskFactory(RecordFactory):
    """A request to qualify; `about=person` puts a person on it."""

    class Meta:
        model = models.Task

    kind = "qualify"
    box = models.Task.Box.REQUESTS
    organization = factory.SubFactory(OrganizationFactory)
    origin = factory.Sequence("test/thing/{}".format)
    since_at = NOW
    sorts_at = NOW


class HandOverFactory(RecordFactory):
    """A plan and two tasks that went to a colleague."""

    class Meta:
        model = models.HandOver

    organization = factory.SubFactory(OrganizationFactory)
    giver = factory.SubFactory(AccountFactory)
    receiver = factory.SubFactory(AccountFactory)
    made_by = factory.SelfAttribute("giver")
    made_at = NOW
    reason = "load"
    tasks_moved = 2
    plans_moved = 1
