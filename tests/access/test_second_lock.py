"""The second lock alone: with the first one taken away, still no forbidden row.

Direct proofs here; the lives of `tests/people/test_sharing_histories.py` try it after each event.
"""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import DataError, OperationalError, connection, transaction
from django.db.models import Q

from cordee.access import policy, sight, trace
from cordee.access.actor import ANONYMOUS, SYSTEM, Actor, Origin, Purpose, Role
from cordee.access.models import Account, PreviousState, Trace
from cordee.access.sight import reader, seen_by
from cordee.access.stencil import Stencil
from cordee.directory.services import MembershipTraits, add_membership
from cordee.intake.models import CareRequest, Draft, StatusLink, Wish
from cordee.kernel.facts import Fact
from cordee.kernel.models import FactContent, FactHeader
from cordee.messaging.models import DeliveryReceipt, Message
from cordee.pathways.models import GateTask, ShownTask
from cordee.people import services
from cordee.people.models import (
    EmergencyGrant,
    EmergencyOpposition,
    Person,
    PersonAccount,
    ProtectedNote,
)
from cordee.people.policy import CATEGORY_OF_FACT, OWN_LINES, in_emergency, write_categories
from cordee.people.policy.scopes import ROLE_LINES
from cordee.people.rules.processing import Basis
from cordee.people.rules.processing import Purpose as Use
from cordee.people.rules.sharing import HEALTH_PROFESSIONS, Audience, Category, Choice
from cordee.people.services import Chosen, Told
from cordee.vigilance.models import Leaning, Visit
from tests.access.scene import set_scene
from tests.access.test_permission_matrix import COLUMNS, TABLE, _rows, addresses, identifiers
from tests.factories.followed import pathway_followed
from tests.factories.intake import CareRequestFactory
from tests.factories.kept import bodies_kept
from tests.factories.liaison import notebook_of
from tests.factories.meetings import dilemma_of, meeting_held
from tests.factories.people import PersonFactory, SharingFactory, StayFactory, joins_circle
from tests.factories.plans import plan_under_way
from tests.factories.vigilance import visits_at_home
from tests.fhir.rows.observation import make as visit_noted
from tests.fhir.stage import set_stage
from tests.support import NOW, arranging, owner, process_of_pages, resting_sessions, simultaneously

pytestmark = pytest.mark.django_db
# To whom the person of the scene may be named at all.
KNOW_HER = {"circle", "orienteuse", "coordinator", "cover", "home_help", "person", "emergency"}


def locked_tables() -> set[str]:
    """Every table under the second lock, as the database says."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid
            WHERE relrowsecurity AND polname = 'second_lock'"""
        )
        return {row[0] for row in cursor.fetchall()}


def locked_models():
    """The models of those tables."""
    tables = locked_tables()
    return [model for model in apps.get_models() if model._meta.db_table in tables]


@pytest.fixture
def without_the_first_lock(monkeypatch):
    """Take `visible_to`, `get_visible` and the list of persons away: they narrow nothing."""
    for model in locked_models():
        monkeypatch.setitem(policy._scopes, model, policy.everyone)
    selectors = import_module("cordee.people.selectors.persons")
    monkeypatch.setattr(selectors, "persons_of", lambda *asked: Person.objects.all())
    # Kept from before, a query would hold the first lock; kept now, leave it off for others.
    said = Stencil.said
    monkeypatch.setattr(Stencil, "said", lambda kept, **asked: said(Stencil(kept.build), **asked))
    for view in (GateTask, ShownTask):
        monkeypatch.setitem(policy._scopes, view, policy.everyone)


def everybody(scene) -> dict[str, Actor]:
    """The readers of the matrix, and who holds a link as what the link makes of them."""
    guest = Actor(role=Role.GUEST, practitioner_id=scene.nurse.pk, purpose=Purpose.CARE)
    return scene.actors | {"guest": guest}


def by_software(one: Actor) -> Actor:
    """The same, read for by the software of a partner."""
    return replace(one, origin=Origin.FHIR)


