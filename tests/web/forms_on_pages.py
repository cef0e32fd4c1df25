"""The forms that a page holds, as a browser would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = {"text", "search", "tel", "email", "number", "date", "time", "datetime-local", "password"}
LIKELY = {
    "tel": "06 12 34 56 78",
    "email": "quelquun@exemple.fr",
    "number": "3",
    "date": "2026-11-24",
    "time": "10:30",
    "datetime-local": "2026-11-24T10:30",
}


@dataclass
class Form:
    """What a form sends: where, how, what may be typed (and into which widget) and the rest."""

    action: str
    method: str
    multipart: bool = False
    typed: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, str] = field(default_factory=dict)
    rest: dict[str, list[str]] = field(default_factory=dict)

    def choose(self, name: str, value: str, *, chosen: bool) -> None:
        """A choice among others: the chosen one, else the first."""
        if chosen or not self.rest.get(name):
            self.rest[name] = [value]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag, attrs):
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = "post" if "hx-post" in a else a.get("method", "get").lower()
            multipart = "multipart" in a.get("enctype", "")
            self.form = Form(a.get("hx-post") or a.get("action", ""), method, multipart)
            self.forms.append(self.form)
        elif self.form is not None:
            self._control(tag, a)

    def _control(self, tag, a):
        name = a.get("name", "")
        if tag == "select":
            self.select = name
        elif tag == "option" and self.select and a.get("value"):
            self.form.choose(self.select, a["value"], chosen="selected" in a)
        elif tag == "textarea" and name:
            self.area, self.form.typed[name] = name, ""
            self.form.widgets[name] = "textarea"
        elif tag == "input" and name:
            self._input(name, a)
        elif tag == "button" and name and a.get("type", "submit") == "submit":
            self.form.choose(name, a.get("value", ""), chosen=False)

    def _input(self, name, a):
        kind = a.get("type", "text")
        if kind in TYPED:
            self.form.typed[name] = a.get("value") or LIKELY.get(kind, "Berthe")
            self.form.widgets[name] = kind
        elif kind == "hidden":
            self.form.rest.setdefault(name, []).append(a.get("value", ""))
        elif kind in ("radio", "checkbox"):
            self.form.choose(name, a.get("value", "on"), chosen="checked" in a)

    def handle_data(self, data):
        if self.area and self.form is not None:
            self.form.typed[self.area] += data.strip()

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.area:
            if self.form is not None and not self.form.typed[self.area]:
                self.form.typed[self.area] = "Quelques mots"
            self.area = ""


def forms_in(html: str) -> list[Form]:
    """Every form of a page, or of a fragment."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms
