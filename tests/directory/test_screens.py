"""The screens of the directory, through the door."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.directory import selectors, services
from cordee.directory.models import Organization, Practice, Practitioner, Sector, Territory
from cordee.kernel.errors import DomainError
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    ContactFactory,
    CoverFactory,
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
    PracticeFactory,
    PracticeSiteFactory,
    PractitionerFactory,
    SectorCommuneFactory,
    SectorFactory,
    ShiftFactory,
    TerritoryFactory,
)
from tests.support import NOW, TOLD, actor, coordinator_of, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db

NAUGHTY = [
    "🩺 <script>alert(1)</script>",
    "'\";--",
    "${{7*7}}",
    "\u202eenvers",
    "é" * 10_000,
    "\x00",
]


def desk():
    """Somebody of a desk, with her membership."""
    membership = MembershipFactory()
    return orienteuse_of(membership.organization, account_id=membership.account_id)


def administrator():
    return actor(Role.ADMINISTRATOR)


# -- looking up ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_costs_the_same_whatever_its_length(rows, client, django_assert_num_queries):
    for _ in range(rows):
        PracticeSiteFactory()
    client.as_(desk())
    client.get(reverse("directory:list"))

    with django_assert_num_queries(4 + TOLD):
        answer = client.get(reverse("directory:list"))

    assert answer.content.count(b'<th scope="row">') == rows


@pytest.mark.parametrize("rows", [1, 12])
def test_structures_cost_the_same_whatever_their_number(rows, client, django_assert_num_queries):
    speaker = desk()
    for _ in range(rows - 1):
        OrganizationFactory()
    client.as_(speaker)

    with django_assert_num_queries(3 + TOLD):
        answer = client.get(reverse("directory:structures"))

    assert answer.content.count(b'<th scope="row">') == rows


@pytest.mark.parametrize("typed", ["lefevre", "LEFÈVRE Zoé", "zoé lef", "99000000002"])
def test_a_professional_is_found_by_name_either_way_or_by_number(typed, client):
    PractitionerFactory(last_name="Lefèvre", first_name="Zoé", rpps="99000000002")
    PractitionerFactory(last_name="Autre", first_name="Personne")

    answer = client.as_(desk()).post(reverse("directory:list"), {"q": typed})

    assert answer.content.count(b'<th scope="row">') == 1
    assert "Lefèvre" in answer.text


def test_a_place_narrows_the_list(client):
    here, there = PracticeSiteFactory(), PracticeSiteFactory(commune_id="34301")

    answer = client.as_(desk()).post(reverse("directory:list"), {"place": "sete"})

    assert there.practitioner.last_name in answer.text
    assert here.practitioner.last_name not in answer.text


def test_a_place_that_does_not_exist_finds_nobody(client):
    PracticeSiteFactory()

    answer = client.as_(desk()).post(reverse("directory:list"), {"place": "zzzz"})

    assert "Personne ne correspond" in answer.text


@pytest.mark.parametrize("typed", NAUGHTY)
def test_anything_may_be_searched(typed, client):
    answer = client.as_(desk()).post(reverse("directory:list"), {"q": typed, "place": typed})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_results_alone_are_swapped_in(client):
    PracticeSiteFactory()
    client.as_(desk())

    part = client.htmx(reverse("directory:list"), {"q": ""})

    assert part.text.strip().startswith('<div id="resultats">')
    assert part.text.strip() in client.post(reverse("directory:list"), {"q": ""}).text


def test_communes_are_offered_while_typing(client):
    answer = client.as_(desk()).get(reverse("directory:communes"), {"place": "st bonnet en champ"})

    assert 'value="Saint-Bonnet-en-Champsaur 05500"' in answer.text
    page = client.get(reverse("directory:list")).text
    assert f'hx-get="{reverse("directory:communes")}"' in page
    assert 'list="id_place_communes"' in page


# -- a professional ------------------------------------------------------------------------------


def test_the_desk_sees_what_was_declared_and_a_home_help_does_not(client):
    practice = PracticeFactory(solicitable=True)
    where = reverse("directory:practitioner", args=[practice.practitioner_id])

    assert "Sollicitable" in client.as_(desk()).get(where).text
    seen = client.as_(actor(Role.HOME_HELP)).get(where)
    assert seen.status_code == 200
    assert practice.mobile not in seen.text.replace("\u00a0", "")
    assert "Exercice déclaré" not in seen.text


def test_somebody_else_practice_is_not_found(client):
    practice = PracticeFactory()
    stranger = speaking_as(PractitionerFactory())

    answer = client.as_(stranger).get(reverse("directory:practice", args=[practice.pk]))

    assert answer.status_code == 404


def test_one_begins_describes_and_is_told_what_remains(client):
    practitioner = PractitionerFactory()
    PracticeSiteFactory(practitioner=practitioner)
    client.as_(speaking_as(practitioner))
    home = reverse("directory:my_practice")
    assert "Commencer" in client.get(home).text

    client.post(reverse("directory:begin_practice", args=[practitioner.pk]))
    practice = Practice.objects.get()
    post = lambda name, data: client.post(reverse(f"directory:{name}", args=[practice.pk]), data)  # noqa: E731
    assert post("widen", {"place": "St-Bonnet-en-Champsaur"}).status_code == 303
    assert post("kinds", {"kinds": ["injection", "dressing"]}).status_code == 303
    assert post("week", {"starts_0_0": "07:00", "ends_0_0": "12:00"}).status_code == 303
    assert post("mobile", {"mobile": "06 12 34 56 78"}).status_code == 303
    assert post("preferences", {"weekly_cap": "3", "urgent_at_night": "on"}).status_code == 303

    practice.refresh_from_db()
    assert len(practice.communes) == 25
    assert practice.kinds == ["injection", "dressing"]
    assert (practice.mobile, practice.weekly_cap) == ("+33612345678", 3)
    shown = client.get(home).text
    assert "Prouvez que ce mobile est le vôtre" in shown
    assert "Choisissez les communes" not in shown


def test_a_zone_is_ticked_and_unticked(client):
    practice = PracticeFactory(communes=["05132", "05004"])
    client.as_(speaking_as(practice.practitioner))

    client.post(reverse("directory:zone", args=[practice.pk]), {"communes": ["05132", "05029"]})

    practice.refresh_from_db()
    assert practice.communes == ["05029", "05132"]


def test_a_commune_that_does_not_exist_is_refused_whole(client):
    practice = PracticeFactory(communes=["05132"])
    client.as_(speaking_as(practice.practitioner))

    answer = client.post(reverse("directory:zone", args=[practice.pk]), {"communes": ["00000"]})

    practice.refresh_from_db()
    assert (answer.status_code, practice.communes) == (409, ["05132"])


def test_an_unclear_place_is_given_back_with_choices(client):
    practice = PracticeFactory()
    client.as_(speaking_as(practice.practitioner))

    answer = client.post(reverse("directory:widen", args=[practice.pk]), {"place": "saint-b"})

    assert answer.status_code == 422
    assert "Plusieurs communes commencent ainsi" in answer.text


def test_homonyms_are_not_guessed_and_a_postal_code_tells_them_apart(client):
    practice = PracticeFactory()
    client.as_(speaking_as(practice.practitioner))
    where = reverse("directory:widen", args=[practice.pk])

    assert client.post(where, {"place": "Saint-Julien"}).status_code == 422
    assert client.post(where, {"place": "Saint-Julien 21490"}).status_code == 303
    practice.refresh_from_db()
    assert "21555" in practice.communes


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("week", {"starts_0_0": "12:00", "ends_0_0": "08:00"}, "la fin est avant le début"),
        ("week", {"starts_0_0": "25:99", "ends_0_0": "08:00"}, "heure valide"),
        ("week", {"starts_2_1": "08:00"}, "donnez le début et la fin"),
        ("mobile", {"mobile": "04 92 50 00 00"}, "pas celui d’un mobile"),
        ("mobile", {"mobile": "💉"}, "pas celui d’un mobile"),
        ("preferences", {"weekly_cap": "0"}, "supérieure ou égale à 1"),
        ("absent", {"kind": "holiday", "first": "2026-02-30"}, "date valide"),
        (
            "absent",
            {"kind": "holiday", "first": "2026-12-10", "last": "2026-12-01"},
            "avant le premier",
        ),
        ("kinds", {"kinds": ["gp_visit"]}, "gp_visit"),
    ],
)
def test_what_cannot_be_is_given_back_with_a_sentence(name, data, said, client):
    practice = PracticeFactory()
    client.as_(speaking_as(practice.practitioner))

    answer = client.post(reverse(f"directory:{name}", args=[practice.pk]), data)

    assert answer.status_code == 422
    assert said in answer.text


def test_a_holiday_is_added_and_ended(client):
    practice = PracticeFactory()
    client.as_(speaking_as(practice.practitioner))
    first = (NOW + timedelta(days=400)).date().isoformat()

    client.post(
        reverse("directory:absent", args=[practice.pk]), {"kind": "holiday", "first": first}
    )
    absence = practice.absences.get()
    client.post(reverse("directory:back_to_work", args=[absence.pk]))

    assert not practice.absences.exists()


def test_stop_then_resume(client):
    practice = PracticeFactory()
    client.as_(speaking_as(practice.practitioner))

    client.post(reverse("directory:stop", args=[practice.pk]))
    practice.refresh_from_db()
    assert practice.stopped_at is not None
    assert "Reprendre les messages" in client.get(reverse("directory:my_practice")).text

    client.post(reverse("directory:resume", args=[practice.pk]))
    practice.refresh_from_db()
    assert practice.stopped_at is None


def test_the_desk_confirms_a_tie_by_calling_the_known_number(client):
    membership = MembershipFactory()
    site = PracticeSiteFactory(phone="0492500000")
    practice = PracticeFactory(
        practitioner=site.practitioner, mobile="+33612345678", mobile_proved_at=NOW
    )
    client.as_(orienteuse_of(membership.organization, account_id=membership.account_id))
    assert str(practice.practitioner.last_name) in client.get(reverse("directory:to_confirm")).text
    page = client.get(reverse("directory:practitioner", args=[practice.practitioner_id])).text
    assert 'value="+33492500000"' in page

    client.post(
        reverse("directory:confirm_tie", args=[practice.pk]), {"phone_called": "+33492500000"}
    )

    practice.refresh_from_db()
    assert practice.tie_confirmed_by_id == membership.account_id
    assert practice.ties.get().phone_called == "+33492500000"


def test_the_desk_says_where_an_unlisted_number_was_found(client):
    membership = MembershipFactory()
    practice = PracticeFactory(mobile="+33612345678", mobile_proved_at=NOW)
    client.as_(orienteuse_of(membership.organization, account_id=membership.account_id))
    shown = reverse("directory:practitioner", args=[practice.practitioner_id])
    assert 'name="number_found"' in client.get(shown).text
    confirm, called = reverse("directory:confirm_tie", args=[practice.pk]), "0492500000"

    assert client.post(confirm, {"phone_called": called}).status_code == 409
    client.post(confirm, {"phone_called": called, "number_found": NAUGHTY[0]})

    assert practice.ties.get().number_found == NAUGHTY[0]
    assert "&lt;script&gt;" in client.get(shown).text


# -- the desk ------------------------------------------------------------------------------------


def test_the_roster_shows_who_is_there_and_takes_a_note(client):
    membership = MembershipFactory()
    shift = ShiftFactory(
        pole=PoleFactory(organization=membership.organization), account=membership.account
    )
    client.as_(orienteuse_of(membership.organization, account_id=membership.account_id))
    where = reverse("directory:roster")
    assert client.get(where).status_code == 200

    client.post(
        reverse("directory:hand_over", args=[shift.pole_id]), {"note": NAUGHTY[0] + " rappeler"}
    )
    page = client.get(where).text

    assert "&lt;script&gt;" in page
    client.post(reverse("directory:read_handover", args=[shift.pole.handovers.get().pk]))
    assert "lue par" in client.get(where).text


def test_an_empty_note_is_given_back(client):
    pole = PoleFactory()
    client.as_(orienteuse_of(pole.organization, account_id=AccountFactory().pk))

    answer = client.post(reverse("directory:hand_over", args=[pole.pk]), {"note": "  "})

    assert answer.status_code == 422


def test_a_shift_is_planned_and_taken_off(client):
    membership = MembershipFactory()
    pole = PoleFactory(organization=membership.organization)
    client.as_(orienteuse_of(membership.organization, account_id=membership.account_id))
    data = {
        "account": membership.account_id,
        "kind": "desk",
        "starts_at": "2030-11-25T09:00",
        "ends_at": "2030-11-25T19:30",
    }

    assert client.post(reverse("directory:plan_shift", args=[pole.pk]), data).status_code == 303
    again = client.post(reverse("directory:plan_shift", args=[pole.pk]), data)
    assert (again.status_code, pole.shifts.count()) == (409, 1)

    client.post(reverse("directory:cancel_shift", args=[pole.shifts.get().pk]))
    assert not pole.shifts.exists()


def test_a_colleague_is_covered_then_comes_back(client):
    first = MembershipFactory(role="coordinator")
    second = MembershipFactory(role="coordinator", organization=first.organization)
    client.as_(coordinator_of(first.organization, account_id=first.account_id))
    data = {
        "absent": first.account_id,
        "cover": second.account_id,
        "since": "2030-01-01",
        "last": "2030-01-10",
    }

    client.post(reverse("directory:cover", args=[first.organization_id]), data)
    row = first.account.covers.get()
    client.post(reverse("directory:end_cover", args=[first.organization_id, row.pk]))

    assert not first.account.covers.exists()


def test_the_desk_of_another_organization_is_not_touched(client):
    pole = PoleFactory()
    client.as_(desk())

    answer = client.post(reverse("directory:hand_over", args=[pole.pk]), {"note": "bonsoir"})

    assert answer.status_code == 404


# -- setting up ----------------------------------------------------------------------------------


def test_an_organization_is_created_corrected_and_given_a_mailbox(client):
    client.as_(administrator())
    territory = TerritoryFactory()
    data = {
        "name": "CCAS de Sète 🏖 <b>",
        "kind": "ccas",
        "territory": territory.pk,
        "place": "sete",
        "phone": "04 67 00 00 00",
    }

    answer = client.post(reverse("directory:create_organization"), data)

    made = Organization.objects.get(name=data["name"])
    assert answer.url == reverse("directory:organization", args=[made.pk])
    assert (made.commune_id, made.phone, made.finess) == ("34301", "+33467000000", None)
    client.post(
        reverse("directory:change_organization", args=[made.pk]), {**data, "name": "CCAS de Sète"}
    )
    client.post(
        reverse("directory:add_contact", args=[made.pk]),
        {"label": "Secrétariat", "kind": "email", "value": "ccas@exemple.fr"},
    )
    page = client.get(reverse("directory:organization", args=[made.pk])).text
    assert "CCAS de Sète" in page
    assert "ccas@exemple.fr" in page


def test_a_secure_mailbox_is_one_by_its_domain(client):
    house = OrganizationFactory()
    client.as_(administrator())
    listed = {"label": "Nuit", "kind": "mssante", "value": "nuit@exemple.fr"}
    addition = reverse("directory:add_contact", args=[house.pk])

    answer = client.post(addition, listed)

    assert answer.status_code == 422
    assert "se termine par «\u00a0.mssante.fr\u00a0»" in answer.text
    assert not house.contacts.exists()
    client.post(addition, listed | {"value": "nuit@hopital.MSSante.fr"})
    assert [one.kind for one in house.contacts.all()] == ["mssante"]


def test_a_contact_is_taken_off_the_list(client):
    contact = ContactFactory(value="ancien@exemple.fr")
    house = contact.organization
    removal = reverse("directory:remove_contact", args=[contact.pk])
    assert client.as_(orienteuse_of(house)).post(removal).status_code == 403
    client.as_(administrator())

    answer = client.post(removal)

    assert answer.url == reverse("directory:organization", args=[house.pk])
    assert "ancien@exemple.fr" not in client.get(answer.url).text
    assert client.post(removal).status_code == 404


def test_a_sector_changes_hands_with_its_communes(client):
    leaves = MembershipFactory()
    takes = MembershipFactory(organization=leaves.organization)
    sector = SectorFactory(organization=leaves.organization, coordinator=leaves.account)
    SectorCommuneFactory(sector=sector, commune=CommuneFactory())
    client.as_(administrator())
    address = reverse("directory:hand_sector", args=[sector.pk])
    assert "Confier ce secteur" in client.get(reverse("directory:sector", args=[sector.pk])).text

    stranger = client.post(address, {"coordinator": AccountFactory().pk})
    answer = client.post(address, {"coordinator": takes.account_id})

    assert (stranger.status_code, answer.status_code) == (422, 303)
    assert selectors.sector_of(leaves.organization, "05132").coordinator == takes.account


def test_only_a_member_answers_for_a_sector():
    sector = SectorFactory()

    with pytest.raises(DomainError) as refusal:
        services.hand_sector(
            actor=administrator(), sector=sector, coordinator=AccountFactory(), now=NOW
        )

    assert refusal.value.code == "directory.sector_of_a_stranger"


def test_two_organizations_with_one_finess_are_refused_with_a_sentence(client):
    other = OrganizationFactory()
    client.as_(administrator())

    answer = client.post(
        reverse("directory:create_organization"),
        {"name": "Double", "kind": "msp", "finess": other.finess},
    )

    assert answer.status_code == 422
    assert "Une autre structure porte déjà ce numéro FINESS" in answer.text


def test_a_territory_is_drawn_around_a_commune_then_by_ticks(client):
    client.as_(administrator())

    client.post(
        reverse("directory:create_territory"),
        {"name": "Thau", "kind": "cpts", "place": "bouzigues"},
    )
    made = Territory.objects.get()
    assert made.places.count() == 14
    where = reverse("directory:territory", args=[made.pk])
    assert "Bouzigues" in client.get(where).text
    client.post(where, {"communes": ["34301", "34039"]})
    assert made.places.count() == 2
    client.post(where, {"place": "saint bonnet en champsaur"})
    assert made.places.count() == 27


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("zzzz", "Aucune commune ne commence ainsi"),
        ("saint-b", "Plusieurs communes commencent ainsi"),
        ("Saint-Firmin", "Plusieurs communes commencent ainsi"),
        ("", "obligatoire"),
    ],
)
@pytest.mark.parametrize("kind", ["territory", "sector"])
def test_a_place_that_names_no_commune_or_several_changes_nothing(kind, typed, said, client):
    client.as_(administrator())
    found = TerritoryFactory() if kind == "territory" else SectorFactory()
    where = reverse(f"directory:{kind}", args=[found.pk])
    client.post(where, {"communes": ["05132"]})

    answer = client.post(where, {"place": typed})

    assert answer.status_code == 422
    assert said in answer.text
    assert [one.commune_id for one in found.places.all()] == ["05132"]


def test_a_new_territory_asks_which_commune_was_meant(client):
    client.as_(administrator())
    given = {"name": "Bas-Champsaur", "kind": "cpts", "place": "Saint-Firmin"}
    address = reverse("directory:create_territory")

    asked = client.post(address, given)

    assert asked.status_code == 422
    assert not Territory.objects.exists()
    assert 'value="Saint-Firmin 05800"' in asked.text
    client.post(address, {**given, "place": ["Saint-Firmin", "Saint-Firmin 05800"]})
    assert Territory.objects.get().places.filter(commune="05142").exists()


def test_sectors_share_out_the_communes(client):
    membership = MembershipFactory(role="coordinator")
    client.as_(administrator())
    where = reverse("directory:organization_sectors", args=[membership.organization_id])

    client.post(where, {"name": "Nord", "coordinator": membership.account_id})
    sector = Sector.objects.get()
    client.post(reverse("directory:sector", args=[sector.pk]), {"communes": ["05132"]})

    assert sector.places.get().commune_id == "05132"
    other = SectorFactory(organization=membership.organization, coordinator=membership.account)
    taken = client.post(reverse("directory:sector", args=[other.pk]), {"communes": ["05132"]})
    assert taken.status_code == 409


@pytest.mark.parametrize(
    "name",
    ["organizations", "territories", "rosters", "sectors", "create_organization"],
)
def test_setting_up_is_for_administration(name, client):
    assert client.as_(administrator()).get(reverse(f"directory:{name}")).status_code == 200
    assert client.as_(desk()).get(reverse(f"directory:{name}")).status_code == 403


@pytest.mark.parametrize("rows", [1, 12])
def test_the_roster_costs_the_same_whatever_its_length(rows, client, django_assert_max_num_queries):
    membership = MembershipFactory()
    pole = PoleFactory(organization=membership.organization)
    for rank in range(rows):
        starts = NOW + timedelta(days=rank % 6)
        ShiftFactory(pole=pole, starts_at=starts, ends_at=starts + timedelta(hours=2))
        CoverFactory(absent=AccountFactory())
    client.as_(orienteuse_of(membership.organization, account_id=membership.account_id))

    with django_assert_max_num_queries(17):
        assert client.get(reverse("directory:roster")).status_code == 200


def test_a_closed_professional_is_said_to_be_closed(client):
    gone = PractitionerFactory(closed_on=NOW.date())

    page = client.as_(desk()).get(reverse("directory:practitioner", args=[gone.pk])).text

    assert "Sorti de l’annuaire" in page
    assert Practitioner.objects.filter(pk=gone.pk).exists()
