"""The circle on screen: looking for who joins, who left, who may send whom away."""

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.people.models import CircleMember
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    OrganizationFactory,
    PracticeSiteFactory,
    PractitionerFactory,
)
from tests.factories.people import (
    PersonAccountFactory,
    PersonFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.support import (
    Browser,
    actor,
    facts,
    less_marks,
    orienteuse_of,
    simultaneously,
    speaking_as,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    person = PersonFactory(birth_name="Lefèvre", territory=desk.territory)
    joins_circle(person, organization=desk)
    return person


def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


def herself(person):
    return actor(Role.PERSON, account_id=AccountFactory().pk, person_ids=frozenset({person.pk}))


def at(name, *identifiers):
    return reverse(f"people:{name}", args=identifiers)


# --- looking for somebody ------------------------------------------------------------------------


def test_a_search_for_the_circle_is_a_post_that_is_kept_nowhere(client, desk, person):
    PractitionerFactory(last_name="Vernet", first_name="Odile")
    speaking = client.as_(claire(desk))
    empty = speaking.get(at("circle", person.pk)).text
    assert 'method="get"' not in empty
    found = speaking.post(at("joinable", person.pk), {"texte": "vernet"})
    assert "Vernet Odile" in found.text
    assert found.headers["Cache-Control"] == "no-store"
    assert "verne" not in speaking.get(at("circle", person.pk) + "?texte=vernet").text.lower()
    assert speaking.get(at("joinable", person.pk)).status_code == 405


def test_the_fragment_of_a_search_for_the_circle_is_the_part_of_the_page(client, desk, person):
    PractitionerFactory(last_name="Vernet")
    speaking = client.as_(claire(desk))
    whole = speaking.post(at("joinable", person.pk), {"texte": "vernet"}).text
    part = speaking.htmx(at("joinable", person.pk), {"texte": "vernet"}).text
    assert "Vernet" in part
    assert less_marks(part).strip() in less_marks(whole)


def test_nobody_of_that_name_is_a_sentence(client, desk, person):
    found = client.as_(claire(desk)).post(at("joinable", person.pk), {"texte": "zorglub"})
    assert "Personne de ce nom" in found.text


def test_two_of_the_same_name_are_told_apart_by_their_place(client, desk, person):
    for code, name in (("05061", "Gap"), ("05096", "Orcières")):
        nurse = PractitionerFactory(last_name="Martin", first_name="Paule")
        PracticeSiteFactory(practitioner=nurse, commune=CommuneFactory(code=code, name=name))
    found = client.as_(claire(desk)).post(at("joinable", person.pk), {"texte": "martin"}).text
    assert "(Gap)" in found
    assert "(Orcières)" in found


@pytest.mark.parametrize(
    "naughty",
    ["<script>alert(1)</script>", "'; DROP TABLE people_person; --", "\x00", "\u202e𝕏🙂" * 60,
     "x" * 10_000, "${{7*1337}}", "%", "_", "\\"],
)  # fmt: skip
def test_naughty_words_find_nobody_and_break_nothing(client, desk, person, naughty):
    PractitionerFactory(last_name="Vernet")
    found = client.as_(claire(desk)).post(at("joinable", person.pk), {"texte": naughty})
    assert found.status_code == 200
    assert "<script>alert" not in found.text
    assert "Vernet" not in found.text


@pytest.mark.parametrize(
    "who",
    ["", "practitioner_id:", "practitioner_id:x", "account_id:{}", "nothing:{}", "relative_id:{}"],
)  # fmt: skip
def test_who_is_not_proposed_does_not_join(client, desk, person, who):
    stranger = RelativeFactory()
    answer = client.as_(claire(desk)).post(
        at("circle", person.pk), {"who": who.format(stranger.pk), "role": "nurse"}
    )
    assert answer.status_code == 422
    assert person.circle.count() == 1


def test_no_role_is_chosen_for_anybody(client, desk, person):
    """The first of the list was the GP: a nurse added in haste would have been one."""
    nurse = PractitionerFactory(last_name="Vernet")
    speaking = client.as_(claire(desk))
    found = speaking.post(at("joinable", person.pk), {"texte": "vernet"}).text
    assert '<option value="" selected>' in found
    answer = speaking.post(
        at("circle", person.pk), {"who": f"practitioner_id:{nurse.pk}", "role": ""}
    )
    assert answer.status_code == 422
    assert "Choisissez le rôle" in answer.text


# --- who leaves ----------------------------------------------------------------------------------


def test_who_left_is_behind_a_fold_with_the_two_days(client, desk, person):
    nurse = PractitionerFactory(last_name="Vernet", first_name="Odile")
    member = joins_circle(person, practitioner=nurse)
    speaking = client.as_(claire(desk))
    assert "ancien" not in speaking.get(at("circle_panel", person.pk)).text
    speaking.post(at("leave", person.pk, member.pk))
    panel = speaking.get(at("circle_panel", person.pk)).text
    today, _, past = panel.partition("<details")
    assert "Vernet" not in today
    assert "1\u00a0ancien membre" in past
    assert "Odile Vernet" in past


def test_the_person_sends_somebody_away_from_their_own_space(client, desk, person):
    member = joins_circle(person)
    speaking = client.as_(herself(person))
    address = at("leave", person.pk, member.pk)
    assert address in speaking.get(at("circle_panel", person.pk)).text
    speaking.post(address)
    member.refresh_from_db()
    assert member.until is not None


def test_a_nurse_finds_her_own_button_and_no_page_after(client, desk, person):
    nurse = PractitionerFactory()
    member = joins_circle(person, practitioner=nurse)
    speaking = client.as_(speaking_as(nurse))
    assert "Quitter ce cercle" in speaking.get(at("circle_panel", person.pk)).text
    answer = speaking.post(at("leave", person.pk, member.pk))
    assert answer.headers["Location"] == reverse("people:list")
    assert speaking.get(at("circle_panel", person.pk)).status_code == 404


def test_who_may_not_send_away_finds_no_button(client, desk, person):
    member = joins_circle(person)
    space = PersonAccountFactory(person=person, relative=RelativeFactory(person=person))
    for category in ("identity", "coordination"):
        SharingFactory(person=person, category=category, audience="relatives", choice="consented")
    relative = actor(Role.RELATIVE, account_id=space.account_id, person_ids=frozenset({person.pk}))
    panel = client.as_(relative).get(at("circle_panel", person.pk))
    assert panel.status_code == 200
    assert at("leave", person.pk, member.pk) not in panel.text


def test_a_relative_is_not_the_reference_and_is_told_why(client, desk, person):
    relative = RelativeFactory(person=person)
    answer = client.as_(claire(desk)).post(
        at("circle", person.pk),
        {"who": f"relative_id:{relative.pk}", "role": "relative", "is_reference": "on"},
    )
    assert answer.status_code == 422
    assert "coordination de référence" in answer.text
    assert not CircleMember.objects.filter(relative=relative).exists()


# --- two at once ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_orienteuses_who_add_the_same_nurse_at_once_make_one_stay(client, desk, person):
    nurse = PractitionerFactory()
    sent = {"who": f"practitioner_id:{nurse.pk}", "role": "nurse", "is_usual_nurse": "on"}
    browsers = [Browser().as_(claire(desk)) for _ in range(2)]
    answers = simultaneously(
        *[lambda one=one: one.post(at("circle", person.pk), sent) for one in browsers]
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    assert CircleMember.objects.current().filter(practitioner=nurse).count() == 1
    assert len(facts("people.joined_circle")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_gps_designated_at_once_leave_one(client, desk, person):
    doctors = [PractitionerFactory(profession="10") for _ in range(2)]
    browsers = [Browser().as_(claire(desk)) for _ in range(2)]
    answers = simultaneously(
        *[
            lambda one=one, who=who: one.post(
                at("circle", person.pk), {"who": f"practitioner_id:{who.pk}", "role": "gp"}
            )
            for one, who in zip(browsers, doctors, strict=True)
        ]
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    gp = CircleMember.objects.current().get(person=person, role="gp")
    person.refresh_from_db()
    assert person.gp_id == gp.practitioner_id
