"""What is read on a page and on paper: what she agreed to, who acts, the day of France."""

import io
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse
from pypdf import PdfReader

from cordee.access.models import Trace
from cordee.people.models import CircleMember
from cordee.plans import services
from cordee.plans.rules.agreement import Decision
from cordee.plans.rules.domains import Domain
from cordee.plans.rules.states import EndReason
from cordee.plans.services import AlertSaid, NeedSaid, Words
from tests.factories.directory import AccountFactory, PractitionerFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.plans.scene import (
    WISHES,
    active,
    agreed,
    at,
    begin,
    herself,
    said,
    set_around,
    write,
)
from tests.support import NOW, arranging, coordinator_of, stranger

pytestmark = pytest.mark.django_db
NEW_YEAR = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def around():
    return set_around()


# --- her sheet -----------------------------------------------------------------------------------


def sheet(client, around, plan):
    return client.as_(around.coordinator).get(at("sheet", plan.pk)).text


def test_her_sheet_says_what_she_agreed_to_and_not_what_was_written_since(client, around):
    plan, _ = active(around)
    actor, now = around.coordinator, NOW
    services.write_words(actor=actor, plan=plan, said=Words(wishes="Partir loin"), now=now)
    goal = services.GoalSaid(words="Courir un marathon", voice="professional")
    services.write_goal(actor=actor, plan=plan, said=goal, now=now)
    call = AlertSaid(words="Chute", who="Un inconnu")
    services.write_alert(actor=actor, plan=plan, said=call, now=now)

    printed = sheet(client, around, plan)
    for words in (
        WISHES,
        "version 1",
        "Aller au jardin seule",
        "Marcher dix minutes",
        "je le fais",
    ):
        assert words in printed
    for words in ("Partir loin", "Courir un marathon", "Un inconnu"):
        assert words not in printed


def test_her_sheet_leaves_out_an_action_that_stopped(client, around):
    plan, step = active(around)
    services.stop_action(
        actor=around.coordinator, plan=plan, activity=step, why="Douleurs", now=NOW
    )
    printed = sheet(client, around, plan)
    assert "Aller au jardin seule" in printed
    assert "Marcher dix minutes" not in printed


def test_her_sheet_leaves_out_a_part_that_who_agreed_was_not_shown(client, around):
    plan = around.open()
    write(around, plan)
    actor, now = around.coordinator, NOW
    sad = NeedSaid(words="Triste", domain=Domain.PSYCHIC)
    need = services.write_need(actor=actor, plan=plan, said=sad, now=now)
    goal = services.GoalSaid(words="Retrouver le sommeil", voice="person", need=need)
    services.write_goal(actor=actor, plan=plan, said=goal, now=now)
    services.propose(actor=actor, plan=plan, now=now)
    plan.refresh_from_db()
    colleague = coordinator_of(around.dac, account_id=AccountFactory(name="Nadia").pk)
    said(around, plan, Decision.AGREED, actor=colleague)
    plan.refresh_from_db()
    begin(around, plan)
    assert "Retrouver le sommeil" not in sheet(client, around, plan)


def test_before_any_agreement_her_sheet_says_that_nothing_began(client, around):
    plan, _ = agreed(around)
    printed = sheet(client, around, plan)
    assert "rien ne se fait sans mon accord" in printed
    assert "Marcher dix minutes" in printed


# --- who acts ------------------------------------------------------------------------------------


def test_an_action_of_somebody_who_may_not_be_named_is_not_said_to_be_hers(client, around):
    nurse = joins_circle(around.person, practitioner=PractitionerFactory())
    plan = around.open()
    step = write(around, plan, choice="entrusted", member=nurse)
    with arranging():
        CircleMember.objects.filter(pk=nurse.pk).update(person=PersonFactory())
    page = client.as_(around.coordinator).get(at("plan", plan.pk)).text
    assert step.words in page
    assert "Un membre de son cercle" in page
    assert "La personne elle-même" not in page


def test_an_action_of_somebody_who_may_not_be_named_is_answered_by_nobody_else(client, around):
    nurse = joins_circle(around.person, practitioner=PractitionerFactory())
    plan = around.open()
    step = write(around, plan, choice="entrusted", member=nurse)
    with arranging():
        CircleMember.objects.filter(pk=nurse.pk).update(person=PersonFactory())
    answer = reverse("plans:answer", args=[plan.pk, step.pk])
    assert client.as_(herself(around)).get(answer).status_code == 403
    assert client.as_(around.coordinator).get(answer).status_code == 200


