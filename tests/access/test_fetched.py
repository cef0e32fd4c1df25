"""Records fetched by their keys: what the ORM makes of them, by a query that is planned once."""

from datetime import datetime

import pytest
from django.db import connection
from django.db.models import Model
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from cordee.access.actor import ANONYMOUS, SYSTEM
from cordee.access.fetched import Fetch, FetchAbout
from cordee.access.models import Account
from cordee.access.policy import get_visible
from cordee.access.sight import seen_by
from cordee.assessments.models import Questionnaire
from cordee.kernel.identifiers import uuid7
from cordee.people.models import Person, Relative
from cordee.vigilance.models import Device
from cordee.vigilance.selectors import phone_named
from cordee.web.selectors import signed_in
from tests.access.scene import tables_of_the_house
from tests.access.test_second_lock import set_full_scene
from tests.factories.directory import AccountFactory
from tests.factories.people import PersonFactory, RelativeFactory
from tests.support import NOW, arranging, traces
from tests.vigilance.scene import set_home

pytestmark = pytest.mark.django_db


def told(record: Model) -> dict[str, object]:
    return {one.attname: getattr(record, one.attname) for one in record._meta.concrete_fields}


def written(record: Model) -> dict[str, object]:
    """What a record holds, to its types and the zones of its moments: equality sees neither."""
    found = told(record)
    zones = {name: one.utcoffset() for name, one in found.items() if isinstance(one, datetime)}
    return {name: (type(one), zones.get(name)) for name, one in found.items()}


def test_a_record_is_what_the_orm_makes_of_it_its_relations_too():
    persons = [PersonFactory(), PersonFactory(commune=None), PersonFactory()]
    rows = Person.objects.select_related("commune", "territory")
    found = Fetch(lambda: rows)(one.pk for one in persons)
    for wanted in rows.filter(pk__in=found):
        given = found[wanted.pk]
        assert type(given) is Person
        assert told(given) == told(wanted)
        assert not given._state.adding
        with CaptureQueriesContext(connection) as asked:
            assert given.territory == wanted.territory
            assert (given.commune and told(given.commune)) == (
                wanted.commune and told(wanted.commune)
            )
        assert len(asked) == 0
    assert len(found) == 3


def test_every_table_gives_the_records_that_the_orm_gives():
    """Each by keys, in the format that its columns let it be read in: both are met."""
    set_full_scene()
    plain = set()
    for model in tables_of_the_house():
        keys = list(model._default_manager.order_by("pk").values_list("pk", flat=True)[:20])
        fetch = Fetch(model._default_manager.all)
        given = fetch(keys)
        wanted = model._default_manager.in_bulk(keys)
        for key, one in wanted.items():
            assert told(given[key]) == told(one), model
            assert written(given[key]) == written(one), model
        assert given.keys() == wanted.keys()
        plain |= {fetch.layout.binary} if keys else set()
    assert plain == {True, False}


def test_what_is_fetched_for_somebody_is_theirs_to_see_or_does_not_exist():
    home = set_home()
    phones = Fetch(Device.objects.all)
    with seen_by(SYSTEM):
        found = get_visible(home.helper, Account.objects.all(), home.helper.account_id)
        assert get_visible(home.helper, accounts, found.pk) == found
        for nobody in (uuid7(), home.phone.pk):
            with pytest.raises(Http404):
                get_visible(ANONYMOUS, phones, nobody)
    assert [line["verb"] for line in traces("refused")] == ["vigilance.device.read"] * 2


accounts = Fetch(Account.objects.all)


def test_a_column_that_the_orm_reads_its_own_way_is_read_so():
    with arranging():
        made = Questionnaire.objects.create(
            url="https://exemple.fr/q", edition="1", name="q", definition={"item": [{"é": 1}]}
        )
    wanted = Questionnaire.objects.get(pk=made.pk)
    assert told(Fetch(Questionnaire.objects.all)([made.pk])[made.pk]) == told(wanted)


def test_a_phone_is_found_with_who_holds_it_by_one_statement():
    phone = set_home().phone
    wanted = Device.objects.select_related("account", "organization").get(pk=phone.pk)
    with CaptureQueriesContext(connection) as asked:
        given = phone_named(phone.pk)
        assert told(given) == told(wanted)
        assert (given.account.name, given.account.is_active) == (wanted.account.name, True)
        assert given.organization.name == wanted.organization.name
        assert given.organization.territory_id == wanted.organization.territory_id
        assert phone_named(uuid7()) is None
    assert len(asked) == 2


def test_the_account_of_a_session_is_found_by_one_statement(client):
    account = AccountFactory()
    client.force_login(account)
    session = client.session
    session.items()
    with CaptureQueriesContext(connection) as asked:
        assert told(signed_in(session)) == told(account)
    assert len(asked) == 1


def test_keys_that_are_nobody_s_give_nothing_and_no_key_asks_nothing():
    person, fetch = PersonFactory(), Fetch(Person.objects.all)
    assert list(fetch([person.pk, person.pk, PersonFactory.build().pk])) == [person.pk]
    with CaptureQueriesContext(connection) as asked:
        assert fetch([]) == {}
    assert len(asked) == 0


def test_the_second_lock_is_asked_of_what_is_fetched():
    person, fetch = PersonFactory(), Fetch(Person.objects.all)
    with seen_by(ANONYMOUS):
        assert fetch([person.pk]) == {}
    with seen_by(SYSTEM):
        assert list(fetch([person.pk])) == [person.pk]


def test_what_is_read_about_somebody_is_what_the_orm_gives_in_its_order():
    person, other = PersonFactory(), PersonFactory()
    for name, whom in (("Zoé", person), ("Ali", person), ("Max", person), ("Ida", other)):
        RelativeFactory(person=whom, name=name)
    RelativeFactory(person=person, name="Eve", ended_at=NOW)

    def build():
        return Relative.objects.filter(ended_at=None).select_related("person").order_by("-name")

    wanted = list(build().filter(person=person))
    given = FetchAbout(build)(SYSTEM, person.pk)
    assert [told(one) for one in given] == [told(one) for one in wanted]
    assert [one.name for one in FetchAbout(build, limit=2)(SYSTEM, person.pk)] == ["Zoé", "Max"]
    assert FetchAbout(build)(ANONYMOUS, person.pk) == []


def test_where_there_is_nothing_about_somebody_one_question_is_asked():
    person, rows = PersonFactory(), FetchAbout(lambda: Relative.objects.order_by("pk"))
    rows(SYSTEM, person.pk)
    with CaptureQueriesContext(connection) as asked:
        assert rows(SYSTEM, person.pk) == []
    assert len(asked) == 1
