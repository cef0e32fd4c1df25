"""The history of one resource: a page costs what it shows, and tells what the long way tells."""

from random import Random

import pytest

from cordee.fhir.history import one as of_one
from cordee.fhir.models import KeptBody
from cordee.people.models import Person
from tests.factories.directory import AccountFactory
from tests.factories.protocols import ProtocolVersionFactory
from tests.fhir.door import Machine
from tests.fhir.test_history import written
from tests.fhir.test_history_pages import tags, walked
from tests.people.test_no_shadow import asked
from tests.support import NOW, Role, actor, arranging

pytestmark = pytest.mark.django_db


def changed_here(pk, turn):
    with arranging():
        Person.objects.filter(pk=pk).update(used_name=f"Blanc {turn}")


def lived(machine, seed, times=12):
    """A person who changes here, or is sent again as another, or with no more than a remark that is
    kept, in an order that is drawn. Gives her address."""
    pk, chance = written(machine)["id"], Random(seed)
    for turn in range(times):
        if (what := chance.choice(("here", "sent", "kept"))) == "here":
            changed_here(pk, turn)
            continue
        known = machine.get(f"Patient/{pk}").json()
        known |= {"maritalStatus": {"text": f"état {turn}"}}
        known |= {"birthDate": f"1938-02-{turn + 1:02d}"} if what == "sent" else {}
        assert machine.put(f"Patient/{pk}", known).status_code == 200
    return f"Patient/{pk}/_history"


@pytest.mark.parametrize("seed", range(6))
def test_pages_by_versions_tell_what_those_by_moments_tell(stage, seed, monkeypatch):
    monkeypatch.setattr(of_one, "MARGIN", 0)
    machine = stage.machine
    address = lived(machine, seed)
    (long,) = walked(machine, f"{address}?_since=1990&_count=200")
    assert long["total"] == len(long["entry"]) > 8
    for count in (1, 2, 3, 5, 200):
        pages = walked(machine, f"{address}?_count={count}")
        assert [one for page in pages for one in page["entry"]] == long["entry"]
    for one in long["entry"]:
        version = one["response"]["etag"].removeprefix('W/"').removesuffix('"')
        assert machine.get(f"{address}/{version}").json() == one["resource"]


def read(monkeypatch, gesture):
    """How many rows and bodies a gesture makes of what it reads."""
    made = []
    for model in (Person, KeptBody):
        make = model.from_db.__func__

        def counted(kind, *values, make=make):
            made.append(kind)
            return make(kind, *values)

        monkeypatch.setattr(model, "from_db", classmethod(counted))
    gesture()
    return len(made)


@pytest.mark.parametrize("onward", ["_history?_count=2", "_history/3-1"])
def test_a_page_and_a_version_read_no_more_of_a_long_history(stage, monkeypatch, onward):
    machine = stage.machine
    known = written(machine)
    address = f"Patient/{known['id']}"
    for turn in range(40):
        changed_here(known["id"], turn)
    few, answer = asked(lambda: machine.get(f"{address}/{onward}"))
    assert answer.status_code == 200
    assert read(monkeypatch, lambda: machine.get(f"{address}/{onward}")) < 25
    for turn in range(20):
        changed_here(known["id"], f"encore {turn}")
    many, _ = asked(lambda: machine.get(f"{address}/{onward}"))
    assert len(many) == len(few)


def test_a_version_that_is_none_is_not_found(stage):
    address = lived(stage.machine, 1)
    for code in ("0", "1-99", "99", "1-1-1", "x", "1-", "-1", "²", "1" * 30):
        assert stage.machine.get(f"{address}/{code}").status_code == 404, code


def test_what_few_may_read_of_a_long_past_hides_nothing_of_what_came_before_it(stage):
    row = ProtocolVersionFactory(draft=True, organization=stage.desk)

    def becomes(**columns):
        with arranging():
            type(row).objects.filter(pk=row.pk).update(**columns)

    for turn in range(30):
        becomes(title=f"Brouillon {turn}")
    becomes(state="proposed", proposed_at=NOW)
    becomes(state="approved", approved_by=AccountFactory(), approved_at=NOW)
    address = f"PlanDefinition/{row.pk}/_history"
    elsewhere = walked(Machine(actor(Role.ORIENTEUSE)), f"{address}?_count=1")
    assert [len(tags(one)) for one in elsewhere] == [1]
    assert len(walked(stage.machine, f"{address}?_count=30")) == 2