def set_full_scene():
    """Every locked table holds something about the person, and about somebody else's."""
    scene = set_scene()
    coordinator, now = scene.actors["coordinator"], NOW
    elsewhere = PersonFactory(birth_name="Ailleurs", territory=scene.there.territory)
    services.inform(actor=coordinator, person=scene.person, told=Told(), now=now)
    chosen = Chosen(Choice.OPPOSED, Category.CARE, Audience.HOME_HELP)
    services.choose_sharing(
        actor=coordinator, person=scene.person, chosen=chosen, told=Told(), now=now
    )
    for person in (scene.person, elsewhere):
        services.choose_hint(actor=SYSTEM, person=person, allowed=True, told=Told(), now=now)
    services.inform(actor=SYSTEM, person=elsewhere, told=Told(), now=now)
    other = CareRequestFactory(organization=scene.there, person=elsewhere)
    nurse = joins_circle(elsewhere, practitioner=scene.nurse, until=NOW)
    StayFactory(person=elsewhere)
    account = Account.objects.get(pk=scene.actors["elsewhere"].account_id)
    plan_under_way(elsewhere, scene.there, account, nurse)
    pathway_followed(elsewhere, scene.there, account)
    meeting_held(elsewhere, scene.there, account, nurse)
    dilemma_of(elsewhere, account, scene.account_coordinator)
    for about in (scene.person, elsewhere):  # its author is outside the circle of one
        dilemma_of(about, scene.nurse.account, account)
    for about, author in ((scene.person, account), (elsewhere, scene.account_coordinator)):
        bodies_kept(about, author)
    notebook_of(elsewhere, account, scene.there, scene.nurse.account)
    visits_at_home(elsewhere, scene.there, account)
    with arranging():
        for category in ProtectedNote.CATEGORIES:
            ProtectedNote.objects.create(
                person=scene.person,
                category=category,
                body="Ce qui est protégé",
                author_id=coordinator.account_id,
                organization=scene.sio,
                written_at=NOW,
            )
        Leaning.objects.create(helper=account, offsets=[0.0], spread=1, doubt=0, estimated_at=NOW)
        for request in (scene.request, other):
            Wish.objects.create(request=request, practitioner=scene.nurse, choice="prefer")
    for person in (scene.person, elsewhere):
        with arranging():
            Person.objects.filter(pk=person.pk).update(address="Ailleurs")
        trace.read(coordinator, person)
    return scene


def raw(model) -> set:
    """The rows that the database shows, with nothing asked of it."""
    return set(model._base_manager.values_list("pk", flat=True))


@pytest.mark.parametrize("basis", [Basis.PUBLIC_TASK, Basis.CONSENT])
def test_each_reader_is_shown_no_more_than_the_first_lock_allows_and_no_less(db, basis):
    """But for the width that `wider` states; whatever coordination rests on."""
    scene = set_full_scene()
    dpo = scene.actors["dpo"]
    services.set_basis(actor=dpo, purpose=Use.COORDINATION, basis=basis, now=NOW)
    SharingFactory(person=scene.person, audience="coordination", medium="system")
    software = {"software": by_software(scene.actors["coordinator"])}
    wrong = []
    for name, one in (everybody(scene) | software).items():
        for model in locked_models():
            rows = model._base_manager.all()
            allowed = set(policy.visible(rows, one).values_list("pk", flat=True))
            with seen_by(one):
                shown = raw(model)
            width = set(rows.filter(wider(model, one)).values_list("pk", flat=True))
            if shown - allowed - width or allowed - shown:
                more, less = len(shown - allowed - width), len(allowed - shown)
                wrong.append(f"{name} · {model._meta.label}: {more} too many, {less} too few")
    assert not wrong, "\n".join(wrong)


def wider(model, actor: Actor) -> Q:
    """Where the second lock shows a row that the first does not, and why."""
    if actor.role is Role.ANONYMOUS:
        return policy.NOTHING
    widths = {
        Message: Q(person=None),  # says nothing of a person
        DeliveryReceipt: Q(message__person=None) | Q(message__organization__in=actor.organizations),
        Draft: Q(request__in=CareRequest.objects.visible_to(actor)),  # joined by its documents
        StatusLink: Q(request__in=CareRequest.objects.visible_to(actor)),  # as what it opens
    }
    if actor.account_id:  # one's own lines: a refresh asks what was just shown
        widths[Trace] = Q(account_id=actor.account_id)
    return widths.get(model, policy.NOTHING)


def test_what_she_closes_to_software_the_second_lock_alone_hides_from_it(without_the_first_lock):
    stage = set_stage()
    visit = visit_noted(stage)

    def told():
        found = stage.machine.found("Observation", patient=str(visit.person_id))
        return found, stage.machine.get(f"Observation/{visit.pk}").status_code

    assert told() == ([str(visit.pk)], 200)
    SharingFactory(person=visit.person, audience="coordination", medium="system")
    assert told() == ([], 404)
    for one, shown in ((stage.actor, {visit.pk}), (by_software(stage.actor), set())):
        with seen_by(one):
            assert raw(Visit) == shown


@pytest.mark.parametrize(
    ("said", "medium"),
    [("", "screen"), ("screen", "screen"), ("system", "system"), ("pigeon", "system")],
)
def test_a_session_that_says_no_medium_is_a_screen_and_an_unknown_one_opens_least(said, medium):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('cordee.reader_medium', %s, true)", [said])
        cursor.execute("SELECT access_reader_medium()")
        assert cursor.fetchone() == (medium,)


