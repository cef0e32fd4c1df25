"""Members of a team are asked for their part: on their list, given without a score, or declined."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.access.sight import seen_by
from cordee.assessments.models import AskedPart, QuestionnaireResponse
from cordee.directory import services as directory
from cordee.directory.models import Membership
from cordee.kernel import queue
from cordee.kernel.facts import listeners_of
from cordee.pathways.models import Task
from cordee.pathways.services import settle
from cordee.people import services as people
from cordee.people.models import CircleMember
from cordee.people.rules.traits import WhyAlive
from tests.assessments.scenes import at, author_of, followed
from tests.factories.assessments import QuestionnaireFactory, definition
from tests.factories.directory import (
    AccountFactory,
    MembershipFactory,
    OrganizationFactory,
    PractitionerFactory,
)
from tests.factories.people import MemberFactory
from tests.support import NOW, arranging, facts, run_jobs, simultaneously, stranger

pytestmark = pytest.mark.django_db
WANTED = date(2026, 12, 1)


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac", name="DAC du Champsaur")


def working(dac, name):
    speaker = author_of(dac, name)
    MembershipFactory(account_id=speaker.account_id, organization=dac, role="coordinator")
    return speaker


@pytest.fixture
def ahmed(dac):
    return working(dac, "Ahmed Diallo")


@pytest.fixture
def nadia(dac):
    return working(dac, "Nadia Roux")


@pytest.fixture
def person(dac):
    return followed(dac)


def two_sections(**more):
    asked = definition(**more)
    house = {"linkId": "logement", "type": "group", "text": "Le logement"}
    house["item"] = [
        {"linkId": "marches", "type": "integer", "text": "Combien de marches", "required": True}
    ]
    return asked | {"item": [*asked["item"], house]}


@pytest.fixture
def sheet():
    return QuestionnaireFactory(
        definition=two_sections(url="urn:test:deux"), url="urn:test:deux", digest="d" * 64
    )


@pytest.fixture
def clock(monkeypatch):
    def moved(later):
        monkeypatch.setattr(timezone, "now", lambda: NOW + later)
        return NOW + later

    return moved


def page(person, sheet):
    return reverse("assessments:ask", args=[person.pk, sheet.pk])


def errors_of(sent):
    found = BeautifulSoup(sent.content, "html.parser")
    return [one.text.strip() for one in found.select(".field__error, .notice, h1, p")]


def ask(client, who, person, sheet, guest, **more):
    typed = {"guest": str(guest.account_id), "sections": ["logement"], "wanted_on": "1/12/2026"}
    sent = client.as_(who).post(page(person, sheet), typed | more)
    assert sent.status_code == 303, errors_of(sent)
    run_jobs()
    return AskedPart.objects.get()


def waiting():
    return {(task.kind, task.assignee_id, task.person_id) for task in Task.objects.open()}


def given(client, guest, part, **answers):
    """The guest opens what is asked, and gives it."""
    client.as_(guest)
    begin = reverse("assessments:begin_part", args=[part.pk])
    fill = client.post(begin)["Location"]
    draft = QuestionnaireResponse.objects.drafts().get(author=guest.account_id)
    assert fill == at("fill", draft)
    sent = {name.replace("__", "/"): value for name, value in answers.items()}
    sent |= {"_seen": draft.version, "_window": "a"}
    return draft, client.post(at("complete_part", draft), sent)


def test_a_part_is_asked_of_a_colleague_by_a_day_and_waits_on_their_list(
    client, ahmed, nadia, person, sheet
):
    shown = client.as_(ahmed).get(page(person, sheet)).text
    for words in ("Nadia Roux, DAC du Champsaur", "La marche", "Le logement"):
        assert words in shown
    assert "Ahmed Diallo, DAC" not in shown
    part = ask(client, ahmed, person, sheet, nadia)
    assert (part.sections, part.wanted_on) == (["logement"], WANTED)
    assert waiting() == {("fill_part", nadia.account_id, person.pk)}
    task = Task.objects.open().get()
    lines = client.as_(nadia).get(reverse("pathways:worklist")).text
    assert "Remplir votre part d’une évaluation" in lines
    assert sheet.title not in lines
    opened = client.get(reverse("pathways:open", args=[task.pk]))
    assert opened["Location"] == reverse("assessments:part", args=[part.pk])
    assert "Remplir ma part" in client.get(opened["Location"]).text
    panel = reverse("assessments:person_panel", args=[person.pk])
    assert "Votre part est attendue" in client.get(panel).text


def test_the_part_is_given_without_the_rest_and_has_no_score(client, ahmed, nadia, person, sheet):
    part = ask(client, ahmed, person, sheet, nadia)
    draft, sent = given(client, nadia, part, logement__marches="3")
    assert sent["Location"] == at("result", draft)
    draft.refresh_from_db()
    part.refresh_from_db()
    assert (draft.status, draft.results, part.answer_id) == ("part", [], draft.pk)
    run_jobs()
    assert waiting() == set()
    assert [one["kind"] for one in facts(thread=person.pk) if "response" in one["kind"]] == []
    result = client.get(at("result", draft)).text
    assert "Une part de l’évaluation" in result
    asked = BeautifulSoup(client.as_(ahmed).get(page(person, sheet)).content, "html.parser")
    row = asked.select_one("#demandes tbody tr").text
    assert "Nadia Roux" in row
    assert "Donnée" in row
    team = client.get(at("team", draft)).text
    assert "Qui a été sollicité" in team
    history = reverse("assessments:history", args=[person.pk, sheet.pk])
    assert "Aucune mesure" in client.get(history).text


def test_a_part_that_lacks_an_answer_is_kept_and_says_what_it_lacks(
    client, ahmed, nadia, person, sheet
):
    part = ask(client, ahmed, person, sheet, nadia)
    draft, sent = given(client, nadia, part, marche__sort="oui")
    assert sent.status_code == 422
    lacking = BeautifulSoup(sent.content, "html.parser").select_one(".notice--bad").text
    assert "Combien de marches" in lacking
    assert "Sort de chez elle" not in lacking
    draft.refresh_from_db()
    assert draft.status == "in-progress"
    assert draft.items
    assert waiting() == {("fill_part", nadia.account_id, person.pk)}


def test_parts_of_several_are_joined_in_the_evaluation_of_the_team(
    client, ahmed, nadia, person, sheet
):
    part = ask(client, ahmed, person, sheet, nadia)
    first, _ = given(client, nadia, part, logement__marches="3")
    other = ask_back(client, nadia, person, sheet, ahmed)
    given(client, ahmed, other, marche__sort="oui")
    client.post(at("settle", first), {"pourquoi": "Vu ensemble, chacun sa part."})
    draft = QuestionnaireResponse.objects.drafts().get()
    assert [one["linkId"] for one in draft.items] == ["marche", "logement"]
    sent = {"marche/sort": "oui", "logement/marches": "3", "_seen": draft.version}
    client.post(at("complete", draft), sent)
    draft.refresh_from_db()
    assert draft.status == "completed"


def ask_back(client, who, person, sheet, guest):
    typed = {"guest": str(guest.account_id), "sections": ["marche"], "wanted_on": "1/12/2026"}
    assert client.as_(who).post(page(person, sheet), typed).status_code == 303
    return AskedPart.objects.get(guest=guest.account_id)


def test_who_fills_in_the_whole_gave_their_part_too(client, ahmed, nadia, person, sheet):
    part = ask(client, ahmed, person, sheet, nadia)
    client.as_(nadia).post(reverse("assessments:begin_part", args=[part.pk]))
    draft = QuestionnaireResponse.objects.drafts().get()
    sent = {"marche/sort": "oui", "logement/marches": "3", "_seen": draft.version}
    client.post(at("complete", draft), sent)
    part.refresh_from_db()
    assert part.answer_id == draft.pk
    run_jobs()
    assert waiting() == set()


def test_a_part_that_was_an_error_is_awaited_again(client, ahmed, nadia, person, sheet):
    part = ask(client, ahmed, person, sheet, nadia)
    draft, _ = given(client, nadia, part, logement__marches="3")
    run_jobs()
    client.post(at("withdraw", draft))
    run_jobs()
    part.refresh_from_db()
    assert part.is_awaited
    assert waiting() == {("fill_part", nadia.account_id, person.pk)}


@pytest.mark.parametrize(("by", "said"), [("asker", "Retirée"), ("guest", "Ne peut pas")])
def test_taken_back_or_declined_it_leaves_the_list(client, ahmed, nadia, person, sheet, by, said):
    part = ask(client, ahmed, person, sheet, nadia)
    client.as_(ahmed if by == "asker" else nadia)
    client.post(reverse("assessments:end_part", args=[part.pk]))
    run_jobs()
    assert waiting() == set()
    assert said in client.as_(ahmed).get(page(person, sheet)).text
    assert client.post(reverse("assessments:end_part", args=[part.pk])).status_code == 409


def test_late_who_asked_is_told_and_a_part_given_ends_both(
    client, ahmed, nadia, person, sheet, clock
):
    part = ask(client, ahmed, person, sheet, nadia)
    run_jobs(until=clock(timedelta(days=20)))
    assert waiting() == {
        ("fill_part", nadia.account_id, person.pk),
        ("chase_part", ahmed.account_id, person.pk),
    }
    clock(timedelta())
    given(client, nadia, part, logement__marches="3")
    run_jobs()
    assert waiting() == set()


def leaves(who, dac, now):
    """Their last day was yesterday; those who stay hear of it."""
    held = Membership.objects.get(account=who.account_id, organization=dac)
    yesterday = (now - timedelta(days=1)).date()
    directory.end_membership(actor=SYSTEM, membership=held, last_day=yesterday, now=now)
    run_jobs()


def hear_again(kind):
    """A worker died before it could say that it had heard."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM kernel_fact WHERE kind = %s", [kind])
        (number,) = cursor.fetchone()
    for name in listeners_of(kind):
        queue.known[name](fact_id=number)


