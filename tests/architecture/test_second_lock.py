"""Every table that hangs from a person is under the second lock, and few may look beside it."""

import ast
import re

import pytest
from django.apps import apps

from cordee.people.models import Person
from tests.architecture.house import PACKAGE, calls, sources

# They speak of a person without a key to her table.
BY_IDENTIFIER = {
    "kernel_fact",
    "kernel_fact_content",
    "access_trace",
    "access_previous_state",
}
# Who may look through the gates, which are under no second lock: the first lock. The search by name
# goes through its `keys_of`, and reads what it found under the second.
BESIDE = {
    "cordee.people.models",
    "cordee.people.models.gates",
    "cordee.people.policy.known",
    "cordee.pathways.models",
    "cordee.pathways.policy",
    "cordee.pathways.selectors",  # the order of the worklist is walked there, no row is shown of it
    "cordee.people.selectors.circle",  # an account’s own spaces: the door makes the actor of them
    "cordee.people.selectors.finding",  # names are met there, and judged window by window
    "cordee.web.selectors",  # that an account has a space at all: administration lists who has none
}
# Where the house looks with more than the actor’s eyes. Each says why; a new one is a decision.
BY_THE_HOUSE = {
    "cordee.access.bysets._unjudged",
    "cordee.access.trace.refusals_from",
    "cordee.access.trace.was_read",
    "cordee.access.versions.latest_states_of",
    "cordee.access.versions.moments_of",
    "cordee.access.versions.replacements_of",
    "cordee.access.versions.states_of",
    "cordee.broker.selectors.links.has_place_by_call",
    "cordee.broker.selectors.links.invitation_by_secret",
    "cordee.broker.selectors.links.invitation_of_link",
    "cordee.broker.selectors.pools.past_of",
    "cordee.broker.selectors.pools.pool",
    "cordee.broker.selectors.pools.solicited_of",
    "cordee.broker.selectors.pools.standings_of",
    "cordee.broker.selectors.screens._with_the_search",
    "cordee.broker.selectors.screens.called_off",
    *(
        f"cordee.broker.selectors.searches.{one}"
        for one in ("asks_something_else", "is_wanted", "is_held_outside", "taken_up_by")
    ),
    "cordee.broker.selectors.searches.wanted_among",
    "cordee.intake.selectors.duty._ways",
    "cordee.intake.selectors.requests.is_unreachable",
    "cordee.intake.selectors.service.link_by_secret",
    "cordee.intake.selectors.service.standing_of",
    "cordee.intake.selectors.service.stopped_request",
    "cordee.intake.selectors.service.unread_until",
    "cordee.fhir.selectors.was_sent_by",
    "cordee.fhir.sorting.kept_under_a_modifier",
    *(f"cordee.fhir.bulk.selectors.{one}" for one in ("key_after", "part_of", "parts_of")),
    "cordee.fhir.bulk.selectors.have_shut_something",  # whether, of nobody by name
    *(f"cordee.fhir.imports.selectors.{one}" for one in ("file_of", "files_of", "kept_of")),
    *(f"cordee.fhir.imports.selectors.{one}" for one in ("refusals_of", "refused_in")),
    *(f"cordee.messaging.selectors.{one}" for one in ("phone", "phones", "letter", "letters")),
    *(f"cordee.vigilance.selectors.{one}" for one in ("phones.day_of", "visits._named")),
    *(f"cordee.messaging.selectors.{one}" for one in ("conversation", "quick_answers")),
    "cordee.pathways.selectors.asked_among",  # whether a line is asked for, of nobody by name
    "cordee.protocols.selectors.many._apart",
    "cordee.partners.selectors.holders.token_told",
    "cordee.partners.selectors.subscribers.owner_of",
    *(
        f"cordee.partners.selectors.subscriptions.{one}"
        for one in (
            *("subscriptions_read_for", "subscriptions_due", "subscription_of", "events_between"),
            *("_standings", "_dead_letters", "_dead_letter", "_undelivered", "dead_of"),
        )
    ),
    "cordee.protocols.selectors.threads.judged_thread",
    "cordee.web.condition.figures",
    "cordee.web.live.lines_since",
    "cordee.web.condition.signs",
    "cordee.web.selectors.offered_space_by_secret",
    "cordee.web.readiness.problems_in_database",
}


def locked():
    """The tables that the rooms lock, in their `sight.sql`."""
    files = sorted(PACKAGE.glob("*/sql/sight*.sql"))
    return {
        table
        for file in files
        for table in re.findall(r"access_lock\('(\w+)'", file.read_text(encoding="utf-8"))
    }


def hangs_from_a_person(model, seen=()):
    """Whether some key of the table leads to a person, near or far."""
    keys = [field.related_model for field in model._meta.concrete_fields if field.is_relation]
    return model is Person or any(
        hangs_from_a_person(one, (*seen, model)) for one in keys if one not in (*seen, model)
    )


@pytest.mark.parametrize(
    "model",
    [one for one in apps.get_models() if one._meta.managed and hangs_from_a_person(one)],
    ids=lambda model: model._meta.label,
)
def test_a_table_that_hangs_from_a_person_is_under_the_second_lock(model):
    assert model._meta.db_table in locked(), "say in the room’s sql/sight.sql who is shown its rows"


def test_what_names_a_person_without_a_key_is_locked_too():
    assert locked() >= BY_IDENTIFIER


def test_only_the_first_lock_looks_through_the_gates():
    found = {
        source.dotted
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom | ast.ClassDef)
        if any(re.match(r"Gate[A-Z]", name) for name in _names(node))
    }
    assert found == BESIDE


def _names(node):
    return [one.name for one in node.names] if isinstance(node, ast.ImportFrom) else [node.name]


def test_the_house_looks_only_where_this_says_and_says_why():
    found = {}
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(mark, ast.Name) and mark.id == "by_the_house"
                for mark in node.decorator_list
            ):
                found[f"{source.dotted}.{node.name}"] = ast.get_docstring(node) or ""
    assert set(found) == BY_THE_HOUSE
    silent = [name for name, said in found.items() if "By the house" not in said]
    assert not silent, silent


def test_a_statement_says_who_reads_where_this_says():
    """`run_for` shows what its actor knows: the token that a door reads first, and a look whose
    actor the door names."""
    named = {one.dotted for one in sources() for _ in calls(one.tree, "run_for")}
    assert named == {"cordee.access.trace", "cordee.partners.selectors.holders"}


def test_who_reads_is_said_by_doors_only():
    """A selector that named another reader would open what its caller may not see."""
    ways = ("seen_by", "seen_by_found")
    named = {one.dotted for one in sources() for way in ways for _ in calls(one.tree, way)}
    assert named == {
        "cordee.access.sight",
        "cordee.fhir.frame",
        "cordee.fhir.jobs",
        "cordee.fhir.subscriptions.stream",
        "cordee.fhir.subscriptions.feeding",  # a job: in the name of the owner of a subscription
        "cordee.people.views.emergency",
        "cordee.vigilance.views.phone",
        "cordee.web.live",
        "cordee.web.middleware",
        "cordee.web.views.winner",
    }
