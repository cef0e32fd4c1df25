"""The logs of a day of the demonstration: what the machine did, and nobody in it."""

import io
import json
import logging
import logging.config

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from config.logging import configured
from cordee.people.models import Person, Relative
from cordee.web import demo
from cordee.web.views import condition as door
from tests.support import Browser, run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def logs():
    """Everything that would be logged, at the chattiest level, in one text."""
    kept = logging.getLogger()
    before = (kept.level, kept.handlers[:])
    wanted, heard = configured("json"), io.StringIO()
    wanted["handlers"]["stderr"]["stream"] = heard
    wanted["root"]["level"] = "DEBUG"
    wanted["loggers"] = {}
    logging.config.dictConfig(wanted)
    yield heard
    kept.setLevel(before[0])
    kept.handlers[:] = before[1]


def words_of_somebody():
    """Names, phones, identifiers of the persons of the demonstration, as they would be written."""
    found = set()
    for person in Person.objects.all():
        found |= {person.birth_name, person.used_name, person.ins, person.phone}
        found |= {person.phone.replace("+33", "0"), f"{person.birth_date:%Y-%m-%d}"}
    for relative in Relative.objects.all():
        found |= {relative.phone, relative.phone.replace("+33", "0")}
    return {word for word in found if len(word) > 4}


def test_a_day_of_the_demonstration_leaves_nobody_in_the_logs(logs, monkeypatch, capsys):
    call_command("demo")
    person = Person.objects.exclude(ins="").exclude(phone="").order_by("pk").first()
    desk = Browser(raise_request_exception=False)
    desk.now = None
    desk.post("/compte/login/", {"login": "claire@exemple.fr", "password": "faux"})
    signed = desk.post("/compte/login/", {"login": "claire@exemple.fr", "password": demo.PASSWORD})
    assert signed.status_code == 302
    desk.get("/", follow=True)
    for wanted in (person.birth_name, person.ins, person.phone):
        assert desk.post("/personnes/recherche", {"q": wanted}).status_code == 200
        desk.get(f"/personnes/?q={wanted}")
        desk.get(f"/rien/{wanted}")
    for name in Person.objects.order_by("birth_name").values_list("birth_name", flat=True):
        desk.get(f"/rien/{name}")
    for place in ("", "identite", "cercle", "choix", "fil", "volets/identite"):
        desk.get(f"/personnes/{person.pk}/{place}")
    desk.post("/personnes/nouvelle", {"birth_name": person.birth_name, "birth_date": "?"})
    desk.get("/appels/nouveau", follow=True)
    desk.post("/demande/nouvelle", {"phone": person.phone})
    run_jobs()

    def breaks(*arguments):
        raise ValueError(f"{person.birth_name} {person.phone} {person.ins}")

    monkeypatch.setattr(door.condition, "signs", breaks)
    assert desk.get("/etat").status_code == 500
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """CREATE TEMP TABLE twice (name text UNIQUE) ON COMMIT DROP;
            INSERT INTO twice VALUES ('Un'), ('Un')"""
        )
    try:
        raise IntegrityError(f"Key (name)=({person.birth_name}) already exists")
    except IntegrityError:
        logging.getLogger("cordee.worker").exception("seal")

    said = logs.getvalue()
    lines = [json.loads(line) for line in said.splitlines()]
    assert any(line["level"] == "ERROR" and "ValueError" in line["error"][0] for line in lines)
    assert any(line["level"] == "WARNING" for line in lines)
    somebody = words_of_somebody()
    assert len(somebody) > 100
    assert [word for word in sorted(somebody) if word in said] == []
