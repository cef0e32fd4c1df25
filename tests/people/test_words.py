"""What the person said of their data, on screen: who wrote it down, from whom, how, when."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from cordee.access.actor import Role
from cordee.people import services
from cordee.people.rules import notices
from cordee.people.rules.notices import How
from cordee.people.rules.sharing import Audience, Category, Choice, Medium, Speaker
from cordee.people.services import Chosen, Told
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import (
    InformationFactory,
    PersonFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.support import NOW, actor, arranging, orienteuse_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def person(desk):
    person = PersonFactory(territory=desk.territory)
    joins_circle(person, organization=desk)
    return person


@pytest.fixture
def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


def page_of(person):
    return reverse("people:choices", args=[person.pk])


def text(markup):
    """The words, without the capitals that a badge gives them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).casefold().split())


def section(page, name):
    """The words of a section: those in force, and those of before, folded."""
    (found,) = re.findall(rf'<section class="section" id="{name}".*?</section>', page, re.DOTALL)
    folded = re.findall(r"<details.*?</details>", found, re.DOTALL)
    before = next((text(one) for one in folded if ">Avant<" in one), "")
    lists = re.sub(r"<details.*?</details>", "", found, flags=re.DOTALL)
    return [text(one) for one in re.findall(r"<li>.*?</li>", lists, re.DOTALL)], before


def says(claire, person, choice, *, media=tuple(Medium), at=NOW, told=None):
    chosen = Chosen(choice, Category.CARE, Audience.SOCIAL, media)
    services.choose_sharing(actor=claire, person=person, chosen=chosen, told=told or Told(), now=at)


def test_a_choice_tells_who_wrote_it_down_from_whom_how_when_and_on_what(client, person, claire):
    with arranging():
        type(person).objects.filter(pk=person.pk).update(protection="guarded")
    person.refresh_from_db()
    guardian = RelativeFactory(person=person, name="Odile Guardia", is_representative=True)
    told = Told(Speaker.REPRESENTATIVE, How.PAPER, guardian, "Accord signé du 23", True)
    says(claire, person, Choice.CONSENTED, told=told)
    (word,), before = section(client.as_(claire).get(page_of(person)).text, "partager")
    assert word.startswith("soins · professionnels du social et du médico-social · tous les moyens")
    for said in ("consentement", "représentant légal", "odile guardia", "par écrit",
                 "recueilli par claire bonnet", "accord signé du 23", notices.CURRENT,
                 "aujourd’hui"):  # fmt: skip
        assert said in word, said
    assert not before
    (given,), _ = section(client.get(page_of(person)).text, "informer")
    assert "note d’information" in given
    assert "odile guardia" in given


def test_past_words_stay_behind_the_present_one(client, person, claire):
    says(claire, person, Choice.OPPOSED)
    says(claire, person, Choice.NEUTRAL, at=LATER)
    (now,), before = section(client.as_(claire).get(page_of(person)).text, "partager")
    assert "ni opposition ni consentement" in now
    assert "opposition" in before
    assert "sans note remise avant" in before


def test_one_medium_is_told_apart_and_the_others_stay_together(client, person, claire):
    says(claire, person, Choice.OPPOSED)
    says(claire, person, Choice.NEUTRAL, media=(Medium.PAPER,), at=LATER)
    now, before = section(client.as_(claire).get(page_of(person)).text, "partager")
    assert any("· papier" in one and "ni opposition" in one for one in now)
    others = "dans cordée, messagerie sécurisée de santé, logiciel d’un partenaire"
    assert any(others in one for one in now)
    assert "· papier" in before


def cell(page, category, audience):
    row = next(
        row
        for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)
        if text(row).startswith(category.casefold())
    )
    return next(
        text(data)
        for head, data in re.findall(r'<td data-head="([^"]+)">(.*?)</td>', row, re.DOTALL)
        if unescape(head) == audience
    )


def test_the_table_shows_every_medium_and_relatives_and_the_desk(client, person, claire):
    InformationFactory(person=person)
    shown = client.as_(claire).get(page_of(person)).text
    assert cell(shown, "Soins", "Professionnels de santé") == "lit"
    assert cell(shown, "Identité", "Accueil et orientation").startswith(
        "lit dans cordée, logiciel d’un partenaire ne lit pas"
    )
    assert "pas de consentement valable" in cell(shown, "Soins", "Proches")
    SharingFactory(person=person, category="care", audience="health", medium="paper")
    shown = client.get(page_of(person)).text
    assert cell(shown, "Soins", "Professionnels de santé") == (
        "lit dans cordée, messagerie sécurisée de santé, logiciel d’un partenaire "
        "ne lit pas papier : opposition de la personne"
    )
    SharingFactory(person=person, category="care", audience="coordination", medium="screen")
    shown = client.get(page_of(person)).text
    assert cell(shown, "Soins", "Coordination de parcours") == (
        "ne lit pas dans cordée, logiciel d’un partenaire : opposition de la personne "
        "lit messagerie sécurisée de santé, papier"
    )
    for category in ("identity", "coordination"):
        SharingFactory(person=person, category=category, audience="relatives", choice="consented")
    shown = client.get(page_of(person)).text
    assert cell(shown, "Identité", "Proches").startswith("lit dans cordée")


def test_the_other_choices_tell_the_same(client, desk, person, claire):
    speaking = client.as_(claire)
    said = {"speaker": "person", "how": "phone", "document": "Appel"}
    sent = [
        ("people:process", {"purpose": "texts", "will": "refused"}, "utiliser"),
        ("people:emergency_choice", {"opposed": "oui"}, "urgence"),
        ("people:hint_choice", {"allowed": "oui"}, "affichage"),
    ]
    for address, choice, _ in sent:
        assert speaking.post(reverse(address, args=[person.pk]), said | choice).status_code == 302
    shown = speaking.get(page_of(person)).text
    for _, _, name in sent:
        (word,), before = section(shown, name)
        for part in ("au téléphone", "recueilli par claire bonnet", "justificatif : appel"):
            assert part in word, (name, part)
        assert not before
    speaking.post(reverse("people:emergency_choice", args=[person.pk]), said | {"opposed": "non"})
    now, before = section(speaking.get(page_of(person)).text, "urgence")
    assert not now
    assert "accès d’urgence refusé" in before
    assert "accès d’urgence de nouveau possible" in before
    assert before.count("recueilli par claire bonnet") == 2


def test_the_person_reads_her_own_words_and_a_former_notice_word_for_word(client, person, claire):
    InformationFactory(person=person, notice="2026-11")
    says(claire, person, Choice.OPPOSED)
    account = AccountFactory().pk
    herself = actor(Role.PERSON, account_id=account, person_ids=frozenset({person.pk}))
    shown = client.as_(herself).get(page_of(person)).text
    (word,), _ = section(shown, "partager")
    assert "recueilli par claire bonnet" in word
    (address,) = set(re.findall(r'href="(/personnes/note-d-information/[^"]+)"', shown))
    former = client.get(address).text
    assert "version 2026-11" in text(former)
    assert text("\n".join(notices.notice("2026-11"))) in text(former)
    assert "plus récente" in former
    assert client.get(reverse("people:notice", args=["1999-01"])).status_code == 404
