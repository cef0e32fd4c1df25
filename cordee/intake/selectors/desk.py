"""The right-hand side of the call desk: what the answer looks like, while it is being asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cordee.access.actor import Actor
from cordee.directory import selectors as directory
from cordee.directory.kinds import profession_of
from cordee.directory.models import Commune, Practitioner
from cordee.directory.phones import parse_phone
from cordee.directory.rules import Window
from cordee.intake import rules
from cordee.intake.call import as_seen
from cordee.intake.models import Caller, CareRequest, VisitTime, Wish
from cordee.intake.selectors.requests import callers_by_number, live_requests_of, wishes_said
from cordee.kernel.days import DayError, read_day
from cordee.messaging.models import Channel
from cordee.messaging.rules import UnsafeError
from cordee.messaging.selectors import said
from cordee.people import selectors as people
from cordee.people.models import Person
from cordee.people.rules.traits import Traits

SAMPLE_CODE = "4821"
SAMPLE_LINK = "/r/" + "x" * 24
NOBODY = "aucune"  # what is said when somebody is none of the persons shown
SHOWN = 8  # at most, of those who may be the same


@dataclass(frozen=True)
class Summary:
    """What is known so far of the call under way."""

    callers: list[Caller] = field(default_factory=list)
    found: list[people.Found] = field(default_factory=list)
    chosen: Person | None = None
    is_new: bool = False
    usual: Practitioner | None = None
    is_usual_first: bool = True
    live: list[CareRequest] = field(default_factory=list)
    communes: list[Commune] = field(default_factory=list)
    commune: Commune | None = None
    nurses: int | None = None
    text: str = ""
    verdict: rules.Verdict | None = None
    delay: rules.Delay | None = None
    due_at: datetime | None = None
    has_agreed: bool = False


def summary(
    actor: Actor, typed: Mapping[str, Any], grid: rules.Grid | None, now: datetime
) -> Summary:
    """Build the answer from what has been typed. Fourteen queries at most; nothing is written."""
    phone = parse_phone(_one(typed, "caller_phone"))
    chosen, found = _chosen(actor, typed), resembling(actor, typed, now)
    usual, (commune, communes) = _usual(actor, chosen), _commune(typed, chosen)
    day = _day(_one(typed, "begins_on"), now.astimezone(rules.PARIS).date())
    begins = rules.begins_at(day, now)
    verdict = rules.judge(grid, _answers(typed, grid)) if grid else None
    by_hand = _delay(_one(typed, "delay"))
    delay = rules.chosen_delay(verdict.delay if verdict else None, by_hand)
    return Summary(
        callers=callers_by_number(actor, phone),
        found=found,
        chosen=chosen,
        is_new=_is_new(typed, found),
        usual=usual,
        is_usual_first=not _is_unticked(typed, usual),
        live=list(live_requests_of(actor, [chosen.pk])) if chosen else [],
        communes=communes,
        commune=commune,
        nurses=_nurses(typed, commune, _window(delay, begins, _moments(typed), now)),
        text=_text(actor, commune, begins),
        verdict=verdict,
        delay=delay,
        due_at=rules.due_at(delay, now, day) if delay else None,
        has_agreed=chosen is not None and _has_agreed(chosen),
    )


def _window(
    delay: rules.Delay | None, begins: datetime, moments: list[str], now: datetime
) -> Window:
    hours = directory.moment_settings(moments, tonight=delay is rules.Delay.TONIGHT)
    return rules.window(delay, begins, moments, now, hours)


def _has_agreed(chosen: Person) -> bool:
    """Say whether somebody gave the agreement that the desk would have asked for."""
    return people.asks_agreement() and not people.awaits_agreement(chosen.pk)


def _one(typed: Mapping[str, Any], name: str) -> str:
    value = typed.get(name) or ""
    value = value[-1] if isinstance(value, list) and value else value
    return value.replace("\x00", "").strip()[:200] if isinstance(value, str) else ""


def _several(typed: Mapping[str, Any], name: str) -> list[str]:
    value = typed.get(name) or []
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def resembling(actor: Actor, typed: Mapping[str, Any], now: datetime) -> list[people.Found]:
    """List whom the person named may already be: the likeliest doubles, then who is found by what
    was typed. Six queries; nine when nobody has every word."""
    names = " ".join(_one(typed, name) for name in ("birth_name", "first_names")).strip()
    if len(names) < 2:
        return []
    asked = " ".join(filter(None, [names, _one(typed, "birth_date")]))
    alike = people.possible_duplicates(actor, _traits(typed, now), limit=SHOWN)
    known = {one.person.pk for one in alike}
    found = [one for one in people.search(actor, asked, limit=5) if one.person.pk not in known]
    return [*alike, *found][:SHOWN]


def doubles(actor: Actor, typed: Mapping[str, Any], now: datetime) -> bool:
    """Say whether somebody who is to be created may be here already, and nobody said it is not."""
    found = resembling(actor, typed, now)
    return bool(found) and not _is_new(typed, found)


def _is_new(typed: Mapping[str, Any], found: list[people.Found]) -> bool:
    """ "None of them" holds for those who were shown when it was said; another one asks again."""
    shown = {one for one in typed.get("shown") or () if isinstance(one, str)}
    return _one(typed, "person_id") == NOBODY and {str(one.person.pk) for one in found} <= shown


def _traits(typed: Mapping[str, Any], now: datetime) -> Traits:
    phone = parse_phone(_one(typed, "person_phone"))
    return Traits(
        birth_name=_one(typed, "birth_name"),
        first_names=_one(typed, "first_names"),
        birth_date=_day(_one(typed, "birth_date"), now.astimezone(rules.PARIS).date(), past=True),
        sex=_one(typed, "sex"),
        phones=frozenset([phone] if phone else []),
    )


def _chosen(actor: Actor, typed: Mapping[str, Any]) -> Person | None:
    wanted = _uuid(_one(typed, "person_id"))
    chosen: Person | None = people.persons(actor).filter(pk=wanted).first() if wanted else None
    return chosen


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _usual(actor: Actor, chosen: Person | None) -> Practitioner | None:
    nurse = people.usual_nurse_of(actor, chosen.pk) if chosen else None
    return directory.get_practitioner(actor, nurse) if nurse else None


def _commune(
    typed: Mapping[str, Any], chosen: Person | None
) -> tuple[Commune | None, list[Commune]]:
    text = _one(typed, "commune")
    if not text:
        return (chosen.commune, []) if chosen and chosen.commune_id else (None, [])
    found = directory.communes_matching(text, limit=5)
    picked = next((one for one in found if one.pk == _one(typed, "commune_code")), None)
    return picked or the_one_meant(text, found), found


def the_one_meant(text: str, found: list[Commune]) -> Commune | None:
    """Return the commune when there is no doubt which: the only one, or the only exact name."""
    exact = [one for one in found if getattr(one, "exact", 1) == 0]
    if len(exact) == 1:
        return exact[0]
    return found[0] if len(found) == 1 else None


def _day(text: str, today: date, *, past: bool = False) -> date | None:
    try:
        return read_day(text, today, past=past) if text else None
    except DayError:
        return None


def _answers(typed: Mapping[str, Any], grid: rules.Grid) -> dict[str, bool]:
    ticked = {code: bool(_one(typed, f"q_{code}")) for code in grid.codes}
    if _one(typed, "no_sign") or any(ticked[sign.code] for sign in grid.signs):
        return ticked
    return {}


def _delay(text: str) -> rules.Delay | None:
    return rules.Delay(text) if text in set(rules.Delay) else None


def _nurses(typed: Mapping[str, Any], commune: Commune | None, window: Window) -> int | None:
    """Count those whom a search would find, by its own rule; None before both are said."""
    kinds = [one for one in (_one(typed, "kind"), *_several(typed, "other_kinds")) if one]
    if not _one(typed, "kind") or commune is None:
        return None
    return len(directory.solicitable(profession_of(*kinds), kinds, commune.pk, window))


def _moments(typed: Mapping[str, Any]) -> list[str]:
    return [one for one in _several(typed, "visit_times") if one in VisitTime.values]


def _text(actor: Actor, commune: Commune | None, begins: datetime) -> str:
    """Show the text exactly as messaging would write it: no name, no care, no small village."""
    context = {
        "organization_id": actor.organization_id,
        "commune_code": commune.pk if commune else "",
        "begins_at": begins,
        "code": SAMPLE_CODE,
        "link": SAMPLE_LINK,
    }
    try:
        return said("broker.ask", Channel.SMS, context, None).shown
    except UnsafeError:
        return ""


def _is_unticked(typed: Mapping[str, Any], usual: Practitioner | None) -> bool:
    """Whether the desk took off the tick of the usual nurse: she was shown, and is not said."""
    was_shown = usual is not None and _one(typed, "usual_shown") == str(usual.pk)
    return was_shown and not _one(typed, "usual_nurse")


@dataclass(frozen=True)
class Chosen:
    """Whom the person of a request chose, as its form shows it."""

    usual: Practitioner | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    known: dict[str, set[UUID]] = field(default_factory=dict)  # by the name that is shown


def chosen_for(actor: Actor, request: CareRequest) -> Chosen:
    """Give whom a person chose, and her usual nurse where the reader may know. Five queries."""
    said = list(wishes_said(actor, request))
    by_choice = {choice: [one for one in said if one.choice == choice] for choice in Wish.Choice}
    usual = next((one.practitioner for one in by_choice[Wish.Choice.USUAL]), None)
    is_asked = usual is not None
    if usual is None and request.person is not None:
        usual = _usual(actor, request.person)
        refused = {one.practitioner_id for one in said}
        is_asked = usual is not None and usual.pk not in refused and not request.chooses_nobody
    names = {
        name: ", ".join(str(one.practitioner) for one in by_choice[choice])
        for name, choice in SAID_BY_NAME
    }
    known: dict[str, set[UUID]] = {}
    for one in said:
        known.setdefault(str(one.practitioner), set()).add(one.practitioner_id)
    shown = names | {
        "usual_nurse": usual.pk if usual and is_asked else None,
        "chooses_nobody": request.chooses_nobody,
        "chosen_seen": as_seen({one.practitioner_id: one.choice for one in said}),
    }
    return Chosen(usual, shown, known)


def of_whom(actor: Actor, said: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out a usual nurse who is not this person's: the page may still have shown another's.

    One query, where one was shown."""
    shown = {name: said[name] for name in ("usual_shown", "usual_nurse") if said.get(name)}
    person = said.get("person_id")
    usual = people.usual_nurse_of(actor, person) if shown and person else None
    return {**said} | {name: None for name, one in shown.items() if one != usual}


