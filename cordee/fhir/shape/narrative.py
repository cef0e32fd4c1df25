"""The text of a resource for people: XHTML, of which only formatting is let in (txt-1, txt-2).

FHIR R4, narrative: no script, form, frame, head, outside style sheet nor attribute of an event.
What is read comes from a partner, and may be shown one day.
"""

from typing import Any
from xml.parsers import expat

from cordee.fhir.shape.trouble import Finding, Found

XHTML = "http://www.w3.org/1999/xhtml"
# HTML 4.0, chapters 7 to 11 (but section 4 of chapter 9) and 15, links, images (rule txt-1).
_ELEMENTS = (
    "a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 "
    "h3 h4 h5 h6 hr i img kbd li ol p pre q samp small span strong sub sup table tbody td tfoot "
    "th thead tr tt ul var"
)
_ATTRIBUTES = (
    "abbr align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char "
    "charoff charset cite class colspan compact coords dir frame headers height href hreflang "
    "hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style "
    "summary tabindex title type valign value vspace width "
    "http://www.w3.org/XML/1998/namespace|lang"
)
ELEMENTS, ATTRIBUTES = frozenset(_ELEMENTS.split()), frozenset(_ATTRIBUTES.split())
DANGEROUS = ("javascript:", "vbscript:", "data:text")


class _Reader:
    """What expat meets, judged as it comes."""

    def __init__(self) -> None:
        self.is_formatting = True
        self.says_something = False
        self.depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition("|")
        if self.depth == 0 and tag != "div":
            self.is_formatting = False
        self.depth += 1
        if space != XHTML or tag not in ELEMENTS:
            self.is_formatting = False
        for key, value in attributes.items():
            link = key in ("href", "src") and value.strip().lower().startswith(DANGEROUS)
            if key not in ATTRIBUTES or link:
                self.is_formatting = False
        if tag == "img":
            self.says_something = True

    def text(self, data: str) -> None:
        if data.strip():
            self.says_something = True


def xhtml(value: Any) -> Found:
    """Check the `div` of a narrative: XML that is whole, formatting alone, and something said."""
    if value.__class__ is not str:
        return [Finding("a_list" if value.__class__ is list else "wrong_type", "string")]
    if "<!DOCTYPE" in value or "<?" in value:  # neither entities of its own nor instructions
        return [Finding("txt-1")]
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator="|")
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(value, True)
    except (expat.ExpatError, UnicodeEncodeError):
        return [Finding("txt-1")]
    if not reader.is_formatting:
        return [Finding("txt-1")]
    return None if reader.says_something else [Finding("txt-2")]
