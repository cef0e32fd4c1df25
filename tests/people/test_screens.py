"""The screens: what each reader finds, and what leaves no shadow."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.sight import seen_by
from cordee.people import services
from cordee.people.models import (
    EmergencyOpposition,
    HintChoice,
    Information,
    Person,
    Processing,
    Sharing,
)
from cordee.people.rules import notices
from cordee.people.rules.identity import Registry
from cordee.people.rules.writing import Identity
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import (
    HintChoiceFactory,
    InformationFactory,
    OrganizationMemberFactory,
    PersonAccountFactory,
    PersonFactory,
    ProcessingFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
    number_of,
)
from tests.support import (
    NOW,
    actor,
    coordinator_of,
    less_marks,
    orienteuse_of,
    speaking_as,
    stranger,
    traces,
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
    """The nurse of the single number, with an account of her own."""
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


def herself(person):
    """The person, in her own space."""
    account = AccountFactory().pk
    return actor(Role.PERSON, account_id=account, person_ids=frozenset({person.pk}))


def jeanne(person, **qualities):
    """Her daughter, in the space of a relative; she lets her read who she is and her pathway."""
    daughter = RelativeFactory(person=person, **qualities)
    account = PersonAccountFactory(person=person, relative=daughter).account_id
    for category in ("identity", "coordination"):
        SharingFactory(person=person, category=category, audience="relatives", choice="consented")
    return actor(Role.RELATIVE, account_id=account, person_ids=frozenset({person.pk}))


def typed(**details):
    return {"birth_name": "Lefevre", "first_names": "Berthe", "birth_date": "07/03/1941"} | details


def test_the_list_is_empty_before_one_asks(client, desk, person):
    page = client.as_(claire(desk)).get(reverse("people:list"))
    assert page.status_code == 200
    assert "Lefèvre".upper() not in page.text


def test_a_search_is_a_post_kept_nowhere_and_traced(client, desk, person):
    page = client.as_(claire(desk)).post(reverse("people:search"), {"texte": "lefevre"})
    assert "LEFÈVRE Berthe" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    (line,) = traces("list")
    assert line["persons"] == [person.pk]


def test_a_search_by_address_is_refused(client, desk):
    found = client.as_(claire(desk)).get(reverse("people:search"), {"texte": "lefevre"})
    assert found.status_code == 405


def test_the_fragment_of_a_search_is_the_part_of_the_page(client, desk, person):
    speaking = client.as_(claire(desk))
    whole = speaking.post(reverse("people:search"), {"texte": "lefevre"}).text
    part = speaking.htmx(reverse("people:search"), {"texte": "lefevre"}).text
    assert part.strip() in whole


def test_somebody_hidden_and_somebody_absent_give_the_same_page(client, desk):
    PersonFactory(birth_name="Zorglub")  # of another territory
    speaking = client.as_(claire(desk))
    hidden = less_marks(speaking.post(reverse("people:search"), {"texte": "zorglub"}).text)
    absent = less_marks(speaking.post(reverse("people:search"), {"texte": "zorglob"}).text)
    assert hidden.replace("zorglub", "zorglob") == absent


PAGES = ["edit", "circle", "choices", "thread", "identity_panel", "circle_panel",
         "choices_panel", "notes_panel", "thread_panel", "traces_panel"]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_meets_the_same_404_for_the_hidden_and_the_absent(client, person, name):
    speaking = client.as_(stranger())
    hidden = speaking.get(reverse(f"people:{name}", args=[person.pk]))
    absent = speaking.get(reverse(f"people:{name}", args=[uuid4()]))
    assert hidden.status_code == absent.status_code == 404
    assert less_marks(hidden.text) == less_marks(absent.text)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", [Role.DPO, Role.ADMINISTRATOR, Role.PARTNER, Role.GUEST])
def test_no_record_opens_to_those_who_only_administer(client, desk, person, name, role):
    speaking = client.as_(actor(role, desk))
    assert speaking.get(reverse(f"people:{name}", args=[person.pk])).status_code in (403, 404)


@pytest.mark.parametrize("name", [p for p in PAGES if p != "traces_panel"])
def test_every_page_opens_to_the_desk_in_the_circle(client, desk, person, name):
    RelativeFactory(person=person, is_trusted=True)
    page = client.as_(claire(desk)).get(reverse(f"people:{name}", args=[person.pk]))
    assert page.status_code == 200


def test_the_least_view_shows_how_to_reach_and_nothing_more(client, desk):
    person = PersonFactory(
        territory=desk.territory, address="3 rue Haute", ald=True, home_access="clé sous le pot"
    )
    joins_circle(person)
    speaking = client.as_(claire(desk))
    shown = speaking.get(reverse("people:identity_panel", args=[person.pk])).text
    assert "3 rue Haute" not in shown
    assert "clé sous le pot" not in shown
    assert "longue durée" not in shown
    assert "vue minimale" in shown or "minimum" in shown
    corrected = speaking.get(reverse("people:edit", args=[person.pk])).text
    for hidden in ("3 rue Haute", "clé sous le pot", "longue durée", "Protection", "Matricule"):
        assert hidden not in corrected
    for name in ("circle_panel", "choices_panel", "notes_panel", "circle", "choices"):
        assert speaking.get(reverse(f"people:{name}", args=[person.pk])).status_code == 404
    thread = speaking.get(reverse("people:thread_panel", args=[person.pk])).text
    assert "cercle" not in thread


def test_a_correction_by_the_least_view_leaves_what_it_does_not_show(client, desk):
    person = PersonFactory(
        territory=desk.territory, address="3 rue Haute", ald=True, home_access="clé sous le pot"
    )
    joins_circle(person)
    sent = typed(phone="0612345678", address="9 rue Basse", home_access="", ald="", ins="")
    client.as_(claire(desk)).post(reverse("people:edit", args=[person.pk]), sent)
    person.refresh_from_db()
    assert person.phone == "+33612345678"
    kept = (person.address, person.home_access, person.ald)
    assert kept == ("3 rue Haute", "clé sous le pot", True)


def test_home_help_neither_reads_nor_corrects_what_is_care(client, desk):
    person = PersonFactory(territory=desk.territory, ald=True)
    OrganizationMemberFactory(person=person, organization=desk, practitioner=None)
    InformationFactory(person=person)
    speaking = client.as_(actor(Role.HOME_HELP, desk))
    for name in ("identity_panel", "edit"):
        assert "longue durée" not in speaking.get(reverse(f"people:{name}", args=[person.pk])).text
    speaking.post(reverse("people:edit", args=[person.pk]), typed(ald=""))
    person.refresh_from_db()
    assert person.ald


@pytest.mark.parametrize("registry", [Registry.NIA, Registry.NIR])
def test_correcting_a_phone_leaves_the_number_in_its_registry(desk, settings, registry):
    settings.CORDEE = replace(settings.CORDEE, mode="production")
    person = PersonFactory(territory=desk.territory, ins=number_of(1), ins_oid=registry.value)
    OrganizationMemberFactory(person=person, organization=desk, practitioner=None)
    sent = Identity(birth_name=person.birth_name, phone="0612345678", ins=person.ins)
    services.update_person(actor=claire(desk), person=person, identity=sent, now=NOW)
    person.refresh_from_db()
    assert (person.phone, person.ins_oid) == ("+33612345678", registry.value)


def test_taking_up_a_request_brings_the_desk_into_the_circle(client, desk):
    person = PersonFactory(territory=desk.territory)
    speaking = client.as_(claire(desk))
    speaking.post(reverse("people:enter", args=[person.pk]))
    assert speaking.get(reverse("people:circle_panel", args=[person.pk])).status_code == 200


def test_entering_somebody_leads_to_their_page(client, desk):
    answer = client.as_(claire(desk)).post(reverse("people:create"), typed())
    person = Person.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("web:person", args=[person.pk])
    assert "efevre" not in answer.headers["Location"]


def test_a_likely_duplicate_is_shown_side_by_side_before_anything_is_saved(client, desk, person):
    speaking = client.as_(claire(desk))
    page = speaking.post(reverse("people:create"), typed())
    assert "lui ressemble" in page.text
    assert "même date de naissance" in page.text
    assert Person.objects.count() == 1
    assert speaking.post(reverse("people:create"), typed(sure="on")).status_code == 302
    assert Person.objects.count() == 2


def test_while_one_types_the_likeness_shows(client, desk, person):
    part = client.as_(claire(desk)).htmx(reverse("people:duplicates"), typed(phone="06"))
    assert "LEFÈVRE" in part.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("birth_date", "31/02/1941", "n’existe pas"),
        ("birth_date", "07/03/2041", "avenir"),
        ("phone", "0600", "ne peut pas exister"),
        ("birth_name", "", ""),
        ("ins", "12345", "treize"),
        ("commune", "Nulle-Part-les-Bains", "pas connue"),
    ],
)
def test_an_impossible_answer_is_explained_and_nothing_is_lost(client, desk, field, value, said):
    answer = client.as_(claire(desk)).post(reverse("people:create"), typed(**{field: value}))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Berthe"' in answer.text
    assert not Person.objects.exists()


def test_a_hostile_name_is_shown_literally(client, desk):
    PersonFactory(birth_name="<script>alert(1)</script>", territory=desk.territory)
    page = client.as_(claire(desk)).post(reverse("people:search"), {"texte": "script"})
    assert "<SCRIPT>" not in page.text
    assert "&lt;SCRIPT&gt;" in page.text


def test_a_nurse_of_the_team_sees_the_circle_and_a_former_one_nothing(client, person):
    nurse = PractitionerFactory()
    member = joins_circle(person, practitioner=nurse)
    speaking = client.as_(speaking_as(nurse))
    address = reverse("people:circle_panel", args=[person.pk])
    assert speaking.get(address).status_code == 200
    client.as_(claire(person.circle.exclude(organization=None).get().organization)).post(
        reverse("people:leave", args=[person.pk, member.pk])
    )
    assert client.as_(speaking_as(nurse)).get(address).status_code == 404


def test_choices_are_written_down_and_in_force_at_once(client, desk, person):
    nurse = PractitionerFactory()
    joins_circle(person, practitioner=nurse)
    client.as_(claire(desk)).post(
        reverse("people:share", args=[person.pk]),
        {"speaker": "person", "how": "oral", "category": "identity", "audience": "health",
         "choice": "opposed"},
    )  # fmt: skip
    address = reverse("people:identity_panel", args=[person.pk])
    assert client.as_(speaking_as(nurse)).get(address).status_code == 404


def test_who_cannot_consent_for_somebody_is_told_who_can(client, desk, person):
    mother = RelativeFactory(person=person, has_parental_authority=True)
    said = {"how": "oral", "category": "care", "audience": "health", "choice": "consented"}
    address = reverse("people:share", args=[person.pk])
    speaking = client.as_(claire(desk))
    answer = speaking.post(address, {**said, "speaker": f"parent:{mother.pk}"})
    assert answer.status_code == 409
    assert "la personne" in answer.text
    unknown = speaking.post(address, {**said, "speaker": "parent"})
    assert unknown.status_code == 422
    assert "un proche dont la qualité est notée dans son cercle" in unknown.text


def test_a_choice_to_correct_is_unfolded_and_the_others_stay_folded(client, desk, person):
    InformationFactory(person=person, notice=notices.CURRENT)
    address = reverse("people:emergency_choice", args=[person.pk])
    answer = client.as_(claire(desk)).post(address, {"speaker": "person", "opposed": "oui"})
    assert answer.status_code == 422
    folds = re.findall(
        r"<details class=\"details\"( open data-open)?>\s*<summary>.*?<span>(.*?)</span>",
        answer.text,
    )
    assert [name for is_open, name in folds if is_open] == ["Noter un choix pour l’urgence"]
    assert len(folds) == 5


def test_only_relatives_whose_quality_is_noted_are_offered_as_speaking(client, desk, person):
    RelativeFactory(person=person, name="Voisin Aimable")
    address = reverse("people:choices", args=[person.pk])
    speaking = client.as_(claire(desk))
    assert "Voisin Aimable," not in speaking.get(address).text
    RelativeFactory(person=person, name="Jeanne Lefèvre", is_trusted=True)
    assert speaking.get(address).text.count("Jeanne Lefèvre, personne de confiance") == 5


def test_refusing_coordination_closes_the_page_to_who_wrote_it_down(client, desk, person):
    speaking = client.as_(claire(desk))
    answer = speaking.post(
        reverse("people:process", args=[person.pk]),
        {"speaker": "person", "how": "oral", "purpose": "coordination", "will": "refused"},
    )
    assert answer.headers["Location"] == reverse("people:list")
    assert speaking.get(reverse("people:edit", args=[person.pk])).status_code == 404


def test_the_person_reads_who_opened_their_record_in_plain_words(client, desk, person):
    client.as_(claire(desk)).get(reverse("people:thread", args=[person.pk]))
    self_ = herself(person)
    shown = client.as_(self_).get(reverse("people:traces_panel", args=[person.pk])).text
    assert "a ouvert la page" in shown
    assert desk.name in shown


def test_the_person_chooses_from_their_own_space(client, person):
    self_ = herself(person)
    assert client.as_(self_).get(reverse("people:own")).headers["Location"] == reverse(
        "web:person", args=[person.pk]
    )
    assert client.get(reverse("people:choices", args=[person.pk])).status_code == 200
    client.post(
        reverse("people:process", args=[person.pk]), {"purpose": "texts", "will": "refused"}
    )
    shown = client.get(reverse("people:choices_panel", args=[person.pk])).text
    assert "prévenir par sms" in shown.lower()
    assert re.search(r">\s*non\s*<", shown.lower())


CHOICES = (Information, Sharing, Processing, EmergencyOpposition, HintChoice)


def test_a_relative_reads_what_she_lets_them_and_not_her_choices(client, person):
    """What she keeps from them would be told by the table that keeps it."""
    SharingFactory(person=person, category="social", audience="relatives", choice="opposed")
    ProcessingFactory(person=person, purpose="texts", will="refused")
    InformationFactory(person=person)
    HintChoiceFactory(person=person, allowed=False)
    daughter = jeanne(person)
    speaking = client.as_(daughter)
    page = speaking.get(reverse("web:person", args=[person.pk]))
    assert "Cercle de soins" in page.text
    assert "Ses choix" not in page.text
    assert "opposition" not in page.text
    assert speaking.get(reverse("people:choices_panel", args=[person.pk])).status_code == 404
    assert speaking.get(reverse("people:choices", args=[person.pk])).status_code == 403
    for address in ("inform", "share", "process", "emergency_choice", "hint_choice"):
        refused = speaking.post(reverse(f"people:{address}", args=[person.pk]))
        assert (refused.status_code, "opposition" in refused.text) == (403, False), address
    for kind in CHOICES:
        with seen_by(daughter):
            assert not kind._base_manager.exists(), kind
        assert not kind.objects.visible_to(daughter).exists(), kind


def test_what_she_lets_be_said_is_said_to_a_relative_too(client, person):
    HintChoiceFactory(person=person, allowed=True)
    page = client.as_(jeanne(person)).get(reverse("web:person", args=[person.pk]))
    assert "Ce qui est affiché peut être partiel." in page.text


def test_who_holds_her_voice_reads_her_choices_and_writes_them(client):
    person = PersonFactory(protection="guarded")
    SharingFactory(person=person, category="social", audience="relatives", choice="opposed")
    guardian = jeanne(person, is_representative=True)
    speaking = client.as_(guardian)
    panel = speaking.get(reverse("people:choices_panel", args=[person.pk]))
    assert "opposition" in panel.text
    with seen_by(guardian):
        assert Sharing._base_manager.count() == 3
    speaker = f"representative:{person.relatives.get().pk}"
    told = {"speaker": speaker, "how": "oral", "purpose": "texts", "will": "refused"}
    address = reverse("people:process", args=[person.pk])
    assert speaking.post(address, told).status_code == 302
    assert Processing.objects.current().get(person=person).will == "refused"


def test_a_person_sees_nobody_else(client, person):
    other = PersonFactory()
    self_ = herself(other)
    assert client.as_(self_).get(reverse("people:thread", args=[person.pk])).status_code == 404


@pytest.mark.parametrize("name", ["thread_panel", "circle_panel", "choices_panel", "notes_panel"])
def test_a_panel_costs_the_same_for_one_line_and_for_twelve(client, desk, person, name):
    speaking = client.as_(claire(desk))
    address = reverse(f"people:{name}", args=[person.pk])
    InformationFactory(person=person)
    first = joins_circle(person)
    speaking.post(reverse("people:leave", args=[person.pk, first.pk]))
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            speaking.get(address)
        counts.append(len(queries))
        for _ in range(11):
            member = joins_circle(person)
            speaking.post(reverse("people:leave", args=[person.pk, member.pk]))
            joins_circle(person)
            InformationFactory(person=person)
    assert counts[0] == counts[1]


def test_the_thread_tells_who_for_which_service_and_is_filtered(client, desk, person):
    speaking = client.as_(claire(desk))
    member = joins_circle(person)
    speaking.post(reverse("people:leave", args=[person.pk, member.pk]))
    shown = speaking.get(reverse("people:thread", args=[person.pk])).text
    assert "quitte le cercle" in shown
    assert "Claire Bonnet" in shown
    assert desk.name in shown
    other = speaking.get(reverse("people:thread", args=[person.pk]), {"salle": "broker"}).text
    assert "quitte le cercle" not in other


def test_an_opposition_leaves_no_line_for_the_circle(client, desk, person):
    SharingFactory(person=person, category="care", audience="health")
    client.as_(claire(desk)).post(
        reverse("people:share", args=[person.pk]),
        {"speaker": "person", "how": "oral", "category": "social", "audience": "social",
         "choice": "opposed"},
    )  # fmt: skip
    shown = client.get(reverse("people:thread", args=[person.pk])).text
    assert "choix de partage" not in shown
    self_ = herself(person)
    assert (
        "choix de partage" in client.as_(self_).get(reverse("people:thread", args=[person.pk])).text
    )


def test_a_protected_note_is_read_by_its_author_and_by_who_has_consent(client, desk, person):
    dac = OrganizationFactory(kind="dac")
    joins_circle(person, organization=dac, role="coordination")
    author = coordinator_of(dac, account_id=AccountFactory().pk)
    client.as_(author).post(
        reverse("people:write_note", args=[person.pk]),
        {"category": "social", "body": "Expulsion annoncée."},
    )
    address = reverse("people:notes_panel", args=[person.pk])
    line = reverse("people:thread_panel", args=[person.pk])
    assert "Expulsion" in client.as_(author).get(address).text
    other = claire(desk)
    assert "Expulsion" not in client.as_(other).get(address).text
    assert "sociale" not in client.as_(other).get(line).text
    SharingFactory(person=person, category="social", audience="coordination", choice="consented")
    assert "Expulsion" in client.as_(other).get(address).text
    assert "sociale" in client.as_(other).get(line).text
