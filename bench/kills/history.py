"""What the players were told, and the judge who compares it with what the house holds."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass
class History:
    """What was acknowledged to somebody outside: it must be there, once."""

    requests: dict[str, str] = field(default_factory=dict)  # the page it was typed on → request
    told: Counter[str] = field(default_factory=Counter)  # request → calls back acknowledged
    yes: set[str] = field(default_factory=set)  # links by which a yes was acknowledged
    no: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    texts: Counter[tuple[str, str]] = field(default_factory=Counter)  # phone, words: acknowledged
    refused: list[str] = field(default_factory=list)  # doors that answered what they should not


@dataclass(frozen=True)
class Request:
    """What the house holds of one request."""

    state: str
    told: int  # calls back written down
    acknowledged: int  # texts « votre demande est reçue »
    is_told: bool
    received: int  # times the thread says it was received
    open_tasks: tuple[str, ...]
    searches: tuple[str, ...]  # ids


@dataclass(frozen=True)
class Search:
    """What the house holds of one search."""

    state: str
    winners: int
    held: int
    filled: int  # times the thread says it was filled
    joined: int  # winners of it who stand in the circle of the person


@dataclass(frozen=True)
class Message:
    """One row of the outbox."""

    about: str  # origin and template
    to: str
    reference: int
    pieces: int
    state: str
    reason: str


@dataclass(frozen=True)
class Held:
    """Everything the house holds in the end."""

    requests: Mapping[str, Request]
    drafts: Mapping[str, str]  # page → request
    searches: Mapping[str, Search]
    answers: Mapping[str, str]  # link → answer of the invitation
    alike: Mapping[str, Collection[str]]  # link → those of one need to one professional, itself too
    asked: Mapping[str, str]  # invitation origin → link
    messages: tuple[Message, ...]
    texts: Mapping[tuple[str, str], int]
    jobs: Mapping[str, int]  # what is left in the queue, by state


OVER = {"found", "confirmed", "qualified"}
YES_BECAME = {"accepted", "too_late", "not_needed", "standby", "withdrawn", "lapsed"}
ANSWERED = {*YES_BECAME, "held", "later", "declined"}
# How many times a text of each kind may be written for one thing. The end of a search is said to
# who waits, then to who says yes all the same.
MOST = {
    **dict.fromkeys(("broker.ask", "broker.place_held", "broker.stand_by", "intake.received"), 1),
    **dict.fromkeys(("broker.already_taken", "broker.not_needed", "broker.hold_lapsed"), 2),
}


def judge(history: History, held: Held, journal: Iterable[tuple[str, int, int]]) -> list[str]:
    """Name every promise broken. `journal`: phone, reference and number of each piece, as the
    message centre took them, in order."""
    return [
        *(f"refused: {one}" for one in history.refused),
        *_requests(history, held),
        *_searches(held),
        *_answers(history, held),
        *_messages(held, list(journal)),
        *(f"queue: {count} job(s) {state}" for state, count in held.jobs.items()),
    ]


def _requests(history: History, held: Held) -> Iterable[str]:
    for page, pk in history.requests.items():
        if pk not in held.requests:
            yield f"lost: request {pk}"
        elif held.drafts.get(page) != pk:
            yield f"lost: the page {page} made {held.drafts.get(page)}, not {pk}"
    for pk in held.requests.keys() - set(history.requests.values()):
        yield f"doubled: request {pk} was acknowledged to nobody"
    for pk, request in held.requests.items():
        yield from _request(pk, request, held.searches)
        if request.told != history.told[pk]:
            yield f"calls back of {pk}: {request.told} kept, {history.told[pk]} acknowledged"


def _request(pk: str, request: Request, searches: Mapping[str, Search]) -> Iterable[str]:
    states = Counter(searches[one].state for one in request.searches)
    live = sum(states[name] for name in ("open", "held", "filled", "confirmed"))
    found = states["filled"] + states["confirmed"]
    if request.state not in OVER:
        yield f"stuck: request {pk} {request.state}, searches {dict(states)}"
    elif live != (request.state in ("found", "confirmed")) or found != live:
        yield f"half done: request {pk} {request.state}, searches {dict(states)}"
    if request.received != 1 or request.acknowledged != 1:
        yield f"request {pk}: received {request.received}, acknowledged {request.acknowledged}"
    owed = {"call_back", "tell_withdrawal", "await_answer", "confirm_identity", "qualify"}
    if not request.is_told or owed & set(request.open_tasks):
        yield f"owed: request {pk} {request.state}, told {request.is_told}, {request.open_tasks}"


def _searches(held: Held) -> Iterable[str]:
    for pk, search in held.searches.items():
        taken = search.state in ("filled", "confirmed")
        if search.winners != taken or search.held:
            yield f"winners: search {pk} {search.state}, {search.winners} yes, {search.held} held"
        if search.filled != (taken or search.state == "reopened"):
            yield f"half done: search {pk} {search.state}, said filled {search.filled} times"
        if search.joined != taken:
            yield f"half done: search {pk} {search.state}, {search.joined} in the circle"


def _answers(history: History, held: Held) -> Iterable[str]:
    promised = (
        ("yes", history.yes - history.withdrawn, YES_BECAME),
        ("no", history.no, {"declined"}),
        ("withdrawal", history.withdrawn, {"withdrawn"}),
    )
    for word, links, may_be in promised:
        for link in links:
            if not _became(link, held) & may_be:
                yield f"lost: a {word} by link became {held.answers.get(link)}"
    for said, count in history.texts.items():
        if held.texts.get(said, 0) < count:
            yield f"lost: a text of {said[0]}"


def _became(link: str, held: Held) -> set[str | None]:
    """Say what became of the answer to a link.

    Once another search has taken up the need, an answer to the first one's link counts on the
    question put there to the same professional (broker/services/carrying.py), who may have said
    something else by that one's link, or by text: the last word holds, whichever it is.
    """
    alike = [held.answers.get(one) for one in held.alike.get(link, ()) if one != link]
    if any(answer in ANSWERED for answer in alike):
        return set(ANSWERED)
    return {held.answers.get(link)}


def _messages(held: Held, journal: list[tuple[str, int, int]]) -> Iterable[str]:
    whole = assembled(journal, {(one.to, one.reference): one.pieces for one in held.messages})
    for one in held.messages:
        arrived = whole[one.to, one.reference]
        if one.state == "delivered" and arrived != 1:
            yield f"message {one.about}: delivered, arrived {arrived} times"
        elif one.state != "delivered" and not (one.state == "failed" and arrived == 0):
            yield f"message {one.about}: {one.state} {one.reason}, arrived {arrived} times"
    for about, count in Counter(one.about for one in held.messages).items():
        if count > MOST.get(about.partition(" ")[2], count):
            yield f"doubled: {about} written {count} times"
    for origin in held.asked:
        if not any(one.about == f"{origin} broker.ask" for one in held.messages):
            yield f"lost: {origin} was never asked"


def assembled(
    journal: list[tuple[str, int, int]], pieces: Mapping[tuple[str, int], int]
) -> Counter[tuple[str, int]]:
    """Count how many times each text became whole on its phone, which joins the pieces by their
    reference: one piece that comes twice before the last is shown once."""
    waiting: dict[tuple[str, int], set[int]] = {}
    shown: Counter[tuple[str, int]] = Counter()
    for phone, reference, number in journal:
        key = phone, reference
        have = waiting.setdefault(key, set())
        have.add(number)
        if len(have) >= pieces.get(key, 1):
            shown[key] += 1
            waiting[key] = set()
    return shown