def test_a_part_that_is_late_is_told_to_the_team_once_who_asked_left(
    client, dac, ahmed, nadia, person, sheet, clock
):
    now = clock(timedelta())
    ask(client, ahmed, person, sheet, nadia)
    leaves(ahmed, dac, now)
    run_jobs(until=clock(timedelta(days=20)))
    assert waiting() == {
        ("fill_part", nadia.account_id, person.pk),
        ("chase_part", None, person.pk),
    }
    lina = working(dac, "Lina Morel")
    lines = client.as_(lina).get(reverse("pathways:worklist") + "?qui=team").text
    assert "Relancer" in lines
    opened = client.get(reverse("pathways:open", args=[Task.objects.get(kind="chase_part").pk]))
    assert client.get(opened["Location"]).status_code == 200


def test_who_leaves_with_a_late_part_in_hand_leaves_it_to_the_team_once(
    client, dac, ahmed, nadia, person, sheet, clock
):
    clock(timedelta())
    ask(client, ahmed, person, sheet, nadia)
    now = clock(timedelta(days=20))
    run_jobs(until=now)
    assert ("chase_part", ahmed.account_id, person.pk) in waiting()
    now = clock(timedelta(days=25))
    leaves(ahmed, dac, now)
    assert ("chase_part", None, person.pk) in waiting()
    chase = Task.objects.open().get(kind="chase_part")
    settle(actor=nadia, task=chase, now=now)
    hear_again("directory.membership_ended")
    assert [kind for kind, *_ in waiting()] == ["fill_part"]


