"""The lines of a file, each where a single create or update goes: same rights, same trace.

A line that bears an identifier of ours replaces that resource, as long as it is still as it was
read (`meta.versionId`). Any other is added, unless what it is called there (its first identifier)
is here already. What it is called in its file (`Type/id`) is what other lines speak of: one that
speaks of a line to come waits for it, until the last passage over those that waited. Once all were
read, a name that none of them bears is that of what a former import of the system brought.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.http import HttpResponse

from cordee.fhir.bundles.entries import Entry
from cordee.fhir.bundles.inside import Answer, asked, made, met
from cordee.fhir.bundles.links import CONDITIONAL, links_in, references
from cordee.fhir.bundles.sets import in_sets, written_together
from cordee.fhir.bundles.transaction import NOT_FOUND
from cordee.fhir.call import Call
from cordee.fhir.datatypes import extension
from cordee.fhir.frame import FAULT
from cordee.fhir.imports.asked import is_looked_for, not_taken, taken
from cordee.fhir.imports.cutting import TOO_LONG
from cordee.fhir.incoming import NOWHERE
from cordee.fhir.misshapen import refuse_misshapen
from cordee.fhir.outcome import Json, Refusal, invalid, outcome
from cordee.fhir.reading import parsed, too_big, typed
from cordee.fhir.registry import mapping_of
from cordee.fhir.systems import FILE, LINE
from cordee.fhir.writing import encoded, etag

SIGNS = re.compile(r"[\\,|$]")  # those that a search reads (FHIR R4, search.html, escaping)
FEW = 4  # lines, of a set where one was refused, that are written one by one
IN_A_FILE = re.compile(r"[A-Z][A-Za-z]{1,60}/[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was read: its place in its file, and its resource, or why there is none."""

    number: int
    resource: Json = field(default_factory=dict)
    refusal: Refusal | None = None
    raw: bytes = b""

    @property
    def sent_as(self) -> str:
        """What others call it in its file: « Type/id »; nothing when it has no name."""
        named = f"{self.resource.get('resourceType')}/{self.resource.get('id')}"
        return named if IN_A_FILE.fullmatch(named) and self.resource.get("id") else ""


@dataclass
class Done:
    """What became of some lines."""

    lines: int = 0
    written: int = 0
    known: int = 0
    refused: dict[int, bytes] = field(default_factory=dict)
    """By line: why it was refused, as an OperationOutcome."""
    keys: dict[str, str] = field(default_factory=dict)
    nameless: bool = False
    """Whether one of them could not be read, and may have borne any name."""
    unborn: set[str] = field(default_factory=set)
    """Names of lines that were not written, or not yet: they are of this import all the same."""
    waiting: dict[int, bytes] = field(default_factory=dict)
    """By line: as it came, when it speaks of what may come later."""


def read(raw: bytes, number: int) -> Line:
    """Read a line; what cannot be read says why."""
    try:
        if raw == TOO_LONG:
            raise Refusal(413, [too_big(settings.CORDEE.fhir_largest)])
        return Line(number, typed(parsed(raw)), raw=raw)
    except Refusal as refusal:
        return Line(number, refusal=refusal)


def placed(said: Json, file: int, line: int | None = None) -> Json:
    """An OperationOutcome that names the file it is about, and the line."""
    where = [extension(FILE, "PositiveInt", file), extension(LINE, "PositiveInt", line)]
    kind = {"resourceType": said["resourceType"]}
    return {**kind, "extension": [one for one in where if one], **said}


def spoken_of(lines: Sequence[Line]) -> set[str]:
    """What lines call in their file, and are called."""
    links = {link for one in lines for link in links_in(one.resource)}
    return {one for one in links | {each.sent_as for each in lines} if IN_A_FILE.fullmatch(one)}


