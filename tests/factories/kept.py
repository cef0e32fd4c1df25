"""What partners sent, as the machine's door keeps it, made up for tests."""

from cordee.fhir.models import (
    Export,
    ExportedPerson,
    ExportPart,
    Import,
    ImportedKey,
    ImportFile,
    ImportPart,
    KeptBody,
)
from cordee.kernel.identifiers import uuid7
from cordee.people.rules.sharing import Category
from tests.factories.partners import SystemFactory
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
    export_kept(person)
    import_kept(person)


def document_kept(person, author):
    """A letter of a partner, kept whole: of care."""
    key = uuid7()
    said = {"kind": "document", "category": Category.CARE, "sent": "{}", "base": ""}
    with arranging():
        return KeptBody.objects.create(
            pk=key, resource_id=key, person=person, author=author, received_at=NOW, **said
        )


def export_kept(person):
    """An export under way that has told of somebody, in one file."""
    client = SystemFactory()
    when = {"asked_at": NOW, "moved_at": NOW, "begun_by": 1}
    said = {"level": "system", "asked": {"types": ["Patient"]}, "scopes": "", "address": ""}
    account_id = client.membership.account_id
    export = Export.objects.create(client=client, account_id=account_id, base="", **said, **when)
    ExportPart.objects.create(export=export, number=1, kind="Patient", lines=1, sealed=b"x")
    ExportedPerson.objects.create(export=export, kind="Patient", person_key=person.pk)


def import_kept(person):
    """An import under way: a line that waits, and one that was written."""
    client = SystemFactory()
    said = {"account_id": client.membership.account_id, "asked_at": NOW, "moved_at": NOW}
    whole = Import.objects.create(client=client, base="", scopes="", kinds=[], **said)
    file = ImportFile.objects.create(whole=whole, number=1, taken_at=NOW)
    ImportPart.objects.create(file=file, what="sent", number=1, lines=1, sealed=b"x")
    held_as = f"Patient/{person.pk}"
    ImportedKey.objects.create(
        whole=whole, sent_as="Patient/p1", held_as=held_as, person_id=person.pk
    )
