"""Who may know what: thousands of invented lives against a second opinion."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cordee.people.rules import processing, sharing
from cordee.people.rules.processing import Basis, Purpose, Will
from cordee.people.rules.sharing import (
    Audience,
    Category,
    Choice,
    Ground,
    LegalState,
    Medium,
    Reader,
    Reason,
    Said,
    Speaker,
    Wishes,
    decide,
)
from tests.people import oracle

CAST = {
    "nurse": "health",
    "doctor": "health",
    "social worker": "social",
    "home help": "home_help",
    "coordinator": "coordination",
    "orienteuse": "orienteuse",
}
GROUNDS = [None, *Ground]
SCREEN = Medium.SCREEN


class Life(RuleBasedStateMachine):
    """One person’s life; after each event, everyone tries to read everything."""

    def __init__(self):
        super().__init__()
        self.history = []
        self.circle = {}
        self.cells = {}
        self.legal = LegalState.ADULT
        self.informed = self.refused = self.no_emergency = False
        self.emergencies = set()

    @rule(who=st.sampled_from(list(CAST)), ground=st.sampled_from(list(Ground)))
    def joins(self, who, ground):
        self.circle[who] = ground
        self.history.append(("join", who, ground.value))

    @precondition(lambda self: self.circle)
    @rule(data=st.data())
    def leaves(self, data):
        who = data.draw(st.sampled_from(sorted(self.circle)))
        del self.circle[who]
        self.history.append(("leave", who))

    @rule()
    def is_informed(self):
        self.informed = True
        self.history.append(("informed",))

    @initialize(grounds=st.fixed_dictionaries({who: st.sampled_from(GROUNDS) for who in CAST}))
    def begins(self, grounds):
        for who, ground in grounds.items():
            if ground is not None:
                self.joins(who, ground)

    @rule(
        audience=st.sampled_from(list(Audience)),
        category=st.sampled_from(list(Category)),
        choice=st.sampled_from(list(Choice)),
        speaker=st.sampled_from(list(Speaker)),
    )
    def says(self, category, audience, choice, speaker):
        represented = self.legal == LegalState.REPRESENTED
        if sharing.may_speak(self.legal, represented, speaker, choice):
            self.cells[category, audience, SCREEN] = Said(choice, speaker)
            self.history.append(
                ("says", category.value, audience.value, choice.value, speaker.value)
            )

    @rule(
        audience=st.sampled_from(list(Audience)),
        category=st.sampled_from(list(Category)),
        before=st.sampled_from([LegalState.MINOR, LegalState.REPRESENTED]),
    )
    def somebody_consents_for_them_then_no_longer_represents_them(self, audience, category, before):
        self.becomes(before)
        speaker = Speaker.PARENT if before == LegalState.MINOR else Speaker.REPRESENTATIVE
        self.says(category, audience, Choice.CONSENTED, speaker)
        self.becomes(LegalState.ADULT)

    @rule(will=st.sampled_from(list(Will)))
    def speaks_of_coordination(self, will):
        self.refused = will == Will.REFUSED
        self.history.append(("coordination", will.value))

    @rule(legal=st.sampled_from(list(LegalState)))
    def becomes(self, legal):
        self.legal = legal
        self.history.append(("becomes", legal.value))

    @rule(who=st.sampled_from(["nurse", "doctor"]))
    def opens_in_emergency(self, who):
        if not self.no_emergency:
            self.emergencies.add(who)
            self.history.append(("open", who))

    @precondition(lambda self: self.emergencies)
    @rule(data=st.data())
    def ends_emergency(self, data):
        who = data.draw(st.sampled_from(sorted(self.emergencies)))
        self.emergencies.discard(who)
        self.history.append(("end", who))

    @rule()
    def two_hours_pass(self):
        self.emergencies.clear()
        self.history.append(("two hours",))

    @rule()
    def opposes_emergency(self):
        self.no_emergency = True
        self.emergencies.clear()
        self.history.append(("oppose emergency",))

    def reads(self, who, role, category):
        wishes = Wishes(
            legal=self.legal,
            represented=self.legal == LegalState.REPRESENTED,
            informed=self.informed,
            coordination_refused=self.refused,
            cells=self.cells,
        )
        audiences = (
            [Audience.COORDINATION, Audience.DESK] if role == "orienteuse" else [Audience(role)]
        )
        return any(
            decide(
                wishes,
                Reader(
                    audience,
                    in_circle=who in self.circle and audience != Audience.DESK,
                    ground=self.circle.get(who, Ground.NONE),
                    of_territory=role == "orienteuse",
                    emergency=who in self.emergencies,
                ),
                category,
            ).allowed
            for audience in audiences
        )

    @invariant()
    def nobody_reads_what_the_law_forbids_nor_is_kept_from_what_it_allows(self):
        for who, role in CAST.items():
            for category in Category:
                expected = oracle.may_read(self.history, who, role, category.value)
                assert self.reads(who, role, category) == expected, (who, category, self.history)


Life.TestCase.settings = settings(max_examples=400, stateful_step_count=25, deadline=None)
TestLives = Life.TestCase


def nurse(**standing):
    return Reader(Audience.HEALTH, in_circle=True, ground=Ground.RECOGNISED, **standing)


def test_in_the_team_care_is_read_once_the_person_is_informed():
    assert decide(Wishes(), nurse(), Category.CARE).reason == Reason.NOT_INFORMED
    assert decide(Wishes(informed=True), nurse(), Category.CARE).reason == Reason.TEAM


def test_outside_the_team_nothing_is_read_without_prior_consent():
    outside = Reader(Audience.HEALTH, in_circle=True)
    for category in Category:
        assert decide(Wishes(informed=True), outside, category).reason == Reason.NO_CONSENT


def test_an_opposition_closes_only_its_own_medium():
    cell = (Category.CARE, Audience.HEALTH, Medium.MESSAGE)
    wishes = Wishes(informed=True, cells={cell: Said(Choice.OPPOSED, Speaker.PERSON)})
    assert decide(wishes, nurse(), Category.CARE).allowed
    assert not decide(wishes, nurse(), Category.CARE, Medium.MESSAGE).allowed


def test_an_emergency_opens_the_screen_only_and_never_a_protected_note():
    stranger = Reader(Audience.HEALTH, emergency=True)
    assert decide(Wishes(), stranger, Category.CARE).reason == Reason.EMERGENCY
    for category in (Category.MENTAL_HEALTH, Category.SOCIAL):
        assert not decide(Wishes(), stranger, category).allowed
    for medium in (Medium.MESSAGE, Medium.PAPER, Medium.SYSTEM):
        assert not decide(Wishes(), stranger, Category.CARE, medium).allowed


def test_refusing_coordination_leaves_home_help_running_and_coordination_blind():
    wishes = Wishes(informed=True, coordination_refused=True)
    home_help = Reader(Audience.HOME_HELP, in_circle=True, ground=Ground.RECOGNISED)
    coordinator = Reader(Audience.COORDINATION, in_circle=True, ground=Ground.RECOGNISED)
    desk = Reader(Audience.DESK, of_territory=True)
    assert decide(wishes, home_help, Category.COORDINATION).allowed
    assert decide(wishes, nurse(), Category.CARE).allowed
    assert not any(
        decide(wishes, reader, c).allowed for reader in (coordinator, desk) for c in Category
    )


def test_the_desk_of_the_territory_sees_identity_and_nothing_else():
    desk = Reader(Audience.DESK, of_territory=True)
    seen = [c for c in Category if decide(Wishes(informed=True), desk, c).allowed]
    assert seen == [Category.IDENTITY]


@pytest.mark.parametrize(
    ("legal", "speaker", "choice", "allowed"),
    [
        (LegalState.ADULT, Speaker.PERSON, Choice.CONSENTED, True),
        (LegalState.ADULT, Speaker.PARENT, Choice.CONSENTED, False),
        (LegalState.ADULT, Speaker.TRUSTED, Choice.CONSENTED, False),
        (LegalState.ADULT, Speaker.TRUSTED, Choice.OPPOSED, False),
        (LegalState.MINOR, Speaker.PARENT, Choice.CONSENTED, True),
        (LegalState.MINOR, Speaker.PERSON, Choice.CONSENTED, False),
        (LegalState.MINOR, Speaker.PERSON, Choice.OPPOSED, True),
        (LegalState.REPRESENTED, Speaker.REPRESENTATIVE, Choice.CONSENTED, True),
        (LegalState.REPRESENTED, Speaker.PERSON, Choice.CONSENTED, False),
        (LegalState.REPRESENTED, Speaker.PERSON, Choice.OPPOSED, True),
        (LegalState.UNABLE, Speaker.PERSON, Choice.CONSENTED, False),
        (LegalState.UNABLE, Speaker.TRUSTED, Choice.CONSENTED, False),
        (LegalState.UNABLE, Speaker.TRUSTED, Choice.OPPOSED, True),
    ],
)
def test_who_may_speak_for_whom(legal, speaker, choice, allowed):
    represented = legal == LegalState.REPRESENTED
    assert sharing.may_speak(legal, represented, speaker, choice) is allowed


def test_a_representative_still_consents_for_someone_who_cannot_speak():
    assert sharing.may_speak(LegalState.UNABLE, True, Speaker.REPRESENTATIVE, Choice.CONSENTED)


def test_a_parent_s_consent_ends_at_majority_and_their_opposition_does_not():
    cell = (Category.CARE, Audience.HEALTH, SCREEN)
    yes = Wishes(LegalState.ADULT, cells={cell: Said(Choice.CONSENTED, Speaker.PARENT)})
    no = Wishes(LegalState.ADULT, informed=True, cells={cell: Said(Choice.OPPOSED, Speaker.PARENT)})
    outside = Reader(Audience.HEALTH, in_circle=True)
    assert not decide(yes, outside, Category.CARE).allowed
    assert not decide(no, nurse(), Category.CARE).allowed


@pytest.mark.parametrize(
    ("purpose", "basis", "will", "allowed"),
    [
        (Purpose.COORDINATION, Basis.PUBLIC_TASK, None, True),
        (Purpose.COORDINATION, Basis.PUBLIC_TASK, Will.REFUSED, False),
        (Purpose.COORDINATION, Basis.LEGAL_DUTY, Will.REFUSED, False),
        (Purpose.COORDINATION, Basis.CONSENT, None, False),
        (Purpose.COORDINATION, Basis.CONSENT, Will.ACCEPTED, True),
        (Purpose.TEXTS, Basis.CONTRACT, Will.REFUSED, False),
        (Purpose.FIGURES, Basis.PUBLIC_TASK, Will.REFUSED, False),
        (Purpose.FIGURES, Basis.LEGAL_DUTY, Will.REFUSED, True),
        (Purpose.FIGURES, Basis.LEGITIMATE, None, True),
    ],
)
def test_processing_follows_the_basis_set_by_the_controller(purpose, basis, will, allowed):
    assert processing.may_process(purpose, basis, will) is allowed


def test_consent_is_not_the_default_basis():
    assert processing.DEFAULT_BASIS != Basis.CONSENT
