"""The condition of the house: what is late, since when, what to do; counts that name nobody."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from procrastinate.contrib.django import app

from cordee.access import trace
from cordee.access.seals import seal_pending
from cordee.kernel import metrics, queue, spans
from cordee.web import condition
from host.setup import ROOT
from tests.factories.directory import OrganizationFactory
from tests.factories.messaging import MessageFactory
from tests.factories.people import PersonFactory
from tests.support import NOW, arranging, calm, coordinator_of, serve

pytestmark = pytest.mark.django_db
UUID_SHAPED = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


def sql(question, *values):
    with connection.cursor() as cursor:
        cursor.execute(question, values)


def a_worker_beats(at=NOW):
    sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", at)


def a_job_waits(since, name="cordee.broker.jobs.close_wave"):
    sql(
        """INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)
        VALUES ('broker', %s, %s)""",
        name,
        since,
    )


def sign(code):
    return next(one for one in condition.signs(NOW) if one.code == code)


@pytest.fixture
def desk(client):
    return client.as_(coordinator_of(OrganizationFactory()))


class TestReady:
    def test_the_house_is_ready_when_every_part_works(self, client):
        a_worker_beats()
        answer = client.get("/ready")
        assert answer.status_code == 200
        assert set(answer.json()) == {
            *(
                "database",
                "disk",
                "backups",
                "migrations",
                "worker",
                "jobs",
                "seal",
                "imports",
                "months",
                "emergencies",
            ),
            *("outbox.sms", "outbox.email", "unkept", "partners"),
        }
        assert all(answer.json().values())

    def test_it_is_not_without_a_worker(self, client):
        a_worker_beats(NOW - timedelta(minutes=5))
        answer = client.get("/ready")
        assert answer.status_code == 503
        assert answer.json()["worker"] is False
        assert client.get("/health").status_code == 200

    def test_it_is_not_without_its_database(self, client, monkeypatch):
        def unreachable(now):
            raise DatabaseError

        monkeypatch.setattr(condition, "signs", unreachable)
        answer = client.get("/ready")
        assert (answer.status_code, answer.json()) == (503, {"database": False})

    def test_it_is_not_behind_its_code(self, client, monkeypatch):
        a_worker_beats()
        ahead = condition.shipped_migrations() | {("people", "9999_to_come")}
        monkeypatch.setattr(condition, "shipped_migrations", lambda: ahead)
        assert client.get("/ready").json()["migrations"] is False

    def test_a_late_job_counts_and_one_for_later_does_not(self):
        a_job_waits(NOW + timedelta(hours=1))
        assert sign("jobs").works
        a_job_waits(NOW - timedelta(minutes=10))
        late = sign("jobs")
        assert (late.works, late.since) == (False, NOW - timedelta(minutes=10))

    def test_a_journal_that_leaves_no_more_is_said_and_stops_nothing(self, settings, tmp_path):
        assert sign("backups").said == "non demandée ici"
        settings.CORDEE = replace(settings.CORDEE, data=tmp_path, backups=str(tmp_path / "there"))
        assert sign("backups").works, "it has not begun"
        spool = tmp_path / "journal"
        spool.mkdir()

        def written(name, minutes):
            at = (NOW - timedelta(minutes=minutes)).timestamp()
            path = spool / name if name else spool
            if name:
                path.touch()
            os.utime(path, (at, at))

        written("0" * 24 + ".partial", 0)
        written("0" * 23 + "1", 10)
        assert (sign("backups").works, sign("backups").said) == (True, "à l’heure")
        written("0" * 23 + "1", 20)  # the folder of backups is away
        late = sign("backups")
        assert (late.works, late.since, late.stops) == (False, NOW - timedelta(minutes=20), False)
        (spool / ("0" * 23 + "1")).unlink()
        assert sign("backups").works
        written("0" * 24 + ".partial", 30)  # whoever follows has fallen
        assert sign("backups").since == NOW - timedelta(minutes=30)
        (spool / ("0" * 24 + ".partial")).unlink()
        written("", 40)  # or could never begin
        assert sign("backups").since == NOW - timedelta(minutes=40)

    def test_partners_who_wait_for_each_other_stop_nothing(self):
        a_job_waits(NOW - timedelta(minutes=10), "cordee.fhir.jobs.send")
        assert sign("jobs").works


@pytest.mark.django_db(transaction=True)
def test_a_trace_that_waits_for_its_seal_is_said_until_it_is_sealed():
    actor = coordinator_of(OrganizationFactory())
    trace.signed(actor, "web.audit")
    sql("SELECT 1")
    later = condition.signs
    calm()
    in_five = next(s for s in later(_written() + timedelta(minutes=5)) if s.code == "seal")
    assert not in_five.works
    assert seal_pending() >= 1
    assert next(s for s in later(_written() + timedelta(minutes=5)) if s.code == "seal").works


def _written():
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(at) FROM access_trace")
        return cursor.fetchone()[0]


class TestTheStatusPage:
    def test_says_that_all_is_well(self, desk):
        a_worker_beats()
        page = desk.get("/etat").content.decode()
        assert "Tout marche" in page
        assert "Textos" in page

    def test_says_what_is_late_since_when_and_what_to_do(self, desk):
        a_worker_beats()
        since = NOW - timedelta(minutes=25)
        with arranging():
            MessageFactory(channel="sms", text="Pour Rosalie Vacheresse", next_attempt_at=since)
        page = desk.get("/etat").content.decode()
        assert "retardés (1 en attente)" in page
        assert "Cela a commencé" in page
        assert "19:00" in page or "il y a 25" in page
        assert "Appelez ce qui presse" in page
        assert "Vacheresse" not in page

    def test_asks_to_sign_in(self, client):
        assert client.get("/etat").status_code == 302

    def test_asks_the_database_as_much_whatever_waits(self, desk, django_assert_num_queries):
        for _ in range(12):
            a_job_waits(NOW - timedelta(hours=1))
        with django_assert_num_queries(12):
            condition.signs(NOW)


class TestMetrics:
    def test_count_doors_and_waits_and_name_nobody(self, desk, client):
        with arranging():
            person = PersonFactory(birth_name="Vacheresse")
        desk.get(f"/personnes/{person.pk}/")
        a_job_waits(NOW - timedelta(minutes=10))
        told = client.get("/metrics").content.decode()
        assert 'cordee_requests_total{door="web:person"' in told
        assert 'cordee_jobs_late_seconds{queue="broker"} 600.0' in told
        assert "cordee_request_seconds_bucket" in told
        assert "Vacheresse" not in told
        assert not UUID_SHAPED.search(told)

    def test_are_told_to_this_machine_only(self, client):
        assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404

    def test_are_told_to_whoever_holds_the_token_and_to_nobody_else(self, client, settings):
        settings.CORDEE = replace(settings.CORDEE, metrics_token="j" * 32)
        assert client.get("/metrics").status_code == 404
        holder = {"Authorization": "Bearer " + "j" * 32}
        assert client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers=holder).status_code == 200
        wrong = {"Authorization": "Bearer " + "é" * 32}
        assert client.get("/metrics", headers=wrong).status_code == 404

    def test_of_all_the_processes_are_added_up(self, tmp_path):
        code = """
