"""Merging by itself: proved, switched on, done by a job, read again and undone by humans."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.kernel.errors import DomainError
from cordee.people import jobs, labelled, selectors, services
from cordee.people.models import Candidate, Evaluation, Merge, Person, UnattendedMerging
from cordee.people.rules import matching
from cordee.people.rules.matching import Measure
from tests.factories.directory import AccountFactory, CommuneFactory, OrganizationFactory
from tests.factories.intake import CareRequestFactory
from tests.factories.people import PersonFactory, SharingFactory, joins_circle, number_of
from tests.support import NOW, actor, arranging, facts, orienteuse_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
TEST_REGISTRY = "1.2.250.1.213.1.4.10"


@pytest.fixture
def desk():
    return OrganizationFactory()


@pytest.fixture
def claire(desk):
    return orienteuse_of(desk, account_id=AccountFactory(name="Claire Bonnet").pk)


@pytest.fixture
def dpo(desk):
    return actor(Role.DPO, desk, account_id=AccountFactory().pk)


def twice(desk, **details):
    """One person, written twice: only the second record knows an address."""
    written = {
        "birth_name": "Grandidier",
        "territory": desk.territory,
        "phone": "+33639980042",
        "ins": number_of(7),
        "ins_oid": TEST_REGISTRY,
    }
    one = PersonFactory(**written | details)
    other = PersonFactory(**written | {"commune": one.commune, "address": "3 rue Haute"} | details)
    for person in (one, other):
        joins_circle(person, organization=desk)
    return one, other


def measured(found=40_000, wrong=0, threshold=0.9999, **more):
    services.keep_evaluation(
        actor=SYSTEM,
        measured=services.Measured(
            **{
                "digest": f"{found}-{wrong}-{threshold}",
                "pairs": found + wrong,
                "made_up": False,
                "measures": [Measure(threshold, found, wrong, 0)],
            }
            | more
        ),
        now=NOW,
    )
    return Evaluation.objects.latest("id")


def switched_on(dpo, **more):
    return services.switch_on(actor=dpo, evaluation=measured(**more), now=NOW)


def absorbed():
    return set(Person.objects.exclude(merged_into=None).values_list("pk", flat=True))


# --- what was measured ---------------------------------------------------------------------------


def test_a_file_that_is_measured_twice_is_kept_once(tmp_path, capsys):
    path = tmp_path / "paires.csv"
    labelled.write(path, labelled.made_up(200))
    call_command("match", evaluate=path, keep=True)
    call_command("match", evaluate=path, keep=True)
    told = capsys.readouterr().out
    assert "4 mesures gardées" in told
    assert "déjà mesuré" in told
    kept = Evaluation.objects.all()
    assert [row.threshold for row in kept.order_by("threshold")] == [
        *(0.999, 0.9999, 0.99999, 0.999999)
    ]
    assert all(row.made_up and row.weights == matching.weights() for row in kept)
    assert len(facts("people.evaluation_kept")) == 1


def test_nothing_is_kept_unless_asked(tmp_path):
    path = tmp_path / "paires.csv"
    labelled.write(path, labelled.made_up(50))
    call_command("match", evaluate=path)
    assert not Evaluation.objects.exists()


def test_a_pair_written_twice_counts_once(tmp_path, capsys):
    path = tmp_path / "paires.csv"
    pairs = list(labelled.made_up(50))
    labelled.write(path, [*pairs, *pairs])
    call_command("match", evaluate=path, keep=True)
    assert "50 paires" in capsys.readouterr().out
    assert set(Evaluation.objects.values_list("pairs", flat=True)) == {50}


# --- the switch ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"found": 29_000}, "à 95 % de confiance"),  # never wrong, and too few to say so
        ({"found": 90_000, "wrong": 9}, "dont 9 à tort"),
        ({"made_up": True}, "inventées"),
    ],
)
def test_the_switch_is_refused_with_a_sentence_without_a_proof(client, dpo, more, said):
    evaluation = measured(**more)
    speaking = client.as_(dpo)
    answer = speaking.post(reverse("people:switch_on", args=[evaluation.pk]))
    assert answer.status_code == 409
    assert said in answer.text.replace("\u00a0", " ").replace("\u202f", " ")
    assert not UnattendedMerging.objects.exists()
    page = speaking.get(reverse("people:unattended"))
    assert "Allumer à ce seuil" not in page.text
    assert "Éteint" in page.text


def test_other_weights_prove_nothing_and_suspend_what_was_on(dpo, desk, monkeypatch):
    evaluation = measured()
    services.switch_on(actor=dpo, evaluation=evaluation, now=NOW)
    twice(desk)
    monkeypatch.setattr(matching, "PRIOR", matching.PRIOR + 1)
    jobs.look_for_doubles()
    assert not absorbed()
    assert "poids ont changé" in selectors.unattended_merging(dpo).now.why_not
    with pytest.raises(DomainError, match="poids ont changé"):
        services.switch_on(actor=dpo, evaluation=evaluation, now=LATER)


def test_the_dpo_switches_it_on_then_off_and_all_is_dated_and_told(client, dpo, claire):
    evaluation = measured()
    speaking = client.as_(dpo)
    assert "Allumer à ce seuil" in speaking.get(reverse("people:unattended")).text
    speaking.post(reverse("people:switch_on", args=[evaluation.pk]))
    assert "Allumé" in speaking.get(reverse("people:unattended")).text
    assert "réunies automatiquement" in client.as_(claire).get(reverse("people:pairs")).text
    client.as_(dpo).post(reverse("people:switch_off"))
    (row,) = UnattendedMerging.objects.all()
    assert row.since
    assert row.until
    assert {row.set_by_id, row.ended_by_id} == {dpo.account_id}
    assert [line["data"]["is_on"] for line in facts("people.unattended_merging_set")] == [
        *(True, False)
    ]
    assert "Éteint" in speaking.get(reverse("people:unattended")).text
    assert "Rien n’est réuni sans" in client.as_(claire).get(reverse("people:pairs")).text


def test_one_setting_is_on_at_a_time(dpo):
    first, second = switched_on(dpo), switched_on(dpo, found=50_000)
    first.refresh_from_db()
    assert first.until is not None
    assert [row.pk for row in UnattendedMerging.objects.current()] == [second.pk]
    again = services.switch_on(actor=dpo, evaluation=second.evaluation, now=LATER)
    assert again.pk == second.pk


def breaks(name, **changes):
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        Evaluation(
            **{"digest": "a", "weights": "b", "threshold": 0.9999, "pairs": 9, "made_up": False}
            | {"found": 5, "wrong": 4, "missed": 0, "measured_at": NOW}
            | changes
        ).save(force_insert=True)


def test_a_measure_is_kept_once_and_counts_what_it_saw():
    breaks("people_evaluation_counts_no_more_than_its_pairs", missed=1)
    with arranging():
        Evaluation.objects.create(
            digest="a", weights="b", threshold=0.9999, pairs=9, made_up=False, found=5, wrong=4,
            missed=0, measured_at=NOW,
        )  # fmt: skip
    breaks("people_evaluation_of_a_file_counts_once")


def test_the_database_holds_one_setting_at_a_time(dpo):
    held = switched_on(dpo)
    with (
        pytest.raises(IntegrityError, match="people_unattended_merging_is_on_once"),
        transaction.atomic(),
        arranging(),
    ):
        UnattendedMerging(evaluation=held.evaluation, since=NOW).save(force_insert=True)


# --- the job -------------------------------------------------------------------------------------


def test_nothing_is_brought_together_while_it_is_off(dpo, desk):
    measured()
    twice(desk)
    jobs.look_for_doubles()
    assert Candidate.objects.to_judge().exists()
    assert not absorbed()


def test_the_surest_pairs_are_brought_together_and_both_threads_say_so(dpo, desk):
    setting = switched_on(dpo)
    one, other = twice(desk)
    jobs.look_for_doubles()
    (merge,) = Merge.objects.all()
    assert (merge.survivor_id, merge.absorbed_id) == (one.pk, other.pk)
    assert (merge.unattended_id, merge.merged_by_id) == (setting.pk, None)
    one.refresh_from_db()
    assert one.address == "3 rue Haute"  # what only the other record told is kept
    told = facts("people.merged_unattended")
    assert {line["thread"] for line in told} == {one.pk, other.pk}
    assert {line["actor"]["role"] for line in told} == {"system"}
    assert not facts("people.merged")
    for person in (one, other):
        call_command("verify_thread", str(person.pk))


def test_a_human_reads_it_on_the_page_undoes_it_and_it_is_never_done_again(
    client, claire, dpo, desk
):
    switched_on(dpo)
    one, other = twice(desk)
    jobs.look_for_doubles()
    speaking = client.as_(claire)
    assert "automatiquement" in speaking.get(reverse("people:alike", args=[one.pk])).text
    assert "sans relecture humaine" in speaking.get(reverse("people:thread", args=[one.pk])).text
    merge = Merge.objects.get()
    speaking.post(reverse("people:undo_merge", args=[merge.pk]))
    one.refresh_from_db()
    assert one.address == ""
    assert not absorbed()
    assert selectors.unattended_merging(dpo).now.standing.undone == 1
    services.switch_on(actor=dpo, evaluation=measured(found=60_000), now=LATER)  # proved again
    jobs.look_for_doubles()
    assert not absorbed()


def test_what_a_human_undid_suspends_the_rest(client, claire, dpo, desk):
    switched_on(dpo)
    twice(desk)
    jobs.look_for_doubles()
    services.undo_merge(actor=claire, merge=Merge.objects.get(), now=LATER)
    twice(desk, birth_name="Zeller", ins=number_of(345), phone="+33639980043")
    jobs.look_for_doubles()
    assert not absorbed()
    assert "Suspendu" in client.as_(dpo).get(reverse("people:unattended")).text


def qualified(order, kind):
    registry = f"1.2.250.1.213.1.4.{kind}"
    return {"ins": number_of(order), "ins_oid": registry, "ins_status": "qualifiee"}


def place(street, code):
    return {"address": street, "commune_id": code}


# What each of both records tells.
TOLD = {
    "a number of waiting became a lasting one, or not": (qualified(7, 8), qualified(8, 9)),
    "marked homonym": ({"is_homonym": False}, {"is_homonym": True}),
    "marked doubtful": ({"is_doubtful": True}, {"is_doubtful": False}),
    "marked fictitious": ({"is_fictitious": False}, {"is_fictitious": True}),
    "a street of one, a commune of the other": (place("3 rue Haute", None), place("", "59512")),
    "two communes": (place("3 rue Haute", "59350"), place("5 rue Basse", "59512")),
    "two communes, one with its street": (place("", "59350"), place("5 rue Basse", "59512")),
}


def tells(person, **columns):
    if columns.get("commune_id"):
        CommuneFactory(code=columns["commune_id"], name="Là-bas")
    with arranging():
        Person.objects.filter(pk=person.pk).update(**columns)


def left_to_humans(desk, claire, scene):
    one, other = twice(desk)
    if scene == "a human said that they are two":
        services.refresh_candidates(actor=SYSTEM, now=NOW)
        with arranging():
            Candidate.objects.update(state="not_same")
    if scene == "a human told them apart, another asks to judge again":
        services.refresh_candidates(actor=SYSTEM, now=NOW)
        pair = Candidate.objects.get()
        services.tell_apart(actor=claire, candidate=pair, now=NOW)
        services.judge_again(actor=claire, candidate=pair, now=NOW)
    if scene == "a third record looks like one of them":
        PersonFactory(
            birth_name="Grandidier", commune=one.commune, territory=one.territory, phone=one.phone
        )
    if scene in TOLD:
        for person, columns in zip((one, other), TOLD[scene], strict=True):
            tells(person, **columns)
    if scene == "they are only probable":
        with arranging():
            Person.objects.filter(pk=other.pk).update(
                ins="", ins_oid="", phone="", birth_date=None, commune=None
            )


@pytest.mark.parametrize(
    "scene",
    [
        "a human said that they are two",
        "a human told them apart, another asks to judge again",
        "a third record looks like one of them",
        "they are only probable",
        *TOLD,
    ],
)
def test_the_rest_is_left_to_humans(claire, dpo, desk, scene):
    switched_on(dpo)
    left_to_humans(desk, claire, scene)
    jobs.look_for_doubles()
    assert not absorbed()


def test_a_street_of_their_commune_is_no_reason_to_ask(dpo, desk):
    switched_on(dpo)
    one, other = twice(desk)
    tells(one, **place("3 rue Haute", "59350"))
    tells(other, **place("3, r. Haute", "59350"))
    jobs.look_for_doubles()
    assert absorbed() == {other.pk}
    assert Person.objects.get(pk=one.pk).address == "3 rue Haute"


def test_a_pair_is_weighed_again_when_its_turn_comes(dpo, desk):
    switched_on(dpo)
    one, other = twice(desk)
    services.refresh_candidates(actor=SYSTEM, now=NOW)
    (pair,) = selectors.sure_pairs(SYSTEM)
    with arranging():
        Person.objects.filter(pk=other.pk).update(
            first_names="Odette", first_name="Odette", ins="", ins_oid=""
        )
    assert services.merge_unattended(actor=SYSTEM, candidate=pair, now=LATER) is None
    assert not absorbed()


def test_one_pair_that_is_refused_holds_no_other(dpo, desk):
    switched_on(dpo)
    stuck = twice(desk)
    for person in stuck:
        CareRequestFactory(person=person)
    free = twice(desk, birth_name="Zeller", ins=number_of(345), phone="+33639980043")
    jobs.look_for_doubles()
    assert absorbed() == {free[1].pk}


def test_the_stricter_word_wins_here_too(dpo, desk):
    switched_on(dpo)
    one, other = twice(desk)
    SharingFactory(person=other, choice="opposed")
    jobs.look_for_doubles()
    assert [row.choice for row in one.sharings.filter(until=None)] == ["opposed"]
