"""The call desk, through its door."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from cordee.intake import services
from cordee.intake.call import Call, CallerSaid, NeedSaid, PersonSaid
from cordee.intake.models import CareRequest, Draft, Hold, TriageAnswer, Wish
from cordee.kernel.errors import DomainError
from cordee.kernel.identifiers import uuid7
from cordee.people.models import Person
from tests.factories.directory import CommuneFactory, OrganizationFactory, PractitionerFactory
from tests.factories.intake import DraftFactory, TriageVersionFactory, desk_of
from tests.factories.people import PersonFactory, joins_circle
from tests.support import NOW, PARIS, facts, simultaneously

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return OrganizationFactory()


@pytest.fixture
def desk(client, service):
    CommuneFactory()
    client.actor = desk_of(service)
    return client.as_(client.actor)


def said(**changes):
    """The reference call, as a browser would send it."""
    return {
        "draft_id": str(uuid7()),
        "caller_phone": "06 12 34 56 78",
        "caller_kind": "gp",
        "caller_name": "Docteur Arnaud",
        "birth_name": "Lefèvre",
        "first_names": "Berthe",
        "birth_date": "7/3/1941",
        "kind": "injection",
        "commune": "saint bonnet en champsaur",
        "weight": "full",
        "no_sign": "on",
        "q_sortie": "on",
        "geste": "search",
    } | changes


def test_the_desk_opens_empty_on_one_page(desk):
    page = desk.get(reverse("intake:desk"))
    assert page.status_code == 200
    assert b"Transf\xc3\xa9rez au 15" in page.content
    assert not Draft.objects.exists()


def test_one_call_makes_one_qualified_request_with_its_person_caller_and_delay(desk, service):
    TriageVersionFactory(organization=service, signed=True)
    answer = desk.post(reverse("intake:desk"), said())
    request = CareRequest.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("intake:request", args=[request.pk])
    assert (request.state, request.delay, request.delay_by_hand) == ("qualified", "h24", False)
    assert request.person.birth_name == "Lefèvre"
    assert request.caller.phone == "+33612345678"
    assert request.commune_id == "05132"
    assert TriageAnswer.objects.get().delay == "h24"
    kinds = [fact["kind"] for fact in facts(thread=request.person_id)]
    assert kinds[-3:] == [
        "intake.request_received",
        "intake.request_triaged",
        "intake.request_qualified",
    ]
    assert request.call_seconds is not None


def test_sending_the_same_call_twice_makes_one_request(desk):
    call = said(delay="h24")
    first = desk.post(reverse("intake:desk"), call)
    second = desk.post(reverse("intake:desk"), call)
    assert first["Location"] == second["Location"]
    assert CareRequest.objects.count() == 1
    assert Person.objects.count() == 1


def test_a_sign_holds_the_request_and_nothing_is_searched(desk, service):
    TriageVersionFactory(organization=service, signed=True)
    desk.post(reverse("intake:desk"), said(q_respiration="on", no_sign=""))
    request = CareRequest.objects.get()
    assert request.state == "received"
    assert request.held_at is not None
    assert Hold.objects.get().signs == ["respiration"]
    assert not facts("intake.request_qualified")


def test_the_key_of_the_15_is_noted_during_the_call_and_holds_what_comes_of_it(desk):
    call = said(delay="tonight")
    pk = call["draft_id"]
    answer = desk.htmx(reverse("intake:samu", args=[pk]), call)
    assert "Transféré au 15" in answer.content.decode()
    desk.htmx(reverse("intake:samu", args=[pk]), call)
    assert Hold.objects.count() == 1
    desk.post(reverse("intake:desk"), call)
    request = CareRequest.objects.get()
    assert request.held_at is not None
    assert request.state == "received"


def test_an_unsigned_grid_is_not_used(desk, service):
    TriageVersionFactory(organization=service)
    page = desk.get(reverse("intake:desk")).content.decode()
    assert "Aucune grille n’est signée" in page
    desk.post(reverse("intake:desk"), said(delay="h72"))
    request = CareRequest.objects.get()
    assert (request.delay, request.delay_by_hand) == ("h72", True)
    assert not TriageAnswer.objects.exists()


def test_a_shorter_delay_by_hand_wins_and_a_longer_one_does_not(desk, service):
    TriageVersionFactory(organization=service, signed=True)
    desk.post(reverse("intake:desk"), said(delay="tonight"))
    assert CareRequest.objects.get().delay == "tonight"
    desk.post(
        reverse("intake:desk"),
        said(delay="planned", birth_name="Autre", first_names="Zoé", birth_date=""),
    )
    assert CareRequest.objects.get(person__birth_name="Autre").delay == "h24"


def test_a_dropped_connection_loses_nothing(desk):
    call = said(need="Matin et soir, dix jours")
    pk = call["draft_id"]
    kept = desk.post(reverse("intake:save", args=[pk]), call, headers={"X-Autosave": "true"})
    assert kept.status_code == 204
    resumed = desk.get(reverse("intake:draft", args=[pk])).content.decode()
    assert "Matin et soir, dix jours" in resumed
    assert 'value="Lefèvre"' in resumed
    assert "1\u00a0appel à reprendre" in desk.get(reverse("intake:desk")).content.decode()


def test_a_wrong_form_says_so_and_keeps_the_draft(desk):
    answer = desk.post(reverse("intake:desk"), said(birth_date="30/2/1941", kind=""))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "n’est pas une date qui existe" in text
    assert "Choisissez le soin demandé" in text
    assert Draft.objects.get().content["birth_name"] == ["Lefèvre"]
    assert not CareRequest.objects.exists()


def test_who_is_preferred_is_sought_among_those_who_give_that_care(desk):
    for number in range(3):
        PractitionerFactory(last_name="Astier", first_name=f"Ange {number}", profession="10")
    nurse = PractitionerFactory(last_name="Astier", first_name="Zoé", profession="60")
    assert desk.post(reverse("intake:desk"), said(prefer="Astier")).status_code == 302
    assert [one.practitioner_id for one in Wish.objects.all()] == [nurse.pk]
    PractitionerFactory(last_name="Astier", first_name="Yves", profession="60")
    answer = desk.post(reverse("intake:desk"), said(birth_name="Roux", prefer="Astier"))
    assert "Plusieurs professionnels" in answer.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"birth_date": "1/1/2300"}, "dans l’avenir"),
        ({"birth_date": "31/11/1940"}, "n’est pas une date qui existe"),
        ({"begins_on": "29/2/2027"}, "n’est pas une date qui existe"),
        ({"begins_on": "1/1/2035"}, "trop loin"),
        ({"begins_on": "3/12/2026", "ends_on": "1/12/2026"}, "La fin vient avant le début"),
        ({"caller_phone": "0000"}, "ne peut pas exister"),
        ({"commune": "Zzyzx"}, "Cette commune n’existe pas"),
        ({"birth_name": "x" * 10_000}, "caractères"),
        ({"visit_minutes": "4"}, "5"),
        ({"birth_name": ""}, "Dites pour qui"),
        ({"prefer": "Personne de ce nom"}, "Personne dans l’annuaire"),
        ({"delay": "hier"}, "hier"),
        ({"person_id": "x"}, "UUID"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_half_done(
    desk, changes, sentence
):
    answer = desk.post(reverse("intake:desk"), said(**changes))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not CareRequest.objects.exists()
    assert not Person.objects.exists()


NAUGHTY = [
    "<script>alert(1)</script>",
    "'\";-- DROP TABLE",
    "${{7*7}} {{ 7*7 }}",
    "🧗‍♀️ Zoë Ñandú",
    "\u202eesrever",
    "مرحبا بالعالم",
    "\u0000nul",
]


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_strings_are_kept_and_shown_literally_or_refused_with_a_sentence(desk, text):
    answer = desk.post(
        reverse("intake:desk"),
        said(need=text, caller_name=text, access_notes=text, delay="h24", birth_name="Nom " + text),
    )
    if answer.status_code == 422:
        assert "\u0000" in text
        assert not CareRequest.objects.exists()
        return
    shown = desk.get(answer["Location"]).content.decode()
    assert CareRequest.objects.get().need == text
    assert "<script>alert(1)" not in shown
    assert "49" not in re.sub(r"<[^>]*>", "", shown[shown.index("Besoin") :])[:120]


def test_the_same_need_of_the_same_person_is_not_asked_twice(desk):
    desk.post(reverse("intake:desk"), said(delay="h24"))
    person = Person.objects.get()
    again = said(delay="h24", person_id=str(person.pk), kind="dressing", other_kinds=["injection"])
    answer = desk.post(reverse("intake:desk"), again)
    assert answer.status_code == 422
    assert "déjà en cours" in answer.content.decode()
    other = desk.post(reverse("intake:desk"), again | {"other_kinds": []})
    assert other.status_code == 302


MIXED = {"kind": "injection", "other_kinds": ["physiotherapy"]}


def test_cares_that_no_profession_gives_whole_are_refused_with_a_sentence(desk):
    answer = desk.post(reverse("intake:desk"), said(delay="h24", **MIXED))
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert re.search(r"<details[^>]* open[^>]*>(?:(?!</details>).)*Faites une demande", shown, re.S)
    assert not CareRequest.objects.exists()
    midwife = {"kind": "monitoring", "other_kinds": ["midwifery"]}
    assert desk.post(reverse("intake:desk"), said(delay="h24", **midwife)).status_code == 302


def test_advice_needs_no_name_and_closes_when_the_answer_was_given(desk):
    call = said(weight="advice", anonymous="on", kind="", answer_words="Voir la pharmacie de garde")
    answer = desk.post(reverse("intake:desk"), call | {"birth_name": "", "commune": ""})
    request = CareRequest.objects.get()
    assert answer.status_code == 302
    assert (request.state, request.person_id) == ("closed", None)
    assert request.tellings.get().result == "reached"


def test_the_answer_shows_who_it_may_be_who_could_come_and_what_the_text_says(desk, service):
    person = PersonFactory(birth_name="Lefèvre", territory=service.territory)
    call = said(birth_name="lefe")
    answer = desk.htmx(reverse("intake:summary", args=[call["draft_id"]]), call)
    text = answer.content.decode()
    assert str(person.pk) in text
    assert "Saint-Bonnet-en-Champsaur" in text
    assert "professionnel joignable" in text
    assert "OUI 4821" in text
    message = text[text.index("Ce que dira le message") :]
    assert "Lefèvre" not in message
    assert "Saint-Bonnet" not in message
    assert "injection" not in message


def test_looking_for_the_answer_writes_nothing(desk):
    call = said()
    desk.htmx(reverse("intake:summary", args=[call["draft_id"]]), call)
    assert not Draft.objects.exists()


def test_a_caller_is_remembered_by_number(desk):
    desk.post(reverse("intake:desk"), said(delay="h24"))
    call = {"caller_phone": "0612345678"}
    text = desk.htmx(reverse("intake:summary", args=[uuid7()]), call).content.decode()
    assert "Docteur Arnaud" in text
    again = said(
        caller_name="",
        caller_kind="other",
        birth_name="Autre",
        first_names="Zoé",
        birth_date="",
        delay="h24",
    )
    desk.post(reverse("intake:desk"), again)
    assert CareRequest.objects.get(person__birth_name="Autre").caller.name == "Docteur Arnaud"


def test_somebody_known_is_chosen_and_not_created_again(desk, service):
    person = PersonFactory(territory=service.territory)
    answer = desk.post(
        reverse("intake:desk"), said(person_id=str(person.pk), commune="", delay="h24")
    )
    assert answer.status_code == 302
    request = CareRequest.objects.get()
    assert request.person_id == person.pk
    assert request.commune_id == person.commune_id
    assert person.circle.filter(organization=service).exists()


def test_a_draft_belongs_to_who_types_it(desk, client, service):
    call = said()
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    client.as_(desk_of(service))
    answer = client.post(reverse("intake:save", args=[call["draft_id"]]), call)
    assert answer.status_code == 409
    client.as_(desk_of(OrganizationFactory()))
    assert client.get(reverse("intake:draft", args=[call["draft_id"]])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_for_one_person_and_need_make_one_request(service):
    CommuneFactory()
    person = PersonFactory(territory=service.territory)
    calls = []
    for _ in range(2):
        desk = desk_of(service)
        draft = DraftFactory(organization=service, account_id=desk.account_id)
        need = NeedSaid("injection", commune_code="05132")
        call = Call(CallerSaid("gp", "Docteur"), PersonSaid(person.pk), need, tell_caller=False)
        calls.append((desk, draft, call))

    def take(desk, draft, call):
        return services.receive(actor=desk, draft=draft, call=call, now=NOW)

    results = simultaneously(*(partial(take, *one) for one in calls))
    assert CareRequest.objects.count() == 1
    [refused] = [one for one in results if isinstance(one, DomainError)]
    assert refused.code == "intake.already_live"


@pytest.mark.django_db(transaction=True)
def test_two_copies_of_one_draft_at_once_keep_one(service):
    desk, pk = desk_of(service), uuid7()

    def keep(text):
        content = {"need": [text]}
        return services.save_draft(
            actor=desk, organization=service, draft_id=pk, content=content, now=NOW
        )

    results = simultaneously(partial(keep, "un"), partial(keep, "deux"))
    assert not [one for one in results if isinstance(one, Exception)]
    assert Draft.objects.get().content["need"] in (["un"], ["deux"])


def test_a_draft_put_aside_no_longer_shows(desk):
    call = said()
    desk.post(reverse("intake:save", args=[call["draft_id"]]), call)
    desk.post(reverse("intake:discard", args=[call["draft_id"]]))
    assert "à reprendre" not in desk.get(reverse("intake:desk")).content.decode()
    assert Draft.objects.count() == 1


def test_a_planned_care_without_a_day_is_promised_the_delay_that_is_then_written(desk):
    call = said(delay="planned", no_sign="", q_sortie="", geste="keep")
    shown = desk.post(reverse("intake:summary", args=[call["draft_id"]]), call).text
    desk.post(reverse("intake:desk"), call)
    due = CareRequest.objects.get().due_at
    assert due == NOW + timedelta(days=7)
    assert due.astimezone(PARIS).isoformat() in shown


UNASKED = {"no_sign": "", "q_sortie": "", "delay": "h24"}


def test_no_search_starts_before_the_signs_were_asked(desk, service):
    TriageVersionFactory(organization=service, signed=True)
    refused = desk.post(reverse("intake:desk"), said(**UNASKED))
    assert refused.status_code == 422
    assert "Rien n’est cherché avant d’avoir posé les signes" in refused.text
    assert not CareRequest.objects.exists()
    assert desk.post(reverse("intake:desk"), said(**UNASKED | {"no_sign": "on"})).status_code == 302
    assert CareRequest.objects.get().state == "qualified"


@pytest.mark.parametrize("free", [{"geste": "keep"}, {"weight": "one_off"}])
def test_what_searches_nothing_is_kept_without_the_signs(desk, service, free):
    TriageVersionFactory(organization=service, signed=True)
    assert desk.post(reverse("intake:desk"), said(**UNASKED | free)).status_code == 302
    assert CareRequest.objects.get().state == "received"


def test_a_call_kept_without_the_signs_is_searched_once_they_were_asked(desk, service):
    TriageVersionFactory(organization=service, signed=True)
    desk.post(reverse("intake:desk"), said(**UNASKED, geste="keep"))
    request = CareRequest.objects.get()
    search = reverse("intake:act", args=[request.pk, "qualifier"])

    refused = desk.post(search, {"seen": request.version})
    assert refused.status_code == 409
    assert "Les signes n’ont pas été posés" in refused.text

    again = {"no_sign": "on", "seen": request.version}
    assert desk.post(reverse("intake:retriage", args=[request.pk]), again).status_code == 302
    request.refresh_from_db()
    assert desk.post(search, {"seen": request.version}).status_code == 302
    request.refresh_from_db()
    assert request.state == "qualified"


@pytest.mark.parametrize("ticked", [True, False])
def test_the_usual_nurse_of_somebody_else_shown_before_is_nobody_s_choice(desk, service, ticked):
    hers, other = PersonFactory(), PersonFactory()
    nurse = PractitionerFactory()
    for person in (hers, other):
        joins_circle(person, organization=service)
    joins_circle(hers, practitioner=nurse, is_usual_nurse=True)
    shown = {"usual_shown": nurse.pk} | ({"usual_nurse": nurse.pk} if ticked else {})
    for person, wishes in ((other, 0), (hers, 1)):
        call = said(person_id=person.pk, delay="h24", birth_name="", **shown)
        assert desk.post(reverse("intake:desk"), call).status_code == 302
        assert Wish.objects.filter(request__person=person).count() == wishes
