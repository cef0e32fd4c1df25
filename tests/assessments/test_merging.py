"""Evaluations follow the merges of their person, and come back with them; and go when she goes."""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.urls import reverse

from cordee.access.removal import remove
from cordee.assessments.models import QuestionnaireResponse
from cordee.directory.models import Membership
from cordee.kernel.errors import DomainError
from cordee.people import services
from tests.assessments.scenes import at, author_of, followed, typed
from tests.factories.assessments import QuestionnaireFactory, ResponseFactory
from tests.factories.directory import AccountFactory, MembershipFactory, OrganizationFactory
from tests.factories.people import SharingFactory
from tests.support import NOW, arranging, orienteuse_of, retention, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def dac():
    return OrganizationFactory(kind="dac")


@pytest.fixture
def author(dac):
    return author_of(dac)


@pytest.fixture
def two(dac):
    return followed(dac), followed(dac)


def merged(author, two):
    pair = services.propose_pair(actor=author, person=two[0], other=two[1], now=NOW)
    return services.merge_persons(actor=author, candidate=pair, from_absorbed=frozenset(), now=NOW)


def test_what_was_evaluated_moves_with_the_merge_and_back(client, author, two):
    made = [ResponseFactory(person=person, author_id=author.account_id) for person in two]
    merge = merged(author, two)
    panel = client.as_(author).get(reverse("assessments:person_panel", args=[merge.survivor_id]))
    assert all(at("result", one) in panel.text for one in made)
    assert services.undo_merge(actor=author, merge=merge, now=NOW) == 0
    for one, person in zip(made, two, strict=True):
        one.refresh_from_db()
        assert one.person_id == person.pk


def test_a_draft_begun_before_a_merge_is_completed_after_it(client, author, two):
    drafts = [
        ResponseFactory(draft=True, person=person, author_id=author.account_id, items=[])
        for person in two
    ]
    merge = merged(author, two)
    for draft in drafts:
        draft.refresh_from_db()
        client.as_(author).post(at("complete", draft), typed(draft, sort="oui"))
        draft.refresh_from_db()
        assert (draft.status, draft.person_id) == ("completed", merge.survivor_id)


def test_two_drafts_of_one_questionnaire_stop_the_merge_with_a_sentence(author, two):
    instrument = QuestionnaireFactory()
    for person in two:
        ResponseFactory(
            draft=True, person=person, questionnaire=instrument, author_id=author.account_id
        )
    with pytest.raises(DomainError, match="la même chose en cours"):
        merged(author, two)


def test_a_page_of_an_absorbed_record_writes_to_the_survivor(client, author, two):
    merge = merged(author, two)
    instrument = QuestionnaireFactory()
    begin = reverse("assessments:begin", args=[merge.absorbed_id, instrument.pk])
    draft_at = client.as_(author).post(begin)["Location"]
    assert client.get(draft_at).status_code == 200
    assert str(merge.survivor_id) in client.get(draft_at).text


@pytest.mark.django_db(transaction=True)
def test_retention_alone_erases_what_was_completed(author, two):
    first = ResponseFactory(person=two[0], author_id=author.account_id)
    ResponseFactory(
        status="amended",
        corrects=first,
        person=two[0],
        questionnaire=first.questionnaire,
        author_id=author.account_id,
    )
    url = settings.SERVER.retention_url(settings.TEST_DATABASE)
    with psycopg.connect(url) as database:
        database.execute("""SELECT set_config('cordee.gesture', '{"verb": "purge"}', true)""")
        remove(database, "people_person", [two[0].pk], [two[0].pk])
        (left,) = database.execute(
            "SELECT count(*) FROM assessments_questionnaireresponse"
        ).fetchone()
    assert left == 0


def left_of(record):
    """How many states of a record are kept; its mark under its person is none, but names it."""
    with retention() as database:
        said = "SELECT count(*) FROM access_previous_state WHERE record_id = %s"
        return database.execute(said, [record]).fetchone()[0]


def removed(*persons):
    with retention() as database, database.transaction():
        database.execute("""SELECT set_config('cordee.gesture', '{"verb": "purge"}', true)""")
        remove(database, "people_person", list(persons), list(persons))


@pytest.mark.django_db(transaction=True)
def test_nothing_of_an_erased_draft_outlives_the_person(client, author, two):
    drafts = [
        ResponseFactory(draft=True, person=person, author_id=author.account_id, items=[])
        for person in two
    ]
    for draft in drafts:
        client.as_(author).post(at("save", draft), typed(draft, sort="non", pourquoi="Elle tombe"))
        client.post(at("discard", draft))
        assert left_of(draft.pk) > 1
    removed(two[0].pk)
    assert left_of(drafts[0].pk) == left_of(two[0].pk) == 0
    assert left_of(drafts[1].pk) > 1


