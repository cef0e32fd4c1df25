"""The person’s free choice, said after the call: it is written, and the search follows it."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone

from cordee.access.actor import SYSTEM
from cordee.broker import jobs as broker_jobs
from cordee.broker import rules
from cordee.broker import selectors as searches
from cordee.broker import services as broker
from cordee.intake.models import Wish
from cordee.messaging import services as messaging
from cordee.messaging.models import Message
from cordee.pathways import jobs
from tests.factories.broker import nurse
from tests.factories.people import joins_circle
from tests.pathways.test_conductor import qualify, say_yes, waiting
from tests.pathways.test_edited_need import searches as searches_of
from tests.pathways.test_heard_again import last
from tests.support import Browser, arranging, run_jobs, speaking_as, texts_leave

pytestmark = pytest.mark.django_db


class Shown(HTMLParser):
    """What a page’s form sends back when nothing is changed, but lists and long texts."""

    def __init__(self, page):
        super().__init__()
        self.said = {}
        self.feed(page[page.index('<form class="form"') :])

    def handle_starttag(self, tag, attrs):
        one = dict(attrs)
        is_sent = one.get("type") not in ("checkbox", "radio") or "checked" in one
        if tag == "input" and one.get("name") and is_sent:
            self.said.setdefault(one["name"], one.get("value") or "")


def opened(client, request, orienteuse):
    """Open the page, and give what it would send back."""
    page = client.as_(orienteuse).get(reverse("intake:edit", args=[request.pk])).text
    kept = {"kind": request.kind, "need": request.need}
    return {name: said for name, said in Shown(page).said.items() if name != "geste"} | kept


@pytest.fixture
def form(client, request_, orienteuse):
    """Open the page, change what is said, send it."""

    def choose(**changes):
        client.now = timezone.now()
        said = opened(client, request_, orienteuse) | changes
        answer = client.post(reverse("intake:edit", args=[request_.pk]), said)
        run_jobs()
        request_.refresh_from_db()
        return answer

    return choose


def named(last_name, **details):
    """A nurse whom nobody else’s name could be taken for."""
    return nurse(practitioner__first_name="Zoé", practitioner__last_name=last_name, **details)


def wishes(request):
    return dict(Wish.objects.filter(request=request).values_list("practitioner_id", "choice"))


def texts_to(practitioner):
    sent = Message.objects.filter(to=practitioner.practice.mobile).order_by("pk")
    return list(sent.values_list("template", flat=True))


def ask_all(search, orienteuse, count):
    """Press « Relancer maintenant » until everybody has been asked."""
    for minutes in range(1, count + 1):
        later = timezone.now() + timedelta(minutes=minutes)
        texts_leave(later)
        broker.launch_next_wave(actor=orienteuse, solicitation=search, now=later)
        texts_leave(later)
    search.refresh_from_db()
    assert search.invitations.count() == count


def question(search, practitioner):
    return search.invitations.get(practitioner=practitioner)


def say(answer, invitation):
    """Answer as the professional who was asked."""
    actor = speaking_as(invitation.practitioner, account_id=None)
    answer(actor=actor, invitation=invitation, now=timezone.now())


def link_of(invitation):
    """What the page of her link says."""
    with arranging():
        invitation.link_hash = rules.hash_of("x" * 24)
        invitation.save()
    return Browser().get(reverse("broker:answer", args=["x" * 24])).text


def test_whom_the_person_chooses_is_written_shown_and_corrected(client, form, request_):
    wanted, unwanted = named("Vasseur"), named("Quentin")
    assert form(prefer="Zoé Vasseur", exclude="Zoé Quentin").status_code == 302
    assert wishes(request_) == {wanted.pk: "prefer", unwanted.pk: "exclude"}
    shown = client.get(reverse("intake:edit", args=[request_.pk])).text
    assert 'value="Zoé Vasseur"' in shown
    assert 'value="Zoé Quentin"' in shown
    assert form(need="Autre chose").status_code == 302  # what was shown is sent back, and kept
    assert wishes(request_) == {wanted.pk: "prefer", unwanted.pk: "exclude"}
    other = named("Delmas")
    form(prefer="", exclude="Zoé Quentin, Zoé Delmas", chooses_nobody="on")
    assert wishes(request_) == {unwanted.pk: "exclude", other.pk: "exclude"}
    assert request_.chooses_nobody


def test_her_usual_nurse_is_shown_and_ticked(client, form, request_, orienteuse):
    usual = named("Vasseur")
    joins_circle(request_.person, practitioner=usual, is_usual_nurse=True)
    shown = client.as_(orienteuse).get(reverse("intake:edit", args=[request_.pk])).text
    assert "Infirmière habituelle\u00a0: Zoé Vasseur, d’abord" in shown
    assert form(usual_nurse=str(usual.pk)).status_code == 302
    assert wishes(request_) == {usual.pk: "usual"}
    stranger = nurse()
    form(usual_nurse=str(stranger.pk))  # not the one that was shown
    assert stranger.pk not in wishes(request_)


def test_her_usual_nurse_whose_tick_is_taken_off_has_no_head_start(form, request_, orienteuse, now):
    usual, *others = (named("Vasseur"), nurse(), nurse())
    joins_circle(request_.person, practitioner=usual, is_usual_nurse=True)
    form(usual_nurse="")
    assert wishes(request_) == {usual.pk: "ordinary"}
    search = qualify(request_, orienteuse, now)
    assert search.usual_practitioner_id is None
    ask_all(search, orienteuse, len(others) + 1)
    assert question(search, usual).tier == rules.Tier.ZONE  # asked all the same, as any other


def test_her_tick_comes_back_with_her_head_start(client, form, request_, orienteuse):
    usual = named("Vasseur")
    joins_circle(request_.person, practitioner=usual, is_usual_nurse=True)
    form(usual_nurse="")
    shown = client.get(reverse("intake:edit", args=[request_.pk])).text
    assert "usual_nurse" not in Shown(shown).said  # shown without its tick
    form(need="Autre chose")
    assert wishes(request_) == {usual.pk: "ordinary"}
    form(usual_nurse=str(usual.pk))
    assert wishes(request_) == {usual.pk: "usual"}


def test_a_name_that_says_nobody_is_said_beside_it(form, request_):
    answer = form(exclude="Personne Decetnom")
    assert answer.status_code == 422
    assert "Personne dans l’annuaire" in answer.text
    assert not wishes(request_)


def test_who_is_excluded_before_answering_is_told_and_wins_no_more(
    client, form, request_, orienteuse, now
):
    unwanted, other = named("Quentin"), nurse()
    search = qualify(request_, orienteuse, now)
    ask_all(search, orienteuse, 2)
    asked = question(search, unwanted)
    assert form(exclude="Zoé Quentin").status_code == 302
    search.refresh_from_db()
    assert (search.state, searches_of(request_)) == ("open", [search])  # nobody is asked again
    assert texts_to(unwanted)[-1] == "broker.not_needed"
    assert texts_to(other) == ["broker.ask"]
    assert not searches.is_wanted_of(asked, search, timezone.now())
    assert "n’est plus nécessaire" in link_of(asked)
    messaging.receive_text(
        actor=SYSTEM,
        heard=messaging.Heard(asked.phone, f"OUI {asked.code}"),
        now=timezone.now(),
    )
    run_jobs(until=timezone.now())
    asked.refresh_from_db()
    assert asked.answer == "not_needed"
    assert searches.standing_for_origin(search.origin).state == "open"
    say(broker.accept, asked)
    assert searches.winner_of(search) is None
    say(broker.accept, question(search, other))
    run_jobs()
    assert searches.winner_of(search).practitioner == other
    assert texts_to(unwanted) == ["broker.ask", "broker.not_needed"]  # never « already taken »


def test_a_question_still_in_the_outbox_never_leaves(form, request_, orienteuse, now):
    unwanted = named("Quentin")
    qualify(request_, orienteuse, now)
    form(exclude="Zoé Quentin")
    assert texts_leave(timezone.now()) == []
    assert texts_to(unwanted) == ["broker.ask"]  # written, and neither sent nor taken back aloud


def test_a_later_visit_offered_by_who_is_excluded_is_no_offer(form, request_, orienteuse, now):
    unwanted = named("Quentin")
    search = qualify(request_, orienteuse, now)
    form(exclude="Zoé Quentin")
    later = broker.later_offer(
        actor=SYSTEM, invitation=question(search, unwanted), offers_from=None, now=timezone.now()
    )
    assert later.answer == "not_needed"


def test_a_place_held_for_who_is_excluded_is_freed(form, request_, orienteuse, now):
    unwanted, other = named("Quentin"), nurse()
    search = qualify(request_, orienteuse, now)
    ask_all(search, orienteuse, 2)
    say(broker.hold, question(search, unwanted))
    say(broker.hold, question(search, other))
    run_jobs(until=timezone.now())
    form(exclude="Zoé Quentin")
    assert question(search, unwanted).answer == "not_needed"
    assert question(search, other).answer == "held"
    search.refresh_from_db()
    assert search.state == "held"


def test_who_is_preferred_is_first_in_the_next_wave(form, request_, orienteuse, now):
    search = qualify(request_, orienteuse, now)  # nobody to ask yet
    nurses = [nurse() for _ in range(3)]
    wanted = named("Vasseur")
    form(prefer="Zoé Vasseur")
    search.refresh_from_db()
    ranked = searches.pool(search, timezone.now()).ranked
    assert ranked[0].candidate.practitioner_id == wanted.pk
    assert len(ranked) == len(nurses) + 1


def test_excluding_who_comes_is_refused_and_says_which_gesture_declines(
    form, request_, orienteuse, now
):
    named("Quentin")
    search = qualify(request_, orienteuse, now)
    invitation = say_yes(search, now)
    answer = form(exclude="Zoé Quentin")
    assert answer.status_code == 422
    assert "pour décliner sa venue" in answer.text
    assert "La personne ne souhaite pas ce professionnel" in answer.text
    assert not wishes(request_)
    invitation.refresh_from_db()
    assert invitation.answer == "accepted"


def test_a_yes_given_while_the_desk_was_writing_is_declined(form, request_, orienteuse, now):
    unwanted = named("Quentin")
    search = qualify(request_, orienteuse, now)
    invitation = question(search, unwanted)
    winner = speaking_as(unwanted, account_id=None)
    broker.accept(actor=winner, invitation=invitation, now=timezone.now())  # not heard of yet
    assert form(exclude="Zoé Quentin").status_code == 302
    invitation.refresh_from_db()
    assert invitation.answer == "dismissed"
    assert request_.state != "found"


def test_hearing_it_twice_tells_once(form, request_, orienteuse, now):
    unwanted = named("Quentin")
    nurse()
    ask_all(qualify(request_, orienteuse, now), orienteuse, 2)
    form(exclude="Zoé Quentin")
    jobs.on_the_rope(fact=last("intake.need_changed"))
    run_jobs()
    assert texts_to(unwanted).count("broker.not_needed") == 1


def test_who_is_not_excluded_any_more_may_win(form, request_, orienteuse, now):
    named("Quentin")
    search = qualify(request_, orienteuse, now)
    form(exclude="Zoé Quentin")
    form(exclude="")
    say_yes(search, timezone.now())
    request_.refresh_from_db()
    assert request_.state == "found"


@pytest.mark.parametrize("had_left", [True, False])
def test_who_is_taken_back_is_asked_again_in_the_same_search(
    form, request_, orienteuse, now, had_left
):
    back = named("Quentin")
    joins_circle(request_.person, practitioner=back, is_usual_nurse=True)
    nurse()
    search = qualify(request_, orienteuse, now)
    assert [one.practitioner for one in search.invitations.all()] == [back]  # alone, and first
    if had_left:
        ask_all(search, orienteuse, 2)
    code = question(search, back).code
    form(exclude="Zoé Quentin")
    form(exclude="")
    search.refresh_from_db()
    ranked = searches.pool(search, timezone.now()).ranked
    assert back.pk in [one.candidate.practitioner_id for one in ranked]

    ask_all(search, orienteuse, 2)

    asked = question(search, back)
    assert (asked.answer, asked.taken_back_at) == ("waiting", None)
    assert asked.code == code  # the one that she may have already
    assert texts_to(back)[-1] == "broker.ask"
    said = messaging.Heard(asked.phone, f"OUI {asked.code}")
    messaging.receive_text(actor=SYSTEM, heard=said, now=timezone.now())
    run_jobs(until=timezone.now())
    assert question(search, back).answer == "held"


def test_the_failure_of_a_first_text_says_nothing_of_the_second(form, request_, orienteuse, now):
    back = named("Quentin")
    joins_circle(request_.person, practitioner=back, is_usual_nurse=True)
    nurse()
    search = qualify(request_, orienteuse, now)
    form(exclude="Zoé Quentin")
    failed = last("messaging.delivery_failed")
    form(exclude="")
    ask_all(search, orienteuse, 2)
    broker_jobs.on_failure(fact=failed)  # heard late, or twice
    assert question(search, back).undelivered_at is None


def test_who_is_taken_back_after_a_yes_is_asked_first_and_may_say_it_again(
    form, request_, orienteuse, now
):
    back = named("Quentin")
    nurse()
    search = qualify(request_, orienteuse, now)
    ask_all(search, orienteuse, 2)
    broker.later_offer(
        actor=SYSTEM, invitation=question(search, back), offers_from=None, now=timezone.now()
    )
    form(exclude="Zoé Quentin")
    form(exclude="")
    search.refresh_from_db()
    first = searches.pool(search, timezone.now()).ranked[0]
    assert first.candidate.practitioner_id == back.pk
    ask_all(search, orienteuse, 2)
    say(broker.accept, question(search, back))
    assert searches.winner_of(search).practitioner == back


def test_who_is_set_aside_is_not_silent(form, request_, orienteuse, now):
    unwanted = named("Quentin")
    nurse()
    ask_all(qualify(request_, orienteuse, now), orienteuse, 2)
    form(exclude="Zoé Quentin")
    after = timezone.now() + timedelta(hours=3)
    assert searches.pools.past_of([unwanted.pk], after)[unwanted.pk].history.silent == 0


def test_the_later_offer_of_who_is_set_aside_is_decided_no_more(form, request_, orienteuse, now):
    unwanted = named("Quentin")
    nurse()
    search = qualify(request_, orienteuse, now)
    ask_all(search, orienteuse, 2)
    broker.later_offer(
        actor=SYSTEM, invitation=question(search, unwanted), offers_from=None, now=timezone.now()
    )
    run_jobs()
    assert "decide_later_offer" in waiting(request_)
    form(exclude="Zoé Quentin")
    assert "decide_later_offer" not in waiting(request_)


def test_the_page_of_the_search_says_that_the_question_was_taken_back(
    client, form, request_, orienteuse, now
):
    named("Quentin")
    nurse()
    search = qualify(request_, orienteuse, now)
    ask_all(search, orienteuse, 2)
    form(exclude="Zoé Quentin")
    shown = client.as_(orienteuse).get(reverse("broker:search", args=[search.pk])).text
    assert "question retirée" in shown.lower()


def test_a_choice_made_on_an_old_page_is_refused(client, form, request_, orienteuse):
    address = reverse("intake:edit", args=[request_.pk])
    old = opened(client, request_, orienteuse)
    unwanted = named("Quentin")
    named("Vasseur")
    form(exclude="Zoé Quentin")
    answer = client.post(address, old | {"prefer": "Zoé Vasseur"})
    assert answer.status_code == 409
    assert wishes(request_) == {unwanted.pk: "exclude"}
