"""A page as a PDF: the same page, read by the same door, tagged for who listens to it.

Nothing is fetched: the style and the letters are our own files, everything else is refused.
"""

import logging
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

from cordee.kernel.errors import DomainError
from cordee.kernel.http import page

OURS = "cordee:"  # the only scheme a page on paper may read from
FAMILY, LETTERS = "Atkinson Hyperlegible Next", "assets/atkinson-hyperlegible-next-*.woff2"
_ADDRESS = re.compile(r'(<a\b[^>]*?) href="[^"]*"')
_MOMENT = re.compile(r'<time datetime="[^"]*" title="([^"]*)">[^<]*</time>')
"""« hier » means nothing in a binder: the full date, which the title holds, is printed."""


class Fetched(Exception):
    """A page on paper asked for something that is not ours. Always a fault of ours."""


def printable(
    request: HttpRequest, template: str, context: dict[str, Any], *, name: str
) -> HttpResponse:
    """Give a page, or the same page as a PDF when `?format=pdf` asks for it.

    The template extends `layout`, which is `base.jinja` on the screen and `paper.jinja` on paper.
    `name` is what the file is called, without its extension: a word of ours, never of a person.
    Raises DomainError when the machine cannot draw letters.
    """
    if request.GET.get("format") != "pdf":
        return page(request, template, context | {"layout": "base.jinja"})
    written = get_template(template).render(context | {"layout": "paper.jinja"}, request)
    answer = HttpResponse(pdf(written), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def pdf(written: str) -> bytes:
    """Draw a whole page of HTML as a PDF/UA-1 document: tagged, titled, in French.

    Raises DomainError when Pango is not there, Fetched when the page asks for what is not ours.
    """
    drawer = _drawer()
    text = _ADDRESS.sub(r"\1", _MOMENT.sub(r"<time>\1</time>", written))
    letters = drawer.text.fonts.FontConfiguration()
    document = drawer.HTML(string=text, url_fetcher=_refused, media_type="print")
    style = drawer.CSS(string=_style(), url_fetcher=_ours, font_config=letters)
    try:
        drawn: bytes = document.write_pdf(
            stylesheets=[style], font_config=letters, pdf_variant="pdf/ua-1"
        )
    except drawer.urls.FatalURLFetchingError as asked:  # not an Exception: nobody would catch it
        raise Fetched(str(asked)) from None
    return drawn


@cache
def _drawer() -> Any:
    """Load the library when it is first needed: it takes a second, and libraries of the system."""
    for name in ("weasyprint", "weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # they quote what they draw
    try:
        import weasyprint
        import weasyprint.text.fonts
        import weasyprint.urls
    except OSError as missing:
        raise DomainError("kernel.paper", WITHOUT_PANGO) from missing
    return weasyprint


WITHOUT_PANGO = (
    "Le PDF n’a pas pu être fait : il manque une bibliothèque sur le serveur (Pango). Rien n’est "
    "perdu : imprimez la page depuis votre navigateur, et prévenez qui administre Cordée."
)


def _refused(address: str) -> Any:
    """Give nothing: a page on paper holds words only."""
    raise _drawer().urls.FatalURLFetchingError(address.partition(":")[0])


def _ours(address: str) -> Any:
    """Give the letters, from the files of the built front-end, and nothing else."""
    path = dict(_letters()).get(address.removeprefix(OURS))
    if path is None:
        return _refused(address)
    return _drawer().urls.URLFetcherResponse(
        address, path.read_bytes(), {"Content-Type": "font/woff2"}
    )


@cache
def _style() -> str:
    faces = "".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: 200 800; '
        f'src: url("{OURS}{name}") format("woff2"); }}'
        for name, _ in _letters()
    )
    path = finders.find("paper.css")
    return faces + Path(str(path)).read_text(encoding="utf-8")


@cache
def _letters() -> tuple[tuple[str, Path], ...]:
    """The letters of our pages, by name; none when the front-end is not built."""
    found = [path for built in settings.STATICFILES_DIRS for path in Path(built).glob(LETTERS)]
    return tuple((path.name, path) for path in sorted(found))
