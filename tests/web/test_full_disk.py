"""A disk that fills up: gestures stop with a sentence, reads go on, nothing is half done."""

import errno

import psycopg
import pytest
from django.db import OperationalError

from cordee.intake.models import Draft
from cordee.web import room
from cordee.web.views import condition
from tests.factories.directory import OrganizationFactory
from tests.support import coordinator_of, orienteuse_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(monkeypatch):
    monkeypatch.setattr(room, "has_room", lambda: False)
    monkeypatch.setattr(condition.condition, "has_room", lambda: False)


@pytest.fixture
def desk(client):
    return client.as_(orienteuse_of(OrganizationFactory()))


def test_a_gesture_is_refused_with_a_sentence_and_does_nothing(desk, full):
    answer = desk.post("/appels/nouveau")
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "Le disque du serveur est plein" in page
    assert "Votre dernier geste n’a pas été enregistré" in page
    assert Draft.objects.count() == 0


def test_a_part_of_a_page_says_it_among_the_toasts(desk, full):
    answer = desk.htmx("/appels/nouveau", {})
    assert answer.status_code == 503
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "Le disque du serveur est plein" in answer.content.decode()


def test_pages_and_searches_go_on(desk, full):
    assert desk.get("/personnes/").status_code == 200
    assert desk.post("/personnes/recherche", {"q": "Vacheresse"}).status_code == 200
    assert desk.get("/demandes/").status_code == 200


def test_one_may_still_sign_in_to_read(client, full):
    answer = client.post("/compte/login/", {"login": "a@exemple.fr", "password": "faux"})
    assert answer.status_code == 200


def test_the_status_page_says_it(client, full):
    client.as_(coordinator_of(OrganizationFactory()))
    page = client.get("/etat").content.decode()
    assert "Place sur le disque" in page
    assert "notez sur papier" in page
    assert "Ce que vous enregistrez est gardé" not in page
    assert client.get("/ready").json()["disk"] is False


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        psycopg.errors.DiskFull("could not extend file"),
    ],
)
def test_a_disk_that_was_faster_is_said_the_same_way(desk, error, monkeypatch):
    def breaks(now):
        raise OperationalError("could not extend file") from error

    monkeypatch.setattr(condition.condition, "signs", breaks)
    answer = desk.get("/etat")
    assert answer.status_code == 503
    assert "Le disque du serveur est plein" in answer.content.decode()


def test_the_reserve_is_measured_on_the_disk_of_the_server(monkeypatch, settings, tmp_path):
    from dataclasses import replace

    settings.CORDEE = replace(settings.CORDEE, data=tmp_path)
    monkeypatch.setattr(room, "RESERVE", 1 << 60)
    assert room.has_room(), "a server elsewhere has its own keeper"
    (tmp_path / "postgres").mkdir()
    assert not room.has_room()
    monkeypatch.setattr(room, "RESERVE", 1)
    assert room.has_room()
