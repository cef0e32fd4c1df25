"""What the database promises of what partners sent, broken on purpose."""

import pytest
from django.db import IntegrityError, transaction

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
from tests.factories.directory import AccountFactory
from tests.factories.partners import SystemFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, arranging, simultaneously

KEPT = {"category": "care", "sent": "{}", "base": "{}", "received_at": NOW}


@pytest.mark.django_db(transaction=True)
def test_two_writings_at_once_keep_one_body_of_a_resource():
    """fhir_body_is_kept_once_per_resource."""
    person, account, pk = PersonFactory(), AccountFactory(), uuid7()

    def keep():
        with arranging():
            KeptBody.objects.create(
                kind="Patient", resource_id=pk, person=person, author=account, **KEPT
            )

    done = simultaneously(keep, keep)
    (refused,) = [one for one in done if one is not None]
    assert isinstance(refused, IntegrityError)
    assert "fhir_body_is_kept_once_per_resource" in str(refused)


@pytest.mark.django_db
def test_a_body_of_no_type_is_refused():
    with (
        pytest.raises(IntegrityError, match="fhir_body_names_its_kind"),
        transaction.atomic(),
        arranging(),
    ):
        KeptBody.objects.create(kind="", resource_id=uuid7(), **KEPT)


def export_of(client, **said):
    """An export, as it begins."""
    when = {"asked_at": NOW, "moved_at": NOW, "begun_by": 1}
    account_id = client.membership.account_id
    kept = {"asked": {}, "scopes": "", "address": "", "base": "", "level": "system", **when}
    return Export.objects.create(client=client, account_id=account_id, **(kept | said))


@pytest.mark.django_db(transaction=True)
def test_of_two_exports_asked_at_once_by_a_system_one_begins():
    """fhir_export_runs_alone_for_its_client."""
    client = SystemFactory()
    done = simultaneously(lambda: export_of(client), lambda: export_of(client))
    (refused,) = [one for one in done if isinstance(one, Exception)]
    assert isinstance(refused, IntegrityError)
    assert "fhir_export_runs_alone_for_its_client" in str(refused)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("fhir_export_says_when_it_ended", {"state": "done"}),
        ("fhir_export_says_when_it_ended", {"ended_at": NOW}),
        ("fhir_export_of_a_group_names_it", {"level": "group"}),
    ],
)
def test_an_export_that_cannot_be_is_refused(name, wrong):
    client = SystemFactory()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        export_of(client, **wrong)


@pytest.mark.django_db(transaction=True)
def test_of_two_files_of_one_number_made_at_once_one_is_kept():
    """fhir_export_part_is_written_once."""
    export = export_of(SystemFactory())

    def write():
        ExportPart.objects.create(export=export, number=1, kind="Patient", lines=1, sealed=b"x")

    done = simultaneously(write, write)
    (refused,) = [one for one in done if one is not None]
    assert "fhir_export_part_is_written_once" in str(refused)


@pytest.mark.django_db
def test_a_file_of_an_export_is_never_empty():
    export = export_of(SystemFactory())
    said = {"export": export, "number": 1, "kind": "Patient", "sealed": b"x"}
    with (
        pytest.raises(IntegrityError, match="fhir_export_part_holds_something"),
        transaction.atomic(),
    ):
        ExportPart.objects.create(lines=0, **said)


@pytest.mark.django_db(transaction=True)
def test_two_files_made_at_once_tell_of_a_person_once():
    """fhir_exported_person_is_told_of_once."""
    export, person = export_of(SystemFactory()), uuid7()

    def tell():
        ExportedPerson.objects.create(export=export, kind="Patient", person_key=person)

    done = simultaneously(tell, tell)
    (refused,) = [one for one in done if one is not None]
    assert "fhir_exported_person_is_told_of_once" in str(refused)


def import_of(client, **said):
    """An import, as it begins."""
    kept = {"kinds": [], "scopes": "", "base": "", "asked_at": NOW, "moved_at": NOW}
    account_id = client.membership.account_id
    return Import.objects.create(client=client, account_id=account_id, **(kept | said))


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_asked_at_once_by_a_system_one_begins():
    """fhir_import_runs_alone_for_its_client."""
    client = SystemFactory()
    done = simultaneously(lambda: import_of(client), lambda: import_of(client))
    (refused,) = [one for one in done if isinstance(one, Exception)]
    assert isinstance(refused, IntegrityError)
    assert "fhir_import_runs_alone_for_its_client" in str(refused)


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"state": "done"}, {"ended_at": NOW}])
def test_an_import_that_cannot_be_is_refused(wrong):
    client = SystemFactory()
    match = "fhir_import_says_when_it_ended"
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        import_of(client, **wrong)


@pytest.mark.django_db(transaction=True)
def test_what_an_import_holds_is_held_once_under_real_concurrency():
    """fhir_import_file_has_its_own_number, fhir_import_part_is_kept_once,
    fhir_imported_key_is_that_of_one_resource."""
    whole = import_of(SystemFactory())
    file = ImportFile.objects.create(whole=whole, number=1)
    part = {"file": file, "what": "sent", "number": 1, "lines": 1, "sealed": b"x"}
    gestures = {
        "fhir_import_file_has_its_own_number": lambda: ImportFile.objects.create(
            whole=whole, number=2
        ),
        "fhir_import_part_is_kept_once": lambda: ImportPart.objects.create(**part),
        "fhir_imported_key_is_that_of_one_resource": lambda: ImportedKey.objects.create(
            whole=whole, sent_as="Patient/p1", held_as="Patient/1"
        ),
    }
    for name, gesture in gestures.items():
        done = simultaneously(gesture, gesture)
        (refused,) = [one for one in done if isinstance(one, Exception)]
        assert name in str(refused)


@pytest.mark.django_db
def test_a_part_of_an_import_is_never_empty():
    file = ImportFile.objects.create(whole=import_of(SystemFactory()), number=1)
    said = {"file": file, "what": "sent", "number": 1, "sealed": b"x"}
    match = "fhir_import_part_holds_something"
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        ImportPart.objects.create(lines=0, **said)
