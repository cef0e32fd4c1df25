"""Every door that takes a file, and every kind of file that is not what it says.

What is refused leaves nothing behind; what is accepted comes back byte for byte.
"""

import resource
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cordee.intake.models import Document, TriageVersion
from cordee.intake.rules.uploads import MAX_UPLOAD, UploadError, judge_upload
from cordee.kernel.identifiers import uuid7
from tests.architecture.house import sources
from tests.factories.directory import AccountFactory
from tests.factories.intake import CareRequestFactory, desk_of
from tests.intake import files
from tests.intake.test_online_prescription import proved
from tests.intake.test_service import ASKED, partner, service, territory_holds
from tests.support import coordinator_of

__all__ = ["partner", "service"]

GOOD = {
    "photo d’un téléphone": files.telephone(),
    "image d’un scanner": files.scanner(),
    "webp": files.picture("WEBP", (640, 480)),
    "image progressive": files.picture("JPEG", (640, 480), progressive=True),
    "image à palette": files.picture("PNG", (90, 90), "P"),
    "image transparente": files.picture("PNG", (90, 90), "RGBA"),
    "une page": files.pdf(),
    "trente pages": files.pdf(pages=30),
    "un lien et un signet": files.pdf(files.links_to_a_site),
    "un pdf suivi de blancs": files.pdf() + b"\r\n\x00\x00",
}
EVIL = {
    # two things at once
    "pdf et zip": files.pdf() + files.archive(),
    "pdf et zip dont le commentaire finit en pdf": files.pdf() + files.archive(comment=b"\n%%EOF"),
    "zip et pdf": files.archive() + files.pdf(),
    "pdf et page": files.pdf().replace(b"\n", b"\n%<html>" + files.SCRIPT + b"\n", 1),
    "page et pdf": b"<html>" + files.SCRIPT + files.pdf(),
    "pdf et php": files.pdf().replace(b"\n", b"\n%" + files.PHP + b"\n", 1),
    "gif et script": b"GIF89a=1;alert(1)//" + bytes(40),
    "jpeg et php": files.jpeg_with(files.PHP),
    "jpeg et page": files.jpeg_with(b"<!DOCTYPE html>" + files.SCRIPT),
    "jpeg et svg": files.jpeg_with(b'<svg xmlns="http://www.w3.org/2000/svg" onload="a()">'),
    "jpeg et zip": files.picture() + files.archive(),
    "jpeg et zip suivi d’autre chose": files.picture() + files.archive() + b"fin",
    "jpeg et pdf": files.picture() + files.pdf(),
    "png et page": files.png_with(files.png_chunk(b"tEXt", b"Comment\x00" + files.SCRIPT)),
    "webp et zip": files.picture("WEBP") + files.archive(),
    # not what one may send
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "zip": files.archive(),
    "bombe zip": files.archive(8_000_000),
    "programme": b"MZ\x90\x00" + bytes(60),
    "rien": b"",
    "trop lourd": files.picture() + bytes(MAX_UPLOAD),
    # too much once unfolded
    "image immense": files.png_of(60_000, 60_000),
    "photo immense": files.jpeg_of(65_500, 65_500),
    "image de soixante et un millions de points": files.png_of(61_000, 1_000),
    "texte d’image gonflé": files.swollen_text(),
    "bombe pdf": files.bomb(),
    "listes sans fond": files.deep(),
    "pages qui tournent": files.turning(),
    "trente mille pages": files.many_pages(),
    # broken
    "jpeg coupé": files.telephone()[:-400],
    "jpeg coupé au début": files.telephone()[:300],
    "png coupé": files.scanner()[:-30],
    "png sans sa fin": files.scanner()[:-12],
    "webp coupé": files.picture("WEBP", (640, 480))[:-40],
    "image d’un octet faux": files.scanner()[:60] + b"\x00\xff" + files.scanner()[62:],
    "pdf coupé": files.pdf()[:-200],
    "pdf sans objets": b"%PDF-1.7\n%%EOF\n",
    "pdf sans pages": files.pdf(pages=0),
    "pdf de trente et une pages": files.pdf(pages=31),
    "pdf fermé": files.pdf(password="x"),
    # programs
    "pdf qui lance un script": files.pdf(files.opens_a_script),
    "script derrière trente signets": files.pdf(files.script_behind_many_bookmarks),
    "programme sous un lien": files.pdf(files.script_under_a_link),
    "formulaire qui s’envoie": files.pdf(files.sends_its_form),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_good_is_accepted(name):
    assert judge_upload(GOOD[name]).pages >= 1


@pytest.mark.parametrize("name", EVIL)
def test_what_is_not_what_it_says_is_refused_with_a_sentence(name):
    with pytest.raises(UploadError) as refused:
        judge_upload(EVIL[name])
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_cut_anywhere_is_refused(kind):
    whole = files.picture(kind, (64, 48))
    for end in range(0, len(whole) - 1, max(1, len(whole) // 40)):
        with pytest.raises(UploadError):
            judge_upload(whole[:end])


LITTLE = 600_000_000  # octets that judging may take, Python and its libraries included


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["bombe pdf", "texte d’image gonflé", "image immense", "bombe zip"]
)
def test_a_bomb_is_refused_with_little_memory(name, tmp_path):
    """Refused for what it is, not because the machine had no more to give."""
    (tmp_path / "bomb").write_bytes(EVIL[name])
    script = (
        "import sys; from pathlib import Path\n"
        "from cordee.intake.rules.uploads import UploadError, judge_upload\n"
        "try: judge_upload(Path(sys.argv[1]).read_bytes())\n"
        "except UploadError as refused: print(refused)\n"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "bomb"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LITTLE, LITTLE)),
    )
    assert outcome.returncode == 0, outcome.stderr[-800:]
    assert outcome.stdout.strip().endswith(".")


