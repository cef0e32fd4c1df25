"""Exports and imports that are over go in their time; those under way, or that wait, stay."""

from datetime import timedelta

import pytest

from cordee.fhir.models import Export, Import
from tests.factories.partners import SystemFactory
from tests.fhir.test_constraints import export_of, import_of
from tests.pathways.test_retention import let_go
from tests.support import NOW

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = NOW - timedelta(days=400)


def test_imports_that_are_over_go_by_their_age():
    client = SystemFactory()
    for state in ("over", "cancelled", "failed", "stopped"):
        import_of(client, state=state, ended_at=LONG_AGO)
    waits = import_of(client, state="done", ended_at=LONG_AGO)
    runs = import_of(client, asked_at=LONG_AGO, moved_at=LONG_AGO)
    late = import_of(client, state="over", ended_at=NOW + timedelta(days=1))
    assert let_go("imports", before=NOW) == (4, 4)
    assert set(Import.objects.all()) == {waits, runs, late}


def test_exports_that_are_over_go_by_their_age():
    client = SystemFactory()
    for state in ("over", "cancelled", "failed", "stopped"):
        export_of(client, state=state, ended_at=LONG_AGO)
    waits = export_of(client, state="done", ended_at=LONG_AGO)
    runs = export_of(client, asked_at=LONG_AGO, moved_at=LONG_AGO)
    late = export_of(client, state="over", ended_at=NOW + timedelta(days=1))
    assert let_go("exports", before=NOW) == (4, 4)
    assert set(Export.objects.all()) == {waits, runs, late}
