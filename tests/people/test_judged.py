"""What humans judged goes out as labelled pairs, and measures the rules of the site."""

import stat
from dataclasses import replace

import pytest
from django.core.management import call_command

from cordee.access.actor import SYSTEM
from cordee.people import labelled, services
from cordee.people.models import Candidate
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, arranging, orienteuse_of, traces

pytestmark = pytest.mark.django_db


@pytest.fixture
def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def pair(desk, claire):
    def propose(**details):
        persons = []
        for more in ({}, details):
            persons.append(PersonFactory(territory=desk.territory, **more))
            joins_circle(persons[-1], organization=desk)
        one, other = persons
        return services.propose_pair(actor=claire, person=one, other=other, now=NOW)

    return propose


def exported(path):
    call_command("match", export=path)
    return list(labelled.read(path))


def test_pairs_that_humans_judged_go_out_as_they_were_judged(pair, claire, tmp_path, capsys):
    path = tmp_path / "jugees.csv"
    path.write_text("ce qui était là")
    path.chmod(0o644)
    merged, apart, waiting = (
        pair(phone="+33639980099"),
        pair(birth_name="Autre"),
        pair(birth_name="Encore"),
    )
    before = [replace(one.traits) for one in (merged.one, merged.other)]
    services.merge_persons(
        actor=claire, candidate=merged, from_absorbed=frozenset({"phone"}), now=NOW
    )
    services.tell_apart(actor=claire, candidate=apart, now=NOW)

    same, different = exported(path)
    assert same == labelled.Pair(*before, same=True)
    assert (different.one, different.other) == (apart.one.traits, apart.other.traits)
    assert not different.same
    assert waiting.state == Candidate.State.TO_JUDGE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "détruisez-le" in capsys.readouterr().out

    call_command("match", evaluate=path)
    assert "2 paires, dont 1 d’une même personne" in capsys.readouterr().out


def test_whoever_is_in_the_file_is_traced(pair, claire, tmp_path):
    apart = pair(birth_name="Autre")
    services.tell_apart(actor=claire, candidate=apart, now=NOW)
    exported(tmp_path / "jugees.csv")
    (line,) = traces("list")
    assert line["verb"] == "people.candidate.list"
    assert set(line["persons"]) == {apart.one_id, apart.other_id}
    assert line["role"] == SYSTEM.role


def test_what_was_parted_again_or_merged_by_itself_is_no_word_of_a_human(pair, claire, tmp_path):
    undone, alone = pair(), pair()
    merge = services.merge_persons(
        actor=claire, candidate=undone, from_absorbed=frozenset(), now=NOW
    )
    services.undo_merge(actor=claire, merge=merge, now=NOW)
    with arranging():
        alone.state, alone.judged_at = Candidate.State.MERGED, NOW
        alone.save()
    assert exported(tmp_path / "jugees.csv") == []


def test_pairs_of_the_demonstration_prove_nothing(pair, claire, tmp_path):
    services.tell_apart(actor=claire, candidate=pair(is_demonstration=True), now=NOW)
    (made_up,) = exported(tmp_path / "jugees.csv")
    assert made_up.made_up
