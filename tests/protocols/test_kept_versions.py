"""The database is the last colleague awake: each promise about protocols, broken on purpose."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from cordee.access.actor import ANONYMOUS, SYSTEM, Role
from cordee.protocols import selectors
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.shipped import texts
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.protocols import ProtocolVersionFactory, protocol_text
from tests.support import NOW, actor, arranging, simultaneously

pytestmark = pytest.mark.django_db


def breaks(name, make):
    """Expect the database to refuse, naming its promise."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        make()


def changing(row, **columns):
    return lambda: type(row).objects.filter(pk=row.pk).update(**columns)


@pytest.mark.parametrize(
    "columns",
    [
        {"text": "autre"},
        {"title": "Un autre"},
        {"digest": "0"},
        {"state": "draft", "approved_at": None, "approved_by": None},
        {"state": "retired", "retired_at": NOW, "edition": "2"},
    ],
)
def test_what_is_approved_is_never_rewritten(columns):
    breaks("protocols_approved_is_never_rewritten", changing(ProtocolVersionFactory(), **columns))


def test_what_is_approved_is_never_erased_and_never_comes_back():
    one = ProtocolVersionFactory()
    breaks("protocols_approved_is_never_rewritten", one.delete)
    with arranging():
        ProtocolVersion.objects.filter(pk=one.pk).update(state="retired", retired_at=NOW)
    breaks("protocols_approved_is_never_rewritten", changing(one, state="approved"))


def test_an_edition_of_a_name_is_approved_once_by_a_structure():
    one = ProtocolVersionFactory(state="retired", retired_at=NOW)
    same = {"name": one.name, "edition": one.edition, "organization": one.organization}
    breaks("protocols_edition_of_a_name_is_approved_once", lambda: ProtocolVersionFactory(**same))
    assert ProtocolVersionFactory(**same | {"organization": OrganizationFactory()}).pk
    assert ProtocolVersionFactory(**same, draft=True).pk


def test_a_name_has_one_version_in_use_in_a_structure():
    one = ProtocolVersionFactory()
    breaks(
        "protocols_name_has_one_version_in_use",
        lambda: ProtocolVersionFactory(name=one.name, edition="2", organization=one.organization),
    )


def test_a_shipped_edition_is_kept_once_and_stays_to_be_validated():
    one = ProtocolVersionFactory(shipped=True)
    breaks(
        "protocols_shipped_edition_is_kept_once",
        lambda: ProtocolVersionFactory(shipped=True, name=one.name),
    )
    breaks("protocols_shipped_version_stays_to_be_validated", changing(one, state="proposed"))


@pytest.mark.parametrize("missing", ["approved_at", "approved_by", "author"])
def test_an_approved_version_says_who_and_when(missing):
    breaks(
        "protocols_approved_version_says_who_and_when",
        lambda: ProtocolVersionFactory(**{missing: None}, writers=[]),
    )


def test_an_author_does_not_approve():
    somebody = AccountFactory()
    breaks(
        "protocols_author_does_not_approve",
        lambda: ProtocolVersionFactory(author=somebody, approved_by=somebody),
    )


def approving(one, **more):
    by = more.pop("by", None) or AccountFactory()
    return changing(one, state="approved", approved_at=NOW, approved_by=by, **more)


def test_what_is_approved_was_proposed_as_it_is_and_by_others():
    name = "protocols_what_is_approved_was_proposed_by_others"
    breaks(name, approving(ProtocolVersionFactory(draft=True)))
    one, second = ProtocolVersionFactory(proposed=True), AccountFactory()
    breaks(name, approving(one, text="autre"))
    with arranging():
        changing(one, writers=[one.author_id, second.pk])()
    breaks(name, approving(one, by=second))  # the other who wrote in it
    breaks(name, approving(one, by=second, writers=[one.author_id]))
    with arranging():
        approving(one)()
    one.refresh_from_db()
    assert one.state == "approved"


@pytest.mark.django_db(transaction=True)
def test_two_versions_approved_at_once_leave_one_in_use():
    organization = OrganizationFactory()
    about = {"name": "essai", "organization": organization, "proposed": True}
    both = [ProtocolVersionFactory(edition=str(rank), **about) for rank in (1, 2)]
    by = AccountFactory()

    def approve(rank):
        def run():
            with arranging():
                approving(both[rank], by=by)()

        return run

    (refused,) = filter(None, simultaneously(approve(0), approve(1)))
    assert "protocols_name_has_one_version_in_use" in str(refused)
    assert ProtocolVersion.objects.approved().count() == 1


def test_the_library_is_loaded_once_however_often_it_is_asked():
    for _ in range(2):
        call_command("load_protocols", verbosity=0)
    shipped = ProtocolVersion.objects.shipped()
    assert sorted(shipped.values_list("name", flat=True)) == sorted(texts())
    assert all(selectors.protocol_of(one).id == one.name for one in shipped)
    one = shipped.first()
    with arranging():
        changing(one, text="ancien", digest="0")()
    call_command("load_protocols", verbosity=0)
    assert shipped.get(pk=one.pk).text == texts()[one.name]


def test_in_use_is_what_the_structures_of_the_actor_approved():
    one, elsewhere = ProtocolVersionFactory(), ProtocolVersionFactory()
    ProtocolVersionFactory(organization=one.organization, proposed=True)
    ProtocolVersionFactory(shipped=True)
    theirs = actor(Role.COORDINATOR, one.organization)
    assert [*selectors.in_use(theirs)] == [one]
    assert {*selectors.in_use(SYSTEM)} == {one, elsewhere}
    assert [*selectors.in_use(ANONYMOUS)] == []


def test_the_protocol_of_a_version_is_read_once():
    one = ProtocolVersionFactory(text=protocol_text("essai", days=3))
    assert selectors.protocol_of(one) is selectors.protocol_of(one)
    assert selectors.protocol_of(one).steps[0].clock.within.amount == 3