@pytest.mark.django_db(transaction=True)
def test_a_draft_erased_after_a_merge_goes_with_the_record_where_it_was_begun(client, author, two):
    drafts = [
        ResponseFactory(draft=True, person=person, author_id=author.account_id, items=[])
        for person in two
    ]
    merge = merged(author, two)
    (moved,) = [one for one in drafts if one.person_id == merge.absorbed_id]
    client.as_(author).post(at("discard", moved))
    services.undo_merge(actor=author, merge=merge, now=NOW)
    assert left_of(moved.pk) > 1
    removed(merge.absorbed_id)
    assert left_of(moved.pk) == 0


@pytest.mark.parametrize("how", ["the account is closed", "she works elsewhere"])
def test_the_drafts_of_who_left_stop_no_merge_and_come_back_with_its_undoing(dac, author, two, how):
    instrument = QuestionnaireFactory()
    since = NOW.date() - timedelta(days=9)
    left = MembershipFactory(organization=dac, role="coordinator", since=since)
    drafts = [
        ResponseFactory(
            draft=True,
            person=person,
            questionnaire=instrument,
            author=left.account,
            organization=dac,
        )
        for person in two
    ]
    with pytest.raises(DomainError, match="la même chose en cours"):
        merged(author, two)
    if how == "the account is closed":
        left.account.is_active = False
        left.account.save()
    else:
        with arranging():
            Membership.objects.filter(pk=left.pk).update(until=NOW.date() - timedelta(days=1))
    merge = merged(author, two)
    assert services.undo_merge(actor=author, merge=merge, now=NOW) == 0
    for draft, person in zip(drafts, two, strict=True):
        draft.refresh_from_db()
        assert (draft.person_id, draft.status) == (person.pk, "in-progress")


def test_a_correction_begun_while_two_records_were_one_goes_where_what_it_corrects_went(
    client, author, two
):
    made = {
        person.pk: ResponseFactory(person=person, author_id=author.account_id) for person in two
    }
    merge = merged(author, two)
    client.as_(author).post(at("correct", made[merge.absorbed_id]))
    free = QuestionnaireFactory()
    client.post(reverse("assessments:begin", args=[merge.survivor_id, free.pk]))
    services.undo_merge(actor=author, merge=merge, now=NOW)
    run_jobs()
    where = dict(
        QuestionnaireResponse.objects.drafts().values_list("questionnaire__url", "person_id")
    )
    corrected = made[merge.absorbed_id].questionnaire.url
    assert where == {corrected: merge.absorbed_id, free.url: merge.survivor_id}


def test_who_steers_for_the_same_structure_says_that_it_was_entered_in_error(client, dac, two):
    left = AccountFactory()
    made = ResponseFactory(person=two[0], author=left, organization=dac)
    colleague, elsewhere = author_of(dac), author_of(OrganizationFactory(kind="dac"))
    assert client.as_(elsewhere).post(at("withdraw", made)).status_code == 404
    page = client.as_(colleague).get(at("result", made)).text
    assert "saisie par erreur" in page
    assert at("correct", made) not in page
    assert client.post(at("withdraw", made)).status_code == 303
    made.refresh_from_db()
    assert made.status == "entered-in-error"


def test_who_takes_the_calls_of_the_same_structure_reads_it_and_withdraws_nothing(client, dac, two):
    made = ResponseFactory(person=two[0], author=AccountFactory(), organization=dac)
    desk = orienteuse_of(dac, account_id=AccountFactory().pk)
    assert "saisie par erreur" not in client.as_(desk).get(at("result", made)).text
    assert client.post(at("withdraw", made)).status_code == 403
    made.refresh_from_db()
    assert made.status == "completed"


def test_a_protected_evaluation_is_withdrawn_by_who_reads_it_alone(client, dac, two):
    sheet = QuestionnaireFactory(category="mental_health")
    made = ResponseFactory(
        person=two[0], questionnaire=sheet, author=AccountFactory(), organization=dac
    )
    colleague = author_of(dac)
    assert client.as_(colleague).post(at("withdraw", made)).status_code == 404
    SharingFactory(
        person=two[0], category="mental_health", audience="coordination", choice="consented"
    )
    assert client.post(at("withdraw", made)).status_code == 303


def test_the_draft_of_another_is_withdrawn_by_nobody(client, dac, two):
    draft = ResponseFactory(
        draft=True, person=two[0], author=AccountFactory(), organization=dac, items=[]
    )
    assert client.as_(author_of(dac)).post(at("withdraw", draft)).status_code == 404
