"""Somebody followed by a service, who evaluates her, and what a page posts."""

from django.urls import reverse

from tests.factories.directory import AccountFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.support import coordinator_of


def followed(organization):
    """A person whom a service coordinates, and who was told of the sharing of her data."""
    person = PersonFactory(territory=organization.territory)
    joins_circle(person, organization=organization, role="coordination")
    InformationFactory(person=person)
    return person


def author_of(organization, name="Ahmed Diallo"):
    """A coordinator of a service, who signs."""
    return coordinator_of(organization, account_id=AccountFactory(name=name).pk)


def at(name, response):
    """An address of an evaluation."""
    return reverse(f"assessments:{name}", args=[response.pk])


def typed(draft, **answers):
    """What the page posts: answers by their path, and what it knows of the draft."""
    fields = {f"marche/{name}": value for name, value in answers.items()}
    return fields | {"_seen": draft.version, "_window": "a"}