# -- the doors -----------------------------------------------------------------------------------

CALL = ASKED | {"weight": "full", "delay": "h24", "caller_kind": "gp"}


def given(content):
    return SimpleUploadedFile("ordonnance.jpg", content, content_type="image/jpeg")


def on_the_desk(client, service, content):
    """The call, sent with its file."""
    desk = client.as_(desk_of(service))
    said = CALL | {"draft_id": str(uuid7()), "ordonnance": given(content)}
    return desk.post(reverse("intake:desk"), said)


def during_the_call(client, service, content):
    desk = client.as_(desk_of(service))
    return desk.post(reverse("intake:attach", args=[uuid7()]), {"ordonnance": given(content)})


def after_the_call(client, service, content):
    request = CareRequestFactory(organization=service)
    desk = client.as_(desk_of(service))
    return desk.post(
        reverse("intake:add_document", args=[request.pk]), {"ordonnance": given(content)}
    )


def online(client, service, content):
    if "intake.proof" not in client.session:
        proved(client)
    return client.post(reverse("intake:online_form"), ASKED | {"ordonnance": given(content)})


DOORS = [on_the_desk, during_the_call, after_the_call, online]


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_every_door_keeps_what_is_good_byte_for_byte(client, service, partner, door):
    territory_holds(service)
    content = files.telephone()
    assert door(client, service, content).status_code == 302
    kept = Document.objects.get()
    shown = client.as_(desk_of(service)).get(reverse("intake:document", args=[kept.pk]))
    assert bytes(kept.content) == shown.content == content
    assert shown["Content-Type"] == "image/jpeg"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_every_door_refuses_what_is_not_what_it_says(client, service, partner, door):
    territory_holds(service)
    for name in ("jpeg et php", "pdf et zip", "svg", "bombe pdf", "jpeg coupé"):
        answer = door(client, service, EVIL[name])
        assert answer.status_code in (409, 422), name
    assert not Document.objects.exists()


def grids(client, service, content):
    chief = client.as_(coordinator_of(service, account_id=AccountFactory().pk))
    return chief.post(reverse("intake:propose_grid"), {"grille": given(content)})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"[]", b"{", b'"\xff"', b"[" * 200_000, b'{"a":' * 50_000, b"NaN", b"{}"],
)
def test_a_grid_that_is_none_is_refused_with_a_sentence(client, service, content):
    assert grids(client, service, content).status_code in (403, 409, 422)
    assert not TriageVersion.objects.exists()


def test_every_door_is_here():
    """A new place that takes files must join this series."""
    ways = ("FILES", "file_given")
    views = [source for source in sources() if source.layer == "views"]
    takes = [source.name for source in views if any(way in source.text for way in ways)]
    assert sorted(takes) == [
        "cordee/assessments/views/questionnaires.py",  # its own series: test_questionnaires
        "cordee/intake/views/desk.py",
        "cordee/intake/views/grids.py",
        "cordee/intake/views/public.py",
        "cordee/intake/views/requests.py",
        "cordee/protocols/views/writing.py",  # its own series: test_screens_of_protocols
        "cordee/vigilance/views/service.py",  # its own series: test_planning
    ]
