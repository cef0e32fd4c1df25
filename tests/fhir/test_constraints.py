"""What the database promises of what partners sent, broken on purpose."""

import pytest
from django.db import IntegrityError, transaction

from cordee.fhir.models import KeptBody
from cordee.kernel.identifiers import uuid7
from tests.factories.directory import AccountFactory
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
