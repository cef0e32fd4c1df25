"""One element of FHIR JSON being read: what it holds, and what is noted when it is not that."""

import json as text_json
from collections.abc import Collection, Mapping
from decimal import Decimal

from cordee.assessments.rules import urls
from cordee.assessments.rules.definition import (
    Coding,
    Constant,
    Constraint,
    Expression,
    Option,
    Value,
)
from cordee.assessments.rules.problems import Problems
from cordee.assessments.rules.values import KINDS, Json, number, read_value

Known = Mapping[str, tuple[str, ...]]
_CONSTRAINT_PARTS = ("key", "severity", "human", "expression", "requirements")
MAX_OPTIONS = 500
NOTHING = Constant("valueString", "")


class Element:
    """An object of the JSON, with where it stands."""

    def __init__(self, json: Json, path: str, problems: Problems) -> None:
        self.json: Mapping[str, Json] = json if isinstance(json, Mapping) else {}
        self.path = path
        self.problems = problems
        if not isinstance(json, Mapping):
            self.says("Un objet est attendu ici")

    def says(self, said: str) -> None:
        """Note a problem at this place."""
        self.problems.add(self.path, said)

    def only(self, *known: str) -> None:
        """Note every key that nobody reads."""
        for key in self.json:
            if key not in known:
                self.says(f"« {key} » n’est pas pris en charge")

    def text(self, key: str, *, needed: bool = False) -> str:
        """Return a text, "" where there is none."""
        found = self.json.get(key, "")
        if not isinstance(found, str):
            self.says(f"« {key} » doit être un texte")
            return ""
        if needed and not found.strip():
            self.says(f"« {key} » manque")
        return found

    def flag(self, key: str) -> bool:
        """Return a flag, false where it is not said."""
        found = self.json.get(key, False)
        if not isinstance(found, bool):
            self.says(f"« {key} » doit valoir true ou false")
        return found is True

    def count(self, key: str) -> int | None:
        """Return a whole number from 0, None where there is none."""
        found = self.json.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            self.says(f"« {key} » doit être un nombre entier positif")
            return None
        return found

    def children(self, key: str) -> list["Element"]:
        """Return the objects of a list, each at its own place."""
        found = self.json.get(key, [])
        if not isinstance(found, list):
            self.says(f"« {key} » doit être une liste")
            return []
        path = f"{self.path}.{key}"
        return [Element(one, f"{path}[{n}]", self.problems) for n, one in enumerate(found)]

    def kept(self, keys: Collection[str]) -> str:
        """Return as JSON what is kept unread, noting the extensions it would hide."""
        found = {key: self.json[key] for key in keys if key in self.json}
        for key, one in found.items():
            if key != "text" and _hides(one):
                self.says(f"« {key} » porte une extension qui n’est pas prise en charge")
        return text_json.dumps(found, ensure_ascii=False, sort_keys=True, default=float)

    def constant(self, prefix: str, besides: tuple[str, ...] = ()) -> Constant:
        """Return the one `value[x]`, or `answer[x]`, of this element."""
        keys = [key for key in self.json if key not in besides]
        if len(keys) != 1:
            self.says(f"Une seule valeur « {prefix}[x] » est attendue ici")
            return NOTHING
        kind = "value" + keys[0].removeprefix(prefix)
        try:
            return read_value(kind, self.json[keys[0]])
        except ValueError as failure:
            self.says(f"« {keys[0]} » : {failure}")
            return NOTHING

    def extensions(self, known: Known) -> "Extensions":
        """Return the extensions, noting those that are not known or stand twice."""
        return Extensions(self, known)

    def options(self) -> tuple[Option, ...]:
        """Return the answers that are offered."""
        children = self.children("answerOption")
        if len(children) > MAX_OPTIONS:
            self.says(f"Plus de {MAX_OPTIONS} réponses sont proposées")
            return ()
        return tuple(_option(one) for one in children)


