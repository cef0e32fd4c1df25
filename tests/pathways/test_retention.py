"""What ended long ago goes whole, told; what is open, held by a claim or just written to stays."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event, Thread

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from cordee.access import removal
from cordee.access.action import gesture
from cordee.access.actor import SYSTEM
from cordee.access.categories import Decided, categories, hold
from cordee.access.models import PreviousState
from cordee.broker.models import Solicitation
from cordee.intake.models import CareRequest, Document
from cordee.kernel import months
from cordee.kernel.thread import verify
from cordee.pathways.models import Task
from cordee.people import services
from cordee.people.models import CircleMember, Person, Sharing
from tests.access.scene import set_scene
from tests.access.test_archives import CONTENTS, PAST, REWRITTEN, archive, lines_of
from tests.access.test_archives import folder as folder
from tests.access.test_retention import age, somebody_writes_in
from tests.factories.broker import nurse
from tests.factories.directory import AccountFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory, DraftFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import (
    InformationFactory,
    PersonFactory,
    RelativeFactory,
    SharingFactory,
    joins_circle,
)
from tests.kernel.test_thread import happen, tamper
from tests.pathways.test_life import closed
from tests.support import (
    NOW,
    arranging,
    facts,
    orienteuse_of,
    owner,
    retention,
    until_somebody_waits,
)

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=3000)  # everything that tests write is older
RULE = "décision du 3/11/2026 du responsable de traitement"
HANGING = "SELECT name::text FROM access_hanging('people_person'::regclass) AS name"


def let_go(code, *held, before=LATER):
    """Let a category go, as its night would; say how many were counted and how many went."""
    (one,) = [one for one in categories() if one.code == code]
    with retention() as database:
        hold(database, Decided([], frozenset(held)))
        counted = one.count(database, before)
        gone = one.let_go(database, before, RULE, NOW)
    return counted, gone


def elsewhere(code):
    """The archives that must come back before all that is due in a category can go."""
    (one,) = [one for one in categories() if one.code == code]
    with retention() as database:
        return one.elsewhere(database, LATER)


def document(request, name="ordonnance.pdf"):
    with arranging():
        return Document.objects.create(
            request=request, name=name, media_type="application/pdf", pages=1, size=4,
            sha256="0" * 64, content=b"%PDF",
        )  # fmt: skip


def test_a_request_goes_with_its_search_its_tasks_and_its_documents(request_, orienteuse, now):
    nurse()
    search, _ = closed(request_, orienteuse, now)
    document(request_)
    untouched = CareRequestFactory(organization=request_.organization)
    assert Task.objects.about(f"intake/request/{request_.pk}").exists()

    assert let_go("requests") == (1, 1)

    assert list(CareRequest.objects.all()) == [untouched]
    assert not Solicitation.objects.filter(pk=search.pk).exists()
    assert not Document.objects.exists()
    assert not Task.objects.about(f"intake/request/{request_.pk}").exists()
    assert not PreviousState.objects.filter(record_id__in=[request_.pk, search.pk]).exists()
    (told,) = facts("pathways.requests_purged")
    assert told["data"] | {"before": ""} == {
        "category": "requests", "rule": RULE, "count": "1", "before": "",
    }  # fmt: skip
    assert facts("intake.request_qualified", request_.person_id)
    assert verify(request_.person_id).holds


def test_what_is_open_about_a_request_keeps_it(request_, orienteuse, now):
    nurse()
    closed(request_, orienteuse, now)
    task = TaskFactory(origin=f"intake/request/{request_.pk}", organization=request_.organization)
    assert let_go("requests") == (0, 0)
    with arranging():
        task.state, task.settled_at = "dropped", NOW
        task.save()
    assert let_go("requests", request_.person_id) == (0, 0)
    assert let_go("requests") == (1, 1)


def test_a_call_still_to_make_to_who_was_to_come_keeps_it(request_, orienteuse, now):
    nurse()
    search, _ = closed(request_, orienteuse, now)
    task = TaskFactory(
        kind="call_off",
        origin=f"broker/solicitation/{search.pk}",
        organization=request_.organization,
        person=None,
    )
    assert let_go("requests") == (0, 0)
    with arranging():
        task.state, task.settled_at = "done", NOW
        task.save()
    assert let_go("requests") == (1, 1)


def test_a_request_stays_as_long_as_what_it_was_handed_on_to(monkeypatch):
    old = ended(CareRequestFactory(), "handed_on")
    middle = ended(CareRequestFactory(handed_from=old), "handed_on")
    last = CareRequestFactory(handed_from=middle)
    assert let_go("requests") == (0, 0)
    ended(last, "cancelled")
    monkeypatch.setattr(removal, "AT_ONCE", 1)
    assert let_go("requests") == (3, 3)


def ended(request, state):
    with arranging():
        request.state, request.ended_at = state, NOW
        request.end_reason = "other"
        request.save()
    return request


def test_prescriptions_go_before_their_request_and_never_from_one_that_is_open():
    request, live = CareRequestFactory(), CareRequestFactory()
    document(request), document(live)
    assert let_go("documents") == (0, 0)
    ended(request, "cancelled")
    assert let_go("documents", request.person_id) == (0, 0)
    assert let_go("documents") == (1, 1)
    assert CareRequest.objects.filter(pk=request.pk).exists()
    assert [one.request_id for one in Document.objects.all()] == [live.pk]
    assert facts("intake.documents_purged")


def test_a_prescription_stays_with_a_request_that_opens_again_meanwhile():
    """It was held, its request was not: what a live request was opened again for was lost."""
    request, other = (ended(CareRequestFactory(), "cancelled") for _ in range(2))
    document(request), document(other)
    with ThreadPoolExecutor(1) as pool:
        with psycopg.connect(settings.SERVER.owner_url(settings.TEST_DATABASE)) as database:
            database.execute('SET cordee.gesture = \'{"verb": "test.arrange"}\'')
            database.execute(
                """UPDATE intake_carerequest SET state = 'received', ended_at = NULL,
                end_reason = '' WHERE id = %s""",
                [request.pk],
            )
            going = pool.submit(let_go, "documents")
            until_somebody_waits()
        assert going.result(30) == (2, 1)

    assert [one.request_id for one in Document.objects.all()] == [request.pk]


def test_tasks_that_are_settled_go_and_the_others_stay():
    waiting = TaskFactory()
    settled = TaskFactory(person=PersonFactory(), state="done", settled_at=NOW)
    assert let_go("tasks", settled.person_id) == (0, 0)
    assert let_go("tasks") == (1, 1)
    assert list(Task.objects.all()) == [waiting]


# --- whole records -----------------------------------------------------------------------------


def at_rest(person):
    """Nothing open hangs from somebody any more; nobody has signed in since."""
    with owner() as database:
        database.execute('SET cordee.gesture = \'{"verb": "test.arrange"}\'')
        for gesture in (
            "UPDATE pathways_task SET state = 'dropped', settled_at = now() WHERE state = 'open'",
            """UPDATE intake_carerequest SET state = 'cancelled', ended_at = now(),
            end_reason = 'other' WHERE ended_at IS NULL""",
            "UPDATE intake_draft SET ended_at = now() WHERE ended_at IS NULL",
            "UPDATE plans_activity SET phase = 'stopped' WHERE phase = 'active'",
            """UPDATE plans_careplan SET state = 'closed', in_force = NULL, review_on = NULL,
            closed_at = now(), end_reason = 'other' WHERE state <> 'closed'""",
            """UPDATE protocols_rupture SET standing = 'lifted', ended_at = now()
            WHERE standing IN ('at_risk', 'late')""",
            """UPDATE protocols_pathway SET left_at = now(), leaving = 'done'
            WHERE left_at IS NULL""",
            "UPDATE meetings_decision SET phase = 'done', settled_at = now() WHERE phase = 'open'",
            """UPDATE meetings_meeting SET state = 'cancelled', ended_at = now()
            WHERE state = 'planned'""",
            """UPDATE vigilance_alert SET seen_at = now(), closed_at = now(), verdict = 'right',
            effect = 'better', seen_by_id = (SELECT helper_id FROM vigilance_visit
                WHERE id = visit_id), closed_by_id = (SELECT helper_id FROM vigilance_visit
                WHERE id = visit_id) WHERE closed_at IS NULL""",
            "UPDATE vigilance_equipment SET stage = 'dropped', due_on = NULL",
            """UPDATE vigilance_trial SET reviewed_at = now(), reviewed_by_id = begun_by_id,
            effect = 'same' WHERE reviewed_at IS NULL""",
            """UPDATE vigilance_reinforcedfollowup SET ended_at = now(),
            ended_by_id = started_by_id, outcome = 'stable' WHERE ended_at IS NULL""",
            """UPDATE broker_solicitation SET state = 'cancelled', ended_at = now(),
            end_reason = 'request_cancelled', held_until = NULL
            WHERE state IN ('open', 'held', 'filled')""",
        ):
            database.execute(gesture)
    return person


def rows_of(ids):
    """What still hangs from records, table by table."""
    with owner() as database:
        tables = database.execute(
            """SELECT conrelid::regclass::text, attname FROM pg_constraint
            JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
            WHERE contype = 'f' AND confrelid = 'people_person'::regclass"""
        ).fetchall()
        found = {
            table: database.execute(
                f"SELECT count(*) FROM {table} WHERE {column} = ANY (%s)",  # noqa: S608
                [ids],
            ).fetchone()[0]
            for table, column in tables
        }
    return {table: count for table, count in found.items() if count}


def test_a_whole_record_goes_and_leaves_a_thread_that_proves():
    scene = set_scene()
    person = at_rest(scene.person)
    SharingFactory(person=person), InformationFactory(person=person)
    happen(person.pk)
    assert len(rows_of([person.pk])) > 6
    family = set(Person.objects.filter(merged_into=person).values_list("pk", flat=True)) | {
        person.pk
    }
    others = set(Person.objects.exclude(pk__in=family).values_list("pk", flat=True))

    with retention() as database:
        (kept,) = [one for one in categories() if one.code == "persons"]
        hold(database, Decided([], frozenset(others)))
        assert kept.let_go(database, LATER, RULE, NOW) == 1

    assert len(family) > 1
    assert rows_of(list(family)) == {}
    assert set(Person.objects.values_list("pk", flat=True)) == others
    assert not PreviousState.objects.filter(record_id=person.pk).exists()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM kernel_fact fact JOIN kernel_fact_content content
            ON content.fact_id = fact.id WHERE fact.thread_id = %s
            AND fact.kind NOT LIKE '%%\\_purged'""",
            [person.pk],
        )
        assert cursor.fetchone() == (0,)
    assert verify(person.pk).holds
    (told,) = facts("pathways.persons_purged")
    assert (told["data"]["rule"], told["data"]["count"]) == (RULE, "1")


