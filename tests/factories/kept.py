"""What partners sent, as the machine's door keeps it, made up for tests."""

from cordee.fhir.models import KeptBody
from cordee.kernel.identifiers import uuid7
from cordee.people.rules.sharing import Category
from tests.support import NOW, arranging


def bodies_kept(person, author):
    """One body by category of what is known of somebody, one of nobody, one of who is not known."""
    kinds = [("Patient", person, one) for one in Category]
    kinds += [("Questionnaire", None, Category.CARE), ("ServiceRequest", None, Category.CARE)]
    with arranging():
        for kind, whom, category in kinds:
            KeptBody.objects.create(
                kind=kind,
                resource_id=uuid7(),
                person=whom,
                category=category,
                sent="{}",
                base="{}",
                author=author,
                received_at=NOW,
            )
