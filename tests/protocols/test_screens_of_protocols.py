"""Protocols are written, tried, approved by another and published, through their pages."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cordee.access.actor import Role
from cordee.access.models import Trace
from cordee.intake.facts import RequestReceived
from cordee.kernel.facts import publish
from cordee.kernel.identifiers import uuid7
from cordee.protocols import selectors
from cordee.protocols.models import ProtocolVersion
from cordee.protocols.shipped import FIRST_LINES
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.people import PersonFactory, joins_circle
from tests.factories.protocols import ProtocolVersionFactory, protocol_text
from tests.support import NOW, Browser, actor, arranging, facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


def somebody(organization, role=Role.COORDINATOR):
    return actor(role, organization, account_id=AccountFactory().pk)


@pytest.fixture
def sophie(dac):
    return somebody(dac)


@pytest.fixture
def karim(dac):
    return somebody(dac)


@pytest.fixture
def draft(dac, sophie):
    return ProtocolVersionFactory(draft=True, organization=dac, **writers(sophie))


def as_(who):
    return Browser().as_(who)


def on(version, name="version"):
    return reverse(f"protocols:{name}", args=[version.pk])


def typed(version, text, window=None, **more):
    return {"texte": text, "fenetre": str(window or uuid4()), "lu": str(version.version), **more}


def writers(author):
    return {"author_id": author.account_id, "writers": [author.account_id]}


# --- read ----------------------------------------------------------------------------------------


def test_what_is_in_use_is_read_by_anybody_and_a_draft_by_its_structure(dac, sophie, draft):
    used = ProtocolVersionFactory(organization=dac)
    page = Browser().get(on(used, "public"))
    assert page.status_code == 200
    assert "Après «\u00a0Une demande" in page.text
    assert "sage local, à valider" in page.text
    assert "Pôle de coordination" in page.text
    assert Browser().get(on(draft, "public")).status_code == 404
    assert as_(sophie).get(on(draft)).status_code == 200
    assert as_(somebody(OrganizationFactory())).get(on(draft)).status_code == 404


def test_the_list_sorts_what_is_ours_what_others_use_and_what_is_shipped(sophie, draft):
    ProtocolVersionFactory(title="D’une autre structure")
    ProtocolVersionFactory(shipped=True, title="Livré")
    ProtocolVersionFactory(draft=True, title="Brouillon d’ailleurs")
    page = as_(sophie).get(reverse("protocols:list")).text
    titles = ["Dans votre structure", "Dans les autres structures", "Livrés avec Cordée"]
    places = [page.index(one) for one in titles]
    assert places == sorted(places)
    assert "Brouillon d’ailleurs" not in page


# --- write ---------------------------------------------------------------------------------------


def test_a_shipped_text_is_taken_up_under_the_next_number_that_is_free(dac, sophie):
    shipped = ProtocolVersionFactory(shipped=True, name="essai")
    for wanted in ("1", "2"):
        answer = as_(sophie).post(reverse("protocols:begin"), {"source": shipped.pk})
        begun = ProtocolVersion.objects.order_by("-created_at", "-pk").first()
        assert answer.url == on(begun, "edit")
        assert (begun.edition, begun.organization, begun.drawn_from) == (wanted, dac, shipped)
        assert begun.writers == [sophie.account_id]


def test_the_lines_one_begins_with_can_be_read():
    assert selectors.troubles_of(FIRST_LINES) == ()


def test_the_editor_tells_every_trouble_with_its_line(sophie, draft):
    text = draft.text.replace("48 heures", "bientôt").replace("responsable: orientation", "x: y", 1)
    told = as_(sophie).htmx(reverse("protocols:check"), {"texte": text}).text
    lines = [rank for rank, one in enumerate(text.splitlines(), 1) if "bientôt" in one]
    assert f"Ligne {lines[0]}," in told
    assert "il manque «\u00a0responsable\u00a0»" in told
    assert "se lit comme un protocole" in as_(sophie).get(on(draft, "edit")).text


def test_a_text_that_cannot_be_read_yet_is_kept_all_the_same(sophie, draft):
    answer = as_(sophie).post(on(draft, "edit"), typed(draft, "titre: À finir\netapes: ["))
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.text == "titre: À finir\netapes: ["
    assert "chose à corriger" in as_(sophie).get(on(draft)).text


def test_a_window_writes_after_itself_and_the_second_of_two_editors_is_told(sophie, karim, draft):
    window, alone = uuid4(), {"HTTP_X_AUTOSAVE": "true"}
    first, second = draft.text + "# un\n", draft.text + "# deux\n"
    for text in (first, first + "# encore\n"):  # both on the number that the page was made with
        kept = as_(sophie).post(on(draft, "edit"), typed(draft, text, window), **alone)
        assert kept.status_code == 204
    theirs = typed(draft, second)
    assert as_(karim).post(on(draft, "edit"), theirs, **alone).status_code == 409
    told = as_(karim).post(on(draft, "edit"), theirs)
    assert told.status_code == 409
    assert "# encore" in told.text
    assert "# deux" in told.text
    draft.refresh_from_db()
    assert draft.text.endswith("# encore\n")
    assert as_(karim).post(on(draft, "edit"), typed(draft, second)).status_code == 302
    draft.refresh_from_db()
    assert draft.text == second
    assert {*draft.writers} == {sophie.account_id, karim.account_id}


# --- propose, approve, retire --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("apres: intake.request_received, base", "apres: {etape: visite}, base"), "visite"),
        (("dans: 48 heures", "dans: bientôt"), "n’est pas un délai"),
    ],
)
def test_a_text_that_cannot_work_is_told_when_it_is_proposed(dac, sophie, wrong, told):
    text = protocol_text().replace(*wrong)
    draft = ProtocolVersionFactory(draft=True, organization=dac, text=text, **writers(sophie))
    answer = as_(sophie).post(on(draft, "propose"))
    assert answer.status_code == 409
    assert told in answer.text
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_what_one_wrote_another_approves_and_the_former_version_is_retired(dac, sophie, karim):
    former = ProtocolVersionFactory(organization=dac, name="essai")
    text = protocol_text(edition="2", days=3)
    about = {"organization": dac, "name": "essai", "edition": "2", "text": text}
    draft = ProtocolVersionFactory(draft=True, **about, **writers(sophie))
    assert as_(sophie).post(on(draft, "propose")).status_code == 302
    shown = {"empreinte": draft.digest}
    assert as_(sophie).post(on(draft, "approve"), shown).status_code == 403
    stranger = as_(somebody(OrganizationFactory()))
    assert stranger.post(on(draft, "approve"), shown).status_code == 404
    assert as_(karim).post(on(draft, "approve"), {"empreinte": "autre"}).status_code == 409
    assert as_(karim).post(on(draft, "approve"), shown).status_code == 302
    former.refresh_from_db()
    draft.refresh_from_db()
    assert (former.state, draft.state) == ("retired", "approved")
    assert draft.approved_by_id == karim.account_id
    kinds = [one["kind"] for one in facts()]
    assert kinds[-3:] == [
        "protocols.protocol_proposed",
        "protocols.protocol_retired",
        "protocols.protocol_published",
    ]
    assert as_(sophie).post(on(draft, "edit"), typed(draft, "x")).status_code == 409


def test_who_wrote_some_of_it_does_not_approve_it(dac, sophie, karim):
    both = [sophie.account_id, karim.account_id]
    one = ProtocolVersionFactory(
        proposed=True, organization=dac, author_id=sophie.account_id, writers=both
    )
    shown = {"empreinte": one.digest}
    assert as_(karim).post(on(one, "approve"), shown).status_code == 403
    admin = somebody(dac, Role.ADMINISTRATOR)
    assert as_(admin).post(on(one, "approve"), shown).status_code == 302


def test_an_edition_that_was_in_use_is_not_proposed_again(dac, sophie):
    used = ProtocolVersionFactory(organization=dac)
    draft = ProtocolVersionFactory(draft=True, organization=dac, name=used.name, **writers(sophie))
    answer = as_(sophie).post(on(draft, "propose"))
    assert answer.status_code == 409
    assert "un autre numéro" in answer.text


def test_a_proposed_text_is_sent_back_with_a_word(dac, sophie, karim):
    one = ProtocolVersionFactory(proposed=True, organization=dac, **writers(sophie))
    assert as_(karim).post(on(one, "send_back"), {"remarque": " "}).status_code == 409
    as_(karim).post(on(one, "send_back"), {"remarque": "Le délai est trop court."})
    assert "Le délai est trop court." in as_(sophie).get(on(one)).text
    one.refresh_from_db()
    assert one.state == "draft"


def test_a_version_is_retired_and_a_draft_is_erased(dac, sophie, draft):
    used = ProtocolVersionFactory(organization=dac)
    assert as_(sophie).post(on(used, "retire")).status_code == 302
    assert Browser().get(on(used, "public")).status_code == 404
    assert as_(sophie).post(on(used, "discard")).status_code == 409
    assert as_(sophie).post(on(draft, "discard")).status_code == 302
    assert not ProtocolVersion.objects.filter(pk=draft.pk).exists()


# --- exchange ------------------------------------------------------------------------------------


def brought(who, content):
    body = content.encode() if isinstance(content, str) else content
    given = {"fichier": SimpleUploadedFile("p.txt", body)}
    return as_(who).post(reverse("protocols:bring"), given)


def test_a_text_and_a_plan_definition_leave_and_come_back_the_same(dac, sophie):
    used = ProtocolVersionFactory(organization=dac)
    text = as_(sophie).get(on(used, "yaml")).content.decode()
    assert text == used.text
    resource = as_(sophie).get(on(used, "fhir")).json()
    assert resource["status"] == "active"
    for content in (text, json.dumps(resource)):
        assert "Tout ce que disait le fichier" in brought(sophie, content).text
        begun = ProtocolVersion.objects.order_by("-created_at", "-pk").first()
        assert (begun.state, begun.organization) == ("draft", dac)
        assert selectors.protocol_of(begun) == selectors.protocol_of(used)


def test_what_a_foreign_plan_definition_says_more_is_listed(sophie):
    resource = {
        "resourceType": "PlanDefinition",
        "id": "ailleurs",
        "title": "D’ailleurs",
        "status": "active",
        "purpose": "Un but",
        "goal": [{"description": {"text": "x"}}],
    }
    page = brought(sophie, json.dumps(resource)).text
    assert "PlanDefinition.purpose" in page
    assert "PlanDefinition.goal" in page
    assert "choses à corriger" in page


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"a\0b",
        b"{",
        b"{}",
        b'{"resourceType": "Patient"}',
        b'{"a":' * 50_000,
        b"a: b\n" * 30_000,
        b"x" * 600_000,
    ],
)
def test_a_file_that_is_no_protocol_is_refused_with_a_sentence(sophie, content):
    assert brought(sophie, content).status_code == 409
    assert not ProtocolVersion.objects.exists()


@pytest.mark.parametrize("content", [b"[]", b"NaN", b"PK\x03\x04", b"[" * 90_000, b"a: &x [*x]"])
def test_a_text_that_says_no_protocol_is_a_draft_whose_troubles_are_told(sophie, content):
    page = brought(sophie, content)
    assert page.status_code == 200
    assert "à corriger" in page.text


# --- try, compare --------------------------------------------------------------------------------


def asked_for_care(organization, ago):
    person = PersonFactory(territory=organization.territory)
    joins_circle(person, organization=organization, since=NOW - timedelta(days=200))
    with arranging(NOW - ago):
        fact = RequestReceived(
            person_id=person.pk,
            request_id=uuid7(),
            organization_id=organization.pk,
            weight="normal",
        )
        publish(fact)
    return person


def test_a_protocol_is_tried_on_the_persons_of_the_structure_and_the_look_is_traced(dac, sophie):
    version = ProtocolVersionFactory(organization=dac, draft=True, **writers(sophie))
    late = asked_for_care(dac, timedelta(days=20))
    early = asked_for_care(dac, timedelta(hours=3))
    asked_for_care(OrganizationFactory(), timedelta(days=20))
    address = on(version, "trial")
    days = {"depuis": str((NOW - timedelta(days=30)).date()), "jusqu": str(NOW.date())}
    assert "auraient été signalées" not in as_(sophie).get(address).text
    assert "auraient été signalées" in as_(sophie).get(address, days).text
    period = selectors.Period(NOW - timedelta(days=30), NOW)
    protocol = selectors.protocol_of(version)
    tried = selectors.trial_of(sophie, protocol, period, is_late=lambda: False)
    assert {*tried.looked_at} == {late.pk, early.pk}
    assert (tried.entered, tried.flagged, tried.is_cut) == (2, 1, False)
    counted = {one.of: (one.times, one.persons, one.open_at_end) for one in tried.lines}
    assert counted == {"visite": (1, 1, 1), "demandeur-rappele": (1, 1, 1)}
    line = Trace.objects.filter(verb="protocols.trial.list").get()
    assert {*line.persons} == {late.pk, early.pk}
    refused = as_(sophie).get(address, days | {"depuis": "2020-01-01"}).text
    assert "d’un an au plus" in refused
    assert "auraient été signalées" not in refused


def test_a_trial_that_lasts_too_long_stops_and_says_so(dac, sophie):
    version = ProtocolVersionFactory(organization=dac, draft=True, **writers(sophie))
    asked_for_care(dac, timedelta(days=20))
    period = selectors.Period(NOW - timedelta(days=30), NOW)
    protocol = selectors.protocol_of(version)
    tried = selectors.trial_of(sophie, protocol, period, is_late=lambda: True)
    assert (tried.looked_at, tried.is_cut) == ([], True)


def test_two_versions_are_compared_in_words(dac, sophie):
    before = ProtocolVersionFactory(organization=dac, name="essai")
    after = ProtocolVersionFactory(
        draft=True,
        organization=dac,
        name="essai",
        text=protocol_text(edition="2", days=3),
        **writers(sophie),
    )
    page = as_(sophie).get(reverse("protocols:compare", args=[after.pk, before.pk])).text
    assert "Premier passage confirmé" in page
    assert "2 jours" in page
    assert "3 jours" in page
