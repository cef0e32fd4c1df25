"""What the words of a protocol mean, read once over the whole thread, slowly.

Written from docs/protocoles.md alone, to be compared with the engine: moments are moments, every
question is asked of the whole list of facts, nothing is remembered from one fact to the next.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
TICK = timedelta(microseconds=1)

# (status, since, due, because, breaches, last breach, repaired)
Read = tuple[str, datetime | None, datetime | None, tuple, int, datetime | None, datetime | None]
NOTHING: Read = ("not_concerned", None, None, (), 0, None, None)


class Reading:
    """A thread and a protocol, at a moment."""

    def __init__(self, protocol, entered_at, thread, now):
        unique = {fact.id: fact for fact in thread}.values()
        self.protocol, self.entered, self.now = protocol, _utc(entered_at), _utc(now)
        self.everything = sorted(unique, key=_order)
        self.left = self._first_exit()
        self.end = min(self.now, _utc(self.left.happened_at)) if self.left else self.now
        self.known = [
            fact
            for fact in self.everything
            if _utc(fact.happened_at) <= self.now
            and (self.left is None or _order(fact) <= _order(self.left))
        ]
        self.stay = [fact for fact in self.known if _utc(fact.happened_at) >= self.entered]

    def verdicts(self) -> dict[str, Read]:
        """The verdict of each step with a clock and of each constraint."""
        steps = [step for step in self.protocol.steps if step.clock]
        if self.now < self.entered:
            return {one.id: NOTHING for one in (*steps, *self.protocol.constraints)}
        found = {step.id: self.of_step(step) for step in steps}
        return found | {one.id: self.of(one) for one in self.protocol.constraints}

    def of(self, one) -> Read:
        """The verdict of a constraint."""
        return {
            "reponse": self.response,
            "precedence": self.precedence,
            "absence": self.absence,
            "nombre": self.count,
            "repetition": self.repeat,
            "silence": self.repeat,
        }[one.rule.value](one)

    # Obligations are lists of (began, by, due, ended, ended by, lifted).

    def response(self, one) -> Read:
        owed = []
        named = {self.about(one, fact) for fact in self.all(one.after)} - {None}
        for about in named:

            def concerns(fact, about=about):
                return self.about(one, fact) == about

            def lifts(fact, about=about):
                return self.about(one, fact) in (about, None)

            starts = [fact for fact in self.all(one.after) if concerns(fact)]
            answers = [fact for fact in self.all(one.facts) if concerns(fact)]
            excuses = [fact for fact in self.all(one.unless) if lifts(fact)]
            free_from = None  # no obligation stands before this fact
            for start in starts:
                if free_from == "never" or (free_from and _order(start) < _order(free_from)):
                    continue
                ends = [fact for fact in (*answers, *excuses) if _order(fact) > _order(start)]
                end = min(ends, key=_order, default=None)
                lifted = end is not None and end not in answers
                owed.append((start, self.due(start.happened_at, one), end, lifted))
                free_from = end or "never"
        return self.obligations(one, owed)

    def precedence(self, one) -> Read:
        good: list = []
        bad: list = []
        for fact in self.all(one.facts):
            before = [b for b in self.all(one.after, self.known) if _order(b) < _order(fact)]
            near = [
                b
                for b in before
                if one.within is None or _utc(fact.happened_at) <= self.due(b.happened_at, one)
            ]
            excuse = [u for u in self.all(one.unless, self.known) if _order(u) < _order(fact)]
            reason = near[-1:] or excuse[:1]
            (good if reason else bad).append((fact, reason[0] if reason else None))
        if bad:
            return self.forbidden([fact for fact, _ in bad])
        if good:
            fact, reason = good[-1]
            return ("respected", _utc(fact.happened_at), None, (reason.id, fact.id), 0, None, None)
        return NOTHING

    def absence(self, one) -> Read:
        begins = [(_utc(f.happened_at), f) for f in self.all(one.after)] if one.after else []
        if not one.after:
            begins = [(self.entered, None)]

        def forbids(begin, fact):
            at, by = begin
            if by is not None and _order(by) >= _order(fact):
                return False
            closed = any(
                _order(e) < _order(fact) and (by is None or _order(e) >= _order(by) and e is not by)
                for e in self.all(one.until)
            )
            # « jusqu’à » closes the windows opened before it; one fact that is both reopens.
            in_time = one.within is None or _utc(fact.happened_at) <= self.due(at, one)
            return in_time and not closed

        bad = [
            fact for fact in self.all(one.facts) if any(forbids(begin, fact) for begin in begins)
        ]
        if bad:
            return self.forbidden(bad)
        if not begins:
            return NOTHING
        at, by = begins[-1]
        return ("respected", at, None, (by.id,) if by else (), 0, None, None)

    def count(self, one) -> Read:
        had = self.already(one.already, one.facts)
        if had is not None:
            return ("respected", _utc(had.happened_at), None, (had.id,), 0, None, None)
        anchor = self.anchor(one)
        if anchor is None:
            return NOTHING
        at, by = anchor
        limit = self.due(at, one) if one.within else None
        after = [f for f in self.stay if by is None or _order(f) > _order(by)]
        done, excuses = self.all(one.facts, after), self.all(one.unless, after)
        first_excuse = excuses[0] if excuses else None
        inside = [
            f
            for f in done
            if (limit is None or _utc(f.happened_at) <= limit)
            and (first_excuse is None or _order(f) <= _order(first_excuse))
        ]
        if one.at_most is not None and len(inside) > one.at_most:
            # A lack may have been broken too, but a count cannot both lack and exceed.
            return self.forbidden(inside[one.at_most :])
        if one.at_least is None:
            return ("respected", at, None, (by.id,) if by else (), 0, None, None)
        nth = done[one.at_least - 1] if len(done) >= one.at_least else None
        ends = [f for f in (nth, first_excuse) if f is not None]
        end = min(ends, key=_order, default=None)
        return self.obligations(one, [(by or at, limit, end, end is not nth)])

    def repeat(self, one) -> Read:
        holds = self.already(one.already, one.after) is not None
        anchor = (self.entered, None) if holds else self.anchor(one)
        if anchor is None:
            return NOTHING
        at, by = anchor
        after = [f for f in self.stay if by is None or _order(f) > _order(by)]
        done, excuses = self.all(one.facts, after), self.all(one.unless, after)
        owed = []
        for start in [by or at, *done]:
            # A fact that is both done and an excuse begins an obligation which it lifts at once.
            if start in excuses:
                continue
            later = [f for f in (*done, *excuses) if _is_after(f, start)]
            end = min(later, key=_order, default=None)
            began = start if isinstance(start, datetime) else start.happened_at
            owed.append((start, self.due(began, one), end, end is not None and end not in done))
        return self.obligations(one, owed)

    def of_step(self, step) -> Read:
        done = self.first(step)
        clock = step.clock
        if clock.step:
            before = next(other for other in self.protocol.steps if other.id == clock.step)
            start = self.first(before)
            if start is not None and _utc(start.happened_at) < self.entered:
                start = self.entered
        elif clock.after:
            start = next(iter(self.all(clock.after)), None)
        else:
            start = self.entered
        if start is None:
            if done is None:
                return NOTHING
            return ("respected", _utc(done.happened_at), None, (done.id,), 0, None, None)
        began = start if isinstance(start, datetime) else start.happened_at
        due = _due(began, clock.within)
        if done is not None:
            because = (*_ids(start), done.id)
            at = _utc(done.happened_at)
            if at > due:
                return ("violated", due, due, because, 1, due, at)
            return ("respected", at, due, because, 0, None, None)
        return self.obligations(clock, [(start, due, None, False)])

    def first(self, step):
        """What did a step: before the entry if it counts, else the first time since."""
        had = self.already(step.already, step.done)
        return had if had is not None else next(iter(self.all(step.done)), None)

    def already(self, already, patterns):
        """The last fact before the entry that makes it so, unless it was undone or is too old."""
        past = [f for f in self.everything if _utc(f.happened_at) < self.entered]
        made = self.all(patterns, past) if already else []
        if not made:
            return None
        undone = [f for f in self.all(already.unless, past) if _order(f) >= _order(made[-1])]
        is_old = already.within and _due(made[-1].happened_at, already.within) < self.entered
        return None if undone or is_old else made[-1]

    def obligations(self, one, owed) -> Read:
        """Read together what is owed, was done, was done late, or was lifted."""
        late = [o for o in owed if (o[2] is None and o[1] < self.end) or _is_late(o)]
        last = max((o[1] for o in late), default=None)
        tail = (len(late), last, None)
        standing = [o for o in late if o[2] is None]
        if standing:
            start, due, *_ = min(standing, key=_urgency)
            return ("violated", due, due, _ids(start), *tail)
        pending = [o for o in owed if o[2] is None and o[1] >= self.end and not self.left]
        if pending:
            start, due, *_ = min(pending, key=_urgency)
            began = _utc(_began(start))
            close = self.end >= _warned(began, due, one.warning)
            return ("at_risk" if close else "pending", began, due, _ids(start), *tail)
        ended = [o for o in owed if o[2] is not None and (_is_late(o) or not o[3])]
        if not ended:
            return ("not_concerned", None, None, (), *tail)
        start, due, end, _ = max(
            ended, key=lambda o: (_order(o[2]), _utc(_began(o[0])), _ids(o[0]))
        )
        at = _utc(end.happened_at)
        because = (*_ids(start), end.id)
        if at > due:
            return ("violated", due, due, because, *tail[:2], at)
        return ("respected", at, due, because, *tail)

    def forbidden(self, bad) -> Read:
        first, last = _utc(bad[0].happened_at), _utc(bad[-1].happened_at)
        return ("violated", first, None, (bad[0].id,), len(bad), last, None)

    def anchor(self, one):
        if not one.after:
            return self.entered, None
        first = next(iter(self.all(one.after)), None)
        return (_utc(first.happened_at), first) if first else None

    def all(self, patterns, facts=None):
        facts = self.stay if facts is None else facts
        return [fact for fact in facts if any(_meets(fact, pattern) for pattern in patterns)]

    def about(self, one, fact):
        value = fact.data.get(one.for_each) if one.for_each else ""
        return None if value is None else str(value)

    def due(self, at, one):
        return _due(at, one.within)

    def _first_exit(self):
        found = []
        for leaving in self.protocol.exits:
            later = [f for f in self.everything if _utc(f.happened_at) > self.entered]
            denied = [f for f in later if any(_meets(f, p) for p in leaving.unless)]
            found += [
                fact
                for fact in later
                if any(_meets(fact, pattern) for pattern in leaving.facts)
                and not any(_order(no) >= _order(fact) for no in denied)
                and _utc(fact.happened_at) <= self.now
            ]
        return min(found, key=_order, default=None)


def read(protocol, entered_at, thread, now) -> dict[str, Read]:
    """The verdict of each step with a clock and of each constraint, by id."""
    return Reading(protocol, entered_at, thread, now).verdicts()


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo("UTC"))


def _order(fact):
    return _utc(fact.happened_at), fact.id


def _is_after(fact, start) -> bool:
    if isinstance(start, datetime):
        return True  # the entry
    return _order(fact) > _order(start)


def _ids(start) -> tuple:
    return () if isinstance(start, datetime) else (start.id,)


def _began(start) -> datetime:
    return start if isinstance(start, datetime) else start.happened_at


def _is_late(obligation) -> bool:
    _, due, end, _ = obligation
    return end is not None and _utc(end.happened_at) > due


def _urgency(obligation):
    start, due, *_ = obligation
    return due, _utc(_began(start)), _ids(start)


def _meets(fact, pattern) -> bool:
    return fact.kind == pattern.kind and all(
        any(said in wanted for said in _words(fact.data.get(name)))
        for name, wanted in pattern.where
    )


def _words(value) -> list[str]:
    if value is None:
        return []
    if value is True or value is False:
        return ["oui"] if value else ["non"]
    if isinstance(value, list | tuple):
        return [word for one in value for word in _words(one)]
    return [f"{value}"]


def _due(at: datetime, delay) -> datetime:
    if delay.unit.value == "heures":
        return _utc(at) + timedelta(hours=delay.amount)
    day = at.astimezone(PARIS).date() + timedelta(days=delay.amount)
    return _utc(datetime.combine(day + timedelta(days=1), time(0, 0), tzinfo=PARIS)) - TICK


def _warned(began: datetime, due: datetime, warning) -> datetime:
    if warning is None:
        return due - ((due - began) // TICK // 4) * TICK
    if warning.unit.value == "heures":
        return due - timedelta(hours=warning.amount)
    day = due.astimezone(PARIS).date() - timedelta(days=warning.amount)
    return _utc(datetime.combine(day, time(0, 0), tzinfo=PARIS))


Reader = Callable[..., dict[str, Read]]