class Extensions:
    """The extensions of an element, by address."""

    def __init__(self, element: Element, known: Known) -> None:
        self.element = element
        self.problems = element.problems
        self.found: dict[str, list[Element]] = {}
        for child in element.children("extension"):
            url = child.text("url", needed=True)
            if url and url not in known:
                child.says(f"L’extension « {url} » n’est pas prise en charge")
            elif url in self.found and url not in urls.MANY:
                child.says(f"L’extension « {url} » est dite deux fois")
            elif url:
                child.only("url", *(known[url] or ("extension",)))
                self.found.setdefault(url, []).append(child)

    def _first(self, url: str) -> Element | None:
        return next(iter(self.found.get(url, ())), None)

    def _key(self, element: Element) -> str:
        return next((key for key in element.json if key.startswith("value")), "")

    def text(self, url: str) -> str:
        """Return the text an extension carries."""
        element = self._first(url)
        return element.text(self._key(element), needed=True) if element else ""

    def flag(self, url: str) -> bool:
        """Return the flag an extension carries."""
        element = self._first(url)
        return element.flag(self._key(element)) if element else False

    def count(self, url: str) -> int | None:
        """Return the whole number an extension carries."""
        element = self._first(url)
        return element.count(self._key(element)) if element else None

    def number(self, url: str) -> Decimal | None:
        """Return the number an extension carries."""
        element = self._first(url)
        if element is None:
            return None
        try:
            return number(element.json.get(self._key(element)))
        except ValueError as failure:
            element.says(f"{failure}")
            return None

    def bound(self, url: str) -> Constant | None:
        """Return the bound an extension carries."""
        element = self._first(url)
        return element.constant("value", besides=("url",)) if element else None

    def codings(self, url: str) -> tuple[Coding, ...]:
        """Return the units that extensions carry."""
        found = (one.constant("value", besides=("url",)) for one in self.found.get(url, ()))
        return tuple(one.value for one in found if isinstance(one.value, Coding))

    def control(self) -> str:
        """Return how a line likes to be shown."""
        element = self._first(urls.CONTROL)
        if element is None:
            return ""
        concept = Element(element.json.get("valueCodeableConcept"), element.path, self.problems)
        found = [one.json.get("code") for one in concept.children("coding") if _is_control(one)]
        if len(found) != 1 or not isinstance(found[0], str):
            element.says(f"Un code de « {urls.CONTROL_CODES} » est attendu")
            return ""
        return found[0]

    def hints(self) -> str:
        """Return as JSON the extensions that speak of the look."""
        found = [one for url in urls.HINTS for one in self.found.get(url, ())]
        for one in found:
            if _hides({key: value for key, value in one.json.items() if key != "url"}):
                one.says("Une extension se cache ici, qui n’est pas prise en charge")
        return text_json.dumps([one.json for one in found], ensure_ascii=False, default=float)

    def expressions(self, url: str) -> tuple[Expression, ...]:
        """Return the expressions that extensions carry."""
        return tuple(
            _expression(Element(one.json.get("valueExpression"), one.path, self.problems))
            for one in self.found.get(url, ())
        )

    def constraints(self) -> tuple[Constraint, ...]:
        """Return the constraints, in both ways of writing them."""
        return tuple(
            self._constraint(one, target=url == urls.TARGET_CONSTRAINT)
            for url in (urls.CONSTRAINT, urls.TARGET_CONSTRAINT)
            for one in self.found.get(url, ())
        )

    def _constraint(self, element: Element, *, target: bool) -> Constraint:
        parts = {part.text("url"): part for part in element.children("extension")}
        for name, part in parts.items():
            part.only("url", *(key for key in part.json if key.startswith("value")))
            if name not in _CONSTRAINT_PARTS:
                part.says(f"« {name} » n’est pas pris en charge dans une contrainte")
        words = {
            name: parts[name].text(self._key(parts[name])) if name in parts else ""
            for name in ("key", "severity", "human", "requirements")
        }
        if words["severity"] not in ("error", "warning"):
            element.says("« severity » doit valoir « error » ou « warning »")
        for name in ("key", "human", "expression"):
            if name not in parts:
                element.says(f"« {name} » manque dans cette contrainte")
        expression = Expression("")
        if "expression" in parts and target:
            inside = parts["expression"].json.get("valueExpression")
            expression = _expression(Element(inside, element.path, self.problems))
        elif "expression" in parts:
            expression = Expression(parts["expression"].text("valueString", needed=True))
        return Constraint(expression=expression, target=target, **words)


def _is_control(element: Element) -> bool:
    return element.json.get("system") == urls.CONTROL_CODES


def _expression(element: Element) -> Expression:
    element.only("language", "expression", "name", "description")
    language = element.text("language", needed=True)
    if language and language != "text/fhirpath":
        element.says(f"Le langage « {language} » n’est pas pris en charge")
    return Expression(
        text=element.text("expression", needed=True),
        name=element.text("name"),
        description=element.text("description"),
    )


def _option(element: Element) -> Option:
    element.only(*KINDS, "extension", "initialSelected")
    extensions = element.extensions(urls.ON_OPTION)
    keys = [key for key in element.json if key in KINDS]
    if len(keys) != 1:
        element.says("Une seule valeur « value[x] » est attendue ici")
        return Option("valueCoding", "", "")
    said = element.json[keys[0]]
    inside: Extensions | None = None
    if keys[0] == "valueCoding" and isinstance(said, Mapping) and "extension" in said:
        inside = Element(said, f"{element.path}.valueCoding", element.problems).extensions(
            urls.ON_CODING
        )
        said = {key: one for key, one in said.items() if key != "extension"}
    weight, url, within = _weight(element, extensions, inside)
    value = _option_value(element, keys[0], said)
    return Option(
        kind=keys[0],
        code=value.code if isinstance(value, Coding) else str(value),
        display=value.display if isinstance(value, Coding) else "",
        system=value.system if isinstance(value, Coding) else "",
        weight=weight,
        weight_url=url,
        weight_inside=within,
        prefix=extensions.text(urls.OPTION_PREFIX),
        exclusive=extensions.flag(urls.EXCLUSIVE),
        initial=element.flag("initialSelected"),
    )


def _option_value(element: Element, kind: str, said: Json) -> Value:
    if kind not in ("valueCoding", "valueString", "valueInteger", "valueDate", "valueTime"):
        element.says(f"Une réponse proposée ne peut pas être « {kind} »")
        return ""
    try:
        return read_value(kind, said).value
    except ValueError as failure:
        element.says(f"« {kind} » : {failure}")
        return ""


def _weight(
    element: Element, outside: Extensions, inside: Extensions | None
) -> tuple[Decimal | None, str, bool]:
    """Find the one weight: on the option or on its coding, under either address."""
    found = [
        (one.number(url), url, one is inside)
        for one in (outside, inside)
        if one is not None
        for url in urls.WEIGHTS
        if url in one.found
    ]
    if len(found) > 1:
        element.says("Cette réponse porte deux poids : n’en gardez qu’un")
    return found[0] if found else (None, "", False)


def _hides(json: Json) -> bool:
    """Say whether an extension stands somewhere in what is kept unread."""
    stack = [json]
    while stack:
        one = stack.pop()
        if isinstance(one, Mapping):
            if any(key in ("extension", "modifierExtension") or key[0:1] == "_" for key in one):
                return True
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)
    return False
