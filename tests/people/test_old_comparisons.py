"""Two windows on two records: an older page neither joins who was told apart, nor takes what was
rejected."""

import pytest
from django.urls import reverse

from cordee.people import services
from cordee.people.models import Candidate, Merge, Person
from cordee.people.rules import identity
from tests.factories.directory import AccountFactory
from tests.factories.people import InformationFactory, PersonFactory, joins_circle
from tests.people.two_records import claire, desk, elder, pair_of, younger
from tests.support import NOW, Browser, arranging, facts, orienteuse_of, seen_on

__all__ = ["claire", "desk", "elder", "younger"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def marc(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Marc Faure").pk)


@pytest.fixture
def pair(claire, elder, younger):
    for person in (elder, younger):
        InformationFactory(person=person)
    return pair_of(claire, elder, younger)


def at(name, pair):
    return reverse(f"people:{name}", args=[pair.pk])


def test_a_page_opened_before_does_not_join_who_was_just_told_apart(claire, marc, pair):
    page = Browser().as_(claire)
    seen = seen_on(page.get(at("compare", pair)))
    Browser().as_(marc).post(at("tell_apart", pair))

    sent = page.post(at("merge", pair), seen)

    assert sent.status_code == 409
    assert "deux personnes" in sent.text
    assert not Merge.objects.exists()
    assert Candidate.objects.get().state == Candidate.State.NOT_SAME


def test_a_record_proved_meanwhile_does_not_turn_over_what_was_chosen(
    claire, marc, pair, elder, younger
):
    """Which one is kept would change, and the ticks with it."""
    page = Browser().as_(claire)
    seen = seen_on(page.get(at("compare", pair)))
    paper = identity.Event.PAPER_CHECKED
    services.check_identity(actor=marc, person=younger, event=paper, now=NOW)

    sent = page.post(at("merge", pair), seen | {"phone": "absorbed"})

    assert sent.status_code == 409
    assert "vient de corriger" in sent.text
    assert not Merge.objects.exists()
    fresh = seen_on(page.get(at("compare", pair)))
    assert page.post(at("merge", pair), fresh | {"phone": "absorbed"}).status_code == 302
    kept = Person.objects.get(pk=younger.pk)
    assert (kept.merged_into, kept.phone) == (None, elder.phone)


@pytest.mark.parametrize(
    "corrected",
    [{"phone": "+33639980077"}, {"unable_since": NOW.date()}, {"deceased_on": NOW.date()}],
)
@pytest.mark.parametrize("whose", ["elder", "younger"])
def test_what_was_corrected_meanwhile_is_read_again(claire, pair, elder, younger, corrected, whose):
    page = Browser().as_(claire)
    seen = seen_on(page.get(at("compare", pair)))
    with arranging():
        Person.objects.filter(pk={"elder": elder, "younger": younger}[whose].pk).update(**corrected)
    assert page.post(at("merge", pair), seen).status_code == 409
    assert not Merge.objects.exists()


@pytest.mark.parametrize("seen", [{}, {"seen": ""}, {"seen": "0" * 20}])
def test_who_does_not_say_what_was_read_joins_nobody(claire, pair, seen):
    assert Browser().as_(claire).post(at("merge", pair), seen).status_code == 409
    assert not Merge.objects.exists()


def test_what_a_page_does_not_show_leaves_no_shadow_on_it(claire, desk):
    one, other = (PersonFactory(birth_name="Lefèvre", territory=desk.territory) for _ in range(2))
    for person in (one, other):
        joins_circle(person, organization=desk)
    pair = services.propose_pair(actor=claire, person=one, other=other, now=NOW)
    page = Browser().as_(claire)
    before = seen_on(page.get(at("compare", pair)))
    with arranging():
        Person.objects.filter(pk=other.pk).update(unable_since=NOW.date(), ald=True)
    assert seen_on(page.get(at("compare", pair))) == before


def test_two_told_apart_are_judged_again_by_who_asks_for_it(claire, marc, pair, elder, younger):
    Browser().as_(marc).post(at("tell_apart", pair))
    page = Browser().as_(claire)
    shown = page.get(at("compare", pair))
    assert "Réunir les deux fiches" not in shown.text
    assert "Comparer de nouveau" in shown.text

    again = page.post(at("judge_again", pair), follow=True)

    assert "Réunir les deux fiches" in again.text
    pair.refresh_from_db()
    assert pair.state == Candidate.State.TO_JUDGE
    threads = [line["thread"] for line in facts("people.to_judge_again")]
    assert sorted(threads) == sorted([elder.pk, younger.pk])
    assert page.post(at("merge", pair), seen_on(again)).status_code == 302


def dropped_at_night(pair):
    """The batch found them too different to be shown in a list."""
    with arranging():
        Candidate.objects.filter(pk=pair.pk).update(state=Candidate.State.DROPPED)


def test_two_that_the_night_set_aside_are_joined_by_who_asks_for_it(claire, elder, younger, pair):
    dropped_at_night(pair)
    page = Browser().as_(claire)
    shown = page.post(reverse("people:propose", args=[elder.pk, younger.pk]), follow=True)
    assert "Réunir les deux fiches" in shown.text
    assert page.post(at("merge", pair), seen_on(shown)).status_code == 302
    assert Person.objects.get(pk=younger.pk).merged_into == elder


def by_marc(shown):
    return "Jugé «\u00a0deux personnes\u00a0»" in shown.text and "par Marc Faure." in shown.text


@pytest.mark.parametrize("is_dropped", [False, True])
def test_who_judges_again_reads_who_told_them_apart(claire, marc, pair, is_dropped):
    page = Browser().as_(claire)
    assert not by_marc(page.get(at("compare", pair)))
    Browser().as_(marc).post(at("tell_apart", pair))
    page.post(at("judge_again", pair))
    if is_dropped:
        dropped_at_night(pair)
    shown = page.get(at("compare", pair))
    assert by_marc(shown)
    assert "Réunir les deux fiches" in shown.text


def test_two_joined_and_parted_meanwhile_are_not_joined_from_an_older_page(claire, marc, pair):
    page = Browser().as_(claire)
    seen = seen_on(page.get(at("compare", pair)))
    other = Browser().as_(marc)
    other.post(at("merge", pair), seen)
    other.post(reverse("people:undo_merge", args=[Merge.objects.get().pk]))

    assert page.post(at("merge", pair), seen).status_code == 409
    assert not Merge.objects.standing().exists()
    assert page.post(at("merge", pair), seen_on(page.get(at("compare", pair)))).status_code == 302


def test_only_two_told_apart_are_judged_again(claire, pair):
    page = Browser().as_(claire)
    page.post(at("merge", pair), seen_on(page.get(at("compare", pair))))
    assert page.post(at("judge_again", pair)).status_code == 302
    pair.refresh_from_db()
    assert pair.state == Candidate.State.MERGED
    assert not facts("people.to_judge_again")
