"""Who works at a desk, and whom the desk follows."""

from tests.factories.directory import AccountFactory, MembershipFactory
from tests.factories.people import InformationFactory, OrganizationMemberFactory, PersonFactory
from tests.support import orienteuse_of


def works_at(desk, name):
    """An orienteuse of a desk, by her name."""
    account = AccountFactory(name=name)
    MembershipFactory(account=account, organization=desk, role="orienteuse")
    return orienteuse_of(desk, account_id=account.pk)


def known_person(desk, **details):
    """Somebody whom a desk follows, and who was told so."""
    person = PersonFactory(**details)
    OrganizationMemberFactory(person=person, organization=desk, practitioner=None)
    InformationFactory(person=person)
    return person