def test_every_locked_table_holds_something_in_the_scene():
    set_full_scene()
    seldom = {"intake_telling", "intake_hold", "intake_document", "intake_triageanswer"}
    seldom |= {"intake_statuslink", "broker_call", "messaging_message"}
    seldom |= {"messaging_deliveryreceipt", "people_processing", "people_emergencyopposition"}
    empty = {model._meta.db_table for model in locked_models() if not raw(model)}
    assert empty <= seldom, empty - seldom


def test_nobody_named_is_shown_nothing_of_anybody():
    """A pooled connection between two requests, or a door that forgot to say who reads."""
    set_full_scene()
    with seen_by(ANONYMOUS):
        shown = {model._meta.db_table: len(raw(model)) for model in locked_models()}
    assert not any(shown.values()), shown


def test_a_session_of_the_application_begins_shut(transactional_db):
    set_full_scene()
    url = settings.SERVER.app_url(settings.TEST_DATABASE)
    with psycopg.connect(url, options="-c application_name=nobody") as session:
        for table in locked_tables():
            assert not session.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone(), table


def test_the_reader_of_a_request_is_forgotten_with_it(client):
    scene = set_scene()
    before = reader()
    assert client.as_(scene.actors["coordinator"]).get("/a-faire").status_code == 200
    assert reader() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('cordee.reader'), access_reader_organizations()")
        assert cursor.fetchone() == ("system", [])


def test_a_session_given_back_while_it_reads_for_somebody_is_lent_to_nobody(
    transactional_db, monkeypatch
):
    coordinator = set_scene().actors["coordinator"]

    def session():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), access_reader()")
            return cursor.fetchone()

    def page():
        with seen_by(coordinator):
            return session()

    def page_that_lets_go():
        with seen_by(coordinator):
            told = session()
            connection.close()
            return told, *simultaneously(session)

    with process_of_pages(monkeypatch):
        (told,) = simultaneously(page)
        assert told[0] in {one.info.backend_pid for one in resting_sessions()}
        ((told, others),) = simultaneously(page_that_lets_go)
    assert told[1] == "coordinator"
    assert (others[0] != told[0], others[1]) == (True, "")