def last_line(person):
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(recorded_at) FROM kernel_fact WHERE thread_id = %s", [person.pk])
        return cursor.fetchone()[0]


def two_records():
    """The record that will stand, the one that it will absorb, and who may say so."""
    desk = OrganizationFactory()
    kept, absorbed = (
        PersonFactory(territory=desk.territory),
        PersonFactory(territory=desk.territory),
    )
    for one in (kept, absorbed):
        joins_circle(one, organization=desk)
    return kept, absorbed, orienteuse_of(desk, account_id=AccountFactory().pk)


def merged(kept, absorbed, claire):
    pair = services.propose_pair(actor=claire, person=kept, other=absorbed, now=NOW)
    chosen = frozenset[str]()
    return services.merge_persons(actor=claire, candidate=pair, from_absorbed=chosen, now=NOW)


@pytest.mark.parametrize("named", ["absorbed", "kept"])
def test_a_claim_follows_a_merge(named):
    """Whichever of two records that became one is named, all that is hers is held."""
    kept, absorbed, claire = two_records()
    task = TaskFactory(person=absorbed, state="done", settled_at=NOW)
    merged(kept, absorbed, claire)
    held = absorbed.pk if named == "absorbed" else kept.pk
    assert Task.objects.get(pk=task.pk).person_id == kept.pk
    assert let_go("tasks", held) == (0, 0)
    assert let_go("persons", held)[1] == 0
    assert let_go("tasks") == (1, 1)


