"""A partner is told, at its address, of the tasks of the desk."""

from tests.factories.partners import SubscriptionFactory, SystemFactory


def before_sent(stage):
    """The machine is one of a registered system."""
    stage.client = SystemFactory()


def make(stage):
    """One row of the type."""
    return SubscriptionFactory(account=stage.account, holder="")
