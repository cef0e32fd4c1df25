"""A file is judged by what it is."""

import io
import struct
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from cordee.intake.rules.uploads import MAX_UPLOAD, UploadError, judge_upload


def picture(kind="JPEG", size=(40, 30)):
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


def several_pictures():
    """A photo as a telephone takes it: the picture, then what its depth or light is made from."""
    out = io.BytesIO()
    first, second = (Image.new("RGB", size, "white") for size in ((40, 30), (20, 15)))
    first.save(out, "MPO", save_all=True, append_images=[second])
    return out.getvalue()


def document(pages=1, prepare=lambda writer: None, password=None):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    prepare(writer)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (several_pictures(), "image/jpeg"),
        (document(2), "application/pdf"),
    ],
)
def test_photos_and_pdfs_are_accepted_for_what_they_are(content, media_type):
    assert judge_upload(content).media_type == media_type


def test_a_photo_with_the_harmless_trailer_of_a_telephone_is_accepted():
    assert judge_upload(picture("JPEG") + b"SEFH\x00\x01SEFT").media_type == "image/jpeg"


def with_javascript(writer):
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
    )


def with_attachment(writer):
    writer.add_attachment("a.exe", b"MZ")


def with_launch(writer):
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd")}
    )


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "vide"),
        (b"x" * (MAX_UPLOAD + 1), "10\u00a0Mo"),
        (b"MZ\x90\x00", "ni une photo"),
        (b"<svg onload=alert(1)>", "ni une photo"),
        (b"GIF89a" + b"\x00" * 40, "ni une photo"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "HEIC"),
        (picture("JPEG")[:200], "abîmée"),
        (picture("PNG")[:60], "abîmée"),
        (b"\x89PNG\r\n\x1a\n", "ne peut pas être lue"),
        (b"\xff\xd8\xff" + b"\x00" * 100, "ne peut pas être lue"),
        (picture("JPEG") + document(), "autre chose"),
        (picture("PNG") + b"<script>alert(1)</script>", "autre chose"),
        (picture("JPEG") + b"PK\x05\x06" + b"\x00" * 18, "autre chose"),
        (document() + b"PK\x05\x06" + b"\x00" * 18, "autre chose"),
        (document() + b"<html>", "incomplet"),
        (b"%PDF-1.7\n%%EOF", "PDF"),
        (document()[:150], "incomplet"),
        (document(password="x"), "mot de passe"),
        (document(31), "entre 1 et 30"),
        (document(prepare=with_javascript), "programme"),
        (document(prepare=with_attachment), "programme"),
        (document(prepare=with_launch), "programme"),
    ],
)
def test_what_is_broken_or_two_things_at_once_is_refused_with_a_sentence(content, word):
    with pytest.raises(UploadError) as refused:
        judge_upload(content)
    assert word in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_picture_that_would_unfold_beyond_measure_is_refused():
    small = picture("PNG", (10, 10))
    header = struct.pack(">II", 60_000, 60_000)
    with pytest.raises(UploadError):
        judge_upload(small[:16] + header + small[24:])


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"%PDF-1.4\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]),
)
def test_noise_is_judged_or_refused_and_never_crashes(noise, magic):
    with suppress(UploadError):
        assert judge_upload(magic + noise).pages >= 1