def test_what_somebody_else_hangs_from_does_not_go_with_a_record():
    """A relative who went back to another record, and a stay of hers that was written meanwhile."""
    gone, living = PersonFactory(), PersonFactory()
    relative = RelativeFactory(person=gone)
    with gesture(actor=SYSTEM, verb="people.merge", now=NOW):  # as undoing one may leave them
        CircleMember.objects.create(person=living, relative=relative, role="relative", since=NOW)
    others = [PersonFactory().pk for _ in range(3)]
    with pytest.raises(removal.LeftBehind) as left:
        let_go("persons", living.pk)
    assert (left.value.gone, left.value.ids) == (3, [gone.pk])
    assert Person.objects.filter(pk=gone.pk).exists()
    assert CircleMember.objects.filter(person=living).exists()
    assert not Person.objects.filter(pk__in=others).exists()
    told = [int(one["data"]["count"]) for one in facts("pathways.persons_purged")]
    assert sum(told) == 3


def undone():
    """Two records that were one for a while."""
    kept, absorbed, claire = two_records()
    merge = merged(kept, absorbed, claire)
    services.undo_merge(actor=claire, merge=merge, now=NOW)
    return kept, absorbed


def test_records_whose_merge_was_undone_go_like_any_other():
    kept, absorbed = undone()
    assert let_go("persons") == (2, 2)
    assert not Person.objects.filter(pk__in=(kept.pk, absorbed.pk)).exists()


