"""Twenty-five lives lived in the real database, through the real services, against the second
opinion: after each event, eleven readers try to read everything, on a screen and by software."""

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Exists
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cordee.access.actor import SYSTEM, Origin, Role
from cordee.access.sight import seen_by
from cordee.kernel.errors import DomainError, Forbidden
from cordee.kernel.identifiers import uuid7
from cordee.people import services
from cordee.people.models import CircleMember, EmergencyGrant, Information, Person, PersonAccount
from cordee.people.policy import entrusted_to, in_emergency, persons_of
from cordee.people.rules.emergency import Attestation, Motive
from cordee.people.rules.processing import Agreed, Basis, Purpose, Will
from cordee.people.rules.sharing import (
    Audience,
    Category,
    Choice,
    Ground,
    LegalState,
    Medium,
    Speaker,
)
from cordee.people.services import Chosen, Claim, Joining, Told
from tests.factories.directory import AccountFactory, OrganizationFactory, PractitionerFactory
from tests.factories.people import PersonFactory, RelativeFactory
from tests.people import oracle
from tests.support import NOW, actor, arranging, coordinator_of, orienteuse_of, speaking_as

pytestmark = pytest.mark.django_db
HANGING = ("people_relative", "people_circlemember", "people_information", "people_sharing")
NUMBERS = itertools.count()
ANYBODY = uuid7()
ROLES = {
    "nurse": "health",
    "doctor": "health",
    "social_worker": "social",
    "home_help": "home_help",
    "coordinator": "coordination",
    "orienteuse": "orienteuse",
    "hospital": "health",
    "child": "relatives",
    "parent": "relatives",
    "guardian": "relatives",
    "herself": "person",
}
CLOSE = {"child": "trusted", "parent": "parent", "guardian": "representative"}
TEAM = [who for who, role in ROLES.items() if role not in ("relatives", "person")]
SPOKEN_OF = [who for who in ROLES if who != "herself"]
AUDIENCE_OF = {who: Audience(ROLES[who]) for who in SPOKEN_OF if who != "orienteuse"}
MEDIA = [(Medium.SCREEN,), (Medium.SYSTEM,), (Medium.MESSAGE, Medium.PAPER), tuple(Medium)]
READ_BY = {"screen": Origin.FORM, "system": Origin.FHIR}  # both locks are asked
GROUNDS = [None, *Ground]
BIRTHS = {LegalState.MINOR: date(2015, 5, 5)}
PROTECTIONS = {LegalState.REPRESENTED: "guarded"}
SPOKEN_BY = {
    Speaker.PARENT: "has_parental_authority",
    Speaker.REPRESENTATIVE: "is_representative",
    Speaker.TRUSTED: "is_trusted",
}


