"""The tables of the room."""

from cordee.meetings.models.dilemmas import Dilemma, DilemmaSeat
from cordee.meetings.models.lines import Decision, Topic
from cordee.meetings.models.meetings import Meeting, Seat

__all__ = ["Decision", "Dilemma", "DilemmaSeat", "Meeting", "Seat", "Topic"]