@pytest.mark.parametrize("first", ["kept", "absorbed"])
def test_one_whose_merge_was_undone_goes_without_the_other(first):
    kept, absorbed = undone()
    gone, stays = (kept, absorbed) if first == "kept" else (absorbed, kept)
    with arranging():
        Person.objects.filter(pk=stays.pk).update(birth_date=date(NOW.year - 20, 1, 1))
    assert let_go("persons") == (1, 1)
    assert not Person.objects.filter(pk=gone.pk).exists()
    assert CircleMember.objects.filter(person=stays).exists()
    assert verify(stays.pk).holds


@pytest.mark.parametrize("named", ["kept", "absorbed"])
def test_a_claim_holds_both_records_of_an_undone_merge(named):
    kept, absorbed = undone()
    assert let_go("persons", kept.pk if named == "kept" else absorbed.pk) == (0, 0)


def test_a_record_without_a_birth_date_waits_as_if_born_when_written():
    person = PersonFactory(birth_date=None)
    assert let_go("persons") == (0, 0)
    assert Person.objects.filter(pk=person.pk).exists()


@pytest.mark.parametrize("keeps", ["line", "request", "task", "draft", "young", "claim"])
def test_what_keeps_a_record(keeps):
    born = date(NOW.year - 20, 1, 1) if keeps == "young" else date(1938, 2, 3)
    person = PersonFactory(birth_date=born)
    if keeps == "request":
        CareRequestFactory(person=person)
    if keeps == "task":
        TaskFactory(person=person)
    if keeps == "draft":
        DraftFactory(person=person)
    before = LATER
    if keeps == "line":
        happen(person.pk)
        before = last_line(person)
    held = [person.pk] if keeps == "claim" else []
    assert let_go("persons", *held, before=before) == (0, 0)
    assert Person.objects.filter(pk=person.pk).exists()


def test_who_died_has_a_time_of_their_own():
    dead, alive = PersonFactory(deceased_on=date(2026, 11, 1)), PersonFactory()
    assert let_go("deceased", alive.pk) == (1, 1)
    assert list(Person.objects.all()) == [alive]
    assert facts("pathways.deceased_purged")
    assert not Person.objects.filter(pk=dead.pk).exists()


def test_who_writes_while_a_record_goes_is_either_first_or_refused():
    """Somebody adds a task to a record that was counted: it is looked at again, and stays."""
    person = PersonFactory()
    (kept,) = [one for one in categories() if one.code == "persons"]
    begun, looked = Event(), Event()

    def add():
        with psycopg.connect(_as_application()) as database:
            database.execute('SET cordee.gesture = \'{"verb": "test.arrange"}\'')
            database.execute("SELECT FROM people_person WHERE id = %s FOR KEY SHARE", [person.pk])
            begun.set()
            looked.wait(20)
            database.execute("UPDATE people_person SET deceased_on = '2026-11-20'")
        connection.close()

    adding = Thread(target=add)
    adding.start()
    begun.wait(20)
    with retention() as database:
        assert kept.count(database, LATER) == 1
        looked.set()
        assert kept.let_go(database, LATER, RULE, NOW) == 0
    adding.join(20)
    assert Person.objects.filter(pk=person.pk).exists()