class Cast:
    """Eleven readers, made once."""

    def __init__(self):
        self.desk, self.dac = OrganizationFactory(), OrganizationFactory(kind="dac")
        self.home_help = OrganizationFactory(kind="home_help")
        self.hospital = OrganizationFactory(kind="hospital")
        self.controller = actor(Role.DPO, account_id=AccountFactory().pk)
        self.accounts = {who: AccountFactory().pk for who in CLOSE}
        people = {
            "nurse": PractitionerFactory(),
            "doctor": PractitionerFactory(profession="10"),
            "social_worker": PractitionerFactory(profession="41"),
        }
        self.joining = {who: {"practitioner_id": one.pk} for who, one in people.items()} | {
            "home_help": {"organization_id": self.home_help.pk},
            "coordinator": {"organization_id": self.dac.pk},
            "orienteuse": {"organization_id": self.desk.pk},
            "hospital": {"organization_id": self.hospital.pk},
        }
        one_s_own = {"person_ids": frozenset({ANYBODY})}
        self.actors = {
            who: speaking_as(one, account_id=AccountFactory().pk) for who, one in people.items()
        } | {
            "home_help": actor(Role.HOME_HELP, self.home_help),
            "coordinator": coordinator_of(self.dac, account_id=AccountFactory().pk),
            "orienteuse": orienteuse_of(self.desk, account_id=AccountFactory().pk),
            "hospital": actor(
                Role.HOSPITAL, self.hospital, profession="10", account_id=AccountFactory().pk
            ),
            "herself": actor(Role.PERSON, account_id=AccountFactory().pk, **one_s_own),
        }
        self.actors |= {
            who: actor(Role.RELATIVE, account_id=account, **one_s_own)
            for who, account in self.accounts.items()
        }
        self.tried = self.everything_tried()

    def everything_tried(self):
        """Each reader and each category at once, for one person: compiled once, asked often."""
        tries = {}
        for who, medium in itertools.product(ROLES, READ_BY):
            one = self.reading(who, ANYBODY, medium)
            tries[f"{who}_of_a_request_{medium}"] = Exists(entrusted_to(one).filter(pk=ANYBODY))
            for category in Category:
                seen = persons_of(one, category).filter(pk=ANYBODY)
                tries[f"{who}_{category.value}_{medium}"] = Exists(seen)
        query = Person.objects.filter(pk=ANYBODY).values(**tries).query
        return list(tries), *query.sql_with_params()

    def all_that_is_seen(self, pk):
        """Who sees what of one person, asked of the database."""
        names, sql, params = self.tried
        with connection.cursor() as cursor:
            cursor.execute(sql, [pk if one == ANYBODY else one for one in params])
            return dict(zip(names, cursor.fetchone(), strict=True))

    def reading(self, who, pk, medium):
        """This reader before one person, through every door that may be open to them."""
        one = replace(in_emergency(self.actors[who]), origin=READ_BY[medium])
        return replace(one, person_ids=frozenset({pk})) if one.person_ids else one

    def all_that_the_second_lock_shows(self, pk):
        """The same, said by the database to each reader in turn."""
        shown = {}
        for who, medium in itertools.product(ROLES, READ_BY):
            with seen_by(self.reading(who, pk, medium)), connection.cursor() as cursor:
                cursor.execute(
                    "SELECT one, people_reader_knows(%s, one) FROM unnest(%s::text[]) one",
                    [pk, [category.value for category in Category]],
                )
                # Not known and not told are one to the lock: it shows neither.
                for category, knows in cursor.fetchall():
                    shown[f"{who}_{category}_{medium}"] = bool(knows)
                cursor.execute("SELECT people_reader_is_entrusted(%s)", [pk])
                shown[f"{who}_of_a_request_{medium}"] = bool(cursor.fetchone()[0])
        return shown

    def raw_rows(self, who, pk, medium):
        """Whether each table shows this reader anything of one person, nothing else being asked."""
        tables = {"people_person": "id", **dict.fromkeys(HANGING, "person_id")}
        asked = ", ".join(
            f"EXISTS (SELECT FROM {table} WHERE {key} = %(pk)s)" for table, key in tables.items()
        )
        with seen_by(self.reading(who, pk, medium)), connection.cursor() as cursor:
            cursor.execute(f"SELECT {asked}", {"pk": pk})
            return dict(zip(tables, cursor.fetchone(), strict=True))