# --- the day -------------------------------------------------------------------------------------


def test_every_page_gives_her_age_on_the_day_of_france(client):
    around = set_around(birth_date=date(1947, 1, 1))
    plan, step = active(around)
    client.as_(around.coordinator).now = NEW_YEAR
    pages = [
        *(at(name, plan.pk) for name in ("plan", "words", "review", "paper", "sheet")),
        *(at(name, plan.pk) for name in ("agreement", "versions")),
        at("version", plan.pk, 1),
        at("add", plan.pk, "need"),
        at("settle", plan.pk, step.goal_id),
        at("answer", plan.pk, step.pk),
    ]
    for page in pages:
        assert "80\u00a0ans" in client.get(page).text, page


def test_a_plan_that_ended_says_its_days_as_france_counts_them(client, around):
    plan = around.open()
    services.close(actor=around.coordinator, plan=plan, reason=EndReason.ASKED, now=NEW_YEAR)
    client.as_(around.coordinator).now = NEW_YEAR
    page = client.get(reverse("plans:person_panel", args=[around.person.pk])).text
    assert "2027-01-01" in page


# --- who reads what is written -------------------------------------------------------------------


def test_where_the_whole_circle_reads_the_form_says_so(client, around):
    plan, _ = active(around)
    client.as_(around.coordinator)
    for page, fields in (("words", 3), ("review", 1), ("agreement", 1)):
        text = client.get(at(page, plan.pk)).text
        assert text.count("aide à domicile comprise") == fields, page
    client.as_(herself(around))
    assert "aide à domicile comprise" in client.get(at("agreement", plan.pk)).text


# --- as a PDF ------------------------------------------------------------------------------------


def pdf(client, actor, name, plan):
    answer = client.as_(actor).get(at(name, plan.pk) + "?format=pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    made = PdfReader(io.BytesIO(answer.content))
    return made, " ".join(" ".join(page.extract_text() for page in made.pages).split())


def test_the_plan_of_the_team_is_a_pdf(client, around):
    plan, _ = active(around)
    made, printed = pdf(client, around.coordinator, "paper", plan)
    assert made.metadata.title == "Plan personnalisé de coordination"
    for words in (WISHES, around.person.full_name, "Aller au jardin seule", "Marcher dix minutes"):
        assert words in printed
    for words in ("Modifier", "Revenir au plan", "Ctrl"):
        assert words not in printed


def test_her_sheet_is_a_pdf_in_large_print(client, around):
    plan, _ = active(around)
    made, printed = pdf(client, herself(around), "sheet", plan)
    assert "je le fais" in printed
    sizes = set()
    made.pages[0].extract_text(
        visitor_text=lambda text, _cm, matrix, _font, size: (
            sizes.add(size * matrix[0])
            if text.strip() and "page" not in text and "imprimé" not in text
            else None
        )
    )
    assert min(abs(one) for one in sizes) >= 14


def test_a_line_that_a_reader_may_not_read_is_not_in_their_pdf(client, around):
    plan = around.open()
    write(around, plan)
    sad = NeedSaid(words="Triste depuis l’été", domain=Domain.PSYCHIC)
    services.write_need(actor=around.coordinator, plan=plan, said=sad, now=NOW)
    assert sad.words in pdf(client, around.coordinator, "paper", plan)[1]
    colleague = coordinator_of(around.dac, account_id=AccountFactory(name="Nadia").pk)
    printed = pdf(client, colleague, "paper", plan)[1]
    assert WISHES in printed
    assert "Triste" not in printed


def test_a_pdf_is_traced_as_the_page_is(client, around):
    plan, _ = active(around)
    client.as_(around.coordinator)
    client.get(at("paper", plan.pk))
    pdf(client, around.coordinator, "paper", plan)
    page, printed = Trace.objects.filter(subject_id=plan.pk, kind="read").order_by("pk")
    assert (page.verb, page.persons) == (printed.verb, printed.persons)


def test_who_may_not_see_the_plan_has_no_pdf_of_it(client, around):
    plan, _ = active(around)
    assert client.as_(stranger()).get(at("paper", plan.pk) + "?format=pdf").status_code == 404