def test_a_record_names_the_archives_that_keep_it_and_goes_once_they_let_go(folder):
    """It was never due again, and nobody was told."""
    person, awake = PersonFactory(), PersonFactory(birth_date=date(NOW.year - 20, 1, 1))
    for one in (person, awake):
        happen(one.pk)
        old = ",".join(map(str, lines_of(one.pk)))
        tamper(PAST.format(ids=old), REWRITTEN.format(chain=one.pk))
    months.make_ahead()
    archive("--before", "2024-04")
    assert (let_go("persons"), elsewhere("persons")) == ((0, 0), [CONTENTS])

    archive("--restore", CONTENTS)
    with retention() as database:
        theirs = lines_of(person.pk)
        database.execute("SELECT kernel_purge(%s, 'thread', %s, %s)", [theirs, RULE, NOW])
    archive("--before", "2024-04")

    assert list(verify(awake.pk).archived.values()) == [CONTENTS]
    assert (elsewhere("persons"), let_go("persons")) == ([], (1, 1))
    assert list(Person.objects.all()) == [awake]
    assert verify(person.pk).holds


def test_a_record_whose_thread_wakes_while_it_goes_stays():
    """A gesture on what hangs from a record holds that row, not the record; then it tells."""
    person, others = PersonFactory(), [PersonFactory().pk for _ in range(2)]
    member = joins_circle(person)
    (kept,) = [one for one in categories() if one.code == "persons"]
    ended = f"""UPDATE people_circlemember SET until = now() WHERE id = '{member.pk}'"""
    arranged = 'SET cordee.gesture = \'{"verb": "test.arrange"}\''

    def night():
        with retention() as database:
            return kept.let_go(database, timezone.now() - timedelta(days=1), RULE, NOW)

    for one in (person.pk, *others):
        happen(one)
        age(one)
    with owner() as database:
        database.execute(arranged)
        database.execute("UPDATE people_person SET created_at = created_at - interval '30 years'")
    with ThreadPoolExecutor(1) as pool, somebody_writes_in(person.pk, arranged, ended) as writing:
        going = pool.submit(night)
        until_somebody_waits()
        writing.commit()
        assert going.result(30) == 2

    assert list(Person.objects.all()) == [person]
    assert CircleMember.objects.filter(pk=member.pk).exists()
    assert verify(person.pk).purged == {}
    assert verify(person.pk).holds
    assert len(verify(others[0]).purged) == 1


def _as_application():
    parameters = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname")
    return psycopg.conninfo.make_conninfo(**{k: parameters[k] for k in wanted if k in parameters})


def run(query):
    with connection.cursor() as cursor:
        cursor.execute(query)


def test_a_table_of_the_same_name_makes_nobody_retention():
    """Who may speak SQL as the application puts a table of theirs before ours."""
    person = PersonFactory()
    SharingFactory(person=person)
    run("CREATE TEMP TABLE kernel_database_roles AS SELECT current_user::text AS retention")
    try:
        with pytest.raises(DatabaseError, match="never rewritten"), arranging():
            run("DELETE FROM people_sharing")
    finally:
        run("DROP TABLE pg_temp.kernel_database_roles")
    assert Sharing.objects.filter(person=person).exists()


@pytest.mark.parametrize("table", ["people_person", "intake_carerequest", "people_sharing"])
def test_nobody_else_removes_a_record(table):
    PersonFactory(), CareRequestFactory(), SharingFactory()
    with pytest.raises(DatabaseError, match="held still by retention only"):
        run(f"SELECT access_hold_still('{table}', '{{}}')")
    with pytest.raises(DatabaseError, match="denied|never rewritten|violates"), arranging():
        run(f"SELECT access_remove('{table}', ARRAY(SELECT id FROM {table}))")
    assert Person.objects.exists()
    assert Sharing.objects.exists()


def test_every_table_that_hangs_from_a_record_has_an_identifier_that_retention_knows():
    with owner() as database:
        wrong = database.execute(
            f"""SELECT name FROM ({HANGING}) AS hanging
            LEFT JOIN pg_attribute ON attrelid = name::regclass AND attname = 'id'
            WHERE atttypid IS DISTINCT FROM 'uuid'::regtype
                OR NOT has_table_privilege(
                    (SELECT retention FROM kernel_database_roles), name, 'DELETE')"""
        ).fetchall()
    assert wrong == []
