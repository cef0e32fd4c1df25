"""The team's screens, what a professional sees of herself, the settings."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM, Role
from cordee.broker import services
from cordee.broker.models import BrokerSettings
from cordee.directory.models import TerritoryCommune
from tests.factories.broker import InvitationFactory, SolicitationFactory, nurse, nurses
from tests.factories.directory import AccountFactory, CommuneFactory, OrganizationFactory
from tests.factories.people import MemberFactory, PersonFactory
from tests.support import (
    NOW,
    TOLD,
    actor,
    arranging,
    orienteuse_of,
    speaking_as,
    stranger,
    texts_leave,
    traces,
)

pytestmark = pytest.mark.django_db
TO_CORRECT = "Il reste quelque chose à corriger. Rien n’est perdu."


@pytest.fixture
def desk():
    return OrganizationFactory()


def search_of(desk, **more):
    now = NOW
    person = PersonFactory(territory=desk.territory)
    MemberFactory(person=person, organization=desk, practitioner=None, role="orientation")
    values = {
        "organization": desk,
        "person": person,
        "launched_at": now,
        "begins_at": now + timedelta(hours=10),
        "deadline_at": now + timedelta(hours=8),
    }
    return SolicitationFactory(**values | more)


@pytest.fixture
def signed(client, desk):
    return client.as_(orienteuse_of(desk, account_id=AccountFactory().pk))


def text_of(response):
    return response.content.decode()


def test_the_board_says_states_in_words_and_who_was_asked(signed, desk):
    solicitation = search_of(desk)
    InvitationFactory(solicitation=solicitation, answer="declined", answered_at=NOW)
    shown = text_of(signed.get(reverse("broker:board")))
    assert "en recherche" in shown.lower()
    assert "LEFÈVRE" in shown
    assert "1\u00a0sollicité" in shown
    assert traces("list")[-1]["persons"] == [solicitation.person_id]


@pytest.mark.parametrize("rows", [1, 12])
def test_the_board_costs_the_same_queries_whatever_its_length(
    rows, signed, desk, django_assert_max_num_queries
):
    for _ in range(rows):
        InvitationFactory(solicitation=search_of(desk))
    with django_assert_max_num_queries(4 + TOLD):
        response = signed.get(reverse("broker:board"))
    assert response.content.count(b'<th scope="row">') == rows


def test_the_board_of_another_desk_is_empty_and_its_search_does_not_exist(client, desk):
    solicitation = search_of(desk)
    client.as_(orienteuse_of(OrganizationFactory()))
    assert "LEFÈVRE" not in text_of(client.get(reverse("broker:board")))
    assert client.get(reverse("broker:search", args=[solicitation.pk])).status_code == 404


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.HOME_HELP, Role.ADMINISTRATOR])
def test_the_board_is_for_the_desk(client, role):
    client.as_(actor(role))
    assert client.get(reverse("broker:board")).status_code == 403


def test_the_fragment_is_the_same_as_in_the_page(signed, desk):
    search_of(desk)
    page = text_of(signed.get(reverse("broker:board")))
    assert text_of(signed.htmx(reverse("broker:board"))).strip() in page


def test_the_detail_explains_attempts_ranking_and_who_cannot_come(signed, desk):
    solicitation = search_of(desk)
    free, away = nurses(2)
    nurse(kinds=["toilette"])
    InvitationFactory(solicitation=solicitation, practitioner=away, answer="later", answered_at=NOW)
    shown = text_of(signed.get(reverse("broker:search", args=[solicitation.pk])))
    assert str(free) in shown
    assert "points sur 100" in shown
    assert "ne propose pas ces soins" in shown
    assert "oui, mais plus tard" in shown.lower()


def test_a_question_still_in_the_outbox_is_not_said_to_await_an_answer(signed, desk):
    nurses(1)
    search = search_of(desk)
    services.launch_next_wave(actor=SYSTEM, solicitation=search, now=NOW)
    address = reverse("broker:search", args=[search.pk])
    before = text_of(signed.get(address)).lower()
    assert ("pas encore parti" in before, "en attente" in before) == (True, False)
    texts_leave()
    after = text_of(signed.get(address)).lower()
    assert ("pas encore parti" in after, "en attente" in after) == (False, True)


def test_a_question_that_never_arrived_is_not_said_to_await_an_answer(signed, desk):
    asked = InvitationFactory(solicitation=search_of(desk), undelivered_at=NOW)
    shown = text_of(signed.get(reverse("broker:search", args=[asked.solicitation_id]))).lower()
    assert ("non remis" in shown, "en attente" in shown) == (True, False)


def test_relaunch_widen_stop_by_plain_forms(signed, desk):
    solicitation = search_of(desk)
    nurses(12)
    for name in ("relaunch", "widen"):
        response = signed.post(reverse(f"broker:{name}", args=[solicitation.pk]))
        assert response.status_code == 302
    solicitation.refresh_from_db()
    assert solicitation.wave == 1
    assert solicitation.is_wide
    signed.post(reverse("broker:stop", args=[solicitation.pk]), {"reason": "moved"})
    solicitation.refresh_from_db()
    assert (solicitation.state, solicitation.end_reason) == ("cancelled", "moved")


def test_by_htmx_the_fragment_comes_back_with_a_word(signed, desk):
    solicitation = search_of(desk)
    nurses(3)
    response = signed.htmx(reverse("broker:relaunch", args=[solicitation.pk]), {})
    assert response.status_code == 200
    assert 'id="recherche"' in text_of(response)
    assert "toast" in response.headers["HX-Trigger"]


def told(response):
    toast = json.loads(response.headers["HX-Trigger"])["toast"]
    return toast["tone"], toast["text"]


def test_asking_at_once_says_how_many_were_asked_then_that_nothing_more_left(signed, desk):
    solicitation = search_of(desk)
    nurses(3)
    address = reverse("broker:relaunch", args=[solicitation.pk])
    tone, said = told(signed.htmx(address, {}))
    asked = solicitation.invitations.count()
    assert (tone, said) == ("good", f"{asked}\u00a0professionnels sollicités.")
    tone, said = told(signed.htmx(address, {}))
    assert (tone, "Rien de plus n’est parti" in said) == ("warn", True)
    assert solicitation.invitations.count() == asked


def test_without_scripts_the_next_page_says_the_same_word(signed, desk):
    solicitation = search_of(desk)
    nurses(3)
    address = reverse("broker:relaunch", args=[solicitation.pk])
    assert "professionnels sollicités" in text_of(signed.post(address, follow=True))
    assert "Rien de plus n’est parti" in text_of(signed.post(address, follow=True))


def test_asking_at_once_says_that_nobody_is_left_and_is_offered_no_more(signed, desk):
    solicitation = search_of(desk)
    address = reverse("broker:relaunch", args=[solicitation.pk])
    assert address not in text_of(signed.get(reverse("broker:search", args=[solicitation.pk])))
    tone, said = told(signed.htmx(address, {}))
    assert (tone, "Personne d’autre à solliciter" in said) == ("warn", True)


def test_whoever_kept_silent_may_be_asked_again_when_nobody_was_found(signed, desk):
    search = search_of(desk, state="exhausted", ended_at=NOW, end_reason="nobody")
    asked = InvitationFactory(solicitation=search, practitioner=nurse())
    page, relaunch = (reverse(f"broker:{one}", args=[search.pk]) for one in ("search", "relaunch"))
    assert relaunch in text_of(signed.get(page))
    services.decline(actor=speaking_as(asked.practitioner), invitation=asked, now=NOW)
    assert relaunch not in text_of(signed.get(page))


def test_a_yes_on_the_phone_says_what_became_of_it(signed, desk):
    solicitation = search_of(desk, state="held", held_until=NOW + timedelta(minutes=15))
    InvitationFactory(
        solicitation=solicitation, practitioner=nurse(), answer="held", answered_at=NOW
    )
    address = reverse("broker:call", args=[solicitation.pk])
    other, third = nurse(), nurse()
    tone, said = told(signed.htmx(address, {"practitioner": str(other.pk), "outcome": "yes"}))
    assert (tone, "jusqu’à 19:40" in said, "en réserve" in said) == ("warn", True, True)
    held = solicitation.invitations.get(answer="held")
    services.accept(actor=speaking_as(held.practitioner), invitation=held, now=NOW)
    tone, said = told(signed.htmx(address, {"practitioner": str(third.pk), "outcome": "no"}))
    assert (tone, said) == ("good", "Appel noté\u00a0: non.")


def test_stopping_without_a_reason_is_refused(signed, desk):
    solicitation = search_of(desk)
    response = signed.post(reverse("broker:stop", args=[solicitation.pk]), {"reason": "<b>"})
    solicitation.refresh_from_db()
    assert (response.status_code, solicitation.state) == (422, "open")
    assert TO_CORRECT in text_of(response)


def test_relaunching_what_is_stopped_is_refused_with_a_sentence(signed, desk):
    solicitation = search_of(desk, state="cancelled", ended_at=NOW, end_reason="moved")
    response = signed.post(reverse("broker:relaunch", args=[solicitation.pk]))
    assert response.status_code == 409
    assert "plus ouverte" in text_of(response)


def test_a_call_is_noted_from_the_page_and_a_yes_wins(signed, desk):
    solicitation = search_of(desk)
    who = nurse()
    signed.post(
        reverse("broker:call", args=[solicitation.pk]),
        {"practitioner": str(who.pk), "outcome": "yes"},
    )
    solicitation.refresh_from_db()
    assert solicitation.state == "filled"
    assert solicitation.calls.get().practitioner == who


def test_a_call_to_nobody_known_is_refused(signed, desk):
    solicitation = search_of(desk)
    response = signed.post(
        reverse("broker:call", args=[solicitation.pk]),
        {"practitioner": "'; DROP TABLE", "outcome": "yes"},
    )
    assert response.status_code == 422
    assert not solicitation.calls.exists()


def test_a_withdrawal_noted_by_the_desk_reopens(signed, desk):
    solicitation = search_of(desk)
    nurses(3)
    signed.post(
        reverse("broker:call", args=[solicitation.pk]),
        {"practitioner": str(nurse().pk), "outcome": "yes"},
    )
    winner = solicitation.invitations.get(answer="accepted")
    response = signed.post(reverse("broker:withdrawal", args=[winner.pk]), follow=True)
    assert response.status_code == 200
    assert solicitation.followed_by.get().urgency == "tonight"


def test_the_first_visit_is_noted_by_the_desk(signed, desk):
    solicitation = search_of(desk)
    signed.post(
        reverse("broker:call", args=[solicitation.pk]),
        {"practitioner": str(nurse().pk), "outcome": "yes"},
    )
    winner = solicitation.invitations.get(answer="accepted")
    moment = NOW + timedelta(hours=12)
    signed.post(
        reverse("broker:first_visit", args=[winner.pk]),
        {"first_visit_at": f"{moment:%Y-%m-%dT%H:%M}"},
    )
    solicitation.refresh_from_db()
    assert solicitation.state == "confirmed"


def test_a_search_that_waits_for_the_morning_says_so_on_its_page(signed, desk):
    search = search_of(desk, look_at=NOW + timedelta(hours=10))
    address = reverse("broker:search", args=[search.pk])
    assert "Les SMS attendent la fin des heures calmes." in text_of(signed.get(address))
    InvitationFactory(solicitation=search, practitioner=nurse())
    assert "heures calmes." not in text_of(signed.get(address))


def test_a_first_visit_that_is_no_date_is_said_beside_it(signed, desk):
    search = search_of(desk, state="filled")
    won = InvitationFactory(
        solicitation=search, practitioner=nurse(), answer="accepted", answered_at=NOW
    )
    said = {"first_visit_at": "demain matin"}
    response = signed.post(reverse("broker:first_visit", args=[won.pk]), said)
    assert response.status_code == 422
    assert TO_CORRECT in text_of(response)


def test_a_later_offer_is_taken_with_one_button(signed, desk):
    solicitation = search_of(desk)
    offer = InvitationFactory(
        solicitation=solicitation,
        practitioner=nurse(),
        answer="later",
        answered_at=NOW,
    )
    signed.post(reverse("broker:take_offer", args=[offer.pk]))
    offer.refresh_from_db()
    assert offer.answer == "accepted"


def test_the_panel_of_a_person_lists_her_searches(signed, desk):
    solicitation = search_of(desk)
    shown = text_of(signed.get(reverse("broker:person_panel", args=[solicitation.person_id])))
    assert "injection" in shown


def test_the_panel_of_somebody_unknown_does_not_exist(client, desk):
    solicitation = search_of(desk)
    client.as_(stranger())
    response = client.get(reverse("broker:person_panel", args=[solicitation.person_id]))
    assert response.status_code == 404


# --- a professional, about herself ---------------------------------------------------------------


def test_a_professional_reads_her_score_and_its_reasons(client):
    who = nurse()
    InvitationFactory(practitioner=who, answer="declined", answered_at=NOW, asked_at=NOW)
    client.as_(speaking_as(who))
    shown = text_of(client.get(reverse("broker:mine")))
    assert "votre score sur 100" in shown
    assert "plancher" in shown
    assert "LEFÈVRE" not in shown


def test_she_objects_to_the_ranking_and_may_come_back(client):
    who = nurse(weekly_cap=4)
    client.as_(speaking_as(who))
    for objects in (True, False):
        client.post(reverse("broker:objection"), {"objects": "yes" if objects else "no"})
        who.practice.refresh_from_db()
        assert (who.practice.ranking_objection, who.practice.weekly_cap) == (objects, 4)


def test_she_answers_from_her_own_account(client, desk):
    who = nurse()
    invitation = InvitationFactory(solicitation=search_of(desk), practitioner=who)
    client.as_(speaking_as(who))
    client.post(reverse("broker:reply", args=[invitation.pk]), {"answer": "yes"})
    invitation.refresh_from_db()
    assert invitation.answer == "accepted"


def test_what_still_waits_for_her_comes_first_and_what_is_over_says_so(client, desk):
    who = nurse()
    still = search_of(desk)
    gone = search_of(desk, launched_at=NOW - timedelta(hours=12), deadline_at=NOW)
    for one, moment in ((still, NOW - timedelta(hours=1)), (gone, NOW)):
        phone = {"phone": "+33639980012"}
        InvitationFactory(solicitation=one, practitioner=who, asked_at=moment, **phone)
    services.cancel(actor=SYSTEM, solicitation=gone, reason="found", now=NOW)
    client.as_(speaking_as(who))
    page = client.get(reverse("broker:mine")).text
    assert page.index("OUI, je m’en occupe") < page.index("Recherche terminée")


def test_from_her_own_account_she_says_from_when_she_could_come(client, desk):
    who = nurse()
    others = InvitationFactory(solicitation=search_of(desk), practitioner=who)
    invitation = InvitationFactory(solicitation=search_of(desk), practitioner=who)
    client.as_(speaking_as(who))
    address = reverse("broker:reply", args=[invitation.pk])
    assert text_of(client.get(reverse("broker:mine"))).count("Oui, mais à partir de…") == 2
    wrong = client.post(address, {"answer": "later", "offers_from": "?"})
    assert wrong.status_code == 422
    assert wrong.text.count('<details class="details" open data-open>') == 1
    assert len(re.findall(r'id="([^"]+-offers_from)"', wrong.text)) == 2
    moment = timezone.localtime(NOW) + timedelta(days=1)
    client.post(address, {"answer": "later", "offers_from": f"{moment:%Y-%m-%dT%H:%M}"})
    invitation.refresh_from_db()
    others.refresh_from_db()
    assert (invitation.answer, invitation.offers_from) == ("later", NOW + timedelta(days=1))
    assert others.answer == "waiting"


def test_from_her_own_account_she_says_why_not(client, desk):
    who = nurse()
    invitation = InvitationFactory(solicitation=search_of(desk), practitioner=who)
    client.as_(speaking_as(who))
    address = reverse("broker:reply", args=[invitation.pk])
    assert client.post(address, {"answer": "no", "refusal": "?"}).status_code == 422
    client.post(address, {"answer": "no", "refusal": "full"})
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.refusal) == ("declined", "full")


def test_from_her_account_she_reads_the_contact_states_her_visit_and_may_give_up(client, desk):
    who = nurse()
    invitation = InvitationFactory(solicitation=search_of(desk), practitioner=who)
    client.as_(speaking_as(who))
    place = reverse("broker:won", args=[invitation.pk])
    assert client.get(place).status_code == 403
    client.post(reverse("broker:reply", args=[invitation.pk]), {"answer": "yes"})
    assert "LEFÈVRE" in text_of(client.get(place))
    wrong = client.post(reverse("broker:own_visit", args=[invitation.pk]), {"first_visit_at": "?"})
    assert wrong.status_code == 422
    moment = NOW + timedelta(hours=12)
    client.post(
        reverse("broker:own_visit", args=[invitation.pk]),
        {"first_visit_at": f"{moment:%Y-%m-%dT%H:%M}"},
    )
    invitation.solicitation.refresh_from_db()
    assert invitation.solicitation.state == "confirmed"
    client.post(reverse("broker:give_up", args=[invitation.pk]))
    assert client.get(place).status_code == 403


@pytest.mark.parametrize("door", ["first_visit", "take_offer", "withdrawal", "dismiss"])
def test_being_invited_does_not_open_the_page_of_the_team(client, desk, door):
    who = nurse()
    invitation = InvitationFactory(solicitation=search_of(desk), practitioner=who)
    client.as_(speaking_as(who))
    response = client.post(reverse(f"broker:{door}", args=[invitation.pk]), {})
    assert response.status_code == 404
    assert "LEFÈVRE" not in text_of(response)


def test_the_desk_does_not_answer_in_the_name_of_a_professional(signed, desk):
    invitation = InvitationFactory(solicitation=search_of(desk))
    for door in ("reply", "own_visit", "give_up"):
        assert signed.post(reverse(f"broker:{door}", args=[invitation.pk])).status_code == 403


def test_she_does_not_answer_for_a_colleague(client, desk):
    invitation = InvitationFactory(solicitation=search_of(desk))
    client.as_(speaking_as(nurse()))
    response = client.post(reverse("broker:reply", args=[invitation.pk]), {"answer": "yes"})
    assert response.status_code == 404


def test_without_a_declared_practice_the_page_says_what_to_do(client):
    from tests.factories.directory import PractitionerFactory

    client.as_(speaking_as(PractitionerFactory()))
    shown = text_of(client.get(reverse("broker:mine")))
    assert "Déclarez votre exercice" in shown


# --- fairness and settings -----------------------------------------------------------------------


def test_fairness_is_a_number_with_its_lines(signed, desk):
    with arranging():
        TerritoryCommune.objects.create(territory=desk.territory, commune=CommuneFactory())
    now = NOW
    often, never = nurses(2)
    for _ in range(4):
        InvitationFactory(practitioner=often, asked_at=now - timedelta(days=1))
    shown = text_of(signed.get(reverse("broker:fairness"), {"x": 20}))
    assert "0\u00a0%" in shown
    assert "trop sollicité" in shown.lower()
    assert "peu sollicité" in shown.lower()
    assert str(never) in shown


def test_fairness_is_read_page_by_page_and_counted_whole(signed, desk, monkeypatch):
    """Whoever was asked most beyond their share comes first."""
    with arranging():
        TerritoryCommune.objects.create(territory=desk.territory, commune=CommuneFactory())
    monkeypatch.setattr("cordee.broker.selectors.shares.PAGE", 2)
    often, *others = nurses(3)
    InvitationFactory(practitioner=often, asked_at=NOW - timedelta(days=1))
    asked = {"x": 20, "page": 1}
    first = text_of(signed.get(reverse("broker:fairness"), asked))
    last = text_of(signed.get(reverse("broker:fairness"), asked | {"page": 2}))
    assert "3\u00a0infirmiers" in first
    assert "3\u00a0infirmiers" in last
    assert str(often) in first
    assert str(often) not in last
    assert sum(str(one) in first for one in others) == sum(str(one) in last for one in others) == 1
    assert "x=20&amp;page=2" in signed.get(reverse("broker:fairness"), {"x": 20}).text


def test_a_wild_tolerance_falls_back(signed):
    assert signed.get(reverse("broker:fairness"), {"x": "1e9"}).status_code == 200


def test_settings_are_explained_to_those_they_rule(client):
    client.as_(speaking_as(nurse()))
    shown = text_of(client.get(reverse("broker:settings")))
    assert "chance voulue d’un oui" in shown.lower()
    assert "Modifier" not in shown


def test_the_hours_of_the_moments_of_the_day_are_shown_with_their_source(client):
    shown = text_of(client.as_(actor(Role.ADMINISTRATOR)).get(reverse("broker:settings")))
    for said in ("Moments de la journée", "17:00 – 22:00", "21:00 – 6:00", "À confirmer"):
        assert said in shown
    assert "ni infirmière ni territoire" in shown


def test_administration_changes_settings_by_a_form(client):
    client.as_(actor(Role.ADMINISTRATOR))
    address = reverse("broker:change_settings", args=["24h"])
    assert client.get(address).status_code == 200
    typed = {
        "head_start": 20, "wave_length": 20, "wanted_chance": 85, "wanted_delay": 90,
        "deadline": 480, "hold": 15, "confirm_within": 120, "quiet_from": "21:00",
        "quiet_until": "07:00", "sets_off": 90,
    }  # fmt: skip
    assert client.post(address, typed).status_code == 302
    kept = BrokerSettings.objects.get(urgency="24h")
    assert (kept.head_start, kept.wanted_chance) == (20, 0.85)
    assert 'value="85"' in client.get(address).content.decode()  # as « 85 % » is read elsewhere
    assert client.post(address, typed | {"wanted_chance": "92,5"}).status_code == 302
    assert BrokerSettings.objects.get(urgency="24h").wanted_chance == 0.925
    assert 'value="92,5"' in client.get(address).content.decode()
    wrong = client.post(address, typed | {"deadline": 60})
    assert wrong.status_code == 422
    assert "échéance" in text_of(wrong)


@pytest.mark.parametrize("who", ["orienteuse", "nurse"])
def test_others_do_not_change_settings(client, desk, who):
    client.as_(orienteuse_of(desk) if who == "orienteuse" else speaking_as(nurse()))
    assert client.get(reverse("broker:change_settings", args=["24h"])).status_code == 403


def test_an_urgency_that_does_not_exist_is_not_found(client):
    client.as_(actor(Role.ADMINISTRATOR))
    assert client.get(reverse("broker:change_settings", args=["hier"])).status_code == 404
