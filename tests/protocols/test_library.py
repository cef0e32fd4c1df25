"""The ten protocols that are shipped: read, honest about their sources, written back the same."""

from datetime import timedelta

import pytest

from cordee.kernel.facts import Fact
from cordee.protocols import shipped
from cordee.protocols.rules import conformance as engine
from cordee.protocols.rules.kinds import TO_COME
from cordee.protocols.rules.protocol import Certainty
from cordee.protocols.rules.reading import read
from cordee.protocols.rules.writing import written
from cordee.protocols.vocabulary import known_kinds, never_alone
from tests.protocols.shelf import library, paris

TO_VALIDATE = "à valider localement"
READ = {"Code de la santé publique, L.6327-2 (missions des dispositifs d’appui à la coordination)"}


def test_ten_protocols_are_shipped_each_under_its_own_name():
    assert len(library()) == 10
    assert [one.id for one in library().values()] == list(library())


@pytest.mark.parametrize("id_", shipped.texts())
def test_a_shipped_protocol_says_that_everything_is_to_be_validated_locally(id_):
    one = library()[id_]
    bases = [rule.basis for rule in one.constraints]
    bases += [step.clock.basis for step in one.steps if step.clock]
    assert TO_VALIDATE in one.status
    assert [basis for basis in bases if TO_VALIDATE not in basis] == []


@pytest.mark.parametrize("id_", shipped.texts())
def test_a_shipped_protocol_claims_to_have_read_only_what_was(id_):
    sure = {one.text for one in library()[id_].sources if one.certainty is Certainty.READ}
    assert sure <= READ
    assert library()[id_].sources


@pytest.mark.parametrize("id_", shipped.texts())
def test_a_protocol_written_back_is_the_same(id_):
    one = library()[id_]
    assert read(written(one), kinds=known_kinds(), never_alone=never_alone()) == one


@pytest.mark.parametrize("id_", shipped.texts())
def test_a_person_of_whom_nothing_is_heard_breaks_something_within_a_year(id_):
    one, entered = library()[id_], paris("2026-01-05 09:00")
    state = engine.begun(one, entered)
    assert not any(verdict.is_open for verdict in engine.judged(one, state, entered))
    later = engine.judged(one, state, entered + timedelta(days=365))
    assert any(verdict.is_open for verdict in later)


def test_the_library_speaks_of_facts_that_the_house_already_publishes():
    spoken = {kind for one in library().values() for kind in one.places}
    assert len(spoken & (set(Fact.known))) >= 10


def test_a_kind_leaves_the_list_of_those_to_come_when_a_room_publishes_it():
    assert not set(TO_COME) & set(Fact.known)


def test_an_entry_is_proposed_by_a_fact_and_never_by_another():
    one = library()["situation-complexe"]
    assert one.proposed_by("intake.request_handed_on", {"reason": "dac"})
    assert not one.proposed_by("intake.request_handed_on", {"reason": "territory"})


@pytest.mark.parametrize(
    ("id_", "step"),
    [
        ("fragilite-domicile", "evaluation"),
        ("gestion-de-cas", "evaluation"),
        ("situation-complexe", "analyse"),
        ("sortie-personne-agee", "bilan"),
        ("suivi-avc", "evaluation"),
    ],
)
def test_the_evaluation_of_several_domains_counts_though_it_is_read_as_social_life(id_, step):
    kinds = {one.kind for found in library()[id_].steps if found.id == step for one in found.done}
    assert kinds >= {"assessments.response_completed", "assessments.social_response_completed"}
