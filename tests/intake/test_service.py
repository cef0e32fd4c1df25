"""What surrounds the requests: the evening, the grids, the public doors, the prescription, the
demonstration."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from cordee.access.actor import SYSTEM, Role
from cordee.directory.models import Commune, Handover
from cordee.intake import demo, models, rules, selectors, services
from cordee.intake.models import CareRequest, Document, Draft, StatusLink, TriageVersion
from cordee.kernel.errors import DomainError, Forbidden
from cordee.messaging.models import Message
from tests.factories.directory import (
    AccountFactory,
    CommuneFactory,
    MembershipFactory,
    OrganizationFactory,
    PoleFactory,
    PracticeFactory,
    PractitionerFactory,
)
from tests.factories.intake import (
    SHIPPED,
    CallerFactory,
    CareRequestFactory,
    DraftFactory,
    TriageVersionFactory,
    desk_of,
)
from tests.factories.people import joins_circle
from tests.intake.test_upload_rules import document, picture
from tests.support import NOW, actor, arranging, facts, speaking_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    CommuneFactory()
    return OrganizationFactory(phone="0492000000")


# -- the end of duty -------------------------------------------------------------------------------


def test_the_desk_cannot_be_closed_on_an_orphan(client, service):
    request = CareRequestFactory(organization=service)
    pole = PoleFactory(organization=service)
    desk = desk_of(service)
    colleague = MembershipFactory(organization=service, since="2026-01-01").account
    client.as_(desk)
    page = client.get(reverse("intake:evening")).content.decode()
    assert "1\u00a0demande serait seule" in page
    closing = {"pole": pole.pk, "note": "Tout est noté"}
    refused = client.post(reverse("intake:evening"), closing)
    assert refused.status_code == 409
    assert "1\u00a0demande resterait sans personne" in refused.text
    assert "Tout est noté</textarea>" in refused.text
    assert not Handover.objects.exists()
    kept = {"account_id": colleague.pk, "how": "on_call", "seen": request.version}
    client.post(reverse("intake:keep", args=[request.pk]), kept)
    assert client.post(reverse("intake:evening"), closing).status_code == 303
    assert Handover.objects.get().note == "Tout est noté"
    assert facts("intake.duty_ended")[0]["data"]["kept"] == 1


def test_saying_that_the_caller_knows_needs_a_call_that_was_written_down(service):
    request = CareRequestFactory(organization=service)
    desk = desk_of(service)
    morning = rules.next_opening(NOW)
    by = services.Keeper(desk.account_id, "caller_told", morning)
    services.keep(actor=desk, request=request, by=by, now=NOW)
    assert selectors.alone_of(desk, service.pk, morning, NOW) == [request]
    services.tell(actor=desk, request=request, said=services.Told("call", "reached"), now=NOW)
    assert selectors.alone_of(desk, service.pk, morning, NOW) == []


def test_a_request_is_kept_only_by_somebody_of_the_service(client, service):
    request = CareRequestFactory(organization=service)
    kept = {"account_id": AccountFactory().pk, "how": "on_call", "seen": request.version}
    client.as_(desk_of(service))
    assert client.post(reverse("intake:keep", args=[request.pk]), kept).status_code == 409


# -- the grids -------------------------------------------------------------------------------------


def test_a_grid_serves_once_a_named_clinician_has_signed_it(client, service):
    desk = desk_of(service)
    client.as_(desk)
    given = SimpleUploadedFile("grille.json", SHIPPED.read_bytes())
    client.post(reverse("intake:propose_grid"), {"grille": given})
    version = TriageVersion.objects.get()
    assert selectors.grid_in_use(service.pk) is None
    sign = reverse("intake:sign_grid", args=[version.pk])
    assert client.post(sign).status_code == 403
    clinician = desk_of(service, profession="10", name="Docteur Arnaud")
    assert client.as_(clinician).post(sign).status_code == 302
    version.refresh_from_db()
    assert version.signed_name == "Docteur Arnaud"
    assert selectors.grid_in_use(service.pk).version == "2026-1"
    page = client.get(reverse("intake:grids")).content.decode()
    assert "à valider localement" in page


def test_a_new_signature_retires_the_version_in_use(service):
    clinician = desk_of(service, profession="60")
    first = TriageVersionFactory(organization=service, signed=True)
    content = json.loads(SHIPPED.read_text(encoding="utf-8")) | {"version": "2026-2"}
    second = services.propose_grid(actor=clinician, organization=service, content=content, now=NOW)
    services.sign_grid(actor=clinician, version=second, now=NOW)
    first.refresh_from_db()
    assert first.retired_at == NOW
    assert selectors.version_in_use(service.pk) == second
    services.retire_grid(actor=clinician, version=second, now=NOW)
    assert selectors.version_in_use(service.pk) is None


def test_an_altered_grid_cannot_be_signed(service):
    version = TriageVersionFactory(organization=service)
    with arranging():
        version.content["signs"][0]["question"] = "Autre chose ?"
        version.save()
    with pytest.raises(DomainError, match="empreinte"):
        services.sign_grid(actor=desk_of(service, profession="60"), version=version, now=NOW)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"signs": []}', b"\xff\xfe"])
def test_a_file_that_is_not_a_grid_is_refused_with_a_sentence(client, service, content):
    client.as_(desk_of(service))
    given = SimpleUploadedFile("grille.json", content or b" ")
    assert client.post(reverse("intake:propose_grid"), {"grille": given}).status_code == 409
    assert not TriageVersion.objects.exists()


def test_nobody_signs_for_somebody_else(service):
    version = TriageVersionFactory(organization=service)
    for who in (
        actor(Role.ADMINISTRATOR, service, name="Paul"),
        SYSTEM,
        desk_of(OrganizationFactory(), profession="10"),
        desk_of(service, profession="10", name=" "),
    ):
        with pytest.raises(Forbidden):
            services.sign_grid(actor=who, version=version, now=NOW)


# -- the prescription ------------------------------------------------------------------------------


def test_a_prescription_comes_back_byte_for_byte_in_a_box_where_nothing_runs(client, service):
    request = CareRequestFactory(organization=service)
    client.as_(desk_of(service))
    content = document()
    given = SimpleUploadedFile("<b>ordonnance</b>.pdf", content, "text/html")
    client.post(reverse("intake:add_document", args=[request.pk]), {"ordonnance": given})
    kept = Document.objects.get()
    answer = client.get(reverse("intake:document", args=[kept.pk]))
    assert answer.content == content
    assert answer["Content-Type"] == "application/pdf"
    assert "sandbox" in answer["Content-Security-Policy"]
    again = SimpleUploadedFile("autre.pdf", content)
    client.post(reverse("intake:add_document", args=[request.pk]), {"ordonnance": again})
    assert Document.objects.count() == 1


def test_a_broken_file_is_refused_and_the_request_stays(client, service):
    request = CareRequestFactory(organization=service)
    client.as_(desk_of(service))
    given = SimpleUploadedFile("photo.jpg", picture()[:100], "image/jpeg")
    answer = client.post(reverse("intake:add_document", args=[request.pk]), {"ordonnance": given})
    assert answer.status_code == 409
    assert "Reprenez la photo" in answer.content.decode()
    assert not Document.objects.exists()


def test_the_winner_sees_the_prescription_and_a_stranger_does_not(client, service):
    nurse = PractitionerFactory()
    desk = desk_of(service)
    request = CareRequestFactory(organization=service)
    kept = services.add_document(
        actor=desk, request=request, name="o.png", content=picture("PNG"), now=NOW
    )
    address = reverse("intake:document", args=[kept.pk])
    assert client.as_(speaking_as(nurse)).get(address).status_code == 404
    services.qualify(actor=desk, request=request, now=NOW)
    services.mark_found(actor=SYSTEM, request=request, practitioner_id=nurse.pk, now=NOW)
    joins_circle(request.person, practitioner=nurse)
    assert client.get(address).status_code == 200
    assert client.as_(desk_of(OrganizationFactory())).get(address).status_code == 404


def test_a_prescription_given_during_the_call_follows_the_request(client, service):
    desk = desk_of(service)
    draft = DraftFactory(organization=service, account_id=desk.account_id)
    client.as_(desk)
    given = SimpleUploadedFile("o.pdf", document())
    client.post(reverse("intake:attach", args=[draft.pk]), {"ordonnance": given})
    request = CareRequestFactory(organization=service)
    with arranging():
        Draft.objects.filter(pk=draft.pk).update(request=request)
    assert selectors.documents_of(desk, request).count() == 1


# -- the public doors ------------------------------------------------------------------------------


@pytest.fixture
def partner():
    return OrganizationFactory(kind="hospital", request_code="HOPITAL05", territory=None)


def territory_holds(service, code="05132"):
    from cordee.directory.models import TerritoryCommune

    with arranging():
        TerritoryCommune.objects.create(territory=service.territory, commune_id=code)


def sent_code():
    from cordee.messaging.sealing import unseal

    message = Message.objects.filter(template="messaging.phone_code").latest("created_at")
    whole = unseal(message.sealed, message.pk)["text"]
    return "".join(c for c in whole[whole.index("code est") :][:18] if c.isdigit())


ASKED = {
    "caller_name": "Marc Teissier",
    "caller_kind": "hospital",
    "birth_name": "Arnoux",
    "first_names": "Émile",
    "birth_date": "22/4/1942",
    "commune": "Saint-Bonnet-en-Champsaur",
    "kind": "dressing",
    "need": "Sortie demain",
    "person_informed": "on",
}


def through_the_door(client, code="HOPITAL05", contact="06 39 98 00 01"):
    knock = {"organization_code": code, "contact": contact}
    assert client.post(reverse("intake:online"), knock).status_code == 302


def test_a_professional_asks_without_an_account_and_follows_by_a_secret_link(
    client, service, partner
):
    territory_holds(service)
    through_the_door(client)
    answer = client.post(reverse("intake:online_code"), {"code": sent_code()})
    assert answer["Location"] == reverse("intake:online_form")
    answer = client.post(reverse("intake:online_form"), ASKED)
    assert answer.status_code == 302
    request = CareRequest.objects.get()
    assert (request.state, request.person_id, request.channel) == ("received", None, "online")
    status = client.get(answer["Location"]).content.decode()
    assert "Votre demande est bien reçue" in status
    for secret in ("Arnoux", "pansement", "Saint-Bonnet", "Sortie"):
        assert secret not in status
    secret = answer["Location"].rsplit("/", 1)[1]
    assert not StatusLink.objects.filter(secret_hash=secret.encode()).exists()
    assert {"intake.received"} <= set(Message.objects.values_list("template", flat=True))


def test_the_desk_completes_what_came_online_and_it_stays_one_request(client, service, partner):
    territory_holds(service)
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    client.post(reverse("intake:online_form"), ASKED)
    request = CareRequest.objects.get()
    client.as_(desk_of(service))
    page = client.get(reverse("intake:draft", args=[request.draft.pk])).content.decode()
    assert 'value="Arnoux"' in page
    call = ASKED | {"draft_id": str(request.draft.pk), "weight": "full", "delay": "h24"}
    assert client.post(reverse("intake:desk"), call).status_code == 302
    request.refresh_from_db()
    assert CareRequest.objects.count() == 1
    assert request.person.birth_name == "Arnoux"
    assert request.call_seconds is None


def test_a_wrong_code_or_an_unknown_structure_is_told_the_same(client, service, partner):
    through_the_door(client)
    wrong = client.post(reverse("intake:online_code"), {"code": "000000"})
    client.session.flush()
    through_the_door(client, code="INCONNU")
    unknown = client.post(reverse("intake:online_code"), {"code": "000000"})
    assert wrong.status_code == unknown.status_code == 200
    assert "n’est plus valable" in wrong.content.decode()
    assert "n’est plus valable" in unknown.content.decode()
    assert client.get(reverse("intake:online_form")).status_code == 302


def test_knocking_too_often_is_refused_with_a_sentence(client, partner):
    knock = {"organization_code": "INCONNU", "contact": "06 39 98 00 01"}
    answers = [client.post(reverse("intake:online"), knock) for _ in range(7)]
    assert [one.status_code for one in answers[:6]] == [302] * 6
    assert answers[6].status_code == 409
    assert "recommencez à partir de" in answers[6].content.decode()
    assert not models.Knock.objects.filter(key_hash__contains=b"0639980001").exists()


def test_a_commune_without_a_service_sends_nothing(client, service, partner):
    through_the_door(client)
    client.post(reverse("intake:online_code"), {"code": sent_code()})
    answer = client.post(reverse("intake:online_form"), ASKED)
    assert answer.status_code == 422
    assert "Rien n’a été envoyé" in answer.content.decode()
    assert not CareRequest.objects.exists()


def test_an_old_proof_opens_nothing(service, partner):
    proof = services.Proof(partner, "+33639980001", NOW - timedelta(hours=2))
    asked = services.Asked("gp", "Docteur", rules_need(), {})
    with pytest.raises(DomainError, match="une heure"):
        services.receive_online(actor=SYSTEM, service=service, proof=proof, asked=asked, now=NOW)


def rules_need():
    from cordee.intake.call import NeedSaid

    return NeedSaid(kind="dressing", commune_code="05132")


@pytest.mark.parametrize("secret", ["x", "a" * 32, "../../etc/passwd", "%00"])
def test_a_guessed_link_opens_nothing(client, secret):
    assert client.get(f"/suivi/{secret}").status_code == 404


def test_a_status_link_expires_and_is_replaced_by_a_new_one(client, service):
    request = CareRequestFactory(organization=service)
    with arranging():
        secret = services.outside.new_secret(request, NOW)
    assert client.get(f"/suivi/{secret}").status_code == 200
    in_a_minute = NOW + timedelta(minutes=1)
    services.renew_link(actor=desk_of(service), request=request, now=in_a_minute)
    assert client.get(f"/suivi/{secret}").status_code == 404


def test_the_status_page_of_a_refusal_says_why_from_its_list(client, service):
    request = CareRequestFactory(organization=service)
    with arranging():
        secret = services.outside.new_secret(request, NOW)
    services.refuse(
        actor=desk_of(service),
        request=request,
        reason="no_professional",
        words="Chien agressif",
        now=NOW,
    )
    page = client.get(f"/suivi/{secret}").content.decode()
    assert "aucun professionnel n’a pu être trouvé" in page
    assert "Chien" not in page


# -- measured in use -------------------------------------------------------------------------------


def test_the_product_measures_the_median_length_of_its_own_calls(service):
    for seconds in (40, 50, 300):
        CareRequestFactory(organization=service, call_seconds=seconds)
    CareRequestFactory(organization=service, call_seconds=None)
    median, count = selectors.median_call(desk_of(service), NOW - timedelta(days=1))
    assert (median, count) == (timedelta(seconds=50), 3)


# -- the demonstration -----------------------------------------------------------------------------


def test_the_demonstration_shows_a_dozen_requests_in_different_states_and_only_once(service):
    with arranging():
        service.territory.name = "Champsaur-Valgaudemar"
        service.territory.save()
    champsaur = Commune.objects.filter(code__in=demo.PLACES, epci_code="200068096")
    assert champsaur.count() == len(demo.PLACES)
    OrganizationFactory(kind="hospital", territory=None)
    MembershipFactory(organization=OrganizationFactory())  # where a request is handed on
    PracticeFactory(solicitable=True, communes=list(demo.PLACES))
    account = AccountFactory(is_demonstration=True, name="Claire Bonnet")
    MembershipFactory(account=account, organization=service)
    demo.load(NOW)
    demo.load(NOW)
    states = set(CareRequest.objects.filter(organization=service).values_list("state", flat=True))
    assert CareRequest.objects.filter(organization=service).count() == 12
    assert states >= {
        "received",
        "qualified",
        "found",
        "confirmed",
        "closed",
        "refused",
        "cancelled",
        "handed_on",
    }
    assert selectors.grid_in_use(service.pk) is not None


def test_the_demonstration_does_nothing_where_there_is_no_desk():
    demo.load(NOW)
    assert not CareRequest.objects.exists()


# -- what the database promises --------------------------------------------------------------------

Broken = dict[str, object]
BROKEN_REQUESTS: list[tuple[str, Broken]] = [
    ("intake_request_search_is_for_somebody", {"state": "searching", "person": None}),
    ("intake_request_held_is_not_searched", {"state": "searching", "held_at": NOW}),
    ("intake_request_found_names_somebody", {"state": "found"}),
    ("intake_request_end_has_a_reason", {"state": "refused"}),
    ("intake_request_closed_only_when_told", {"state": "closed"}),
    ("intake_request_keeper_is_whole", {"keeping": "on_call"}),
    ("intake_request_visit_lasts_a_sane_time", {"visit_minutes": 4}),
    (
        "intake_request_ends_after_it_begins",
        {"begins_on": NOW.date(), "ends_on": NOW.date() - timedelta(days=1)},
    ),
]


@pytest.mark.parametrize(("name", "columns"), BROKEN_REQUESTS)
def test_the_database_refuses_a_request_that_breaks_a_promise(service, name, columns):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        CareRequestFactory(organization=service, **columns)


def test_a_confirmed_request_has_its_first_visit(service):
    with (
        pytest.raises(IntegrityError, match="intake_request_confirmed_has_a_first_visit"),
        transaction.atomic(),
    ):
        CareRequestFactory(
            organization=service, state="confirmed", practitioner=PractitionerFactory()
        )


def breaks(name, make):
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), arranging():
        make()


def test_the_database_keeps_the_other_promises(service):
    request = CareRequestFactory(organization=service)
    account = AccountFactory()
    nurse = PractitionerFactory()
    draft = DraftFactory(organization=service)
    same = {"person": request.person, "kind": request.kind}
    breaks(
        "intake_request_one_live_per_person_and_need",
        lambda: CareRequestFactory(organization=service, **same),
    )
    caller = CallerFactory(organization=service)
    breaks(
        "intake_caller_one_per_number_and_name",
        lambda: CallerFactory(organization=service, name=caller.name),
    )
    with arranging():
        models.Wish.objects.create(request=request, practitioner=nurse, choice="prefer")
        held = {"held_at": NOW, "held_by": account}
        models.Hold.objects.create(request=request, **held)
        models.Hold.objects.create(draft=draft, **held)
        link = {"request": request, "secret_hash": b"x" * 32, "expires_at": NOW}
        StatusLink.objects.create(**link)
        knock = {"key_hash": b"k" * 32, "window_at": NOW, "count": 1}
        models.Knock.objects.create(**knock)
        paper = {"name": "o", "media_type": "image/png", "pages": 1, "size": 1, "content": b"x"}
        Document.objects.create(request=request, sha256="a", **paper)
        Document.objects.create(draft=draft, sha256="a", **paper)
    breaks(
        "intake_wish_is_said_once",
        lambda: models.Wish.objects.create(request=request, practitioner=nurse, choice="usual"),
    )
    breaks(
        "intake_hold_one_open_per_request",
        lambda: models.Hold.objects.create(request=request, **held),
    )
    breaks(
        "intake_hold_one_open_per_draft", lambda: models.Hold.objects.create(draft=draft, **held)
    )
    breaks(
        "intake_hold_release_says_why",
        lambda: models.Hold.objects.create(draft=draft, released_at=NOW, **held),
    )
    breaks(
        "intake_link_secret_opens_one_request",
        lambda: StatusLink.objects.create(**link),
    )
    breaks("intake_knock_one_count_per_window", lambda: models.Knock.objects.create(**knock))
    breaks(
        "intake_document_same_bytes_once_per_request",
        lambda: Document.objects.create(request=request, sha256="a", **paper),
    )
    breaks(
        "intake_document_same_bytes_once_per_draft",
        lambda: Document.objects.create(draft=draft, sha256="a", **paper),
    )
    breaks(
        "intake_document_belongs_to_a_call_or_a_request",
        lambda: Document.objects.create(sha256="b", **paper),
    )
    breaks(
        "intake_draft_is_typed_by_somebody_or_came_online",
        lambda: Draft.objects.create(organization=service, opened_at=NOW),
    )
    breaks(
        "intake_telling_by_voice_has_a_voice",
        lambda: models.Telling.objects.create(
            request=request, at=NOW, how="call", result="reached", about="found"
        ),
    )


def test_the_database_keeps_the_promises_of_the_grids(service):
    used = TriageVersionFactory(organization=service, signed=True)
    breaks(
        "intake_triage_same_text_once_per_service",
        lambda: TriageVersionFactory(organization=service),
    )
    breaks(
        "intake_triage_one_version_in_use_per_service",
        lambda: TriageVersionFactory(organization=service, signed=True, digest="autre"),
    )
    breaks(
        "intake_triage_signature_names_somebody",
        lambda: TriageVersionFactory(organization=service, signed_at=NOW, digest="encore"),
    )
    breaks(
        "intake_triage_answer_gives_a_sign_or_a_delay",
        lambda: models.TriageAnswer.objects.create(
            request=CareRequestFactory(organization=service),
            triage_version=used,
            answers={},
            signs=["poitrine"],
            delay="h24",
        ),
    )


def test_the_file_of_the_grid_is_read_as_it_is_shipped():
    assert rules.read_grid(json.load(io.BytesIO(SHIPPED.read_bytes()))).signs