def test_a_chase_left_unseen_before_departures_were_heard_is_told_to_the_team(
    client, ahmed, nadia, person, sheet, clock
):
    ask(client, ahmed, person, sheet, nadia)
    run_jobs(until=clock(timedelta(days=20)))
    with arranging():
        Membership.objects.filter(account=ahmed.account_id).update(until=NOW.date())
        Task.objects.filter(kind="chase_part").update(assignee=None)
    queue.known["cordee.pathways.jobs.parts.look_at_chases"]()
    chase = Task.objects.open().get(kind="chase_part")
    assert (chase.role, chase.assignee, chase.person_id) == ("coordinator", None, person.pk)
    queue.known["cordee.pathways.jobs.parts.look_at_chases"]()
    assert Task.objects.open().get(kind="chase_part") == chase


def test_a_late_part_of_what_is_protected_is_told_to_nobody_of_the_team_who_may_not_read_it(
    client, dac, ahmed, nadia, person, clock
):
    url, now = "urn:test:humeur", clock(timedelta())
    mood = QuestionnaireFactory(
        url=url,
        category="mental_health",
        definition=two_sections(url=url, category="mental_health"),
        digest="e" * 64,
    )
    ask(client, ahmed, person, mood, nadia)
    leaves(ahmed, dac, now)
    run_jobs(until=clock(timedelta(days=20)))
    assert waiting() == {("fill_part", nadia.account_id, None)}


def test_who_follows_her_again_is_asked_again(client, dac, ahmed, nadia, person, sheet):
    ask(client, ahmed, person, sheet, nadia)
    stay = CircleMember.objects.get(person=person, organization=dac)
    people.leave_circle(actor=SYSTEM, member=stay, now=NOW)
    run_jobs()
    assert waiting() == set()
    joining = people.Joining(role="coordination", organization_id=dac.pk)
    people.join_circle(actor=SYSTEM, person=person, joining=joining, now=NOW)
    run_jobs()
    assert waiting() == {("fill_part", nadia.account_id, person.pk)}


def test_what_is_protected_names_nobody_on_a_list_and_is_read_by_whom_it_concerns(
    client, dac, ahmed, nadia, person
):
    url = "urn:test:humeur"
    mood = QuestionnaireFactory(
        url=url,
        category="mental_health",
        definition=two_sections(url=url, category="mental_health"),
        digest="e" * 64,
    )
    part = ask(client, ahmed, person, mood, nadia)
    assert waiting() == {("fill_part", nadia.account_id, None)}
    lines = client.as_(nadia).get(reverse("pathways:worklist")).text
    assert person.birth_name not in lines
    lina = working(dac, "Lina Morel")
    assert "Remplir" not in client.as_(lina).get(reverse("pathways:worklist")).text
    assert client.as_(lina).get(reverse("assessments:part", args=[part.pk])).status_code == 404
    with seen_by(lina):
        assert not AskedPart._base_manager.exists()
    assert client.as_(nadia).get(reverse("assessments:part", args=[part.pk])).status_code == 200