@dataclass
class Writer:
    """The lines of one file, as they are written one after the other."""

    call: Call
    number: int
    kind: str
    borne: dict[str, str]
    """What lines that came before are called, and became here: nothing (« »), for those that were
    not written."""
    former: dict[str, str] = field(default_factory=dict)
    """The same, of former imports of the system."""
    is_last: bool = True
    """Whether no line waits any longer for another."""
    done: Done = field(default_factory=Done)
    ours: set[str] = field(default_factory=set)
    raws: dict[int, bytes] = field(default_factory=dict)
    known: dict[str, str] = field(init=False)
    named: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """Tell the names that lines have here from those that they only speak of."""
        written = {name: one for name, one in self.borne.items() if one}
        others = {name: one for name, one in self.former.items() if name not in self.borne}
        self.known, self.named = others | written, set(written)

    def write(self, lines: Sequence[Line]) -> Done:
        """Write what can be of some lines, keep those that wait, and why of the others.

        Raises OperationalError: the database refused, and nothing of them is to be kept.
        """
        self.ours = self._ours(lines)
        self.raws = {one.number: one.raw for one in lines}
        entries = [one for one in map(self._entry, lines) if one is not None]
        for some in in_sets(self.call, entries):
            run = [one for one in some if not self._waits(one) and self._leads_somewhere(one)]
            self._write(run)
        self.done.lines += len(lines) - len(self.done.waiting)
        return self._named(lines)

    def _write(self, run: Sequence[Entry]) -> None:
        """Write a run in one set; where one of it is refused, each half: few are then alone."""
        together = written_together(self.call, run, self.known) if run else None
        if together is None and len(run) > FEW:
            half = len(run) // 2
            self._write(run[:half])
            self._write(run[half:])
            return
        for place, entry in enumerate(run):
            self._told(entry, (together and together[place]) or self._alone(entry))

    def _named(self, lines: Sequence[Line]) -> Done:
        """Note which names those bear that were not written."""
        left = self.done.refused.keys() | self.done.waiting.keys()
        self.done.nameless = any(one.refusal is not None for one in lines)
        names = {one.sent_as for one in lines if one.number in left} - {""}
        self.done.unborn = names - self.done.keys.keys()
        return self.done

    def give_up(self, lines: Sequence[Line]) -> Done:
        """Leave lines aside that broke what writes them, each time."""
        self.done.lines += len(lines)
        for one in lines:
            self._refuse(one.number, outcome([FAULT]))
        return self._named(lines)

    def _entry(self, line: Line) -> Entry | None:
        """What a line asks of the door; None: it is refused before."""
        try:
            if line.refusal is not None:
                raise line.refusal
            return self._asks(line)
        except Refusal as refusal:
            self._refuse(line.number, outcome(refusal.issues))
        return None

    def _asks(self, line: Line) -> Entry:
        resource, kind, name = line.resource, line.resource["resourceType"], line.sent_as
        if self.kind not in ("", kind):
            raise invalid(*ANOTHER_TYPE, "resourceType")
        if kind not in taken():
            raise not_taken(kind)
        if name in self.named:
            raise invalid(*TWICE, f"{kind}.id")
        refuse_misshapen(resource)
        entry = Entry(line.number, name, "POST", kind, "", "", {}, resource)
        if name in self.ours:
            version = _version(resource)
            headers = {"HTTP_IF_MATCH": etag(version)} if version else {}
            self._bears(name)
            return replace(entry, method="PUT", rest=resource["id"], headers=headers)
        if name:
            self._bears(name)
        return replace(entry, headers=_unless_there(kind, resource))

    def _bears(self, name: str) -> None:
        """Note that a line is called so, until it is written: no other one is."""
        self.known[name] = name
        self.named.add(name)

    def _ours(self, lines: Sequence[Line]) -> set[str]:
        """Which lines are here for the caller, even where the scopes let nothing be changed: what
        then refuses them is the update. One query by type."""
        keys: dict[str, dict[str, Any]] = {}
        for name in {one.sent_as for one in lines} - {""}:
            kind, _, pk = name.partition("/")
            if kind in taken() and (key := mapping_of(kind).key_of(pk)) is not None:
                keys.setdefault(kind, {})[name] = key
        found: set[str] = set()
        for kind, asked_of in keys.items():
            here = self.call.keys_seen(mapping_of(kind), asked_of.values(), "")
            found |= {name for name, key in asked_of.items() if key in here}
        return found

    def _waits(self, entry: Entry) -> bool:
        """Whether it speaks of what can only be a line to come: it is then for a next passage."""
        if self.is_last or all(_may_be_ours(one) for one in self._to_come(entry)):
            return False
        self.done.waiting[entry.rank] = self.raws[entry.rank]
        return True

    def _to_come(self, entry: Entry) -> set[str]:
        """What a line speaks of by names of its file that no line has had until now."""
        links = {one for one in references(entry.places) if IN_A_FILE.fullmatch(one)}
        return {one for one in links if self.known.get(one, one) == one}

    def _leads_somewhere(self, entry: Entry) -> bool:
        """Whether what a line names by a condition (`Patient?identifier=…`) is here, and one."""
        for link in references(entry.places):
            asked_of = CONDITIONAL.fullmatch(link)
            if asked_of is None or link in self.known:
                continue
            try:
                found = met(self.call, *asked_of.groups())
                if not found and not self.is_last:
                    self.done.waiting[entry.rank] = self.raws[entry.rank]
                    return False
                if not found:
                    raise Refusal(412, [NOT_FOUND])
            except Refusal as refusal:
                self._refuse(entry.rank, outcome(refusal.issues))
                return False
            self.known[link] = found
        return True

    def _alone(self, entry: Entry) -> HttpResponse:
        try:
            return asked(self.call, entry, entry.linked(self.known))
        except Refusal as refusal:
            return HttpResponse(encoded(outcome(refusal.issues)), status=refusal.status)

    def _told(self, entry: Entry, answer: Answer) -> None:
        if answer.status_code >= 400:
            said = orjson.loads(answer.content)
            if not self.is_last and _leads_nowhere(said) and self._to_come(entry):
                self.done.waiting[entry.rank] = self.raws[entry.rank]
            else:
                self._refuse(entry.rank, said)
            return
        if answer.status_code == 200 and entry.method == "POST":
            self.done.known += 1
        else:
            self.done.written += 1
        if entry.url and (address := made(self.call, answer)):
            self.known[entry.url] = self.done.keys[entry.url] = address

    def _refuse(self, number: int, said: Json) -> None:
        self.done.refused[number] = encoded(placed(said, self.number, number))