def test_after_an_error_the_reader_is_who_it_was():
    coordinator = set_scene().actors["coordinator"]
    with (
        pytest.raises(DataError),
        transaction.atomic(),
        seen_by(coordinator),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT 1 / 0")
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_reader()")
        assert cursor.fetchone() == ("system",)


def test_a_session_that_could_not_be_told_is_told_the_next_time(monkeypatch):
    """A stream whose look fails is not silent for ever: the next look says anew who reads."""
    coordinator, before = set_scene().actors["coordinator"], reader()

    def falls(*asked):
        raise OperationalError("the server went away")

    with monkeypatch.context() as patched:
        patched.setattr(sight, "run", falls)
        with pytest.raises(OperationalError), seen_by(coordinator):
            pass
    assert reader() is before
    with seen_by(coordinator), connection.cursor() as cursor:
        cursor.execute("SELECT access_reader()")
        assert cursor.fetchone() == ("coordinator",)


def test_the_owner_and_retention_are_held_by_their_own_rules(transactional_db):
    """The proofs and the lawful removals read every line, whoever is named."""
    set_full_scene()
    with owner() as database:
        assert database.execute("SELECT count(*) FROM people_person").fetchone()[0] == 4
    url = settings.SERVER.retention_url(settings.TEST_DATABASE)
    with psycopg.connect(url, options="-c application_name=retention") as session:
        assert session.execute("SELECT count(*) FROM kernel_fact").fetchone()[0] > 1


def test_the_gates_are_read_and_never_written():
    for model in apps.get_models():
        if not model._meta.managed and "_gate_" in model._meta.db_table:
            with connection.cursor() as cursor:
                table = model._meta.db_table
                cursor.execute("SELECT has_table_privilege(%s, 'INSERT, UPDATE, DELETE')", [table])
                assert cursor.fetchone() == (False,), table


def test_both_locks_read_the_same_codes():
    """Said twice on purpose, and held together here."""
    with connection.cursor() as cursor:
        for profession in {*HEALTH_PROFESSIONS, "41", ""}:
            cursor.execute("SELECT people_audience_of(%s)", [profession])
            expected = "health" if profession in HEALTH_PROFESSIONS else "social"
            assert cursor.fetchone() == (expected,)
        for kind in {*Fact.known, *CATEGORY_OF_FACT}:
            cursor.execute("SELECT people_category_of_fact(%s)", [kind])
            category = CATEGORY_OF_FACT.get(kind, Category.COORDINATION)
            assert cursor.fetchone() == (category.value,), kind
        cursor.execute(
            "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polname = 'second_lock'"
            " AND polrelid = 'kernel_fact'::regclass"
        )
        (written,) = cursor.fetchone()
    assert all(f"'{kind}'" in written for kind in (*OWN_LINES, *ROLE_LINES))


def test_what_a_room_declares_of_its_lines_arms_the_second_lock(monkeypatch):
    """No room writes the function: it is written from what all declare, and put in its place."""
    monkeypatch.setitem(CATEGORY_OF_FACT, "test.declared", Category.MENTAL_HEALTH)
    with psycopg.connect(settings.SERVER.owner_url(settings.TEST_DATABASE)) as owner:
        write_categories(owner.cursor())
        asked = "SELECT people_category_of_fact(%s)"
        for kind, told in {"test.declared": "mental_health", "test.other": "coordination"}.items():
            assert owner.execute(asked, [kind]).fetchone() == (told,)
        called = "EXPLAIN VERBOSE SELECT people_category_of_fact(kind) FROM kernel_fact"
        plan = "".join(line for (line,) in owner.execute(called))
        assert "people_category_of_fact" not in plan  # inlined: no call for each line
        owner.rollback()


def test_the_whole_matrix_holds_on_the_second_lock_alone(without_the_first_lock):
    """Every address, every reader: the same answers, and her name for nobody new."""
    scene = set_full_scene()
    expected = {tuple(line.split()[:2]): line.split()[2:] for line in _rows(TABLE.read_text())}
    wrong = []
    for name, wanted in sorted(set(addresses())):
        for place, column in enumerate(COLUMNS):
            address = (name, wanted, column)
            for method in ("GET", "POST"):
                kept = expected.get((name, method))
                if kept is None:
                    continue
                status, names_her = _answer(scene, method, address)
                should = kept[place]
                if str(status) != should:
                    wrong.append(f"{name} {method} · {column}: {status} instead of {should}")
                if names_her and column not in KNOW_HER:
                    wrong.append(f"{name} {method} · {column} is told her name")
    assert not wrong, "\n".join(wrong)


def _answer(scene, method, address) -> tuple[int, bool]:
    from django.core.cache import cache
    from django.urls import reverse

    name, wanted, column = address
    cache.clear()
    browser = scene.read_by(column)
    url = reverse(name, kwargs=identifiers(name, wanted, scene, column))
    with transaction.atomic():
        response = getattr(browser, method.lower())(url)
        body = b"" if response.streaming else response.content
        transaction.set_rollback(True)
    return response.status_code, b"grandidier" in body.lower()


def test_emergency_widens_the_second_lock_as_it_widens_the_first():
    scene = set_scene()
    stranger = scene.actors["stranger"]
    with seen_by(stranger):
        assert not raw(Person)
    with seen_by(in_emergency(stranger)):
        assert raw(Person) == {scene.person.pk, scene.merge.absorbed_id}  # one person, two records
    with arranging():
        EmergencyOpposition.objects.create(
            person=scene.person, speaker="person", notice="1", how="oral", since=NOW
        )
    with seen_by(in_emergency(stranger)):
        assert not raw(Person)


def test_an_emergency_that_expired_opens_nothing():
    scene = set_scene()
    with arranging():
        EmergencyGrant.objects.update(
            opened_at=NOW - timedelta(days=2), expires_at=NOW - timedelta(days=2, hours=-2)
        )
    with seen_by(scene.actors["emergency"]):
        assert not raw(Person)
        assert not raw(PersonAccount)


ROLE_READERS = {"dpo", "admin"}


def test_lines_that_speak_of_nobody_are_shown_as_the_first_lock_shows_them():
    """Who was given which role, to who keeps the house and who audits it; the rest to nobody."""
    scene = set_full_scene()
    dpo = scene.actors["dpo"]
    services.set_basis(actor=dpo, purpose=Use.COORDINATION, basis=Basis.CONSENT, now=NOW)
    whom = Account.objects.get(pk=scene.actors["coordinator"].account_id)
    traits = MembershipTraits(account=whom, role="administrator", since=NOW.date())
    add_membership(actor=scene.actors["admin"], organization=scene.sio, traits=traits, now=NOW)
    of_nobody = FactHeader.objects.filter(thread_id=None)
    roles = set(of_nobody.filter(kind__in=ROLE_LINES).values_list("pk", flat=True))
    assert roles
    assert of_nobody.exclude(kind__in=ROLE_LINES).exists()
    for name, one in everybody(scene).items():
        with seen_by(one):
            lines = set(of_nobody.values_list("pk", flat=True))
            contents = FactContent.objects.filter(fact__thread_id=None)
            told = set(contents.values_list("fact_id", flat=True))
        assert lines == told == (roles if name in ROLE_READERS else set()), name


def test_what_records_were_is_for_the_house_alone():
    scene = set_full_scene()
    assert raw(PreviousState)
    for one in everybody(scene).values():
        with seen_by(one):
            assert not raw(PreviousState)