import os
from cordee.kernel import metrics
for _ in range(3):
    if os.fork() == 0:
        metrics.requests.labels("web:home", "GET", "2xx").inc()
        os._exit(0)
    os.wait()
print(metrics.exposed({}).decode())
"""
        told = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert 'cordee_requests_total{door="web:home",method="GET",status="2xx"} 3.0' in told

    def test_are_told_while_a_process_makes_its_file(self, client, monkeypatch, tmp_path):
        (tmp_path / "counter_4242.db").touch()
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        assert client.get("/metrics").status_code == 200


class Collector(BaseHTTPRequestHandler):
    """What a collector of OpenTelemetry hears."""

    heard: list[bytes] = []

    def do_POST(self):
        self.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass


class TestSpans:
    def test_leave_for_the_collector_with_the_door_and_nobody(self, desk, settings):
        server = HTTPServer(("127.0.0.1", 0), Collector)
        serve(server)
        settings.CORDEE = replace(
            settings.CORDEE, otel_endpoint=f"http://127.0.0.1:{server.server_port}"
        )
        with arranging():
            person = PersonFactory(birth_name="Vacheresse")
        desk.get(f"/personnes/{person.pk}/")
        provider = spans._tracer(os.getpid()).span_processor
        provider.force_flush()
        provider.shutdown()
        spans._tracer.cache_clear()
        server.shutdown()
        server.server_close()
        told = b"".join(Collector.heard)
        assert b"web:person" in told
        assert b"Vacheresse" not in told
        assert str(person.pk).encode() not in told

    def test_load_nothing_unless_asked(self, desk, monkeypatch):
        monkeypatch.setitem(sys.modules, "opentelemetry", None)
        assert settings.CORDEE.otel_endpoint == ""
        assert desk.get("/etat").status_code == 200


def test_a_job_is_counted_and_its_failure_too(monkeypatch):
    monkeypatch.setattr(queue, "close_old_connections", lambda: None)

    @queue.job(queue="house", attempts=1)
    def tries() -> None:
        raise ValueError("Rosalie")

    name = f"{__name__}.tries"
    with pytest.raises(ValueError, match="Rosalie"):
        app.tasks[name].func()
    told = metrics.exposed({}).decode()
    assert f'cordee_jobs_total{{job="{name}",outcome="failed"}} 1.0' in told
    assert "Rosalie" not in told
