"""What is done with meetings, by noun."""

from cordee.meetings.services.agenda import TopicSaid, add_topic, judge
from cordee.meetings.services.decisions import (
    DecisionSaid,
    decide,
    follow_stay,
    give,
    settle,
    take_back,
)
from cordee.meetings.services.dilemmas import DilemmaSaid, forget, rewrite_dilemma, write_dilemma
from cordee.meetings.services.meetings import Where, call, cancel, end, move, tell_asked_no_more
from cordee.meetings.services.seats import invite, send, uninvite
from cordee.meetings.services.writing import Changed, Minutes, Said, write

__all__ = [
    "Changed",
    "DecisionSaid",
    "DilemmaSaid",
    "Minutes",
    "Said",
    "TopicSaid",
    "Where",
    "add_topic",
    "call",
    "cancel",
    "decide",
    "end",
    "follow_stay",
    "forget",
    "give",
    "invite",
    "judge",
    "move",
    "rewrite_dilemma",
    "send",
    "settle",
    "take_back",
    "tell_asked_no_more",
    "uninvite",
    "write",
    "write_dilemma",
]
