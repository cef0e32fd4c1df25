"""Records that may be one person: found by sets, weighed, measured; judged by a human."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from cordee.access.actor import SYSTEM
from cordee.people import labelled, services
from cordee.people.models import Candidate, Person
from cordee.people.rules import matching
from cordee.people.rules.traits import Traits
from tests.factories.directory import CommuneFactory
from tests.factories.people import BORN, PersonFactory, number_of
from tests.support import NOW, arranging

BERTHE = Traits(
    birth_name="Lefèvre",
    first_names="Berthe Marie",
    birth_date=BORN,
    sex="F",
    phones=frozenset({"+33639980001"}),
    commune_code="05132",
)


def weighed(**changes):
    other = replace(BERTHE, **changes)
    return matching.judged(matching.known(BERTHE), matching.known(other))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "même nom"),
        ({"birth_name": "Lefebvre"}, "nom proche"),
        ({"birth_name": "LEFEVRE", "first_names": "BERTHE"}, "même prénom"),
        ({"birth_name": "Berthe", "first_names": "Lefèvre"}, "nom et prénom inversés"),
        ({"birth_name": "Martin", "used_name": "Lefèvre"}, "nom de naissance de l’un"),
        ({"birth_date": date(1941, 7, 3)}, "jour et mois de naissance inversés"),
        ({"birth_date": date(1941, 3, 8)}, "date de naissance à un chiffre près"),
        ({"first_names": "Marie", "phones": frozenset()}, "prénom parmi ceux de l’autre"),
        ({"birth_date": None}, "même téléphone"),
    ],
)
def test_one_person_written_otherwise_is_kept_with_the_reason(changes, reason):
    judgement = weighed(**changes)
    assert judgement.probability >= matching.KEPT
    assert any(reason in told for told in judgement.reasons), judgement.reasons


@pytest.mark.parametrize(
    "changes",
    [
        {"first_names": "Odette"},  # her twin
        {"birth_date": date(1968, 5, 2)},  # her daughter, named after her
        {
            "birth_name": "Blanc",
            "first_names": "Marcel",
            "birth_date": date(1939, 1, 1),
            "sex": "M",
        },
        {"birth_date": date(1950, 9, 9), "phones": frozenset(), "commune_code": "34301"},
    ],
)
def test_somebody_else_who_looks_alike_is_not(changes):
    assert weighed(**changes).probability < matching.KEPT


def test_two_qualified_numbers_outweigh_all_the_rest():
    one = replace(BERTHE, ins=number_of(1), ins_qualified=True)
    other = replace(BERTHE, ins=number_of(2), ins_qualified=True)
    assert matching.judged(matching.known(one), matching.known(other)).probability < matching.KEPT
    assert matching.judged(matching.known(one), matching.known(one)).probability > 0.9999


words = st.sampled_from(["", "Lefèvre", "Lefebvre", "Martin", "Berthe", "Berthe Marie", "Odette"])
days = st.sampled_from([date(1941, 7, 3), date(1941, 3, 8), date(1968, 5, 2), date(1948, 3, 7)])
identities = st.builds(
    Traits,
    birth_name=words,
    used_name=words,
    first_names=words,
    used_first_name=words,
    birth_date=st.none() | st.just(BORN) | days,
    sex=st.sampled_from(["", "F", "M"]),
    ins=st.sampled_from(["", number_of(1), number_of(2)]),
    ins_qualified=st.booleans(),
    ins_oid=st.sampled_from(["", "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9"]),
    phones=st.frozensets(st.sampled_from(["+33639980001", "+33639980002"])),
    commune_code=st.sampled_from(["", "05132", "34301"]),
)


@given(identities, identities)
def test_who_may_be_as_sure_as_one_is_judged_is_never_passed_over(one, other):
    asked, met = matching.known(one), (other.birth_date, other.ins, other.phones)
    found = matching.judged_on_entry(asked, other).probability
    assert matching.may_reach(asked, matching.Glimpse(*met), found)


@pytest.mark.parametrize(
    ("changes", "entry", "kept"),
    [
        ({}, True, True),
        ({"birth_date": date(1941, 7, 3)}, True, True),
        ({"birth_date": None}, True, True),
        ({"birth_date": None, "phones": frozenset()}, True, False),
        ({"birth_date": date(1950, 9, 9)}, True, True),  # the same phone
        ({"birth_date": date(1950, 9, 9), "phones": frozenset()}, True, False),
        ({"birth_date": date(1968, 5, 2), "phones": frozenset()}, False, False),
    ],
)
def test_the_birth_of_a_namesake_says_that_nobody_need_look_further(changes, entry, kept):
    met = replace(BERTHE, **changes)
    glimpse = matching.Glimpse(met.birth_date, met.ins, met.phones)
    asked = matching.known(BERTHE)
    may = [matching.may_reach(asked, glimpse, one) for one in (matching.ON_ENTRY, matching.KEPT)]
    assert may == [entry, kept]


NIR, NIA = "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9"


def test_a_number_of_waiting_and_a_lasting_one_may_be_one_person():
    """A NIA becomes a NIR: two numbers of one kind prove two persons, of two kinds nothing."""

    def of(ins, oid):
        return matching.known(replace(BERTHE, ins=ins, ins_oid=oid, ins_qualified=True))

    waiting, lasting = of(number_of(1), NIA), of(number_of(2), NIR)
    for judgement in (matching.judged(waiting, lasting), matching.judged(lasting, waiting)):
        assert judgement.probability >= matching.KEPT
        assert matching.INS["other"] in judgement.levels
    assert matching.judged(waiting, of(number_of(3), NIA)).probability < matching.KEPT
    assert matching.judged(lasting, of(number_of(3), NIR)).probability < matching.KEPT


def test_on_entry_a_number_of_another_kind_says_nothing_of_the_one_that_is_known():
    asked = matching.known(replace(BERTHE, ins=number_of(1), ins_oid=NIR, ins_qualified=True))
    met = replace(BERTHE, ins=number_of(2), ins_oid=NIA, ins_qualified=True)
    judgement = matching.judged_on_entry(asked, met)
    assert not set(judgement.levels) & set(matching.INS.values())
    same_kind = matching.judged_on_entry(asked, replace(met, ins_oid=NIR))
    assert matching.INS["qualified"] in same_kind.levels


def test_the_order_of_two_records_changes_nothing():
    for pair in labelled.made_up(300, seed=7):
        one, other = matching.known(pair.one), matching.known(pair.other)
        assert matching.judged(one, other).weight == pytest.approx(
            matching.judged(other, one).weight
        )


TRAITS = st.builds(
    Traits,
    birth_name=st.text(max_size=20),
    first_names=st.text(max_size=20),
    birth_date=st.none() | st.dates(),
    sex=st.sampled_from(["", "M", "F"]),
)


@given(TRAITS, TRAITS)
def test_whatever_the_identities_the_order_changes_nothing_and_a_chance_is_told(one, other):
    there, back = (
        matching.judged(matching.known(left), matching.known(right))
        for left, right in ((one, other), (other, one))
    )
    assert there.weight == pytest.approx(back.weight)
    assert 0 <= there.probability <= 1


def test_the_rules_hold_on_made_up_pairs():
    scored = [
        (
            matching.judged(matching.known(pair.one), matching.known(pair.other)).probability,
            pair.same,
        )
        for pair in labelled.made_up(3000)
    ]
    kept, probable = matching.measured(scored, (matching.KEPT, matching.PROBABLE))
    assert kept.recall > 0.8
    assert probable.precision > 0.97


def test_a_labelled_file_is_written_read_and_measured(tmp_path, capsys):
    path = tmp_path / "paires.csv"
    call_command("match", generate=path, pairs=400)
    assert list(labelled.read(path)) == list(labelled.made_up(400))
    assert sum(pair.same for pair in labelled.read(path)) > 100
    call_command("match", evaluate=path)
    told = capsys.readouterr().out
    assert "précision" in told
    assert "400 paires" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("nom,prenom\na,b\n", "Il manque des colonnes"),
        (",".join(labelled.COLUMNS) + "\n" + "1,a,,b,,pas une date" + "," * 15 + "\n", "ligne 2"),
        (",".join(labelled.COLUMNS) + "\noui" + "," * 20 + "\n", "ligne 2"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(tmp_path, content, told):
    path = tmp_path / "paires.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=told):
        call_command("match", evaluate=path)
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("match", evaluate=tmp_path / "absent.csv")


# --- in batch ------------------------------------------------------------------------------------

WRITTEN_OTHERWISE = {
    "a typo": {"birth_name": "Grandidiet"},
    "no accent, capitals": {"birth_name": "GRANDIDIER", "first_names": "BERTHE"},
    "names swapped": {
        "birth_name": "Berthe",
        "first_names": "Grandidier",
        "first_name": "Grandidier",
    },
    "married": {"birth_name": "Roux", "used_name": "Grandidier"},
    "day and month": {"birth_date": date(1941, 7, 3)},
    "wrong year": {"birth_date": date(1942, 3, 7)},
    "no birth date": {"birth_date": None},
    "another first name first": {"first_names": "Odette Berthe", "first_name": "Odette"},
    "the other sex": {"sex": "M"},
    "another name, same number": {"birth_name": "Zeller", "birth_date": None, "ins": number_of(5)},
}


@pytest.mark.django_db
@pytest.mark.parametrize("changes", WRITTEN_OTHERWISE.values(), ids=WRITTEN_OTHERWISE)
def test_the_batch_meets_each_kind_of_error(changes):
    details = {"birth_name": "Grandidier", "phone": "+33639980042", "ins": number_of(5)}
    details |= {"ins_oid": "1.2.250.1.213.1.4.10", "first_names": "Berthe", "first_name": "Berthe"}
    one = PersonFactory(**details)
    bare = {"ins": "", "ins_oid": ""} if "ins" not in changes else {}
    other = PersonFactory(
        **details | {"commune": one.commune, "territory": one.territory} | bare | changes
    )
    PersonFactory(birth_name="Blanchard", first_name="Odile", first_names="Odile")
    done = services.refresh_candidates(actor=SYSTEM, now=NOW)
    (pair,) = Candidate.objects.all()
    assert {pair.one_id, pair.other_id} == {one.pk, other.pk}
    assert pair.reasons
    assert done.kept == 1


@pytest.mark.django_db
def test_the_batch_weighs_what_the_records_say():
    """Read from a table, an identity is the one that a record says of itself."""
    one = PersonFactory(birth_name="D’Éon-Martin", used_name="Cœur", qualified=True)
    other = PersonFactory(
        birth_name="D’Éon-Martin", first_names="", first_name="Zoé", used_first_name="Zo",
        birth_date=one.birth_date, other_phone=one.phone, ins=one.ins, ins_oid=one.ins_oid,
        commune=None, territory=one.territory, sex="",
    )  # fmt: skip
    services.refresh_candidates(actor=SYSTEM, now=NOW)
    (pair,) = Candidate.objects.all()
    said = matching.judged(*(matching.known(row.traits) for row in (one, other)))
    assert pair.weight == pytest.approx(said.weight, abs=0.001)
    assert tuple(pair.reasons) == said.reasons
    assert [pair.one_id, pair.other_id] == sorted([one.pk, other.pk])


ELSEWHERE = {"code": "05061", "name": "Gap"}


@pytest.mark.django_db
@pytest.mark.parametrize("born", [date(1941, 3, 8), date(1942, 3, 7), date(1941, 7, 3)])
def test_the_batch_meets_by_the_phone_who_moved_and_whose_birth_was_mistyped(born):
    details = {"birth_name": "Grandidier", "phone": "+33639980042"}
    one = PersonFactory(**details)
    other = PersonFactory(**details, birth_date=born, commune=CommuneFactory(**ELSEWHERE))
    services.refresh_candidates(actor=SYSTEM, now=NOW)
    (pair,) = Candidate.objects.all()
    assert {pair.one_id, pair.other_id} == {one.pk, other.pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "commune"),
    [
        ({"birth_name": "Grandidiet"}, ELSEWHERE),
        ({"birth_name": "Crandidier"}, ELSEWHERE),
        ({"first_names": "Odette Berthe", "first_name": "Odette"}, None),
        ({"sex": "M"}, None),
    ],
)
def test_the_batch_meets_by_the_day_of_birth_who_moved_and_was_mistyped(written, commune):
    details = {"birth_name": "Grandidier", "first_names": "Berthe", "first_name": "Berthe"}
    one = PersonFactory(**details, phone="")
    moved = CommuneFactory(**commune) if commune else None
    other = PersonFactory(**details | written, commune=moved, territory=one.territory, phone="")
    services.refresh_candidates(actor=SYSTEM, now=NOW)
    (pair,) = Candidate.objects.all()
    assert {pair.one_id, pair.other_id} == {one.pk, other.pk}


@pytest.mark.django_db
def test_the_batch_meets_a_day_and_month_inverted_where_the_commune_is_unknown():
    one = PersonFactory(birth_name="Grandidier")
    born = {"birth_date": date(1941, 7, 3), "commune": None, "phone": ""}
    other = PersonFactory(birth_name="Grandidier", territory=one.territory, **born)
    services.refresh_candidates(actor=SYSTEM, now=NOW)
    (pair,) = Candidate.objects.all()
    assert {pair.one_id, pair.other_id} == {one.pk, other.pk}


@pytest.mark.django_db
def test_the_batch_leaves_what_a_human_judged_and_drops_what_changed():
    one = PersonFactory(birth_name="Grandidier", phone="+33639980042")
    twice = {"birth_name": "Grandidier", "phone": "+33639980042", "territory": one.territory}
    judged = PersonFactory(**twice, commune=one.commune)
    call_command("match")
    with arranging():
        Candidate.objects.update(state="not_same")
    third = PersonFactory(**twice, commune=one.commune)
    call_command("match")
    states = {frozenset((row.one_id, row.other_id)): row.state for row in Candidate.objects.all()}
    assert states[frozenset((one.pk, judged.pk))] == "not_same"
    assert states[frozenset((one.pk, third.pk))] == "to_judge"
    with arranging():
        Person.objects.filter(pk=third.pk).update(
            birth_name="Durand",
            birth_date="1999-01-01",
            phone="",
            first_name="Zoé",
            first_names="Zoé",
        )
    call_command("match")
    assert set(Candidate.objects.values_list("state", flat=True)) == {"not_same", "dropped"}


@pytest.mark.django_db
def test_an_absorbed_record_is_no_candidate():
    one = PersonFactory(birth_name="Grandidier")
    other = PersonFactory(birth_name="Grandidier", commune=one.commune, territory=one.territory)
    with arranging():
        Person.objects.filter(pk=other.pk).update(merged_into=one)
    assert services.refresh_candidates(actor=SYSTEM, now=NOW).kept == 0


PROVED = {"ins_oid": "1.2.250.1.213.1.4.10", "ins_status": "qualifiee"}


@pytest.mark.django_db
@pytest.mark.parametrize("changes", WRITTEN_OTHERWISE.values(), ids=WRITTEN_OTHERWISE)
@pytest.mark.parametrize("first", [True, False], ids=["the first", "the second"])
def test_the_batch_meets_each_kind_of_error_where_one_number_is_qualified(changes, first):
    """Whichever of the two it is, the first or the last written; or both, by the same number."""
    proved, bare = {"ins": number_of(5), **PROVED}, {"ins": "", "ins_oid": ""}
    details = {"birth_name": "Grandidier", "phone": "+33639980042", "birth_date": BORN}
    details |= {"first_names": "Berthe", "first_name": "Berthe"}
    both = "ins" in changes
    one = PersonFactory(**details | (proved if first or both else bare))
    also = {"commune": one.commune, "territory": one.territory}
    other = PersonFactory(**details | also | changes | (bare if first and not both else proved))
    done = services.refresh_candidates(actor=SYSTEM, now=NOW)
    (pair,) = Candidate.objects.all()
    assert {pair.one_id, pair.other_id} == {one.pk, other.pk}
    assert done.kept == 1


@pytest.mark.django_db
def test_two_persons_whose_numbers_are_qualified_are_not_even_weighed():
    details = {"birth_name": "Grandidier", "phone": "+33639980042", **PROVED}
    one = PersonFactory(**details, ins=number_of(5))
    PersonFactory(**details, ins=number_of(6), commune=one.commune, territory=one.territory)
    done = services.refresh_candidates(actor=SYSTEM, now=NOW)
    assert (done.pairs, done.kept) == (0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other", "kept"), [(NIA, NIR, 1), (NIR, NIA, 1), (NIR, NIR, 0), (NIA, NIA, 0)]
)
def test_the_batch_meets_a_number_of_waiting_and_a_lasting_one(one, other, kept):
    details = {"birth_name": "Grandidier", "phone": "+33639980042", "ins_status": "qualifiee"}
    first = PersonFactory(**details, ins=number_of(5), ins_oid=one)
    here = {"commune": first.commune, "territory": first.territory}
    PersonFactory(**details, **here, ins=number_of(6), ins_oid=other)
    assert services.refresh_candidates(actor=SYSTEM, now=NOW).kept == kept


def test_nothing_outweighs_two_qualified_numbers_that_differ():
    """That is why no pass looks for such a pair."""
    tables = (matching.FAMILY, matching.GIVEN, matching.BIRTH, matching.SEX, matching.PHONE)
    most = sum(max(one.weight for one in table.values()) for table in (*tables, matching.COMMUNE))
    best = matching.PRIOR + most + matching.SWAPPED.weight
    assert best + matching.INS["qualified"].weight < 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    [
        {"first_names": "Odette Berthe", "first_name": "Odette", "birth_date": date(1941, 3, 8)},
        {"first_names": "Odette Berthe", "first_name": "Odette", "birth_date": None},
        {"birth_name": "Berthe", "first_names": "Grandidier", "first_name": "Grandidier",
         "birth_date": date(1941, 3, 8)},
    ],
    ids=["another first name, a wrong day", "another first name, no date", "swapped, a wrong day"],
)  # fmt: skip
def test_the_batch_meets_by_the_phone_whoever_bears_one_of_the_names(written):
    details = {"birth_name": "Grandidier", "first_names": "Berthe", "first_name": "Berthe"}
    details |= {"phone": "+33639980042", "birth_date": BORN}
    one = PersonFactory(**details)
    also = {"commune": one.commune, "territory": one.territory}
    other = PersonFactory(**details | also | written)
    services.refresh_candidates(actor=SYSTEM, now=NOW)
    (pair,) = Candidate.objects.all()
    assert {pair.one_id, pair.other_id} == {one.pk, other.pk}


@pytest.mark.django_db
def test_a_couple_under_one_roof_is_not_weighed():
    details = {"birth_name": "Grandidier", "phone": "+33639980042", "birth_date": BORN}
    one = PersonFactory(**details, first_names="Berthe", first_name="Berthe", sex="F")
    details |= {"commune": one.commune, "territory": one.territory, "birth_date": date(1941, 9, 9)}
    PersonFactory(**details, first_names="Louis", first_name="Louis", sex="M")
    assert services.refresh_candidates(actor=SYSTEM, now=NOW).pairs == 0
