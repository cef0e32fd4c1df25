"""The worklist page: fifty lines out of six hundred, signed in, ruled, counted and traced.

Baseline: the page that a tutorial would write. The same fifty rows of the same table, in the same
order, through the ORM and Django's own template engine, for anybody, and written down nowhere.
"""

from datetime import timedelta
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory

from bench.registry import job, side_by_side
from cordee.access.models import Account
from cordee.pathways.models import Task
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.pathways import TaskFactory
from tests.factories.people import InformationFactory, OrganizationMemberFactory, PersonFactory
from tests.support import NOW

PERSONS, TASKS = 60, 600
PLAIN = """<!doctype html><html lang="fr"><title>À faire</title><table>
{% for task in tasks %}<tr class="urgency-{{ task.urgency }}">
<td><a href="/taches/{{ task.pk }}">{{ task.person.first_name }}
{{ task.person.birth_name }}</a></td>
<td>{{ task.get_kind_display }}</td><td>{{ task.since_at }}</td><td>{{ task.due_at }}</td>
<td>{{ task.assignee.name|default:"Équipe" }}</td>
<td><form method="post" action="/taches/{{ task.pk }}/fait">{% csrf_token %}
<button>Fait</button></form>
<form method="post" action="/taches/{{ task.pk }}/reporter">{% csrf_token %}
<button>30 min</button></form>
<a href="/taches/{{ task.pk }}">Confier</a></td></tr>{% endfor %}</table></html>"""


@job(
    "worklist page",
    unit="ms",
    goal="≤ 100 ms",
    is_reached=lambda ours, baseline: ours <= 100,
)
def worklist_page() -> tuple[float, float]:
    """Measure the page as a signed-in orienteuse gets it, and the plain page."""
    account = _scene()
    browser = Client(SERVER_NAME="localhost", **{"cordee.now": NOW})  # type: ignore[arg-type]
    browser.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")

    def ours() -> None:
        response = browser.get("/a-faire")
        assert response.content.count(b' id="t-') == 50, response.status_code  # noqa: S101

    template = engines["django"].from_string(PLAIN)
    factory = RequestFactory(SERVER_NAME="localhost")

    def plain(request: HttpRequest) -> HttpResponse:
        rows = Task.objects.filter(state="open").select_related("person", "assignee")
        tasks = rows.order_by("urgency", "sorts_at", "id")[:50]
        return HttpResponse(template.render({"tasks": tasks}, request))

    return side_by_side(ours, lambda: plain(factory.get("/a-faire")))


def _scene() -> Account:
    """Make an orienteuse, sixty persons she follows and ten open tasks for each."""
    account = AccountFactory(name="Claire Roux")
    desk = OrganizationFactory()
    MembershipFactory(account=account, organization=desk, role="orienteuse")
    for number in range(PERSONS):
        person = PersonFactory()
        OrganizationMemberFactory(person=person, organization=desk, practitioner=None)
        InformationFactory(person=person)
        for order in range(TASKS // PERSONS):
            TaskFactory(
                organization=desk,
                person=person,
                urgency=(number + order) % 5,
                sorts_at=NOW + timedelta(minutes=number * 7 + order),
                due_at=NOW + timedelta(minutes=number * 7 + order),
            )
    return cast("Account", account)
