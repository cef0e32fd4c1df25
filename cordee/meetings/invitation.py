"""A meeting as calendars take it: a reference, a time, a place, and nobody's name.

RFC 5545 (iCalendar) and 5546 (REQUEST, CANCEL): one UID for the life of the meeting, SEQUENCE
counts what was said of it, hours are those of Europe/Paris with their rules, so that a meeting
after a change of hour stays at its hour.
"""

from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText

from cordee.meetings.models import Meeting
from cordee.meetings.rules.states import State, local
from cordee.meetings.rules.travelling import INSIDE, SUBJECT, is_about_care, link_travels, travels

MAKER = "-//Cordee//Concertations//FR"


def invitation(
    meeting: Meeting, guest: str, now: datetime, *, by_mail: bool = False, is_expected: bool = True
) -> bytes:
    """Write the invitation for one guest, by their address; a cancelled meeting is taken back, and
    so is any from who is expected no more: where it takes place is not theirs to know.

    By mail, neither the name of the structure nor a place that spells a word of care goes with it.
    """
    is_over = meeting.state == State.CANCELLED or not is_expected
    calendar = Calendar()
    calendar.add("prodid", MAKER)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_over else "REQUEST")
    event = _event(meeting, guest, now, by_mail=by_mail)
    event.add("status", "CANCELLED" if is_over else "CONFIRMED")
    if is_expected:
        _add_where(event, meeting, by_mail=by_mail)
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(meeting: Meeting, guest: str, now: datetime, *, by_mail: bool) -> Event:
    event = Event()
    event.add("uid", str(meeting.pk))
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", local(meeting.starts_at))
    event.add("dtend", local(meeting.ends_at))
    event.add("summary", f"{SUBJECT} {meeting.reference}")
    event.add("class", "PRIVATE")
    organizer = vCalAddress(f"mailto:{meeting.called_by.email}")
    if not by_mail:
        organizer.params["cn"] = vText(meeting.organization.name)
    event["organizer"] = organizer
    event.add("attendee", vCalAddress(f"mailto:{guest}"), encode=False)
    return event


def _add_where(event: Event, meeting: Meeting, *, by_mail: bool) -> None:
    person = meeting.person
    names = [person.birth_name, person.used_name, person.used_first_name, person.first_name]
    if meeting.place:
        hidden = by_mail and is_about_care(meeting.place)
        event.add("location", INSIDE if hidden else travels(meeting.place, names))
    if meeting.link and link_travels(meeting.link, names) and not is_about_care(meeting.link):
        event.add("url", meeting.link)