class Life(RuleBasedStateMachine):
    """One person’s life; after each event, everyone tries to read everything."""

    cast: "Cast"

    def __init__(self):
        super().__init__()
        self.name = f"Histoire {next(NUMBERS)}"
        self.person = PersonFactory(birth_name=self.name, territory=self.cast.desk.territory)
        self.relatives = {
            speaker: RelativeFactory(person=self.person, **{quality: True})
            for speaker, quality in SPOKEN_BY.items()
        }
        self.history = []
        self.coordination_rests_on(Basis.PUBLIC_TASK)

    def told(self, speaker, choice=None):
        hands = choice == Choice.CONSENTED  # a consent follows the notice
        return Told(speaker=speaker, relative=self.relatives.get(speaker), hands_notice=hands)

    def fresh(self):
        return Person.objects.get(pk=self.person.pk)

    @rule(who=st.sampled_from(TEAM), ground=st.sampled_from(list(Ground)))
    def joins(self, who, ground):
        joining = Joining(role="other", ground=ground.value, **self.cast.joining[who])
        services.join_circle(actor=SYSTEM, person=self.person, joining=joining, now=NOW)
        self.history.append(("join", who, ground.value))

    @rule(who=st.sampled_from(TEAM))
    def leaves(self, who):
        stays = CircleMember.objects.current().filter(person=self.person)
        member = stays.filter(**self.cast.joining[who]).first()
        if member:
            services.leave_circle(actor=SYSTEM, member=member, now=NOW)
            self.history.append(("leave", who))

    @rule()
    def is_informed(self):
        services.inform(actor=SYSTEM, person=self.person, told=Told(), now=NOW)
        self.history.append(("informed",))

    @initialize(
        grounds=st.fixed_dictionaries({who: st.sampled_from(GROUNDS) for who in TEAM}),
        spaces=st.sets(st.sampled_from(sorted(CLOSE))),
    )
    def begins(self, grounds, spaces):
        for who, ground in grounds.items():
            if ground is not None:
                self.joins(who, ground)
        for who in sorted(spaces):
            self.opens_a_space(who)

    def space_of(self, who):
        account = self.cast.accounts[who]
        return PersonAccount.objects.filter(person=self.person, account=account, until=None).first()

    @rule(who=st.sampled_from(sorted(CLOSE)))
    def opens_a_space(self, who):
        if self.space_of(who) is None:
            with arranging():
                PersonAccount.objects.create(
                    person=self.person,
                    account_id=self.cast.accounts[who],
                    relative=self.relatives[Speaker(CLOSE[who])],
                    proved_how="vue au domicile",
                    since=NOW,
                )
        self.history.append(("opens space", who))

    @rule(who=st.sampled_from(sorted(CLOSE)))
    def closes_a_space(self, who):
        space = self.space_of(who)
        if space is not None:
            services.close_own_space(actor=SYSTEM, space=space, now=NOW)
            self.history.append(("closes space", who))

    @rule(
        who=st.sampled_from(SPOKEN_OF),
        category=st.sampled_from(list(Category)),
        choice=st.sampled_from(list(Choice)),
        speaker=st.sampled_from(list(Speaker)),
        media=st.sampled_from(MEDIA),
    )
    def says(self, who, category, choice, speaker, media):
        audience = AUDIENCE_OF.get(who, Audience.COORDINATION)
        self.says_to(audience, category, choice, speaker, media)

    @rule(who=st.sampled_from(SPOKEN_OF), category=st.sampled_from(list(Category)[:3]))
    def opposes(self, who, category):
        audience = AUDIENCE_OF.get(who, Audience.COORDINATION)
        self.says_to(audience, category, Choice.OPPOSED, Speaker.PERSON)

    @rule(who=st.sampled_from(SPOKEN_OF), category=st.sampled_from(list(Category)))
    def consents(self, who, category):
        audience = AUDIENCE_OF.get(who, Audience.COORDINATION)
        self.says_to(audience, category, Choice.CONSENTED, Speaker.PERSON)

    @rule(choice=st.sampled_from([Choice.OPPOSED, Choice.NEUTRAL]))
    def says_to_the_desk(self, choice):
        self.says_to(Audience.DESK, Category.IDENTITY, choice, Speaker.PERSON)

    @rule()
    def refuses_coordination(self):
        self.speaks_of_coordination(Will.REFUSED, Speaker.PERSON)

    @rule(
        who=st.sampled_from(SPOKEN_OF),
        category=st.sampled_from(list(Category)),
        before=st.sampled_from([LegalState.MINOR, LegalState.REPRESENTED]),
    )
    def somebody_consents_for_them_then_no_longer_represents_them(self, who, category, before):
        self.becomes(before)
        speaker = Speaker.PARENT if before == LegalState.MINOR else Speaker.REPRESENTATIVE
        audience = AUDIENCE_OF.get(who, Audience.COORDINATION)
        self.says_to(audience, category, Choice.CONSENTED, speaker)
        self.becomes(LegalState.ADULT)

    def says_to(self, audience, category, choice, speaker, media=tuple(Medium)):
        try:
            services.choose_sharing(
                actor=SYSTEM,
                person=self.fresh(),
                chosen=Chosen(choice, category, audience, media),
                told=self.told(speaker, choice),
                now=NOW,
            )
        except DomainError:
            return
        if choice == Choice.CONSENTED:
            self.history.append(("informed",))
        for medium in media:
            words = (category.value, audience.value, medium.value, choice.value, speaker.value)
            self.history.append(("says", *words))

    @rule(will=st.sampled_from(list(Will)), speaker=st.sampled_from(list(Speaker)))
    def speaks_of_coordination(self, will, speaker):
        try:
            services.choose_processing(
                actor=SYSTEM,
                person=self.fresh(),
                purpose=Purpose.COORDINATION,
                will=will,
                told=self.told(speaker),
                now=NOW,
            )
        except DomainError:
            return
        self.history.append(("coordination", will.value))

    @rule(basis=st.sampled_from([Basis.CONSENT, Basis.PUBLIC_TASK]))
    def coordination_rests_on(self, basis):
        services.set_basis(
            actor=self.cast.controller, purpose=Purpose.COORDINATION, basis=basis, now=NOW
        )
        self.history.append(("basis", basis.value))

    def refused(self):
        """Whether her last word on screens to who coordinates is no, though she is still named."""
        about = ("says", "coordination", "coordination", "screen")
        said = [event[4] for event in self.history if event[:4] == about]
        return bool(said) and said[-1] == "opposed"

    @rule(who=st.sampled_from(["coordinator", "orienteuse"]))
    def agrees_at_a_desk(self, who):
        """Asked aloud by who takes her request: they know her by name, and she refused nothing."""
        reader = self.cast.actors[who]
        named = oracle.may_read(self.history, who, ROLES[who], "identity")
        try:
            services.agree(actor=reader, person=self.fresh(), agreed=Agreed(), now=NOW)
        except Forbidden:
            assert not named or (who == "coordinator" and self.refused()), self.history
        except DomainError:
            assert oracle.state(self.history) != "adult", self.history
        else:
            assert named, self.history
            if Information.objects.filter(person=self.person).exists():
                self.history.append(("informed",))
            self.history.append(("coordination", "accepted"))

    @rule(legal=st.sampled_from(list(LegalState)))
    def becomes(self, legal):
        with arranging():
            Person.objects.filter(pk=self.person.pk).update(
                birth_date=BIRTHS.get(legal, date(1941, 3, 7)),
                protection=PROTECTIONS.get(legal, "none"),
                unable_since=date(2026, 1, 1) if legal == LegalState.UNABLE else None,
            )
        self.history.append(("becomes", legal.value))

    @rule(who=st.sampled_from(["nurse", "doctor", "hospital"]))
    def opens_in_emergency(self, who):
        person = self.fresh()
        claim = Claim(
            attestation=Attestation(True, True, "Retrouvée au sol."),
            motive=Motive.CONFUSED,
            birth_name=self.name,
            first_name="Berthe",
            birth_date=person.birth_date,
        )
        try:
            services.open_emergency(actor=self.cast.actors[who], claim=claim, now=NOW)
        except DomainError:
            assert ("oppose emergency",) in self.history
            return
        self.history.append(("open", who))

    @rule(who=st.sampled_from(["nurse", "doctor"]))
    def ends_emergency(self, who):
        account_id = self.cast.actors[who].account_id
        grants = EmergencyGrant.objects.filter(person=self.person, account_id=account_id)
        grant = grants.filter(ended_at=None).first()
        if grant:
            services.end_emergency(actor=self.cast.actors[who], grant=grant, now=NOW)
            self.history.append(("end", who))

    @rule()
    def two_hours_pass(self):
        past = NOW - timedelta(days=30)
        with arranging():
            EmergencyGrant.objects.filter(person=self.person, ended_at=None).update(
                opened_at=past, expires_at=past + timedelta(hours=2)
            )
        self.history.append(("two hours",))

    @rule()
    @precondition(lambda self: oracle.state(self.history) != "unable")
    def opposes_emergency(self):
        services.choose_emergency(
            actor=SYSTEM, person=self.fresh(), opposed=True, told=Told(), now=NOW
        )
        self.history.append(("oppose emergency",))

    @rule()
    def dies(self):
        services.declare_death(actor=SYSTEM, person=self.fresh(), deceased_on=NOW.date(), now=NOW)

    @invariant()
    def nobody_reads_what_the_law_forbids_nor_is_kept_from_what_it_allows(self):
        seen = self.cast.all_that_is_seen(self.person.pk)
        expected = {}
        for (who, role), medium in itertools.product(ROLES.items(), READ_BY):
            told = oracle.may_read_of_a_request(self.history, who, role, medium)
            expected[f"{who}_of_a_request_{medium}"] = told
            for category in Category:
                read = oracle.may_read(self.history, who, role, category.value, medium)
                expected[f"{who}_{category.value}_{medium}"] = read
        assert seen == expected, self.history
        assert self.cast.all_that_the_second_lock_shows(self.person.pk) == expected, self.history
        self.no_raw_row_is_forbidden(expected)

    def no_raw_row_is_forbidden(self, expected):
        """Nothing is asked of the tables but the person: the second lock narrows by itself."""
        for who, medium in itertools.product(ROLES, READ_BY):
            rows = self.cast.raw_rows(who, self.person.pk, medium)
            assert rows["people_person"] == expected[f"{who}_identity_{medium}"], self.history
            hanging = [rows[table] for table in HANGING]
            assert not any(hanging) or expected[f"{who}_coordination_{medium}"], self.history


def test_no_history_leads_to_a_forbidden_read(db):
    Life.cast = Cast()
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