def wishes_of(
    actor: Actor, said: Mapping[str, Any], known: Mapping[str, set[UUID]] | None = None
) -> tuple[dict[UUID, str], dict[str, str]]:
    """Read whom the person knows, prefers or does not want; doubts are sentences by field.

    The usual nurse who was shown without her tick has no head start, and may be asked.

    `known`: who is meant already by a name that the form showed."""
    wishes: dict[UUID, str] = {}
    doubts: dict[str, str] = {}
    if shown := said.get("usual_shown"):  # her tick was taken off, unless it is there
        wishes[shown] = Wish.Choice.ORDINARY
    if said.get("usual_nurse"):
        wishes[said["usual_nurse"]] = Wish.Choice.USUAL
    for name, choice in SAID_BY_NAME:
        for text in filter(None, (one.strip() for one in (said.get(name) or "").split(","))):
            found = (known or {}).get(text) or _named(actor, text, said)
            if len(found) == 1 or (known and text in known):
                wishes |= dict.fromkeys(found, choice)
            else:
                doubts[name] = _doubt(text, len(found))
    return wishes, doubts


SAID_BY_NAME = (("prefer", Wish.Choice.PREFER), ("exclude", Wish.Choice.EXCLUDE))


def _named(actor: Actor, text: str, said: Mapping[str, Any]) -> set[UUID]:
    asked = profession_of(said.get("kind") or "")
    return {one.pk for one in directory.practitioners_matching(actor, text, profession=asked)[:2]}


def _doubt(text: str, count: int) -> str:
    if count:
        return (
            f"Plusieurs professionnels s’appellent « {text[:40]} » : "
            "donnez le prénom ou le numéro RPPS."
        )
    return f"Personne dans l’annuaire ne s’appelle « {text[:40]} ». Vérifiez, ou laissez vide."
