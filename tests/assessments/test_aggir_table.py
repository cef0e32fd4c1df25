"""The legal table of AGGIR, against its text."""

from itertools import product

import pytest

from cordee.assessments.rules.aggir import (
    GROUPS,
    WEIGHTED,
    WEIGHTLESS,
    WEIGHTS,
    gir_of,
    irregularities,
    ranking,
)
from tests.assessments import annexe

GOLDEN = {
    "AAAAAAAA": (13, 6),
    "CCCCCCCC": (1, 1),
    "CCCCCCAA": (3, 2),
    "CCAAAAAA": (4, 2),
    "AACCACCC": (6, 2),
    "AACCCCAA": (7, 2),
    "ABCABCAA": (8, 3),
    "BBCCBBAA": (9, 3),
    "AABBBBBA": (10, 4),
    "BBBBBBBB": (10, 4),
    "ABBBABBA": (10, 4),
    "AABBAAAA": (11, 4),
    "AAAABBBA": (11, 4),
    "AAAACAAA": (12, 5),
    "AACAAAAA": (12, 5),
    "AABAAAAA": (12, 5),
    "AAAABAAA": (12, 5),
    "AAAAAACC": (12, 5),
    "CAAAAAAA": (13, 6),
    "BCAAAAAA": (13, 6),
    "BBAAAAAA": (13, 6),
    "AAAAAABA": (12, 5),
    "AAAAAACA": (13, 6),
}


def spelled(letters):
    return dict(zip(WEIGHTED, letters, strict=True))


@pytest.mark.parametrize("letters", GOLDEN)
def test_a_known_grid_has_its_known_rank_and_gir(letters):
    found = ranking(spelled(letters))
    assert (found.rank, found.gir) == GOLDEN[letters]


def test_each_of_the_6561_grids_is_ranked_as_the_text_of_the_annexe_ranks_it():
    wrong = []
    seen = set()
    for letters in map("".join, product("ABC", repeat=8)):
        found = ranking(spelled(letters))
        seen.add(found.rank)
        if (found.rank, found.gir) != annexe.rank_and_gir(letters):
            wrong.append(letters)
        if gir_of(spelled(letters)) != found.gir:
            wrong.append(letters)
    assert not wrong
    assert seen == set(range(1, 14)), "every rank of the table is somebody’s"


def test_each_weight_is_the_one_of_the_text_even_where_no_rank_depends_on_it():
    """The sums are shown to people: a wrong weight that changes no rank would still be a lie."""
    lines = annexe.LETTERS_IN_ORDER[:8]
    for group, weights in zip(GROUPS, WEIGHTS, strict=True):
        text = annexe.POINTS[group.letter]
        assert [{said: text[line, said] for said in "ABC"} for line in lines] == list(weights)


def test_going_out_and_calling_from_afar_weigh_nothing_in_any_table_of_the_annexe():
    for points in annexe.POINTS.values():
        assert len(points) == 30
        lines = ("Déplacement extérieur", "Communication")
        assert {points[line, modality] for line in lines for modality in "BC"} == {0}
    assert WEIGHTLESS == ("outdoors", "alert")


def test_groups_are_tried_in_order_until_one_threshold_is_met_and_each_sum_starts_from_zero():
    found = ranking(spelled("AACCACCC"))
    assert [tried.group.letter for tried in found.tried] == ["A", "B", "C"]
    assert [tried.total for tried in found.tried] == [1180, 900, 1640]
    assert [tried.threshold for tried in found.tried] == [None, None, 1432]


def test_the_last_group_always_ends_the_table():
    assert [group.letter for group in GROUPS] == list("ABCDEFGH")
    assert [tried.rank for tried in ranking(spelled("AAAAAAAA")).tried] == [None] * 8


def test_not_doing_ones_transfers_counts_as_more_autonomous_and_whoever_reads_it_is_told():
    (partly,) = irregularities(spelled("AAAAAABA"))
    (not_at_all,) = irregularities(spelled("AAAAAACA"))
    assert (partly.variable, partly.instead, partly.gir) == ("transfers", "C", 6)
    assert (not_at_all.variable, not_at_all.instead, not_at_all.gir) == ("transfers", "B", 5)
    assert irregularities(spelled("AAAAAAAA")) == ()


def test_a_grid_without_one_of_its_eight_variables_is_refused():
    with pytest.raises(KeyError):
        ranking(dict.fromkeys(WEIGHTED[1:], "A"))
