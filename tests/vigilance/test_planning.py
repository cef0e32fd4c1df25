"""A planning comes in from a table or a calendar: each line taken, or refused with its reason."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cordee.access.actor import Role
from cordee.people.models import CircleMember
from cordee.vigilance import selectors
from cordee.vigilance.models import PlannedVisit
from cordee.vigilance.rules.planning import Line, Wrong, read_csv, read_ics
from cordee.vigilance.selectors.planning import NOBODY
from tests.factories.directory import MembershipFactory, OrganizationFactory
from tests.factories.people import PersonFactory, ProcessingFactory, joins_circle
from tests.support import NOW, Browser, actor, arranging
from tests.vigilance.scene import set_home

pytestmark = pytest.mark.django_db
HEAD = "reference;nom;prenom;naissance;debut;fin;aide;annulee\n"
EVENT = """BEGIN:VEVENT
UID:{uid}
SUMMARY:{title}
DTSTART;TZID=Europe/Paris:20261124T083000
DTEND;TZID=Europe/Paris:20261124T093000
{more}END:VEVENT
"""


@pytest.fixture
def home():
    home = set_home()
    home.berthe = PersonFactory(
        birth_name="Lefèvre",
        first_names="Berthe",
        birth_date="1938-03-12",
        territory=home.desk.territory,
    )
    joins_circle(home.berthe, organization=home.service, role=CircleMember.Role.HOME_HELP)
    return home


def row(reference="A1", name="Lefevre", born="12/03/1938", **said):
    about = {"begins": "24/11/2026 08:30", "ends": "24/11/2026 09:30", "aide": "", "off": ""} | said
    cells = (reference, name, "Berthe", born, *about.values())
    return ";".join(cells) + "\n"


def brought(home, text, name="planning.csv"):
    """Import a file from the page; gives its words."""
    content = text if isinstance(text, bytes) else text.encode()
    browser = Browser().as_(home.helper)
    given = {"file": SimpleUploadedFile(name, content)}
    return browser.post(reverse("vigilance:planning"), given)


def calendar(*events):
    whole = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//FR\n" + "".join(events) + "END:VCALENDAR\n"
    return whole.replace("\n", "\r\n")


def event(uid="U1", title="LEFÈVRE Berthe 12/03/1938", more=""):
    return EVENT.format(uid=uid, title=title, more=more)


def test_a_table_plans_visits_and_says_how_many(home):
    page = brought(home, HEAD + row(aide=home.phone.account.email.upper()))
    assert "1\u00a0visite ajoutée" in page.text
    visit = PlannedVisit.objects.get()
    assert (visit.person, visit.helper_id) == (home.berthe, home.phone.account_id)
    assert (visit.starts_at.isoformat(), visit.source) == ("2026-11-24T07:30:00+00:00", "csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_table_is_read_as_offices_write_it(encoding, separator):
    text = (HEAD + row(name="Lefèvre")).replace(";", separator).replace("prenom", "Prénom", 1)
    (line,) = read_csv(text.encode(encoding))
    assert isinstance(line, Line)
    assert line.names == (("Lefèvre", "Berthe"),)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (row(born="12 mars"), "date de naissance"),
        (row(born="31/02/1938"), "date de naissance"),
        (row(reference=""), "Il manque la référence"),
        (row(begins="demain"), "Le début ne se lit pas"),
        (row(ends="24/11/2026 08:00"), "La fin doit suivre le début"),
        (row(name="Martin"), "n’a ce nom et cette date de naissance"),
        (row(born="13/03/1938"), "n’a ce nom et cette date de naissance"),
        (row(aide="inconnue@exemple.fr"), "n’a pas de compte dans votre service"),
        (row(reference="A0"), "La même référence est déjà à la ligne 2"),
        ('A2;"Lefevre;Berthe\n', "un guillemet n’y est pas fermé"),
        (row(name=""), "Il manque le nom"),
        (row(name="-"), "n’a ce nom et cette date de naissance"),
        (row(begins="24/11/2062 08:30", ends="24/11/2062 09:30"), "vérifiez l’année"),
    ],
)
def test_a_line_that_is_wrong_is_said_with_its_number_and_the_others_are_taken(home, wrong, words):
    page = brought(home, HEAD + row(reference="A0") + wrong)
    assert PlannedVisit.objects.get().external_key == "A0"
    assert "<td>3</td>" in page.text
    assert words in page.text


def test_an_unclosed_quote_costs_its_own_line_and_the_others_are_taken(home):
    broken = row(reference="A2").replace("A2;", 'A2;"', 1)
    page = brought(home, HEAD + row("A1") + broken + row("A3") + row("A4") + row("A5"))
    kept = PlannedVisit.objects.order_by("external_key").values_list("external_key", flat=True)
    assert list(kept) == ["A1", "A3", "A4", "A5"]
    assert "<td>3</td>" in page.text


@pytest.mark.parametrize(
    ("family", "first", "is_him"),
    [
        ("DURAND", "Pierre", True),
        ("Durand", "Jean", True),
        ("JEAN", "Pierre", False),
        ("PIERRE", "Durand", False),
        ("Durand Martin", "Pierre", False),
    ],
)
def test_nobody_is_taken_for_another_whose_names_hold_the_same_words(home, family, first, is_him):
    him = PersonFactory(
        birth_name="Durand",
        first_names="Pierre Jean",
        birth_date="1940-02-03",
        territory=home.desk.territory,
    )
    joins_circle(him, organization=home.service, role=CircleMember.Role.HOME_HELP)
    hours = "24/11/2026 08:30;24/11/2026 09:30"
    brought(home, HEAD + f"A1;{family};{first};03/02/1940;{hours};;\n")
    title = f"{family} {first} 03/02/1940"
    brought(home, calendar(event(title=title)), "agenda.ics")
    planned = PlannedVisit.objects.values_list("person", "source").order_by("source")
    assert list(planned) == [(him.pk, "csv"), (him.pk, "ics")] * is_him


def test_importing_again_follows_what_changed_and_keeps_what_is_not_named(home):
    brought(home, HEAD + row(reference="A1") + row(reference="A2"))
    changed = HEAD + row(reference="A1", ends="24/11/2026 10:00")
    page = brought(home, changed + row(reference="A3", off="oui"))
    assert PlannedVisit.objects.count() == 3
    assert PlannedVisit.objects.get(external_key="A1").ends_at.hour == 9
    assert PlannedVisit.objects.get(external_key="A2").cancelled_at is None
    assert PlannedVisit.objects.get(external_key="A3").cancelled_at is not None
    assert "1\u00a0visite ajoutée" in page.text
    again = brought(home, changed)
    assert "0\u00a0visite ajoutée" in again.text
    assert "1\u00a0déjà connue" in again.text


def test_a_person_of_another_service_is_never_planned_nor_told(home):
    PersonFactory(birth_name="Secrète", first_names="Anne", birth_date="1940-01-01")
    page = brought(home, HEAD + "A1;Secrète;Anne;01/01/1940;24/11/2026 08:30;24/11/2026 09:30;;\n")
    nobody = brought(home, HEAD + "A1;Nemo;Anne;01/01/1940;24/11/2026 08:30;24/11/2026 09:30;;\n")
    assert not PlannedVisit.objects.exists()
    said = "n’a ce nom et cette date de naissance"
    assert said in page.text
    assert said in nobody.text


def test_a_reference_never_goes_from_somebody_to_somebody_else(home):
    brought(home, HEAD + row("A1") + row("A2"))
    other = PersonFactory(
        birth_name="Roux",
        first_names="Berthe",
        birth_date="1938-03-12",
        territory=home.desk.territory,
    )
    joins_circle(other, organization=home.service, role=CircleMember.Role.HOME_HELP)
    later = {"ends": "24/11/2026 10:00"}
    page = brought(home, HEAD + row("A1", name="Roux", **later) + row("A2", **later))
    assert "déjà celle d’une autre visite" in page.text
    assert "<td>2</td>" in page.text
    kept = PlannedVisit.objects.order_by("external_key").values_list("person", "ends_at__hour")
    assert list(kept) == [(home.berthe.pk, 9), (home.berthe.pk, 10)]


def test_a_planning_goes_to_the_service_that_is_chosen_and_to_its_persons_only(home):
    second = OrganizationFactory(kind="home_help", territory=home.desk.territory)
    both = replace(home.helper, organizations=frozenset({home.service.pk, second.pk}))
    browser = Browser().as_(both)

    def bring(**chosen):
        given = {"file": SimpleUploadedFile("x.csv", (HEAD + row()).encode())}
        return browser.post(reverse("vigilance:planning"), given | chosen)

    assert bring().status_code == 422
    assert "n’a ce nom" in bring(service=str(second.pk)).text
    assert not PlannedVisit.objects.exists()
    bring(service=str(home.service.pk))
    assert PlannedVisit.objects.get().organization == home.service


def test_a_calendar_plans_visits_and_is_cancelled_by_its_state(home):
    who = f"ATTENDEE:mailto:{home.phone.account.email}\n"
    brought(home, calendar(event(more=who)), "agenda.ics")
    visit = PlannedVisit.objects.get()
    assert (visit.person, visit.helper_id) == (home.berthe, home.phone.account_id)
    brought(home, calendar(event(more=who + "STATUS:CANCELLED\n")), "agenda.ics")
    visit.refresh_from_db()
    assert visit.cancelled_at is not None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (event(more="RRULE:FREQ=DAILY\n"), "se répète"),
        (event(title="LEFÈVRE Berthe"), "date de naissance"),
        (event(more="RDATE:20261125T083000\n"), "se répète"),
        (event(title="LEFÈVRE 12/03/1938"), "le nom puis le prénom"),
        (event(uid=""), "identifiant"),
        (EVENT.format(uid="U", title="X 12/03/1938", more="").replace("T083000", ""), "heure"),
    ],
)
def test_an_event_that_is_wrong_says_why(wrong, words):
    (line,) = read_ics(calendar(wrong).encode())
    assert isinstance(line, Wrong)
    assert words in line.why


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff",
        b"BEGIN:VCALENDAR",
        b"BEGIN:VEVENT\nUID",
        b"BEGIN:VEVENT\r\n" * 9_000,
        b"BEGIN:VEVENT\r\n" * 20_001,
    ],
)
def test_what_is_not_a_planning_is_refused_in_a_sentence_and_never_breaks(home, content):
    for name in ("x.csv", "x.ics"):
        assert brought(home, content, name).status_code in (200, 422)
    assert not PlannedVisit.objects.exists()
    assert brought(home, b"x", "x.pdf").status_code == 422


def test_only_the_home_service_plans(home):
    assert Browser().as_(home.coordinator).get(reverse("vigilance:planning")).status_code == 403


def test_the_planning_of_who_refused_coordination_is_brought_by_who_visits_her(home):
    """Her service goes on coming: its helpers say when, who coordinates it knows nothing."""
    with arranging():
        ProcessingFactory(person=home.berthe, will="refused")
    lead = MembershipFactory(role="coordinator", organization=home.service).account
    coordinates = actor(Role.COORDINATOR, home.service, account_id=lead.pk, name=lead.name)
    lines = read_csv((HEAD + row()).encode())
    refused = selectors.found(coordinates, home.service, lines, NOW)
    assert refused.visits == []
    assert [one.why for one in refused.wrong] == [NOBODY]
    assert "1\u00a0visite ajoutée" in brought(home, HEAD + row()).text
