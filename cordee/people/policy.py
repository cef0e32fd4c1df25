"""Who sees which persons, and who may do what about them.

`persons_of` is the one place where the circle, the choices and emergency access are looked at; it
says in SQL what `rules.sharing.decide` says in words, and a test machine holds them together.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import DateField, Exists, Func, OuterRef, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce

from cordee.access.actor import Actor, Purpose, Role
from cordee.access.models import Trace
from cordee.access.policy import NOTHING, allows, nobody, sees
from cordee.access.sight import RightsNow
from cordee.kernel.models import FactContent, FactHeader
from cordee.people.models import (
    Candidate,
    CircleMember,
    EmergencyGrant,
    EmergencyOpposition,
    Evaluation,
    GateGrant,
    GateInformation,
    GateOpposition,
    GatePerson,
    GateProcessing,
    GateSharing,
    GateSpace,
    GateStay,
    HintChoice,
    Information,
    Merge,
    MergeStep,
    Person,
    PersonAccount,
    Processing,
    ProcessingBasis,
    ProtectedNote,
    Relative,
    Sharing,
    UnattendedMerging,
)
from cordee.people.rules import processing, sharing, traits
from cordee.people.rules.sharing import Audience, Category, Choice, Medium, Speaker

EVERYTHING = Q(pk__isnull=False)
BY_ORGANIZATION = frozenset({Role.COORDINATOR, Role.ORIENTEUSE, Role.HOME_HELP})
BY_PROFESSION = frozenset({Role.PRACTITIONER, Role.HOSPITAL})
AUDIENCES = {
    Role.COORDINATOR: Audience.COORDINATION,
    Role.ORIENTEUSE: Audience.COORDINATION,
    Role.HOME_HELP: Audience.HOME_HELP,
}


def persons_of(actor: Actor, category: Category = Category.IDENTITY) -> QuerySet[Person]:
    """Say of whom the actor may know this category of information, now.

    The default is the least view: name, birth date, how to reach them. What hangs from a person
    asks for COORDINATION (the default of `through_person`) or CARE.
    """
    return Person.objects.filter(_known(actor, category))


def keys_of(actor: Actor, category: Category = Category.IDENTITY) -> QuerySet[GatePerson]:
    """The same, judged and found through the gates: no second lock weighs on the conditions."""
    return GatePerson.objects.filter(_known(actor, category))


def knows(actor: Actor, person_id: UUID | None, category: Category = Category.IDENTITY) -> bool:
    """Say whether the actor may know this category of information about somebody. One query."""
    return person_id is not None and keys_of(actor, category).filter(pk=person_id).exists()


def through_person(path: str, category: Category = Category.COORDINATION) -> Callable[[Actor], Q]:
    """Make the scope of a table that hangs from a person, for the rooms above."""

    def scope(actor: Actor) -> Q:
        if actor.role is Role.SYSTEM:
            return Q()
        # Tied to each row, not « in » all that one may see: a page judges its own fifty persons.
        return Q(Exists(keys_of(actor, category).filter(pk=OuterRef(path))))

    return scope


def may_act(actor: Actor, person: Person) -> bool:
    """Say whether the actor takes part in this person’s pathway: emergency is sight, not deed."""
    if actor.role is Role.SYSTEM:
        return True
    if actor.purpose is Purpose.EMERGENCY or actor.role in (Role.PERSON, Role.RELATIVE):
        return False
    return knows(actor, person.pk, Category.COORDINATION)


def speaks_for(actor: Actor, person: Person) -> bool:
    """Say whether the actor is the person, or holds their voice (parent, representative)."""
    if person.pk not in actor.person_ids:
        return False
    if actor.role is Role.PERSON:
        return True
    return actor.role is Role.RELATIVE and _represented_by(actor).filter(pk=person.pk).exists()


# --- who is known --------------------------------------------------------------------------------


def _known(actor: Actor, category: Category) -> Q:
    if actor.role is Role.SYSTEM:
        return EVERYTHING
    if actor.role is Role.PERSON:
        return Q(pk__in=actor.person_ids)
    if actor.role is Role.RELATIVE:
        return _known_to_relative(actor, category)
    known = NOTHING
    if actor.role in BY_ORGANIZATION | BY_PROFESSION:
        known = _in_circle(actor, _audience(actor), category)
    if actor.role is Role.ORIENTEUSE and category == Category.IDENTITY:
        known |= _at_the_desk(actor)
    if actor.purpose is Purpose.EMERGENCY and category in sharing.EMERGENCY_OPENS:
        known |= _in_emergency(actor)
    return known


def _audience(actor: Actor) -> Audience:
    return AUDIENCES.get(actor.role) or sharing.audience_of_profession(actor.profession)


def _in_circle(actor: Actor, audience: Audience, category: Category) -> Q:
    mine = Q(organization_id__in=actor.organizations)
    if actor.role in BY_PROFESSION and actor.practitioner_id:
        mine |= Q(practitioner_id=actor.practitioner_id)
    stays = GateStay.objects.filter(mine, person=OuterRef("pk"))
    open_by_ground = _by_mission(stays, audience, category)
    known = Q(Exists(stays)) & ~_opposed(audience, category)
    known &= _consented(audience, category) | open_by_ground
    return known & _not_blind(audience)


def _by_mission(stays: QuerySet[GateStay], audience: Audience, category: Category) -> Q:
    if category in sharing.PROTECTED or category not in sharing.MISSION[audience]:
        return NOTHING
    in_team = Q(Exists(stays.exclude(ground="")))
    if category in sharing.EXCHANGED:
        return in_team
    return in_team & Q(Exists(GateInformation.objects.filter(person=OuterRef("pk"))))


def _cell(audience: Audience, category: Category) -> QuerySet[GateSharing]:
    return GateSharing.objects.filter(
        person=OuterRef("pk"), audience=audience, category=category, medium=Medium.SCREEN
    )


def _opposed(audience: Audience, category: Category) -> Q:
    return Q(Exists(_cell(audience, category).filter(choice=Choice.OPPOSED)))


def _consented(audience: Audience, category: Category) -> Q:
    holds = (
        Q(speaker=Speaker.PERSON)
        | Q(speaker=Speaker.PARENT, person__birth_date__gt=_eighteen_years_ago())
        | Q(speaker=Speaker.REPRESENTATIVE, person__protection__in=Person.REPRESENTING)
    )
    return Q(Exists(_cell(audience, category).filter(holds, choice=Choice.CONSENTED)))


def _eighteen_years_ago() -> Func:
    template = f"((now() AT TIME ZONE 'Europe/Paris') - interval '{traits.MAJORITY} years')::date"
    return Func(template=template, output_field=DateField())


def _not_blind(audience: Audience) -> Q:
    """Refusing coordination makes coordination blind, and it alone."""
    if audience not in sharing.BLIND_WITHOUT_COORDINATION:
        return EVERYTHING
    purpose = processing.Purpose.COORDINATION
    will = GateProcessing.objects.filter(person=OuterRef("pk"), purpose=purpose)
    asks_consent = Exists(
        ProcessingBasis.objects.current().filter(purpose=purpose, basis=processing.Basis.CONSENT)
    )
    return ~Q(Exists(will.filter(will=processing.Will.REFUSED))) & (
        ~Q(asks_consent) | Q(Exists(will.filter(will=processing.Will.ACCEPTED)))
    )


def _at_the_desk(actor: Actor) -> Q:
    """The least view: who lives in the territory of the single number (ADR on the least view)."""
    here = Q(territory_id__in=actor.territories)
    return here & ~_opposed(Audience.DESK, Category.IDENTITY) & _not_blind(Audience.DESK)


def _in_emergency(actor: Actor) -> Q:
    if actor.account_id is None:
        return NOTHING
    grants = GateGrant.objects.filter(
        person=OuterRef("pk"), account_id=actor.account_id, expires_at__gt=RightsNow()
    )
    opposed = GateOpposition.objects.filter(person=OuterRef("pk"))
    return Q(Exists(grants)) & ~Q(Exists(opposed))


def _represented_by(actor: Actor) -> QuerySet[GatePerson]:
    if actor.account_id is None:
        return GatePerson.objects.none()
    spaces = GateSpace.objects.filter(
        person=OuterRef("pk"), account_id=actor.account_id, until=None, relative__ended_at=None
    )
    minor = Q(birth_date__gt=_eighteen_years_ago())
    parent = minor & Q(Exists(spaces.filter(relative__has_parental_authority=True)))
    guardian = Q(protection__in=Person.REPRESENTING) & Q(
        Exists(spaces.filter(relative__is_representative=True))
    )
    return GatePerson.objects.filter(parent | guardian, pk__in=actor.person_ids)


def _known_to_relative(actor: Actor, category: Category) -> Q:
    if actor.account_id is None:
        return NOTHING
    audience = Audience.RELATIVES
    spaces = GateSpace.objects.filter(
        person=OuterRef("pk"), account_id=actor.account_id, until=None, relative__ended_at=None
    )
    allowed = Q(Exists(spaces)) & _consented(audience, category)
    if category not in sharing.PROTECTED:
        allowed |= Q(pk__in=_represented_by(actor).values("pk"))
    return Q(pk__in=actor.person_ids) & allowed & ~_opposed(audience, category)


# --- scopes --------------------------------------------------------------------------------------


@sees(Person)
def known(actor: Actor) -> Q:
    """The least view opens the row; templates show more only where more is known."""
    survivor = Coalesce(OuterRef("merged_into"), OuterRef("pk"))
    return Q() if actor.role is Role.SYSTEM else Q(Exists(keys_of(actor).filter(pk=survivor)))


# Choices are seen by who carries them out, and by the person.
CHOICES = (Information, Sharing, Processing, EmergencyOpposition, HintChoice)
for _model in (Relative, CircleMember, *CHOICES):
    sees(_model)(through_person("person"))


@sees(PersonAccount)
def own_spaces(actor: Actor) -> Q:
    """One’s own accesses, and those of the persons one coordinates."""
    mine = Q(account_id=actor.account_id) if actor.account_id else NOTHING
    return mine | through_person("person")(actor)


@sees(ProcessingBasis)
@sees(Evaluation)
@sees(UnattendedMerging)
def published(actor: Actor) -> Q:
    """Legal bases are public; so is whether records are merged by themselves, and on what proof."""
    return Q()


@sees(ProtectedNote)
def opened_by_consent(actor: Actor) -> Q:
    """Each category by its own consent; the author keeps sight of theirs while in the circle."""
    if actor.role is Role.SYSTEM:
        return Q()
    seen = NOTHING
    for category in ProtectedNote.CATEGORIES:
        seen |= Q(category=category, person__in=keys_of(actor, category).values("pk"))
    if actor.account_id and actor.purpose is not Purpose.EMERGENCY:
        theirs = keys_of(actor, Category.COORDINATION).values("pk")
        seen |= Q(author_id=actor.account_id, person__in=theirs)
    return seen


@sees(EmergencyGrant)
def emergencies(actor: Actor) -> Q:
    """The professional, the DPO, those who coordinate, and the person."""
    if actor.role in (Role.SYSTEM, Role.DPO):
        return Q()
    mine = Q(account_id=actor.account_id) if actor.account_id else NOTHING
    if actor.role in (Role.COORDINATOR, Role.ORIENTEUSE, Role.PERSON, Role.RELATIVE):
        mine |= through_person("person")(actor)
    return mine | Q(examiner__in=_examined_by(actor))


def _examined_by(actor: Actor) -> frozenset[UUID]:
    """The structures whose coordination examines an access when the house has no DPO."""
    return actor.organizations if actor.role is Role.COORDINATOR else frozenset()


# What a line of the thread tells, when it is not the organisation of the pathway.
CATEGORY_OF_FACT = {
    "people.person_created": Category.IDENTITY,
    "people.identity_changed": Category.IDENTITY,
    "people.mental_health_note_written": Category.MENTAL_HEALTH,
    "people.social_note_written": Category.SOCIAL,
}
# A choice would show by its shadow what it hides: the person alone reads these lines.
OWN_LINES = (
    "people.sharing_changed",
    "people.processing_changed",
    "people.emergency_choice_changed",
    "people.hint_choice_changed",
    "people.own_space_opened",
    "people.own_space_closed",
)


def _lines(actor: Actor, prefix: str) -> Q:
    def told(category: Category) -> Q:
        # The thread of an absorbed record is told to who knows the record that absorbed it.
        survivor = Func(OuterRef(f"{prefix}thread_id"), function="people_surviving")
        return Q(Exists(keys_of(actor, category).filter(pk=survivor)))

    kind = f"{prefix}kind__in"
    special = [*CATEGORY_OF_FACT, *OWN_LINES]
    seen = told(Category.COORDINATION) & ~Q(**{kind: special})
    for category in sorted(set(CATEGORY_OF_FACT.values())):
        kinds = [name for name, told_by in CATEGORY_OF_FACT.items() if told_by == category]
        seen |= told(category) & Q(**{kind: kinds})
    if actor.role is Role.PERSON:
        seen |= Q(**{f"{prefix}thread_id__in": actor.person_ids, kind: OWN_LINES})
    return seen


@sees(FactHeader)
def thread_lines(actor: Actor) -> Q:
    """Lines of the persons one knows, each by the category it tells."""
    return Q() if actor.role is Role.SYSTEM else _lines(actor, "")


@sees(FactContent)
def thread_contents(actor: Actor) -> Q:
    """As their headers."""
    return Q() if actor.role is Role.SYSTEM else _lines(actor, "fact__")


def _with_absorbed(persons: list[UUID]) -> Func:
    array = ArrayField(UUIDField())
    return Func(Value(persons, array), function="people_family", output_field=array)


@sees(Trace)
def looked_at(actor: Actor) -> Q:
    """Who looked: told to the person, to who holds their voice, and to the DPO."""
    if actor.role in (Role.SYSTEM, Role.DPO):
        return Q()
    if actor.role is Role.PERSON and actor.person_ids:
        return Q(persons__overlap=_with_absorbed(sorted(actor.person_ids)))
    if actor.role is Role.RELATIVE:
        held = sorted(_represented_by(actor).values_list("pk", flat=True))
        return Q(persons__overlap=_with_absorbed(held)) if held else NOTHING
    return NOTHING


# --- deeds ---------------------------------------------------------------------------------------


def may_steer(actor: Actor, person: Person) -> bool:
    """Say whether the actor may change the pathway itself: a home help tells, others decide."""
    return actor.role is not Role.HOME_HELP and may_act(actor, person)


ENTERING = BY_PROFESSION | {Role.ORIENTEUSE, Role.COORDINATOR, Role.SYSTEM}


@allows("people.create")
def may_enter_somebody(actor: Actor, subject: None) -> bool:
    return actor.role in ENTERING and actor.purpose is not Purpose.EMERGENCY


@allows("people.update")
def may_correct(actor: Actor, person: Person) -> bool:
    if actor.role is Role.ORIENTEUSE and actor.purpose is not Purpose.EMERGENCY:
        return knows(actor, person.pk)
    return may_act(actor, person)


@allows("people.enter_circle")
def may_take_charge(actor: Actor, person: Person) -> bool:
    """The desk takes up the request of somebody it knows by the least view."""
    return bool(actor.organization_id) and may_correct(actor, person)


STEERED = ("join", "declare_death", "move", "admit", "note_relative", "check_identity")
for _verb in (*STEERED, "open_own_space"):
    allows(f"people.{_verb}")(may_steer)


@allows("people.welcome")
def may_welcome(actor: Actor, person: Person) -> bool:
    """The broker alone calls this verb (a test), when a yes is confirmed; see the service."""
    answers = actor.role in (Role.PRACTITIONER, Role.GUEST) and bool(actor.practitioner_id)
    return answers or may_act(actor, person)


@allows("people.end_relative")
def may_end_a_relative(actor: Actor, relative: Relative) -> bool:
    return may_act(actor, relative.person)


def may_decide(actor: Actor, person: Person) -> bool:
    """Say whether the actor carries out the person’s word, or is the person’s own voice."""
    return may_act(actor, person) or speaks_for(actor, person)


@allows("people.leave")
def may_end_a_stay(actor: Actor, member: CircleMember) -> bool:
    mine = bool(actor.practitioner_id) and member.practitioner_id == actor.practitioner_id
    return mine or may_decide(actor, member.person)


@allows("people.close_own_space")
def may_close_a_space(actor: Actor, space: PersonAccount) -> bool:
    return may_steer(actor, space.person) or speaks_for(actor, space.person)


for _verb in ("inform", "share", "process", "oppose_emergency", "allow_hint"):
    allows(f"people.{_verb}")(may_decide)


@allows("people.write_note")
def may_write_a_note(actor: Actor, person: Person) -> bool:
    return bool(actor.account_id) and may_act(actor, person)


@allows("people.try_emergency")
@allows("people.open_emergency")
def may_attest(actor: Actor, subject: None) -> bool:
    """Whoever can be named and is in a caring role may ask; the rules decide the rest."""
    return bool(actor.account_id) and actor.role in BY_PROFESSION


@allows("people.end_emergency")
def may_end_emergency(actor: Actor, grant: EmergencyGrant) -> bool:
    return actor.role is Role.SYSTEM or grant.account_id == actor.account_id


@allows("people.tell_emergency")
def may_tell(actor: Actor, grant: EmergencyGrant) -> bool:
    examines = actor.role is Role.DPO or grant.examiner_id in _examined_by(actor)
    return examines or may_act(actor, grant.person)


@allows("people.review_emergency")
def may_review(actor: Actor, grant: EmergencyGrant) -> bool:
    """Never by the one who opened it."""
    if not actor.account_id or grant.account_id == actor.account_id:
        return False
    return actor.role in (Role.DPO, Role.COORDINATOR) and may_tell(actor, grant)


@allows("people.set_basis")
def may_set_basis(actor: Actor, subject: None) -> bool:
    return actor.role in (Role.ADMINISTRATOR, Role.DPO)


def in_emergency(actor: Actor) -> Actor:
    """The same actor, looking through the emergency door: sees more, may do nothing."""
    return replace(actor, purpose=Purpose.EMERGENCY)


MERGING = frozenset({Role.COORDINATOR, Role.ORIENTEUSE})


def _judges(actor: Actor, *paths: str) -> Q:
    """Who coordinates or orients, in the circle of each record: more than the least view shows."""
    if actor.role is Role.SYSTEM:
        return Q()
    seen = EVERYTHING if actor.role in MERGING else NOTHING
    for path in paths:
        seen &= through_person(path)(actor)
    return seen


# Half a pair would tell of the other half.
sees(Candidate)(lambda actor: _judges(actor, "one", "other"))
sees(Merge)(lambda actor: _judges(actor, "survivor"))
sees(MergeStep)(nobody)
for _verb in ("people.match", "people.keep_evaluation", "people.merge_unattended"):
    allows(_verb)(lambda actor, subject: actor.role is Role.SYSTEM)
allows("people.set_unattended")(may_set_basis)
allows("people.undo_merge")(lambda actor, merge: may_compare(actor, merge.survivor))


@allows("people.compare")
def may_compare(actor: Actor, person: Person) -> bool:
    return actor.role in MERGING and may_act(actor, person)


@allows("people.tell_apart")
@allows("people.merge")
def may_judge(actor: Actor, pair: Candidate) -> bool:
    return may_compare(actor, pair.one) and may_compare(actor, pair.other)
