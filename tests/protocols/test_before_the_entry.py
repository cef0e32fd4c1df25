"""What was so before the entry counts where a protocol says so: « déjà »."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cordee.people.facts import Informed
from cordee.protocols import selectors
from cordee.protocols.models import Rupture
from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.conformance import Status
from cordee.protocols.rules.protocol import Refused
from cordee.protocols.rules.saying import constraint_said, step_said
from cordee.protocols.rules.stations import Place, stations
from cordee.protocols.vocabulary import names_of_kinds
from tests.protocols.pathway_scene import HOME, happens, set_around
from tests.protocols.shelf import fact, library, paris, protocol, rule
from tests.support import facts, run_jobs

ENTERED = paris("2026-03-10 09:00")
STEPS = """
etapes:
- id: referent
  titre: Un référent rejoint le cercle
  responsable: coordination
  fait: {fait: people.joined_circle, quand: {role: coordination}}
  horloge: {dans: 7 jours, apres: entree, base: Usage}
  deja: %s
- id: plan
  titre: Convenir du plan
  responsable: referent
  fait: plans.plan_agreed
  horloge: {dans: 21 jours, apres: {etape: referent}, base: Usage}
"""
UNDONE = "{annule_par: {fait: people.left_circle, quand: {role: coordination}}}"
REFERENT = """
regle: nombre
fait: {fait: people.joined_circle, quand: {role: coordination}}
au_moins: 1
dans: 7 jours
deja: %s
"""
PRESENCE = """
regle: repetition
fait: liaison.contact_made
tous_les: 14 jours
apres: {fait: people.joined_circle, quand: {role: coordination}}
deja: oui
"""
DAY = timedelta(days=1)


def joins(at, number=1, recorded=""):
    return fact(number, "people.joined_circle", at, recorded=recorded, role="coordination")


def leaves(at, number=2):
    return fact(number, "people.left_circle", at, role="coordination")


def after_ten_days(one, *thread):
    state = engine.begun(one, ENTERED)
    for line in thread:
        state = engine.moved(one, state, line)
    return {verdict.of: verdict for verdict in engine.judged(one, state, ENTERED + 10 * DAY)}


def test_who_has_a_referent_already_breaks_no_step_and_the_next_one_starts_at_the_entry():
    said = after_ten_days(protocol(STEPS % "oui"), joins("2025-06-01 10:00"))
    assert said["referent"].status is Status.RESPECTED
    assert said["plan"].status is Status.PENDING
    assert said["plan"].since == ENTERED
    assert after_ten_days(protocol(STEPS % "oui"))["referent"].is_open


@pytest.mark.parametrize("deja", ["oui", "300 jours", UNDONE])
def test_who_has_a_referent_already_breaks_no_count(deja):
    one = protocol(rule(REFERENT % deja))
    assert after_ten_days(one, joins("2025-06-01 10:00"))["regle"].status is Status.RESPECTED
    assert after_ten_days(one)["regle"].is_open


@pytest.mark.parametrize(
    ("deja", "thread"),
    [
        ("60 jours", [joins("2025-06-01 10:00")]),
        (UNDONE, [joins("2025-06-01 10:00"), leaves("2025-09-01 10:00")]),
        (UNDONE, [leaves("2025-09-01 10:00"), joins("2025-06-01 10:00")]),
    ],
)
def test_what_is_too_old_or_was_undone_counts_no_more(deja, thread):
    for one in (protocol(rule(REFERENT % deja)), protocol(STEPS % deja)):
        said = after_ten_days(one, *thread)
        assert (said.get("regle") or said["referent"]).is_open


def test_what_is_to_come_again_starts_at_the_entry_when_what_starts_it_was_so():
    said = after_ten_days(protocol(rule(PRESENCE)), joins("2025-06-01 10:00"))["regle"]
    assert (said.status, said.since) == (Status.PENDING, ENTERED)
    assert after_ten_days(protocol(rule(PRESENCE)))["regle"].status is Status.NOT_CONCERNED


def test_what_was_so_and_is_learnt_after_a_long_life_on_the_pathway_has_it_read_again():
    one = protocol(rule(PRESENCE))
    state = engine.moved(one, engine.begun(one, ENTERED), joins("2026-03-11 10:00"))
    calls = [
        fact(number, "liaison.contact_made", f"2026-04-{number:02}") for number in range(3, 29)
    ]
    for call in calls:
        state = engine.moved(one, state, call)
    late = engine.moved(one, state, joins("2025-06-01 10:00", number=90))
    assert engine.needs_replay(late)
    assert not engine.needs_replay(state)


def test_the_line_says_of_a_station_that_it_was_done_before_the_entry():
    one = protocol(STEPS % "oui")
    state = engine.moved(one, engine.begun(one, ENTERED), joins("2025-06-01 10:00"))
    line = stations(one, state, ENTERED + DAY)
    assert [station.place for station in line] == [Place.BEFORE, Place.DUE]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (REFERENT.replace("au_moins: 1", "au_moins: 2") % "oui", "on a déjà, ou on n’a pas"),
        (REFERENT.replace("regle", "apres: people.informed\nregle") % "oui", "ne va pas avec"),
        (PRESENCE.replace("apres", "sauf"), "part déjà de l’entrée"),
        (REFERENT % "bientôt", "n’est pas un délai"),
        (REFERENT % "{depuis: 0 jour}", "au moins une heure ou un jour"),
        (REFERENT % "{jamais: oui}", "mot inconnu"),
        (REFERENT % "{annule_par: people.joined_circle}", "annulé par lui-même"),
    ],
)
def test_a_word_that_could_not_count_is_refused_with_its_line(text, said):
    with pytest.raises(Refused) as refused:
        protocol(rule(text))
    told = "\n".join(refused.value.problems)
    assert said in told
    assert told.startswith("Ligne ")


def test_it_is_said_in_the_public_version_and_in_the_comparison():
    before, after = protocol(STEPS.replace("  deja: %s\n", "")), protocol(STEPS % UNDONE)
    said = step_said(after, after.steps[0], names_of_kinds())
    assert "Ce qui l’était avant l’entrée compte aussi, sauf si est venu depuis" in said
    counted = protocol(rule(REFERENT % "60 jours")).constraints[0]
    assert "s’il date de 60 jours au plus" in constraint_said(counted, names_of_kinds())
    (change,) = selectors.changes(before, after)
    assert "déjà, avant l’entrée" in change.what
    assert "people.left_circle" in change.after


def test_the_shipped_protocols_break_nothing_of_who_comes_with_a_doctor_and_a_referent():
    came = [
        fact(1, "people.joined_circle", "2025-06-01 10:00", role="coordination"),
        fact(2, "people.joined_circle", "2025-06-01 10:01", role="gp"),
        fact(3, "people.informed", "2025-06-01 10:02"),
    ]
    shelf = library()
    for id_, of in (
        ("fragilite-domicile", "referent-nomme"),
        ("fragilite-domicile", "information"),
        ("insuffisance-cardiaque", "cercle-avec-medecin"),
        ("coordination-oncologie", "referent"),
        ("gestion-de-cas", "referent"),
    ):
        assert after_ten_days(shelf[id_], *came)[of].status is Status.RESPECTED, (id_, of)
    assert after_ten_days(shelf["gestion-de-cas"], *came)["presence"].status is Status.PENDING


def test_a_second_agreement_asks_for_no_second_first_action():
    came = [
        fact(1, "plans.plan_agreed", "2026-03-11 10:00"),
        fact(2, "plans.action_planned", "2026-03-12 10:00"),
        fact(3, "plans.plan_agreed", "2026-03-20 10:00"),
    ]
    one = library()["diabete"]
    state = engine.replayed(one, ENTERED, came)
    said = {verdict.of: verdict for verdict in engine.judged(one, state, ENTERED + 120 * DAY)}
    assert said["action-apres-accord"].status is Status.RESPECTED


@pytest.mark.parametrize(
    "kind", ["assessments.response_completed", "assessments.social_response_completed"]
)
def test_either_evaluation_prepares_an_operation(kind):
    one = library()["parcours-chirurgical"]
    came = [
        fact(1, kind, "2026-03-12 10:00"),
        fact(2, "people.person_admitted", "2026-03-19 08:00"),
    ]
    said = after_ten_days(one, *came)
    assert said["preparation"].status is Status.RESPECTED
    assert said["preparation-avant-hospitalisation"].status is Status.RESPECTED


# --- on a real pathway ----------------------------------------------------------------------------


def told_before(around, at, now):
    line = Informed(person_id=around.person.pk, information_id=around.person.pk, notice="2026-11")
    return happens(line, at, now)


@pytest.mark.django_db
def test_what_was_done_before_breaks_nothing_of_a_pathway_though_it_is_recorded_after_the_entry():
    now = timezone.now()
    text = HOME.replace("entree, base: Usage}\n", "entree, base: Usage}\n  deja: oui\n")
    around = set_around(text)
    around.join(entered_at=now - 6 * DAY, now=now)
    assert [one.of for one in Rupture.objects.all()] == ["informer"]
    told_before(around, now - 40 * DAY, now)
    run_jobs()
    assert [(one.of, one.standing) for one in Rupture.objects.all()] == [("informer", "lifted")]
    assert facts("protocols.pathway_rejudged")


@pytest.mark.django_db
def test_without_the_word_what_was_before_the_entry_does_not_count():
    now = timezone.now()
    around = set_around(HOME)
    told_before(around, now - 40 * DAY, now - 40 * DAY)
    around.join(entered_at=now - 6 * DAY, now=now)
    assert [one.of for one in Rupture.objects.open()] == ["informer"]