def test_a_nurse_of_her_circle_finds_it_on_her_page(client, ahmed, person, sheet):
    account = AccountFactory(name="Paul Berger")
    nurse = PractitionerFactory(account=account)
    MemberFactory(person=person, practitioner=nurse)
    typed = {"guest": str(account.pk), "sections": ["logement"], "wanted_on": "1/12/2026"}
    assert client.as_(ahmed).post(page(person, sheet), typed).status_code == 303
    run_jobs()
    part = AskedPart.objects.get()
    assert part.desk_id is None
    assert waiting() == set()
    shown = client.get(reverse("assessments:part", args=[part.pk])).text
    assert "Prévenez aussi de vive voix" in shown


def test_who_may_not_write_it_is_not_asked_and_a_day_past_or_beyond_a_year_is_refused(
    client, ahmed, nadia, person, sheet
):
    outside = author_of(OrganizationFactory(kind="dac"), "Un autre")
    client.as_(ahmed)
    typed = {"sections": ["logement"], "wanted_on": "1/12/2026"}
    assert (
        client.post(page(person, sheet), typed | {"guest": outside.account_id}).status_code == 422
    )
    for day in ("1/11/2026", "31/12/9999"):
        typed |= {"guest": nadia.account_id, "wanted_on": day}
        assert client.post(page(person, sheet), typed).status_code == 422
    assert not AskedPart.objects.exists()
    assert client.as_(stranger()).get(page(person, sheet)).status_code == 404


def test_asked_twice_it_is_said_that_it_waits_already(client, ahmed, nadia, person, sheet):
    ask(client, ahmed, person, sheet, nadia)
    typed = {"guest": str(nadia.account_id), "sections": [], "wanted_on": "2/12/2026"}
    again = client.post(page(person, sheet), typed)
    assert again.status_code == 422
    assert "déjà demandée" in again.text


def test_nobody_is_asked_about_somebody_who_died_until_it_is_denied(
    client, ahmed, nadia, person, sheet
):
    ask(client, ahmed, person, sheet, nadia)
    people.declare_death(actor=ahmed, person=person, deceased_on=NOW.date(), now=NOW)
    run_jobs()
    assert waiting() == set()
    person.refresh_from_db()
    people.deny_death(actor=ahmed, person=person, why=WhyAlive.SLIP, now=NOW)
    run_jobs()
    assert waiting() == {("fill_part", nadia.account_id, person.pk)}


# --- what the database promises -------------------------------------------------------------------


def breaks(name, **columns):
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), arranging():
        AskedPart.objects.filter(guest__name="Nadia Roux").update(**columns)
    assert refused.value.__cause__.diag.constraint_name == name


def test_a_part_is_answered_by_who_was_asked_and_never_rewritten(
    client, ahmed, nadia, person, sheet
):
    part = ask(client, ahmed, person, sheet, nadia)
    given(client, nadia, part, logement__marches="3")
    breaks("assessments_asked_part_is_answered_or_ended", ended_at=NOW, ended_by=nadia.account_id)
    breaks("assessments_asked_part_is_never_rewritten", wanted_on=date(2027, 1, 1))
    breaks("assessments_asked_part_is_never_rewritten", category="social")
    with arranging():
        AskedPart.objects.update(answer=None)
    breaks("assessments_asked_part_ends_by_somebody", ended_at=NOW)
    other, _ = given(
        client, ahmed, ask_back(client, nadia, person, sheet, ahmed), marche__sort="oui"
    )
    breaks("assessments_asked_part_is_answered_by_its_guest", answer=other)


@pytest.mark.django_db(transaction=True)
def test_asked_by_two_at_once_a_part_is_asked_once(ahmed, nadia, person, sheet):
    from cordee.assessments import selectors, services
    from cordee.kernel.errors import DomainError

    lina = working(OrganizationFactory._meta.model.objects.get(pk=ahmed.organization_id), "Lina")

    def asking(actor):
        def once():
            part = selectors.blank_part(actor, person, sheet, NOW)
            part.guest_id, part.sections, part.wanted_on = nadia.account_id, [], WANTED
            try:
                services.ask_part(actor=actor, part=part, now=NOW)
            except DomainError as refused:
                return refused.code
            return "asked"

        return once

    said = simultaneously(asking(ahmed), asking(lina))
    assert sorted(said) == ["asked", "assessments.part_waits"]
    assert AskedPart.objects.count() == 1
