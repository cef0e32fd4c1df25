"""The second lock: the same pages of a region of 20,000 persons, under it and beside it.

Baseline: the same request whose session reads as the house, so that row-level security lets
everything through and the first lock alone narrows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from django.db.models import Count
from django.test import Client

from bench.house import peopled
from bench.registry import job, side_by_side
from cordee.access.actor import Actor
from cordee.directory.models import Membership
from cordee.pathways.models import Task
from cordee.people.models import Person
from cordee.web import middleware

PERSONS = 20_000
GOAL = "≤ 1.5 ×"


def _small(ours: float, baseline: float) -> bool:
    return ours <= 1.5 * baseline


@job("second lock, worklist page", unit="ms", goal=GOAL, is_reached=_small)
def worklist_page() -> tuple[float, float]:
    """Measure the worklist of the busiest desk."""
    return _both(lambda browser: browser.get("/a-faire"), b' id="t-')


@job("second lock, search by name", unit="ms", goal=GOAL, is_reached=_small)
def search_page() -> tuple[float, float]:
    """Measure the search of a usual name, misspelt by one letter."""
    name = Person.objects.order_by("name_key", "pk")[5000].birth_name
    asked = {"texte": f"{name[:-1]}x"}
    return _both(lambda browser: browser.post("/personnes/recherche", asked), b"")


@job("second lock, page of a person", unit="ms", goal=GOAL, is_reached=_small)
def person_page() -> tuple[float, float]:
    """Measure the page of somebody whom the desk follows."""
    _region()
    task = busiest_desk().filter(person__isnull=False).order_by("pk").first()
    assert task is not None  # noqa: S101
    return _both(lambda browser: browser.get(f"/personnes/{task.person_id}/"), b"")


def _both(ask: Callable[[Client], object], wanted: bytes) -> tuple[float, float]:
    _region()
    browser = signed_in()

    def under() -> None:
        response = ask(browser)
        assert response.status_code == 200, response.status_code  # type: ignore[attr-defined] # noqa: S101
        assert wanted in response.content  # type: ignore[attr-defined] # noqa: S101

    def beside() -> None:
        with mock.patch.object(middleware, "seen_by", _as_the_house):
            under()

    return side_by_side(under, beside)


@contextmanager
def _as_the_house(actor: Actor) -> Iterator[None]:
    yield


def _region() -> None:
    if Person.objects.count() < PERSONS:
        peopled(PERSONS)


def busiest_desk():  # type: ignore[no-untyped-def]
    """Give the tasks of the desk where most of them wait."""
    desks = Task.objects.values("organization").annotate(waiting=Count("pk"))
    busiest = desks.order_by("-waiting", "organization")[0]["organization"]
    return Task.objects.filter(organization=busiest)


def signed_in() -> Client:
    """Sign an orienteuse of the busiest desk in."""
    desk = busiest_desk()[:1].values_list("organization", flat=True)[0]
    post = Membership.objects.filter(organization=desk, role="orienteuse").order_by("pk")
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(
        post.select_related("account")[0].account,
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return browser
