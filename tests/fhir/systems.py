"""A system of a partner at the door: its token, and an export taken to its end."""

import json
from datetime import timedelta
from typing import Any

from django.db import connection

from cordee.partners import flow
from tests.factories.directory import MembershipFactory
from tests.factories.partners import PAST, SystemFactory, asks
from tests.support import NOW, Browser, run_jobs

TOKEN = "/fhir/oauth/token"
ASYNC = {"Prefer": "respond-async"}


def system_of(stage: Any, **said: Any) -> Any:
    """A software that acts as a coordinator of the desk."""
    membership = MembershipFactory(organization=stage.desk, role="coordinator", since=PAST)
    return SystemFactory(membership=membership, **said)


def bearing(client: Any, scope: str = "system/*.cruds") -> Browser:
    """The machine of a client, which shows a token."""
    flow.forget()  # a test does not wait for what those before it asked
    token = Browser().post(TOKEN, asks(client, scope=scope)).json()["access_token"]
    machine = Browser(headers={"Authorization": f"Bearer {token}"})
    machine.now = NOW + timedelta(minutes=1)  # after what was set on the stage
    return machine


def ask(machine: Browser, words: str = "", level: str = "") -> Any:
    """Ask for an export. Gives the answer."""
    return machine.get(f"/fhir/{level}$export{words}", headers=ASYNC)


def place_of(answer: Any) -> str:
    """Where the export that was accepted says how far it is."""
    assert answer.status_code == 202, answer.content
    where: str = answer["Content-Location"]
    return where.removeprefix("http://127.0.0.1:8000").removeprefix("http://testserver")


def jobs_end(name: str) -> int:
    """The jobs of a name that wait fail, without having been run. Gives how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo'"
            " AND task_name = %s",
            [name],
        )
        return cursor.rowcount


def exported(machine: Browser, words: str = "", level: str = "") -> dict[str, list[Any]]:
    """An export from its beginning to its last file: its resources by type."""
    where = place_of(ask(machine, words, level))
    run_jobs()
    return taken(machine, where)


def taken(machine: Browser, where: str, what: str = "output") -> dict[str, list[Any]]:
    """What the files of an export that is done hold, by type."""
    answer = machine.get(where)
    assert answer.status_code == 200, answer.content
    found: dict[str, list[Any]] = {}
    for one in answer.json()[what]:
        read = lines(machine, one["url"])
        assert len(read) == one["count"]
        found.setdefault(one["type"], []).extend(read)
    return found


def lines(machine: Browser, url: str) -> list[Any]:
    """The lines of a file."""
    answer = machine.get(url[url.index("/fhir/") :], headers={"Accept": "application/fhir+ndjson"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/fhir+ndjson"
    content = answer.getvalue()
    assert content.endswith(b"\n")
    return [json.loads(one) for one in content.splitlines()]