def _may_be_ours(link: str) -> bool:
    """Whether a name may be that of something here: a line to come is named otherwise, mostly."""
    kind, _, name = link.partition("/")
    return kind not in taken() or mapping_of(kind).key_of(name) is not None


def _leads_nowhere(said: Json) -> bool:
    codes = [one["details"]["coding"][0]["code"] for one in said["issue"] if "details" in one]
    return NOWHERE in codes


def _version(resource: Json) -> str:
    meta = resource.get("meta")
    said: Any = meta.get("versionId") if isinstance(meta, dict) else None
    return said if isinstance(said, str) else ""


def _unless_there(kind: str, resource: Json) -> dict[str, str]:
    """The condition that adds nothing twice: the first identifier, of those that are kept."""
    if not is_looked_for(kind):
        return {}
    kept = mapping_of(kind).answered_for(resource).get("identifier")
    for one in [*_listed(kept), *_listed(resource.get("identifier"))]:
        if one.get("system") and one.get("value"):
            system, value = (SIGNS.sub(r"\\\g<0>", one[key]) for key in ("system", "value"))
            return {"HTTP_IF_NONE_EXIST": urlencode({"identifier": f"{system}|{value}"})}
    return {}


def _listed(said: Any) -> list[Json]:
    return said if isinstance(said, list) else [said] if said else []


ANOTHER_TYPE = (
    "import.another_type",
    "Cette ressource n’est pas du type annoncé pour ce fichier. Rien n’en a été enregistré.",
    "The resource is not of the type that the list gives for its file.",
)
TWICE = (
    "import.twice",
    "Une autre ligne de cet import porte déjà cet identifiant : laquelle croire ? Rien n’a été "
    "enregistré de celle-ci.",
    "Another line of the import bears this id already.",
)
