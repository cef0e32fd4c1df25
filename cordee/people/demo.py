"""A few hundred made-up persons in the two territories of the demonstration, with their circles.

Nobody here exists: numbers belong to the *test* registry, phones to those that Arcep keeps for
fiction. The same seed gives the same persons.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from cordee.access.action import gesture
from cordee.access.actor import SYSTEM, Actor, Role
from cordee.access.models import Account
from cordee.directory.demo import CHAMPSAUR, THAU
from cordee.directory.kinds import MembershipRole, Profession, TerritoryKind
from cordee.directory.kinds import OrganizationKind as Kind
from cordee.directory.models import (
    Commune,
    Membership,
    Organization,
    PracticeSite,
    Practitioner,
    Territory,
)
from cordee.directory.sample import NAMES, STREETS
from cordee.kernel.facts import publish
from cordee.people.facts import JoinedCircle, PersonCreated
from cordee.people.models import (
    CircleMember,
    EmergencyOpposition,
    Information,
    Person,
    PersonAccount,
    Processing,
    Relative,
    Sharing,
)
from cordee.people.rules import identity
from cordee.people.rules.notices import CURRENT

SEED, HOW_MANY = 2026, 160
WOMEN = {
    30: "Marguerite Berthe Odette Simone Yvonne Germaine Suzanne Lucienne Paulette Denise",
    50: "Monique Jacqueline Nicole Danielle Michèle Josette Françoise Annie Chantal Fatima",
    80: "Sylvie Isabelle Nathalie Céline Nadia Aïcha Sandrine Aurélie Émilie Chloé",
}
MEN = {
    30: "Marcel Lucien Fernand René Raymond Émile Henri Gaston Louis Joseph",
    50: "Jean Michel Gérard Bernard Daniel Guy Mohamed Alain Jean-Pierre Robert",
    80: "Philippe Thierry Christophe Karim Nicolas Julien Mathieu Hugo Léo Tiago",
}
PROTECTIONS = ("none", "assisted", "guarded")
SAINT_BONNET = "05132"
BERTHE_IS = ("Lefèvre", date(1941, 3, 7))
BERTHE, DAUGHTER = "berthe@exemple.fr", "jeanne@exemple.fr"


@dataclass
class Made:
    """Rows to write, table by table."""

    rows: dict[type, list[Any]] = field(default_factory=dict)

    def add(self, row: Any) -> Any:
        """Keep a row for later."""
        self.rows.setdefault(type(row), []).append(row)
        return row

    def write(self) -> None:
        """Write everything, parents first."""
        people = (Person, Relative, CircleMember)
        choices = (Information, Sharing, Processing, EmergencyOpposition)
        for model in (*people, *choices, PersonAccount):
            model.objects.bulk_create(self.rows.get(model, []), batch_size=500)


@dataclass
class Around:
    """Who can help in a territory, by commune."""

    communes: Sequence[Commune]
    nurses: dict[str, list[Practitioner]]
    doctors: dict[str, list[Practitioner]]
    structures: dict[str, Organization]

    def near(self, found: dict[str, list[Practitioner]], code: str, draw: Random) -> Practitioner:
        """Somebody of the commune, else of the territory."""
        everyone = [one for group in found.values() for one in group]
        return draw.choice(found.get(code) or everyone)


def load(now: datetime) -> None:
    """Bring both territories to life, once; a made-up region beside them has persons of its own."""
    names = [CHAMPSAUR.name, THAU.name]
    territories = Territory.objects.filter(kind=TerritoryKind.SIO, name__in=names)
    if Person.objects.filter(is_demonstration=True, territory__in=territories).exists():
        return
    with gesture(actor=SYSTEM, verb="people.load_demonstration", now=now):
        for rank, territory in enumerate(territories.order_by("name", "pk")):
            _settle(territory, Random(SEED + rank), rank, now)  # noqa: S311 (made-up data)


def _settle(territory: Territory, draw: Random, rank: int, now: datetime) -> None:
    around = _around(territory)
    if not (around.communes and around.nurses and around.doctors):
        return
    made = Made()
    for number in range(HOW_MANY):
        person = made.add(_person(territory, around, draw, (rank, number), now))
        _circle(made, around, person, draw, now)
        _relatives(made, person, draw, now)
        _choices(made, person, draw, now)
    _own_spaces(made, now)
    made.write()
    _say(made, around)


def _around(territory: Territory) -> Around:
    sites = PracticeSite.objects.filter(commune__territories=territory, closed_on=None)
    found: dict[str, dict[str, list[Practitioner]]] = {}
    for site in sites.select_related("practitioner__account").order_by("practitioner__rpps", "pk"):
        trade = found.setdefault(site.practitioner.profession, {})
        trade.setdefault(site.commune_id, []).append(site.practitioner)
    structures = Organization.objects.filter(territory=territory).order_by("name", "pk")
    return Around(
        communes=list(territory.communes.order_by("code")),
        nurses=found.get(Profession.NURSE, {}),
        doctors=found.get(Profession.PHYSICIAN, {}),
        structures={one.kind: one for one in reversed(list(structures))},
    )


def _person(
    territory: Territory, around: Around, draw: Random, place: tuple[int, int], now: datetime
) -> Person:
    rank, number = place
    woman = draw.random() < 0.62
    birth = _birth(draw, now)
    given = _given(draw, WOMEN if woman else MEN, birth.year)
    family, married = _name(draw), _name(draw) if woman and draw.random() < 0.7 else ""
    commune = draw.choices(around.communes, [one.population for one in around.communes])[0]
    home = next((one for one in around.communes if one.code == SAINT_BONNET), None)
    if number == 0 and home is not None:
        woman, birth, given, family, married = True, date(1941, 3, 7), ["Berthe"], "Lefèvre", ""
        commune = home
    qualified = number == 0 or draw.random() < 0.6
    number_of = _ins(woman, birth, commune.code, 100 + number) if qualified else ""
    return Person(
        birth_name=family,
        first_names=" ".join(given),
        first_name=given[0],
        used_name=married,
        birth_date=birth,
        sex="F" if woman else "M",
        birth_place_code=commune.code,
        ins=number_of,
        ins_oid=identity.Registry.TEST.value if number_of else "",
        ins_status=(identity.Status.QUALIFIED if qualified else identity.Status.PROVISIONAL).value,
        phone=f"+3346571{rank * 5000 + number:04d}",
        address=f"{draw.randint(1, 60)} rue {draw.choice(STREETS)}",
        commune=commune,
        territory=territory,
        home_access=draw.choice(["", "", "sonnette à gauche", "porte du bas, frapper fort"]),
        gp=around.near(around.doctors, commune.code, draw),
        ald=draw.random() < 0.45,
        protection="none" if number == 0 else draw.choices(PROTECTIONS, [92, 4, 4])[0],
        is_demonstration=True,
    )


def _birth(draw: Random, now: datetime) -> date:
    years = draw.choices(
        [draw.randint(75, 98), draw.randint(60, 74), draw.randint(20, 59), draw.randint(1, 17)],
        [66, 22, 10, 2],
    )[0]
    return (now - timedelta(days=round(years * 365.25) + draw.randint(1, 360))).date()


def _given(draw: Random, names: dict[int, str], year: int) -> list[str]:
    among = next((text for limit, text in names.items() if year < 1900 + limit + 20), names[80])
    return draw.sample(among.split(), k=draw.choice([1, 2, 2, 3]))


def _name(draw: Random) -> str:
    return draw.choice(NAMES).replace("·", " ")


def _ins(woman: bool, birth: date, commune: str, order: int) -> str:
    body = f"{2 if woman else 1}{birth:%y%m}{commune}{order:03d}"
    return body + identity.key_of(body)


def _circle(made: Made, around: Around, person: Person, draw: Random, now: datetime) -> None:
    def joins(role: str, **who: Any) -> None:
        since = now - timedelta(days=draw.randint(20, 600))
        details = {"ground": "recognised", "since": since, **who}
        made.add(CircleMember(person=person, role=role, **details))

    first = (person.birth_name, person.birth_date) == BERTHE_IS
    joins("gp", practitioner=person.gp)
    if first or draw.random() < 0.55:
        nurse = around.near(around.nurses, person.commune_id or "", draw)
        nurse = _the_first_with_an_account(around, nurse) if first else nurse
        joins("nurse", practitioner=nurse, is_usual_nurse=True)
    for kind, role, share in (
        (Kind.SIO, "orientation", 0.4),
        (Kind.DAC, "coordination", 0.25),
        (Kind.HOME_HELP, "home_help", 0.35),
    ):
        organization = around.structures.get(kind)
        if organization is not None and (first or draw.random() < share):
            joins(role, organization=organization, is_reference=kind == Kind.DAC)


def _the_first_with_an_account(around: Around, other: Practitioner) -> Practitioner:
    """The nurse whose account is printed first, so that one sees both sides of a call."""
    everyone = [one for group in around.nurses.values() for one in group]
    lent = {one.account.email: one for one in everyone if one.account}
    return lent[min(lent)] if lent else other


def _relatives(made: Made, person: Person, draw: Random, now: datetime) -> None:
    minor = person.legal_state_on(now.date()) == "minor"
    if minor or person.represented or draw.random() < 0.6:
        made.add(
            Relative(
                person=person,
                name=f"{_given(draw, WOMEN, 1965)[0]} {person.birth_name}",
                link="parent" if minor else "child",
                phone=f"+3346571{draw.randint(9000, 9999)}",
                is_trusted=not minor and draw.random() < 0.6,
                has_parental_authority=minor,
                is_representative=person.represented,
                is_called_first=True,
            )
        )


def _choices(made: Made, person: Person, draw: Random, now: datetime) -> None:
    said = {
        "person": person,
        "speaker": "person",
        "notice": CURRENT,
        "how": "oral",
        "since": now - timedelta(days=draw.randint(1, 300)),
    }
    if person.birth_date == BERTHE_IS[1] or draw.random() < 0.75:
        made.add(Information(**said))
    if draw.random() < 0.05:
        cell = {"category": "care", "audience": "social", "medium": "screen"}
        made.add(Sharing(**said, **cell, choice="opposed"))
    if draw.random() < 0.03:
        made.add(Processing(**said, purpose="texts", will="refused"))
    if draw.random() < 0.02:
        made.add(Processing(**said, purpose="coordination", will="refused"))
    if draw.random() < 0.02:
        made.add(EmergencyOpposition(**said))


def _own_spaces(made: Made, now: datetime) -> None:
    """Berthe reads her own thread, if her account is there; her daughter reads with her."""
    accounts = {one.email: one for one in Account.objects.filter(email__in=[BERTHE, DAUGHTER])}
    berthe = made.rows[Person][0]
    if (berthe.birth_name, berthe.birth_date) != BERTHE_IS or BERTHE not in accounts:
        return
    proof = {"person": berthe, "proved_how": "carte d’identité vue au domicile", "since": now}
    made.add(PersonAccount(account=accounts[BERTHE], **proof))
    if DAUGHTER in accounts:
        jeanne = made.add(
            Relative(person=berthe, name="Jeanne Lefèvre", link="child", phone="+33465719000")
        )
        made.add(PersonAccount(account=accounts[DAUGHTER], relative=jeanne, **proof))
        for category in ("identity", "coordination"):
            made.add(
                Sharing(
                    person=berthe,
                    speaker="person",
                    notice=CURRENT,
                    how="oral",
                    since=now,
                    category=category,
                    audience="relatives",
                    medium="screen",
                    choice="consented",
                )
            )


def _say(made: Made, around: Around) -> None:
    desk = around.structures.get(Kind.SIO)
    for person in made.rows[Person]:
        publish(PersonCreated(person_id=person.pk, organization_id=desk.pk if desk else None))
    first = made.rows[Person][0]
    for member in made.rows[CircleMember]:
        if member.person is first:
            publish(
                JoinedCircle(
                    person_id=first.pk,
                    member_id=member.pk,
                    role=member.role,
                    practitioner_id=member.practitioner_id,
                    organization_id=member.organization_id,
                )
            )


def berthe() -> Person | None:
    """Berthe, once she is made up; the rooms above go on with her life."""
    name, born = BERTHE_IS
    found = Person.objects.filter(is_demonstration=True, birth_name=name, birth_date=born)
    return found.first()


def coordinators_of(person: Person) -> list[Actor]:
    """Those of the DAC that follows somebody, as they speak for it; Sophie before Karim."""
    stays = CircleMember.objects.current().filter(person=person, organization__kind=Kind.DAC)
    role = MembershipRole.COORDINATOR
    held = stays.filter(organization__memberships__role=role).order_by("pk").first()
    if held is None:
        return []
    members = Membership.objects.filter(organization=held.organization_id, role=role)
    return [
        Actor(
            role=Role.COORDINATOR,
            account_id=one.account_id,
            name=one.account.name,
            organization_id=one.organization_id,
            organizations=frozenset({one.organization_id}),
        )
        for one in members.select_related("account").order_by("-account__name", "pk")
    ]
